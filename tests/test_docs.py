"""What the documentation shows runs, as it is written: its blocks, file by file, and the notebooks."""

import re
import runpy
from pathlib import Path

import pytest

import framing
from framing.datasets import load_sample

ROOT = Path(__file__).parents[1]
BUILT = ("_build", "_generated", "generated")  # made from other files, by Sphinx
PAGES = [
    path
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if not set(BUILT) & set(path.relative_to(ROOT).parts)
]
NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("*.py")), *sorted((ROOT / "docs/gallery").glob("*.py"))]
# A block that opens with ```python no-run needs something that the reader has and the tests do not: a
# corpus, files of their own. It still has to be Python.
BLOCK = re.compile(r"^```python(?P<mark>[^\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(path):
    """The marks and the code of a page's blocks; the code has the line numbers of the page."""
    page = path.read_text(encoding="utf-8")
    return [
        (match["mark"].strip(), "\n" * page.count("\n", 0, match.start("code")) + match["code"])
        for match in BLOCK.finditer(page)
    ]


def readme_names():
    """What the README's fragments take for granted: an article, some articles, labels of one's own."""
    sample = load_sample()
    texts = sample.texts[:8]
    return {
        "text": sample.texts[6],
        "doc": framing.analyze(sample.texts[6]),
        "articles": texts[:2],
        "docs": list(framing.analyze_many(texts[:2])),
        "texts": texts[:6],
        "labels": [sample.attributions[key] for key in sample.ids[:6]],
        "other_texts": texts[6:],
        "other_labels": [sample.attributions[key] for key in sample.ids[6:8]],
        "my_classifier": framing.OpinionClassifier(),
    }


@pytest.fixture(autouse=True)
def _figures_without_a_screen(monkeypatch, tmp_path):
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_page_run_from_top_to_bottom(path):
    names, given = {}, readme_names() if path.name == "README.md" else {}
    for mark, code in blocks_of(path):
        names |= given  # the README's fragments each begin with the same article
        assert mark in ("", "no-run"), f"{path.name} has a block with the unknown mark {mark!r}"
        program = compile(code, str(path), "exec")
        if not mark:
            exec(program, names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path):
    runpy.run_path(str(path))


def test_the_reference_lists_every_public_name():
    page = (ROOT / "docs/reference/index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   (\w+)$", page, re.MULTILINE))
    assert listed == set(framing.__all__) - {"__version__"}
