"""Speed, memory and start-up of the analysis, as a report in Markdown.

    python training/benchmark.py [--only speed memory …] [--rounds 5] [--large] [--json FILE]

Texts are the sample articles, again and again under ids of their own, each with a name that no other article has, so
that words never stop being new. Speeds are of processor time, which other work on the machine disturbs least; what is
compared runs in turn, round by round in one process, and ratios are taken within a round: the lowest, the median and
the highest are shown. Only the scaling over processes is of time by the clock, and means little on a busy machine.
Memory is the highest that a process of its own ever held. ``--large`` adds 100,000 articles (over an hour).
"""

from __future__ import annotations

import argparse
import cProfile
import io
import itertools
import json
import os
import platform
import pstats
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from threadpoolctl import threadpool_limits

import framing
from framing import analyzer as analysis_module
from framing.analysis import Analysis
from framing.analyzer import Analyzer
from framing.datasets import load_sample
from framing.exceptions import MissingExtraError
from framing.tagger import Tagger
from framing.text import split_words, tokenize

SECTIONS = ("speed", "stages", "memory", "length", "scaling", "startup", "profile")
SLOW = 8  # articles that the slow contenders read in a round
PER_LENGTH = 100_000  # words read of every length of article, so that short ones are not lost in noise

# What the analysis goes through, in order: where a function is called from, its name, what it does.
STAGES: tuple[tuple[Any, str, str], ...] = (
    (analysis_module, "read_document", "article, sentences, tokens"),
    (Tagger, "read", "token network"),
    (Tagger, "_relations", "attributions"),
    (Tagger, "_statements", "statements"),
    (analysis_module, "read_sources", "speakers"),
    (Analyzer, "_scores", "sentences, loaded words, frames"),
    (analysis_module, "assemble", "record"),
    (Analysis, "to_json", "JSON"),
)

_MEMORY = """
import sys
sys.path.insert(0, sys.argv[1])
import benchmark, framing
written = words = 0
for doc in framing.analyze_many(benchmark.articles(int(sys.argv[2]))):
    written += len(doc.to_json())
    words += doc.summary()["words"]
print(words, written, benchmark.peak_memory())
"""
_START = """
import time
wall, cpu = time.perf_counter(), time.process_time()
import framing
framing.analyze("Critics fear the dam will fail.")
print(time.perf_counter() - wall, time.process_time() - cpu)
"""

Result = dict[str, Any]


def articles(count: int) -> Iterator[dict[str, Any]]:
    """As many articles as asked for, one by one, each with a name of its own."""
    for number, text in zip(range(count), itertools.cycle(load_sample().texts)):
        letters = "".join(chr(97 + int(digit)) for digit in str(number))
        yield {"id": number, "text": f"{text}\n\nThe note was filed by Ada Vo{letters}sen of Har{letters}ton."}


def count_words(texts: Sequence[str]) -> int:
    """Tokens with a letter or a digit."""
    return sum(any(map(str.isalnum, word)) for text in texts for word in split_words(text))


def peak_memory() -> float:
    """MB that this process held at most."""
    try:  # a process's own: what the system says of its resources counts its parent, too
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 2**20)


def cpu_seconds(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def write_all(analyzer: Analyzer, texts: Sequence[str]) -> None:
    """The whole analysis, with its JSON."""
    for doc in analyzer.analyze_many(texts):
        doc.to_json().encode("utf-8")


def spread(values: Sequence[float]) -> list[float]:
    """Lowest, median, highest."""
    return [min(values), statistics.median(values), max(values)]


def measure_speed(count: int, rounds: int) -> Result:
    """Words a second of the analysis and of what it is compared with, in turn."""
    texts = [article["text"] for article in articles(count)]
    default = Analyzer()
    work: dict[str, tuple[Callable[[Sequence[str]], Any], Sequence[str]]] = {
        "tokenisation alone": (lambda part: [tokenize(text) for text in part], texts),
        "analysis, default tier, JSON written": (lambda part: write_all(default, part), texts),
    }
    skipped: dict[str, str] = {}
    encoder = "analysis, accurate tier (MiniLM in ONNX), JSON written"
    try:
        accurate = Analyzer(tier="accurate")
        work[encoder] = (lambda part: write_all(accurate, part), texts[:SLOW])
    except MissingExtraError as error:
        skipped[encoder] = str(error)
    peer = "quotations by textacy on spaCy's en_core_web_sm"
    try:
        import spacy  # type: ignore[import-not-found, unused-ignore]
        from textacy import extract  # type: ignore[import-not-found, unused-ignore]

        pipeline = spacy.load("en_core_web_sm")
        work[peer] = (
            lambda part: [list(extract.triples.direct_quotations(doc)) for doc in pipeline.pipe(part)],
            texts[:SLOW],
        )
    except (ImportError, OSError) as error:
        skipped[peer] = str(error).splitlines()[0]
    words = {name: count_words(part) for name, (_, part) in work.items()}
    for run, part in work.values():
        run(part[:SLOW])  # models are read, caches filled
    speeds: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds):
        for name in list(work)[:: -1 if number % 2 else 1]:
            run, part = work[name]
            speeds[name].append(words[name] / cpu_seconds(lambda run=run, part=part: run(part)))  # type: ignore[misc]
    tokens = speeds["tokenisation alone"]
    return {
        "words": words,
        "words_per_second": {name: spread(found) for name, found in speeds.items()},
        "times_tokenisation": {
            name: spread([token / speed for token, speed in zip(tokens, found, strict=True)])
            for name, found in speeds.items()
        },
        "skipped": skipped,
    }


def measure_stages(count: int, rounds: int) -> Result:
    """Microseconds a word of each stage, the least of the rounds; the whole with what is between the stages."""
    texts = [article["text"] for article in articles(count)]
    words, analyzer = count_words(texts), Analyzer()
    write_all(analyzer, texts[:SLOW])
    least: dict[str, float] = {}
    for _ in range(rounds):
        spent = dict.fromkeys((stage for _, _, stage in STAGES), 0.0)
        with ExitStack() as patches:
            for owner, name, stage in STAGES:
                patches.enter_context(patch.object(owner, name, _timed(getattr(owner, name), spent, stage)))
            spent["all"] = cpu_seconds(lambda: write_all(analyzer, texts))
        spent["between the stages"] = 2 * spent["all"] - sum(spent.values())
        least = {stage: min(least.get(stage, seconds), seconds) for stage, seconds in spent.items()}
    return {"words": words, "microseconds_per_word": {stage: 1e6 * s / words for stage, s in least.items()}}


def _timed(work: Callable[..., Any], spent: dict[str, float], stage: str) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        started = time.process_time()
        try:
            return work(*args, **kwargs)
        finally:
            spent[stage] += time.process_time() - started

    return timed


def measure_memory(counts: Sequence[int]) -> Result:
    """Highest memory of processes that read ever more articles."""
    rows = []
    for count in counts:
        done = _child("-c", _MEMORY, str(Path(__file__).resolve().parent), str(count))
        words, written, memory = done.stdout.split()
        rows.append({"articles": count, "words": int(words), "written_mb": int(written) / 1e6, "mb": float(memory)})
    return {"rows": rows}


def measure_length(lengths: Sequence[int], rounds: int, words: int = PER_LENGTH) -> Result:
    """Microseconds a word in articles of different lengths, the least of the rounds."""
    paragraphs = [part for text in load_sample().texts for part in text.split("\n") if len(part.split()) > 10]
    batches: dict[int, list[str]] = {}
    for length in lengths:
        supply = itertools.cycle(paragraphs)
        batches[length] = [_article_of(length, supply) for _ in range(max(words // length, 1))]
    analyzer = Analyzer(max_length=max(len(text) for texts in batches.values() for text in texts))
    least: dict[int, float] = {}
    for _ in range(rounds):
        for length, texts in batches.items():
            seconds = cpu_seconds(lambda texts=texts: write_all(analyzer, texts))  # type: ignore[misc]
            least[length] = min(least.get(length, seconds), seconds)
    rows = [
        {"length": length, "articles": len(texts), "microseconds_per_word": 1e6 * least[length] / count_words(texts)}
        for length, texts in batches.items()
    ]
    return {"rows": rows}


def _article_of(length: int, supply: Iterator[str]) -> str:
    """About so many words, in paragraphs."""
    parts: list[str] = []
    missing = length
    while missing > 0:
        words = next(supply).split(" ")[:missing]
        parts.append(" ".join(words))
        missing -= len(words)
    return "\n\n".join(parts)


def measure_scaling(count: int, rounds: int) -> Result:
    """Seconds by the clock of one process, which has read its models, and of two, whose start counts; in turn."""
    batch = list(articles(count))
    seconds: dict[int, list[float]] = {1: [], 2: []}
    list(framing.analyze_many(batch[:SLOW]))
    for _ in range(rounds):
        for jobs in seconds:
            started = time.perf_counter()
            for _ in framing.analyze_many(batch, n_jobs=jobs):
                pass
            seconds[jobs].append(time.perf_counter() - started)
    ratios = [one / two for one, two in zip(seconds[1], seconds[2], strict=True)]
    return {"articles": count, "seconds": {n: spread(s) for n, s in seconds.items()}, "times_faster": spread(ratios)}


def measure_startup(rounds: int) -> Result:
    """Import and first answer in fresh processes, and the imports that take longest."""
    runs = [list(map(float, _child("-c", _START).stdout.split())) for _ in range(rounds)]
    pattern = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")
    imports = [
        {"module": name, "self_ms": int(own) / 1000, "with_imports_ms": int(whole) / 1000}
        for own, whole, indent, name in pattern.findall(_child("-X", "importtime", "-c", _START).stderr)
        if len(indent) <= 4
    ]
    longest = sorted(imports, key=lambda row: -float(str(row["with_imports_ms"])))[:12]
    return {"wall": spread([w for w, _ in runs]), "cpu": spread([c for _, c in runs]), "imports": longest}


def measure_profile(count: int, top: int = 20) -> Result:
    """Functions with the most processor time of their own, as the profiler sees them: it slows small ones."""
    texts = [article["text"] for article in articles(count)]
    analyzer = Analyzer()
    write_all(analyzer, texts[:SLOW])
    profiler = cProfile.Profile(time.process_time)
    profiler.runcall(write_all, analyzer, texts)
    stats = pstats.Stats(profiler, stream=io.StringIO())
    total: float = stats.total_tt  # type: ignore[attr-defined]
    entries: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = stats.stats  # type: ignore[attr-defined]
    rows = [
        {
            "function": f"{Path(file).name}:{line} {name}" if line else name,
            "calls": calls,
            "own_share": own / total,
            "share": cumulative / total,
        }
        for (file, line, name), (_, calls, own, cumulative, _) in entries.items()
    ]
    return {"rows": sorted(rows, key=lambda row: -float(str(row["own_share"])))[:top]}


def _child(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the same package; what it prints."""
    home = str(Path(framing.__file__).resolve().parents[1])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)


def report(found: Result) -> str:
    """The report in Markdown."""
    lines = ["# Benchmark", "", f"framing {framing.__version__}, Python {platform.python_version()}", ""]
    for name in SECTIONS:
        if name in found:
            lines += _SECTIONS_OF_REPORT[name](found[name])
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    return [*(f"| {' | '.join(map(str, row))} |" for row in (head, ["---"] * len(head), *rows)), ""]


def _range(values: Sequence[float], digits: int = 0) -> str:
    low, middle, high = (f"{value:,.{digits}f}" for value in values)
    return f"{middle} ({low} to {high})"


def _speed_lines(part: Result) -> list[str]:
    rows = [
        (name, f"{part['words'][name]:,}", _range(speed), _range(part["times_tokenisation"][name], 1))
        for name, speed in part["words_per_second"].items()
    ]
    head = ("what", "words", "words a second", "times the cost of tokenisation")
    skips = [f"Skipped: {name}. {reason}" for name, reason in part["skipped"].items()]
    return ["## Speed", "", *_table(head, rows), *(line for skip in skips for line in (skip, ""))]


def _stage_lines(part: Result) -> list[str]:
    cost = part["microseconds_per_word"]
    rows = [(name, f"{value:.2f}", f"{value / cost['all']:.0%}") for name, value in cost.items()]
    return ["## Stages", "", *_table(("stage", "microseconds a word", "share"), rows)]


def _memory_lines(part: Result) -> list[str]:
    rows = [(f"{r['articles']:,}", f"{r['words']:,}", f"{r['written_mb']:.0f}", f"{r['mb']:.0f}") for r in part["rows"]]
    return ["## Memory", "", *_table(("articles", "words", "MB of JSON", "MB held at most"), rows)]


def _length_lines(part: Result) -> list[str]:
    rows = [(f"{r['length']:,}", f"{r['articles']:,}", f"{r['microseconds_per_word']:.1f}") for r in part["rows"]]
    return ["## Length", "", *_table(("words an article", "articles", "microseconds a word"), rows)]


def _scaling_lines(part: Result) -> list[str]:
    rows = [(jobs, _range(seconds, 1)) for jobs, seconds in part["seconds"].items()]
    told = (
        f"{part['articles']:,} articles, two processes, their start included: "
        f"{_range(part['times_faster'], 2)} times as fast."
    )
    return ["## Processes", "", *_table(("processes", "seconds"), rows), told, ""]


def _startup_lines(part: Result) -> list[str]:
    rows = [(r["module"], f"{r['with_imports_ms']:.0f}", f"{r['self_ms']:.0f}") for r in part["imports"]]
    told = f"Import and first answer: {_range(part['wall'], 2)} s, {_range(part['cpu'], 2)} s of processor time."
    head = ("import (-X importtime)", "ms with what it imports", "ms by itself")
    return ["## Start", "", told, "", *_table(head, rows)]


def _profile_lines(part: Result) -> list[str]:
    rows = [(r["function"], f"{r['calls']:,}", f"{r['own_share']:.1%}", f"{r['share']:.1%}") for r in part["rows"]]
    return ["## Profile", "", *_table(("function", "calls", "own time", "with what it calls"), rows)]


_SECTIONS_OF_REPORT: dict[str, Callable[[Result], list[str]]] = {
    "speed": _speed_lines,
    "stages": _stage_lines,
    "memory": _memory_lines,
    "length": _length_lines,
    "scaling": _scaling_lines,
    "startup": _startup_lines,
    "profile": _profile_lines,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--articles", type=int, default=256, help="read by the analysis in a round (default: 256)")
    parser.add_argument("--memory", type=int, nargs="+", default=[1000, 10_000], metavar="ARTICLES")
    parser.add_argument(
        "--lengths", type=int, nargs="+", default=[100, 1000, 10_000, 100_000, 1_000_000], metavar="WORDS"
    )
    parser.add_argument("--large", action="store_true", help="memory with 100,000 articles, too")
    parser.add_argument("--json", type=Path, help="write what was measured to this file, too")
    args = parser.parse_args(arguments)
    sections: dict[str, Callable[[], Result]] = {
        "speed": lambda: measure_speed(args.articles, args.rounds),
        "stages": lambda: measure_stages(args.articles, args.rounds),
        "memory": lambda: measure_memory([*args.memory, *([100_000] if args.large else [])]),
        "length": lambda: measure_length(args.lengths, min(args.rounds, 2)),
        "scaling": lambda: measure_scaling(8 * args.articles, min(args.rounds, 3)),
        "startup": lambda: measure_startup(args.rounds),
        "profile": lambda: measure_profile(args.articles),
    }
    with threadpool_limits(1):  # speeds are of one core
        found = {name: sections[name]() for name in SECTIONS if name in args.only}
    print(report(found))
    if args.json is not None:
        args.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
