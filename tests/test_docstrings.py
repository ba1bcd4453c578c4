"""The examples in docstrings run and say what they say."""

import doctest
import importlib
import pkgutil

import pytest

import framing

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(framing.__path__, "framing.")
    if not module.name.endswith("__main__") and "._sample" not in module.name
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert outcome.failed == 0
