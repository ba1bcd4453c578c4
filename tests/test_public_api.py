"""What ``import framing`` promises."""

import subprocess
import sys
import typing

import framing


def test_every_public_name_can_be_had():
    assert [name for name in framing.__all__ if getattr(framing, name) is None] == []


def test_names_for_type_checkers_are_the_names_at_run_time():
    assert set(framing._HOME) == set(framing.__all__) - {"__version__"}
    source = typing.cast(str, framing.__loader__.get_source("framing"))
    for name in framing._HOME:
        assert name in source.split("if TYPE_CHECKING:")[1].split("__version__")[0]


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(framing, "analyse_everything")


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("numpy", "sklearn", "scipy", "nltk", "pandas")
    code = f"import sys, framing; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_first_answer_needs_neither_scikit_learn_nor_joblib():
    heavy = ("sklearn", "joblib", "nltk", "pandas", "scipy.stats", "scipy.optimize", "onnxruntime")
    code = f"import sys, framing; framing.analyze('It rains.'); print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_public_names_have_docstrings():
    missing = [n for n in framing.__all__ if n != "__version__" and not getattr(framing, n).__doc__]
    assert missing == []


def test_the_module_annotations_is_imported_by_its_name():
    code = "from framing import annotations; print(annotations.Annotated.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "Annotated\n"
