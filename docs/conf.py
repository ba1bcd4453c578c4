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

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "gallery"]  # the gallery's pages are made of its scripts, in _generated

html_theme = "furo"
html_title = f"framing {release}"
html_show_copyright = False
html_theme_options = {"top_of_page_buttons": []}  # a view of the source would lead away from what is shown
html_static_path = ["_static"]
html_css_files = ["manual.css"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings name the types
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # the class template lists them
suppress_warnings = ["ref.python"]  # attributes of one name in several classes, such as classes_


sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "_generated/gallery",
    "filename_pattern": r"\.py$",  # every script runs
    "within_subsection_order": "FileNameSortKey",
    "remove_config_comments": True,
    "download_all_examples": False,
    "write_computation_times": False,
    "min_reported_time": 3600,
    "show_signature": False,
}


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


def make_accessible(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give headings that Sphinx makes a level, and let code that moves sideways be moved with the keyboard."""
    for name in ("body", "furo_navigation_tree"):
        if name in context:
            shown = context[name].replace('role="heading">', 'role="heading" aria-level="2">')
            context[name] = shown.replace("<pre>", '<pre tabindex="0">')


def name_sidebars(app: Any, failure: Exception | None) -> None:
    """Give the theme's two sidebars names that tell them apart for those who hear the page."""
    if failure or app.builder.format != "html":
        return
    names = {"sidebar-drawer": "Pages of the manual", "toc-drawer": "Contents of this page"}
    for page in Path(app.outdir).rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        for drawer, name in names.items():
            html = html.replace(f'<aside class="{drawer}">', f'<aside class="{drawer}" aria-label="{name}">')
        page.write_text(html, encoding="utf-8", newline="\n")


def setup(app: Any) -> None:
    """Register what this file adds to Sphinx."""
    copy_cards()
    app.connect("autodoc-skip-member", skip_foreign)
    app.connect("html-page-context", make_accessible, priority=900)  # after the theme
    app.connect("build-finished", name_sidebars)
