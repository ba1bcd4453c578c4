"""Nightly retraining: new labels in, a new model out only if it is not worse than the current one on a frozen test.

    python training/nightly.py opinion labels.csv --test frozen.csv --model DIR --decisions decisions.jsonl

The candidate learns from all labels given. It and the current model (the one in DIR, or the bundled one where DIR
holds none) are judged by the frozen test, and their difference gets a 95% interval from a paired bootstrap over
articles. The candidate replaces the current model if that interval lies above ``-margin``: so a candidate that is
merely not shown to be worse, because the test is small, does not pass. The replacement is atomic, and every decision is
a line of the decisions file, with the scores and checksums that it rests on.

The test must stay as it is. One that has changed since the last decision is refused, unless ``--new-test`` is given;
labels that hold one of its texts are refused always.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from framing import FramingError, load
from framing.evaluation import compare_evaluations
from framing.workbench import ESTIMATORS, Labels, evaluate, read_labels, task_of, train

MARGIN = 0.02


def retrain(
    labels: Labels,
    test: Labels,
    model: Path,
    decisions: Path,
    *,
    margin: float = MARGIN,
    seed: int = 0,
    new_test: bool = False,
    **parameters: Any,
) -> dict[str, Any] | None:
    """Train a candidate and let it replace the model if it is not worse.

    Returns the decision, or None where labels, test and seed are those of the last one, so that nothing is new.
    """
    if margin < 0:
        raise ValueError(f"margin must be 0 or more. Got {margin} instead.")
    sums = {"labels_sha256": fingerprint(labels), "test_sha256": fingerprint(test)}
    last = last_decision(decisions)
    if last is not None and last["task"] != labels.task:
        raise ValueError(f"{decisions} is about {last['task']}; keep one file of decisions for each model.")
    if last is not None and last["test_sha256"] != sums["test_sha256"] and not new_test:
        raise ValueError("The test is not the one of the last decision; if that is meant, say --new-test.")
    settings = {"seed": seed, "margin": margin, "parameters": parameters}
    if last is not None and all(last[key] == value for key, value in {**sums, **settings}.items()):
        return None
    current = current_model(model, labels.task)
    trained = train(labels, seed=seed, test=test, curve=(), **parameters)
    before = trained.before if current is None else evaluate(current, test)
    if before is None:  # the bundled model has other classes
        difference, accepted, why = None, True, "There is no earlier model of these classes."
    else:
        difference = compare_evaluations(before, trained.evaluation)
        accepted = difference[1] >= -margin
        why = f"The difference's interval begins at {difference[1]:.3f}; it must not begin below -{margin:g}."
    decision = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "task": labels.task,
        "accepted": accepted,
        "why": why,
        "current": {"sha256": checksum(model), "score": None if before is None else round(before.score, 4)},
        "candidate": {"score": round(trained.evaluation.score, 4), "articles": trained.articles},
        "difference": None if difference is None else round(difference[0], 4),
        "interval_95": None if difference is None else [round(bound, 4) for bound in difference[1:]],
        "test_articles": len(trained.evaluation.articles),
        **settings,
        **sums,
    }
    if accepted:
        trained.save(model)
    append_line(decisions, decision)
    return decision


def current_model(folder: Path, task: str) -> Any:
    """The model in the folder; None where there is none yet."""
    if checksum(folder) is None:
        return None
    current = load(folder)
    if task_of(current) != task:
        raise ValueError(f"{folder} holds a model for {task_of(current)}, not for {task}.")
    return current


def checksum(folder: Path) -> str | None:
    """Of the model in the folder, as its manifest has it; None where there is none."""
    manifest = folder / "manifest.json"
    return json.loads(manifest.read_bytes())["sha256"] if manifest.is_file() else None


def fingerprint(labels: Labels) -> str:
    """Checksum of texts, labels and articles, whatever the file's layout."""
    y = labels.y.tolist() if hasattr(labels.y, "tolist") else labels.y
    content = json.dumps([labels.task, labels.X, y, labels.groups.tolist()], ensure_ascii=True)
    return hashlib.sha256(content.encode("ascii")).hexdigest()


def last_decision(decisions: Path) -> dict[str, Any] | None:
    if not decisions.is_file():
        return None
    # A line without its end was being written when the run was killed.
    lines = [line for line in decisions.read_text(encoding="utf-8").split("\n")[:-1] if line]
    return json.loads(lines[-1]) if lines else None


def append_line(path: Path, entry: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.read_bytes() if path.is_file() else b""
    kept = whole[: whole.rfind(b"\n") + 1]
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        stream.write(kept + json.dumps(entry).encode("ascii") + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(part, path)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Retrain, and keep the new model only if it is not worse.")
    parser.add_argument("task", choices=ESTIMATORS)
    parser.add_argument("labels", nargs="+", help="all labels to learn from, old and new")
    parser.add_argument("--test", nargs="+", required=True, help="the frozen test")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model in use")
    parser.add_argument("--decisions", type=Path, required=True, help="file to which every decision is added")
    parser.add_argument("--inventory", default="policy", help="for frames (default: policy)")
    parser.add_argument("--margin", type=float, default=MARGIN, help=f"worse by so much is no harm (default: {MARGIN})")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--C", type=float)
    parser.add_argument("--new-test", action="store_true", help="the test was changed on purpose")
    arguments = parser.parse_args(argv)
    try:
        labels, test = (
            read_labels(paths, arguments.task, inventory=arguments.inventory)
            for paths in (arguments.labels, arguments.test)
        )
        decision = retrain(
            labels, test, arguments.model, arguments.decisions,
            margin=arguments.margin, seed=arguments.seed, new_test=arguments.new_test,
            **({} if arguments.C is None else {"C": arguments.C}),
        )  # fmt: skip
    except (FramingError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if decision is None:
        print("Nothing is new since the last decision.")
    else:
        print(json.dumps(decision, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
