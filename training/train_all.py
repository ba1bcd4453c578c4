"""Retrain everything in one command, and go on where an interrupted run stopped.

    python training/train_all.py --data sample --out DIR
    python training/train_all.py --data corpora --corpora DIR --names NAMES

With ``sample``, every estimator that learns by ``fit`` learns from the train split of this project's open corpus alone,
in minutes; DIR then holds a folder for each model, ``scores.json`` with the scores before and after on the dev and test
splits, and ``log.jsonl`` with time and memory. The same seed gives the same bytes, the log apart.

With ``corpora``, the commands of ``training/README.md`` run in the order in which they stand there and rewrite the
bundled models. What is done is noted in ``training/work/train_all.json``.
"""

from __future__ import annotations

import argparse
import glob
import hashlib
import json
import os
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing import load
from framing.annotations import Annotated, read_annotations
from framing.exceptions import ModelError
from framing.workbench import ESTIMATORS, evaluate, labels_from, train

HERE = Path(__file__).resolve().parent
DATASETS = HERE.parent / "datasets"
DONE = HERE / "work" / "train_all.json"
MODELS = {
    "attribution": ("attribution", ""),
    "statements": ("statements", ""),
    "policy": ("frames", "policy"),
    "narrative": ("frames", "narrative"),
    "bias": ("bias", ""),
    "loaded": ("loaded", ""),
    "opinion": ("opinion", ""),
}
DATA = [{"name": "open corpus of invented news of this project, train split", "licence": "CC0-1.0"}]
LIMITS = (
    "The articles are invented, few, and written by one hand to hold much of what is to be found; scores on them say "
    "little about real news. Attributions, statements, frames and the word features still build on bundled weights."
)
LICENCE = "CC-BY-NC-SA-4.0"  # of the bundled weights that the models build on


def train_sample(out: Path, names: Sequence[str], seed: int, docs: Sequence[Annotated] | None = None) -> dict[str, Any]:
    """Train the named models from annotated articles with splits, those that are there already left alone.

    Returns the scores of all models in the folder, as ``scores.json`` has them.
    """
    articles = list(docs) if docs is not None else [*read_annotations(DATASETS), *read_annotations(DATASETS / "hard")]
    out.mkdir(parents=True, exist_ok=True)
    data = fingerprint(articles, seed)
    scores_file = out / "scores.json"
    before = json.loads(scores_file.read_bytes()) if scores_file.is_file() else {}
    known = before["models"] if before.get("data") == data else {}
    for name in names:
        if name in known and is_whole(out / name):
            print(f"{name}: there already")
            continue
        started = time.perf_counter()
        known[name] = train_model(articles, name, out / name, seed)
        ordered = {key: known[key] for key in MODELS if key in known}
        replace_file(scores_file, json.dumps({"data": data, "seed": seed, "models": ordered}, indent=2) + "\n")
        spent = {"model": name, "seconds": round(time.perf_counter() - started, 1), "peak_mib": peak_memory()}
        with (out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps({"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **spent}) + "\n")
        print(f"{name}: {spent['seconds']} s, peak {spent['peak_mib']} MiB; {told(known[name])}", flush=True)
    return known


def train_model(articles: Sequence[Annotated], name: str, folder: Path, seed: int) -> dict[str, Any]:
    """Train and save one model; its scores before and after."""
    task, inventory = MODELS[name]
    labels = labels_from(articles, task, **({"inventory": inventory} if inventory else {}))
    trained = train(labels, seed=seed, curve=())
    trained.save(folder, data=DATA, licence=LICENCE, limits=LIMITS)
    bundled = ESTIMATORS[task](**({"frames": inventory} if inventory else {}))
    scores: dict[str, Any] = {}
    for split in ("dev", "test"):
        part = labels.take(labels.splits == split)
        for when, model in (("before", bundled), ("after", trained.model)):
            summary = evaluate(model, part).summary()
            scores[f"{split}_{when}"] = {key: summary[key] for key in ("metric", "score", "interval_95", "articles")}
    return scores


def fingerprint(articles: Sequence[Annotated], seed: int) -> str:
    """What a model came from: with other articles or another seed it is trained anew."""
    rows = [article.to_dict() for article in articles]
    return hashlib.sha256(json.dumps([seed, rows], sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def is_whole(folder: Path) -> bool:
    try:
        load(folder)
    except ModelError:
        return False
    return True


def replace_file(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def peak_memory() -> int:
    """Of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))


def told(scores: dict[str, Any]) -> str:
    parts = []
    for split in ("dev", "test"):
        after = scores[f"{split}_after"]
        low, high = after["interval_95"]
        parts.append(f"{split} {scores[f'{split}_before']['score']} to {after['score']} ({low} to {high})")
    return f"{scores['dev_after']['metric']}: {', '.join(parts)}"


def corpus_commands(corpora: str, names: str | None, readme: str) -> list[list[str]]:
    """The commands of the README's first block, in order."""
    block = readme.split("```sh\n", 1)[1].split("```", 1)[0]
    lines = [line for line in block.splitlines() if line.startswith("python ")]
    commands = []
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        if "NAMES" in words and names is None:
            raise ValueError(f"--names is needed for: {line}")
        given = {"DIR": corpora, "NAMES": names or ""}
        commands.append([given.get(word, word) for word in words])
    return commands


def train_corpora(commands: Sequence[Sequence[str]], done_file: Path) -> None:
    """Run the commands that have not been run; a failing one stops."""
    done = json.loads(done_file.read_bytes()) if done_file.is_file() else []
    for place, command in enumerate(commands):
        line = shlex.join(command)
        if place < len(done) and done[place] == line:
            print(f"done before: {line}")
            continue
        del done[place:]  # later models read earlier ones
        words = [file for word in command for file in (sorted(glob.glob(word, root_dir=HERE.parent)) or [word])]
        print(f"running: {line}", flush=True)
        subprocess.run([sys.executable, *words], cwd=HERE.parent, check=True)
        done.append(line)
        done_file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(done_file, json.dumps(done, indent=2) + "\n")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Retrain everything; the same command goes on after an interruption.")
    parser.add_argument("--data", choices=("sample", "corpora"), required=True)
    parser.add_argument("--out", type=Path, help="for sample: folder for the models")
    parser.add_argument("--only", nargs="+", choices=MODELS, default=list(MODELS), help="for sample: which models")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpora", help="for corpora: folder of your copies")
    parser.add_argument("--names", help="for corpora: what train_speakers.py takes")
    arguments = parser.parse_args(argv)
    if arguments.data == "sample":
        if arguments.out is None:
            parser.error("--data sample needs --out")
        train_sample(arguments.out, arguments.only, arguments.seed)
        return 0
    if arguments.corpora is None:
        parser.error("--data corpora needs --corpora")
    try:
        commands = corpus_commands(
            os.path.abspath(arguments.corpora), arguments.names, (HERE / "README.md").read_text(encoding="utf-8")
        )
    except ValueError as error:
        parser.error(str(error))
    train_corpora(commands, DONE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
