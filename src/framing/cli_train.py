"""The commands ``framing train`` and ``framing evaluate``: learn from labels of your own, and judge by them."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from framing.record import TIERS, encode_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framing.codebook import Frame
    from framing.workbench import Labels

__all__ = ["add_train_parsers"]

# The names in framing.workbench, which takes longer to import than parsing takes.
_TASKS = ("attribution", "statements", "frames", "bias", "loaded", "opinion")
_TIERED = ("attribution", "statements")

_TRAIN = (
    "Fit a model on labels of your own, judge it by articles that it has not seen, and write it to a folder with its "
    "card. LABELS are annotated articles in any format of framing annotate, or for bias and opinion CSV files with "
    "the columns text and label and perhaps article and split. Articles are kept apart whole: by their split (train, "
    "dev, test) where one is given, else at random."
)
_EVALUATE = (
    "Judge a model by labels: one that framing train wrote, or with the name bundled the one that ships for --task."
)


def add_train_parsers(commands: Any) -> None:
    """Add both commands to the parser.

    Parameters
    ----------
    commands : argparse action
        What ``ArgumentParser.add_subparsers`` returned.
    """
    train = commands.add_parser("train", help="learn from labels of your own", description=_TRAIN)
    train.add_argument("task", choices=_TASKS, metavar="TASK", help=", ".join(_TASKS))
    train.add_argument("labels", nargs="+", metavar="LABELS", help="files or folders")
    train.add_argument("--out", required=True, metavar="DIR", help="folder for the model; an earlier model is replaced")
    train.add_argument("--test", nargs="+", metavar="FILE", help="judge by these labels and learn from all others")
    train.add_argument("--judge", choices=("test", "dev"), default="test", help="split to judge by (default: test)")
    train.add_argument(
        "--test-share", type=float, default=0.2, metavar="X", help="share of articles kept if none is (default: 0.2)"
    )
    train.add_argument("--seed", type=int, default=0, metavar="N", help="the same gives the same bytes (default: 0)")
    train.add_argument("--C", type=float, metavar="X", help="how far labels are trusted (default: the estimator's)")
    train.add_argument("--no-curve", action="store_true", help="leave the learning curve out, which costs time")
    train.add_argument("--name", default="labels of the user", help="what the card calls the labels")
    train.add_argument("--licence", default="NOASSERTION", metavar="SPDX", help="of labels and model")
    train.add_argument("--limits", default="", metavar="TEXT", help="what the card should warn of")
    _add_reading(train)
    train.set_defaults(run=_train)

    evaluate = commands.add_parser("evaluate", help="judge a model by labels", description=_EVALUATE)
    evaluate.add_argument("model", metavar="MODEL", help="folder of a model, or bundled")
    evaluate.add_argument("labels", nargs="+", metavar="LABELS", help="files or folders")
    evaluate.add_argument("--task", choices=_TASKS, help="for a bundled model")
    evaluate.add_argument("--split", choices=("train", "dev", "test"), help="only the articles of this split")
    evaluate.add_argument("--json", action="store_true", help="print the scores as JSON, on one line")
    _add_reading(evaluate)
    evaluate.set_defaults(run=_evaluate)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="source_format", metavar="FORMAT", help="of LABELS, where it can't be told")
    parser.add_argument(
        "--inventory", default="policy", metavar="NAME", help="for frames, the key of the labels (default: policy)"
    )
    parser.add_argument(
        "--codebook", metavar="FILE", help='for frames of your own: JSON {"frames": [{"name", "description", "seeds"}]}'
    )
    parser.add_argument("--tier", choices=TIERS, default=TIERS[0], help="which bundled model (default: default)")
    parser.add_argument("--errors", type=int, default=10, metavar="N", help="how many errors to show (default: 10)")


def _train(arguments: argparse.Namespace) -> int:
    from framing.workbench import CURVE, train

    parameters: dict[str, Any] = {}
    if arguments.C is not None:
        parameters["C"] = arguments.C
    if arguments.task in _TIERED:
        parameters["tier"] = arguments.tier
    else:
        _refuse_tier(arguments)
    frames = _codebook(arguments)
    trained = train(
        _labels(arguments, arguments.labels, arguments.task, frames),
        seed=arguments.seed,
        test_share=arguments.test_share,
        judge=arguments.judge,
        test=_labels(arguments, arguments.test, arguments.task, frames) if arguments.test else None,
        curve=() if arguments.no_curve else CURVE,
        **parameters,
    )
    trained.save(
        arguments.out,
        data=[{"name": arguments.name, "licence": arguments.licence}],
        licence=arguments.licence,
        limits=arguments.limits,
    )
    print(trained.render(arguments.errors))
    print(f"Written to {arguments.out}", file=sys.stderr)
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    from framing.saving import load
    from framing.workbench import ESTIMATORS, evaluate, task_of

    if arguments.model == "bundled":
        if arguments.task is None:
            raise ValueError(f"A bundled model needs --task, one of {', '.join(ESTIMATORS)}.")
        task = arguments.task
        if task not in _TIERED:
            _refuse_tier(arguments)
        given: dict[str, Any] = {"tier": arguments.tier} if task in _TIERED else {}
        if task == "frames":
            given["frames"] = _codebook(arguments) or arguments.inventory
        model = ESTIMATORS[task](**given)
    else:
        model = load(arguments.model)
        try:
            task = task_of(model)
        except TypeError as error:
            raise ValueError(str(error)) from None
        if arguments.task not in (None, task):
            raise ValueError(f"{arguments.model} is a model for {task}, not for {arguments.task}.")
    frames = model.frames if task == "frames" else None
    if isinstance(frames, str):
        arguments.inventory, frames = frames, None
    labels = _labels(arguments, arguments.labels, task, frames)
    if arguments.split:
        labels = labels.take(labels.splits == arguments.split)
    found = evaluate(model, labels)
    if arguments.json:
        sys.stdout.buffer.write(encode_json({"task": task, **found.summary()}) + b"\n")
    else:
        print(f"{task}: {found.render(arguments.errors)}")
    return 0


def _refuse_tier(arguments: argparse.Namespace) -> None:
    if arguments.tier != TIERS[0]:
        raise ValueError(f"--tier is for {' and '.join(_TIERED)}; the other estimators have one bundled model.")


def _labels(
    arguments: argparse.Namespace, paths: list[str], task: str, frames: Sequence[Frame] | None = None
) -> Labels:
    from framing.workbench import read_labels

    return read_labels(paths, task, format=arguments.source_format, inventory=arguments.inventory, frames=frames)


def _codebook(arguments: argparse.Namespace) -> list[Frame] | None:
    from framing.codebook import read_frame

    if arguments.codebook is None:
        return None
    with open(arguments.codebook, encoding="utf-8") as stream:
        try:
            return [read_frame(entry) for entry in json.load(stream)["frames"]]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f'{arguments.codebook} must be JSON as {{"frames": [{{"name": …, "description": …, "seeds": […]}}]}}.'
            ) from error
