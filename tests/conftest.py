"""A record made by hand, and an analyzer without models that gives records of the right form."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from framing.analysis import Analysis
from framing.record import LABELS, load_schema

TESTS = Path(__file__).resolve().parent

TITLE = "Harbour board backs €40m crane 🏗️"
BYLINE = "By Tilda Okoro | Share this story"
VOTE = "The harbour board of Port Ellery voted 7-2 on Monday to buy a new crane."
QUOTE = "“The old one is a rusting disgrace,” said Ida Voss, the board's chair, “and it may well fail.”"
FEAR = "Dock workers fear the machine will cost jobs, but the plan is clearly the best on the table."
TALKS = "Two people familiar with the talks said the builder had offered a discount."
GIFT = "The scheme is seen as a gift to the builder."
FOOTER = "Sign up for our newsletter"
TEXT = f"{TITLE}\n\n{BYLINE}\n\n{VOTE} {QUOTE} {FEAR}\n\n{TALKS} {GIFT}\n\n{FOOTER}"


def place(words: str, within: str = TEXT) -> list[int]:
    """Where words stand in TEXT; `within` is a stretch of it that holds them once."""
    assert TEXT.count(within) == within.count(words) == 1, (words, within)
    start = TEXT.index(within) + within.index(words)
    return [start, start + len(words)]


def frame_scores(**changed: float) -> dict[str, dict[str, float]]:
    """Scores of both inventories that ship: 0.1 but for those named, as policy_economic=0.8."""
    return {
        inventory: {
            label: changed.get(f"{inventory}_{label}", 0.1)
            for label in load_schema()["$defs"][inventory]["required"]
        }
        for inventory in ("policy", "narrative")
    }


def probabilities(label: str, score: float = 0.85) -> dict[str, float]:
    return {name: score if name == label else (1 - score) / 3 for name in LABELS}


def make_record() -> dict[str, Any]:
    """The record of TEXT, as a careful reader would fill it."""
    opening, closing = "“The old one is a rusting disgrace,”", "“and it may well fail.”"
    jobs, best = "the machine will cost jobs,", "but the plan is clearly the best on the table."
    discount, gift = "the builder had offered a discount.", "a gift to the builder."
    return {
        "schema_version": 1,
        "id": "harbour-1",
        "meta": {"outlet": "The Ellery Tide", "tags": ["port", "crane"]},
        "text": TEXT,
        "models": {"attribution": "tagger 0.1", "frames": "frames 0.1"},
        "sentences": [
            _sentence(TITLE, "title"),
            _sentence(BYLINE, "boilerplate"),
            _sentence(VOTE),
            _sentence(QUOTE, opinion=0.9),
            _sentence(FEAR, opinion=0.8),
            _sentence(TALKS),
            _sentence(GIFT, opinion=0.7),
            _sentence(FOOTER, "boilerplate"),
        ],
        "attributions": [
            {
                "source": [place("Ida Voss, the board's chair")],
                "cue": [place("said", within=QUOTE)],
                "content": [place(opening), place(closing)],
                "quotation": "direct",
                "within": None,
                "denied": False,
                "speaker": "Ida Voss",
                "source_type": "official",
                "named": True,
                "probability": 0.93,
            },
            {
                "source": [place("Dock workers")],
                "cue": [place("fear")],
                "content": [place(jobs)],
                "quotation": "indirect",
                "within": None,
                "denied": False,
                "speaker": "Dock workers",
                "source_type": "group",
                "named": False,
                "probability": 0.8,
            },
            {
                "source": [place("Two people familiar with the talks")],
                "cue": [place("said", within=TALKS)],
                "content": [place(discount)],
                "quotation": "indirect",
                "within": None,
                "denied": False,
                "speaker": "Two people familiar with the talks",
                "source_type": "anonymous",
                "named": False,
                "probability": 0.9,
            },
            {
                "source": [],
                "cue": [place("is seen as")],
                "content": [place(gift)],
                "quotation": "indirect",
                "within": None,
                "denied": False,
                "speaker": None,
                "source_type": "unspecified",
                "named": False,
                "probability": 0.6,
            },
        ],
        "statements": [
            _statement(TITLE, 0, "author_fact"),
            _statement(VOTE, 2, "author_fact"),
            _statement(opening, 3, "source_opinion", attribution=0, loaded={"rusting disgrace": 0.9}),
            _statement(closing, 3, "source_opinion", attribution=0, hedge="may well"),
            _statement(jobs, 4, "source_opinion", attribution=1),
            _statement(
                best, 4, "author_opinion", certainty="emphatic", loaded={"clearly": 0.4, "the best": 0.6}
            ),
            _statement(discount, 5, "source_fact", attribution=2),
            _statement(gift, 6, "source_opinion", attribution=3, loaded={"gift": 0.7}),
        ],
        "frames": _article_frames(),
        "bias": {"score": 0.22, "by_voice": {"author": 0.18, "source": 0.27}},
        "summary": {
            "words": 75,
            "share": {"author_fact": 0.35, "author_opinion": 0.15, "source_fact": 0.1, "source_opinion": 0.4},
            "sources": 3,
            "anonymous_share": 0.25,
            "hedged_share": 0.125,
        },
    }


def _sentence(words: str, role: str = "body", opinion: float = 0.1) -> dict[str, Any]:
    start, end = place(words)
    return {
        "start": start,
        "end": end,
        "role": role,
        "opinion": opinion,
        "author_opinion": opinion / 2,
        "bias": 0.2,
        "frames": frame_scores(policy_economic=0.4),
    }


def _statement(
    words: str,
    sentence: int,
    label: str,
    *,
    attribution: int | None = None,
    certainty: str = "plain",
    hedge: str | None = None,
    loaded: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    start, end = place(words)
    voice, kind = label.split("_")
    return {
        "start": start,
        "end": end,
        "sentence": sentence,
        "voice": voice,
        "kind": kind,
        "probability": probabilities(label),
        "certainty": "hedged" if hedge else certainty,
        "hedges": [place(hedge)] if hedge else [],
        "attribution": attribution,
        "bias": 0.3,
        "loaded": [[*place(word, within=words), score] for word, score in (loaded or {}).items()],
        "frames": frame_scores(narrative_conflict=0.6),
    }


def _article_frames() -> dict[str, Any]:
    overall = frame_scores(policy_economic=0.83, policy_political=0.52, narrative_conflict=0.7)
    author = frame_scores(policy_economic=0.8)
    source = frame_scores(policy_economic=0.4, narrative_conflict=0.9)
    return {
        inventory: {
            "scores": overall[inventory],
            "by_voice": {"author": author[inventory], "source": source[inventory]},
            "by_source": {"Ida Voss": source[inventory]},
        }
        for inventory in overall
    }


def plain_record(text: str, given_id: Any, meta: dict[str, Any]) -> dict[str, Any]:
    """A record of any text: a sentence and a reported fact for each line that isn't blank."""
    sentences, statements = [], []
    end = 0
    for line in text.split("\n"):
        start, end = end, end + len(line) + 1
        if not line.strip():
            continue
        unit = {"start": start, "end": start + len(line), "bias": 0.1, "frames": frame_scores()}
        statements.append(
            unit
            | {
                "sentence": len(sentences),
                "voice": "author",
                "kind": "fact",
                "probability": probabilities("author_fact"),
                "certainty": "plain",
                "hedges": [],
                "attribution": None,
                "loaded": [],
            }
        )
        sentences.append(unit | {"role": "body", "opinion": 0.1, "author_opinion": 0.1})
    scores = frame_scores(policy_economic=len(text) % 97 / 97)
    return {
        "schema_version": 1,
        "id": given_id,
        "meta": meta,
        "text": text,
        "models": {},
        "sentences": sentences,
        "attributions": [],
        "statements": statements,
        "frames": {
            inventory: {
                "scores": labels,
                "by_voice": {"author": labels} if statements else {},
                "by_source": {},
            }
            for inventory, labels in scores.items()
        },
        "bias": {"score": 0.1, "by_voice": {"author": 0.1} if statements else {}},
        "summary": {
            "words": len(text.split()),
            "share": dict.fromkeys(LABELS, 0.0) | ({"author_fact": 1.0} if statements else {}),
            "sources": 0,
            "anonymous_share": 0.0,
            "hedged_share": 0.0,
        },
    }


HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "<svg/onload=alert(1)>",
]


def hostile_record(payload: str) -> dict[str, Any]:
    """A record with the payload in every text that it holds."""
    record = make_record()
    text = record["text"].replace("The old one", f"The {payload} one").replace("said Ida", f"said {payload}")
    shift = len(text) - len(record["text"])
    record["text"] = text
    for entry in record["attributions"]:
        entry["speaker"] = payload
        entry["source_type"] = payload
        entry["quotation"] = payload
        for part in ("source", "cue", "content"):
            entry[part] = [[0, len(text)]]
    record["sentences"] = [record["sentences"][2] | {"start": 0, "end": len(text)}]
    for statement in record["statements"]:
        statement |= {"sentence": 0, "end": min(statement["end"] + shift, len(text)), "certainty": payload}
        statement["loaded"] = [[statement["start"], statement["end"], 0.9]]
    record["meta"] = {"title": payload, "outlet": payload, "date": payload}
    record["id"] = payload
    scores = {payload: 0.9}
    record["frames"] = {payload: {"scores": scores, "by_voice": {"author": scores}, "by_source": {payload: scores}}}
    record["models"] = {payload: payload}
    return record


class ParsedHtml(HTMLParser):
    """Elements, attributes and text of a fragment, as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.classes: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.classes += next((value or "" for name, value in attrs if name == "class"), "").split()

    def handle_data(self, data: str) -> None:
        self.text += data


class StubAnalyzer:
    """The interface of Analyzer without its models.

    It fails on texts that hold BOOM, waits for ``meta["pause"]`` seconds and until there is a file
    ``meta["gate"]``, kills its process unless there is a file ``meta["killed"]``, which it makes, and
    keeps the sizes of the batches it was given.
    """

    def __init__(self, *, tier: str = "default", models: Mapping[str, str] | None = None) -> None:
        self.tier = tier
        self.models = dict(models or {})
        self.batches: list[int] = []

    def analyze(
        self, text: str, *, id: Any = None, title: str | None = None, meta: Mapping[str, Any] | None = None
    ) -> Analysis:
        if not isinstance(text, str):
            raise TypeError(f"text must be a string. Got {type(text).__name__} instead.")
        if "BOOM" in text:
            raise RuntimeError("the article\nblew up")
        fields = dict(meta or {}) | ({} if title is None else {"title": title})
        time.sleep(fields.get("pause", 0))
        while "gate" in fields and not os.path.exists(fields["gate"]):
            time.sleep(0.02)
        if "killed" in fields and not os.path.exists(fields["killed"]):
            if os.path.isdir(os.path.dirname(fields["killed"])):
                Path(fields["killed"]).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Analysis(plain_record(text, id, fields) | {"models": self.models})

    def analyze_many(
        self, articles: Iterable[str | Mapping[str, Any]], *, n_jobs: int = 1, batch_size: int = 64
    ) -> Iterator[Analysis]:
        self.batches.append(batch_size)
        for article in articles:
            fields = {"text": article} if isinstance(article, str) else dict(article)
            yield self.analyze(
                fields.pop("text"), id=fields.pop("id", None), title=fields.pop("title", None), meta=fields
            )


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    """Close what examples have drawn: pyplot keeps every figure, and warns of many."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture
def record() -> dict[str, Any]:
    return make_record()


@pytest.fixture
def doc(record: dict[str, Any]) -> Analysis:
    return Analysis(record)


@pytest.fixture
def stub() -> StubAnalyzer:
    return StubAnalyzer()


@pytest.fixture
def make_analyzer() -> type[StubAnalyzer]:
    return StubAnalyzer


@pytest.fixture(params=HOSTILE)
def payload(request: pytest.FixtureRequest) -> str:
    """Something that an article might hold to break out of a page."""
    shown: str = request.param
    return shown


@pytest.fixture
def make_hostile() -> Callable[[str], dict[str, Any]]:
    return hostile_record


@pytest.fixture
def parse() -> type[ParsedHtml]:
    return ParsedHtml


def _cpu_seconds(action: Callable[[], Any], repeats: int = 3) -> float:
    spent = []
    for _ in range(repeats):
        gc.collect()
        gc.disable()
        try:
            begun = time.process_time()
            action()
            spent.append(time.process_time() - begun)
        finally:
            gc.enable()
    return min(spent)


@pytest.fixture
def cpu_seconds() -> Callable[..., float]:
    """Processor time of an action: the least of some runs, without the collector of garbage.

    One collection costs more than what is timed: it walks over everything that a long test run has made.
    """
    return _cpu_seconds


_RUNNER = """
import signal
# A background shell starts its jobs with Ctrl-C ignored, and Python keeps that.
signal.signal(signal.SIGINT, signal.default_int_handler)
import os, sys, types
if "LARGEST_FILE" in os.environ:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["LARGEST_FILE"]),) * 2)
import conftest
for name, content in (
    ("framing.analyzer", {"Analyzer": conftest.StubAnalyzer}),
    ("framing.models", {"list_models": conftest.list_models}),
):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(content)
from framing.cli import main
if __name__ == "__main__":
    sys.exit(main())
"""


def list_models() -> list[dict[str, Any]]:
    scores = {"dev": {"f1": 0.8125, "interval": [0.8, 0.825]}, "seen": 12}
    return [{"name": "tagger", "version": "0.1", "licence": "CC0-1.0", "scores": scores}]


@pytest.fixture
def start_cli(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start the command in a process of its own, with the analyzer that needs no models."""
    runner = tmp_path / "runner.py"
    runner.write_text(_RUNNER, encoding="utf-8")
    source = Path(sys.modules["framing.analysis"].__file__ or "").parents[1]
    settings = {
        "PYTHONPATH": os.pathsep.join([str(source), str(TESTS)]),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "",
        "TMPDIR": str(tmp_path),  # killed processes leave their temporary files
        "JOBLIB_TEMP_FOLDER": str(tmp_path),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: object, **changed: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, str(runner), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=os.environ | settings | changed,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):  # workers that outlived a killed parent
            os.killpg(process.pid, signal.SIGTERM)
        process.communicate()


@pytest.fixture
def run_cli(
    start_cli: Callable[..., subprocess.Popen[bytes]],
) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run the command to its end; give what it printed and its status."""

    def run(*arguments: object, stdin: bytes = b"", **changed: str) -> subprocess.CompletedProcess[bytes]:
        process = start_cli(*arguments, **changed)
        out, err = process.communicate(stdin, timeout=300)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return run
