"""Time and memory of findings over the output of many articles.

    python training/measure_findings.py [--articles 100000] [--folder DIR] [--only keyness sources match_stories]

The output is the analyses of the sample articles over and over, under ids, outlets and dates of their own, in a file
below DIR that is removed afterwards (7 GB for 100,000 articles). Seconds are of processor time, so that other work on
the machine doesn't show. Memory is the highest that the process ever held so far; with ``--only`` one name, it is that
function's.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import framing
from framing.datasets import load_sample

OUTLETS = 20
DAYS = 365


def write(path: Path, records: list[dict[str, Any]], articles: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        for number, record in zip(range(articles), itertools.cycle(records)):
            day = date(2025, 1, 1) + timedelta(days=number * DAYS // articles)
            meta = {"outlet": f"Outlet {number % OUTLETS}", "date": day.isoformat()}
            out.write(json.dumps(record | {"id": f"a{number}", "meta": meta}) + "\n")


def measured(name: str, work: Callable[[], Any]) -> Any:
    started = time.process_time()
    result = work()
    seconds = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {name} | {seconds:.1f} | {memory:.0f} |", flush=True)
    return result


def measure_table(file: Path) -> None:
    """What can be had from a compact table of the statements, which is read once."""
    columns = ["outlet", "month", "label", "voice", "kind", "p_author_opinion", "words"]
    table = measured("read_table, 7 columns", lambda: framing.read_table(file, "statement", columns))
    print(f"{len(table):,} statements, the table itself {table.memory_usage(deep=True).sum() / 2**20:.0f} MB")
    chosen = np.random.default_rng(0).choice(len(table), 2000, replace=False)
    gold = table.iloc[np.sort(chosen)][["id", "statement", "label"]].rename(columns={"label": "gold"})
    measured(
        "prevalence by outlet, four methods, from the table",
        lambda: framing.prevalence(table, gold, of="author_opinion", by="outlet", method="all", level="statement"),
    )
    measured(
        "compare 20 outlets, 190 pairs, from the table",
        lambda: framing.compare(table, by="outlet", of="author_opinion", level="statement"),
    )
    measured(
        "validate by outlet, from the table",
        lambda: framing.validate(table, gold, of="label", by="outlet", level="statement"),
    )
    measured(
        "regress on outlet, from the table",
        lambda: framing.regress(table, gold, of="author_opinion", on="outlet", level="statement"),
    )


FROM_FILE: dict[str, Callable[[Path], Any]] = {
    "keyness": lambda file: framing.keyness(file, by="outlet"),
    "sources": framing.sources,
    "match_stories": framing.match_stories,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", nargs="+", choices=[*FROM_FILE, "table"], default=["table", *FROM_FILE])
    args = parser.parse_args()
    records = [doc.to_dict() for doc in framing.analyze_many(load_sample().texts)]
    size = sum(len(json.dumps(record)) for record in records) / len(records)
    print(f"{args.articles:,} articles, {size / 1000:.0f} kB each")
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        file = Path(folder) / "records.jsonl"
        write(file, records, args.articles)
        print("| | seconds | MB |\n|---|---|---|")
        if "table" in args.only:
            measure_table(file)
        for name, work in FROM_FILE.items():
            if name in args.only:
                measured(name, partial(work, file))


if __name__ == "__main__":
    main()
