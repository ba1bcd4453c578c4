"""How the manual is built: ``sphinx-build -W -b html docs OUT``, offline."""

import shutil
from pathlib import Path
from typing import Any

import framing

HERE = Path(__file__).parent
ROOT = HERE.parent

project = "framing"
author = "The framing developers"
copyright = author  # noqa: A001
version = release = framing.__version__

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
templates_path = ["_templates"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"framing {release}"
html_show_copyright = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings name the types
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # the class template lists them
suppress_warnings = ["ref.python"]  # attributes of one name in several classes, such as classes_


def copy_cards() -> None:
    """Bring the pages that live beside what they describe into the manual, so that each is written once."""
    target = HERE / "_generated"
    shutil.rmtree(target, ignore_errors=True)
    for folder in ("models", "data"):
        (target / folder).mkdir(parents=True)
    for card in (ROOT / "src/framing/models").glob("*/CARD.md"):
        shutil.copy(card, target / "models" / f"{card.parent.name}.md")
    for name in ("README.md", "CODEBOOK.md"):
        shutil.copy(ROOT / "datasets" / name, target / "data" / name)
    shutil.copy(ROOT / "CHANGELOG.md", target / "changelog.md")


def skip_foreign(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Leave out what classes inherit from other libraries; those document it, with links that lead nowhere here."""
    owner = getattr(obj, "__objclass__", None)
    home = getattr(getattr(obj, "fget", obj), "__module__", None) or getattr(owner, "__module__", None) or "framing"
    return None if home.startswith("framing") else True


def setup(app: Any) -> None:
    """Register what this file adds to Sphinx."""
    copy_cards()
    app.connect("autodoc-skip-member", skip_foreign)
