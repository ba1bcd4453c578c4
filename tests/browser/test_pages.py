"""Pages as a browser sees them: nothing hostile runs, nothing is wider than the window, all can be used.

Needs Chromium (on the path, or named by the environment variable FRAMING_CHROMIUM). The checks of
accessibility also need axe-core: `npm install axe-core`, then FRAMING_AXE=node_modules/axe-core/axe.min.js.
"""

from __future__ import annotations

import copy
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from framing.analysis import Analysis
from framing.report import Report

CHROMIUM = os.environ.get("FRAMING_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = os.environ.get("FRAMING_AXE")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, on the path or named by FRAMING_CHROMIUM")
needs_axe = pytest.mark.skipif(AXE is None, reason="needs axe-core, its file named by FRAMING_AXE")

PHONE, DESK = 500, 1280  # headless Chromium opens no narrower window
HOSTILE = (
    "<script>document.title = 'pwned'; document.body.dataset.pwned = 1</script>"
    "<img src=x onerror=\"document.body.dataset.pwned = 1\"></style></title></svg><b>bold</b>"
    "\u202eruoy\u2066 " + "W" * 3000 + " e" + "\u0301" * 300
)
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
MEASURE = """
<script>addEventListener("load", async () => {
  const told = document.createElement("pre");
  told.id = "told";
  told.textContent = JSON.stringify(await (async () => { %s })());
  document.body.append(told);
})</script>
"""
AUDIT = """
  const found = await axe.run(document, { exclude: [["#told"]], rules: { "target-size": { enabled: true } } });
  return found.violations.map((rule) => [rule.id, rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))]);
"""


def axe() -> str:
    """The library, for a page."""
    return f"<script>{Path(str(AXE)).read_text(encoding='utf-8')}</script>"


@pytest.fixture
def browse(tmp_path):
    """Open a page; give the document as it stands after its scripts have run."""

    def browse(page: str, width: int = DESK) -> str:
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        command = [
            str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000",
            f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900", "--dump-dom", path.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, timeout=240, check=True)
        return done.stdout.decode("utf-8")

    return browse


@pytest.fixture
def ask(browse):
    """Run an expression of ours in a page, which needs its policy lifted, and give what it returns."""

    def ask(page: str, code: str, width: int = DESK, before: str = ""):
        page = POLICY.sub("", page)
        document = browse(page.replace("</body>", f"{before}{MEASURE % code}</body>"), width)
        return json.loads(html.unescape(document.split('<pre id="told">')[1].split("</pre>")[0]))

    return ask


def notebook(*outputs: str) -> str:
    """A page that isn't ours, with no policy, around outputs."""
    body = f"<main><h1>A notebook</h1>{''.join(outputs)}</main>"
    return f'<!doctype html><html lang="en"><title>notebook</title><body>{body}</body></html>'


@pytest.fixture
def pages(record, make_hostile):
    """A page of each kind, of a hostile article."""
    hostile = Analysis(make_hostile(HOSTILE))
    plain = Analysis(copy.deepcopy(record) | {"meta": {"outlet": HOSTILE, "date": "2026-01-01"}})
    return {
        "notebook": notebook(hostile._repr_html_(), plain._repr_html_()),
        "list": notebook(Report([hostile, plain])._repr_html_()),
        "article": Report([hostile]).html(),
        "corpus": Report([hostile, plain], title=HOSTILE).html(),
    }


@pytest.fixture
def plain_pages(record):
    """The same pages of a harmless article, with two months and two outlets."""
    metas = [{"outlet": "The Ellery Tide", "date": "2026-01-05"}, {"outlet": "The Gull", "date": "2026-03-05"}]
    docs = [Analysis(copy.deepcopy(record) | {"meta": meta}) for meta in metas]
    return {
        "notebook": notebook(docs[0]._repr_html_()),
        "list": notebook(Report(docs)._repr_html_()),
        "article": Report(docs[:1]).html(),
        "corpus": Report(docs).html().replace("<details", "<details open"),
    }


KINDS = ("notebook", "list", "article", "corpus")


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_article_does_nothing_even_without_the_policy(ask, pages, kind):
    code = r"""
      const count = (selector) => document.querySelectorAll(selector).length;
      return { pwned: document.body.dataset.pwned ?? null, images: count("img"), bold: count("b.bold, i > b"),
               handlers: count("[onerror], [onload]"), scripts: count("script"), titles: count("title"),
               turned: /[\u202a-\u202e\u2066-\u2069]/.test(document.documentElement.outerHTML),
               title: document.title };
    """
    seen = ask(pages[kind], code)
    title = seen.pop("title")
    assert title != "pwned"
    assert seen == {
        "pwned": None, "images": 0, "bold": 0, "handlers": 0, "titles": 1, "turned": False,
        "scripts": 1 + (kind in ("list", "corpus")),  # the one that asks, and ours
    }  # fmt: skip


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("kind", KINDS)
def test_no_page_is_wider_than_its_window(ask, pages, kind, width):
    seen = ask(pages[kind], "return [document.documentElement.scrollWidth, innerWidth]", width)
    assert seen[0] <= seen[1]


def test_the_policy_lets_our_script_run(browse, plain_pages):
    document = browse(plain_pages["corpus"])
    assert document.count('data-live=""') == document.count('data-sortable=""') > 0


def test_a_click_sorts_a_table_and_another_turns_it_around(ask, plain_pages):
    code = """
      const table = document.querySelector(".fr-groups");
      const names = () => [...table.tBodies[0].rows].map((row) => row.cells[0].textContent);
      const title = table.tHead.rows[0].cells[0];
      const seen = [names()];
      for (let i = 0; i < 2; i++) { title.querySelector("button").click(); seen.push(names(), title.ariaSort) }
      return seen;
    """
    tide, gull = "The Ellery Tide", "The Gull"
    seen = ask(plain_pages["corpus"], code)
    assert seen == [[tide, gull], [tide, gull], "ascending", [gull, tide], "descending"]


def test_focus_on_a_number_lights_source_cue_and_content(ask, plain_pages):
    code = """
      const colour = (node) => getComputedStyle(node).backgroundColor;
      const parts = [...document.querySelectorAll(".fr-a0")];
      const others = [...document.querySelectorAll(".fr-text .fr-a1")];
      const before = parts.map(colour);
      document.querySelector(".fr-n.fr-a0").focus();
      const after = parts.map(colour);
      return [before.some((c, i) => c === after[i]), new Set(after).size, others.map(colour).includes(after[0]),
              getComputedStyle(document.querySelector(".fr-i0")).display];
    """
    assert ask(plain_pages["notebook"], code) == [False, 1, False, "inline"]


def test_the_page_around_keeps_its_styles(ask, plain_pages):
    around = '<p id="probe">text <table id="t"><tr><td>cell</td></tr></table></p>'
    code = """
      const styles = (node) => JSON.stringify([...getComputedStyle(node)].map((name) => getComputedStyle(node)[name]));
      const seen = () => ["probe", "t"].map((id) => styles(document.getElementById(id)));
      const before = seen();
      document.querySelectorAll(".framing style").forEach((node) => node.remove());
      return JSON.stringify(before) === JSON.stringify(seen());
    """
    output = plain_pages["notebook"].replace("<main>", f"<main style='width:900px;height:400px'>{around}", 1)
    assert ask(output, code) is True


@needs_axe
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(ask, plain_pages, kind, width, theme):
    page = plain_pages[kind].replace("<html ", f'<html data-theme="{theme}" ', 1)
    assert ask(page, AUDIT, width, before=axe()) == []


@needs_axe
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_in_hostile_articles(ask, pages, kind):
    assert ask(pages[kind], AUDIT, before=axe()) == []


def test_a_title_of_one_letter_can_be_hit(ask, record):
    docs = [Analysis(copy.deepcopy(record) | {"meta": {"outlet": outlet}}) for outlet in "lx"]
    code = """
      return [...document.querySelectorAll("th button")].map((button) => button.getBoundingClientRect())
             .filter((box) => Math.min(box.width, box.height) < 24).length;
    """
    assert ask(Report(docs).html(), code) == 0


def test_tables_fade_by_how_far_they_were_moved(ask, plain_pages):
    code = """
      return [...document.querySelectorAll(".fr-wide")].map((table) => {
        const [fade] = table.getAnimations();
        const masks = fade.effect.getKeyframes().map((frame) => frame.maskImage);
        return [fade.timeline.source === table, fade.timeline.axis, masks.at(0) !== "none", masks.at(-1)];
      });
    """
    seen = ask(plain_pages["corpus"], code, PHONE)
    assert seen == [[True, "inline", True, "none"]] * len(seen) != []
