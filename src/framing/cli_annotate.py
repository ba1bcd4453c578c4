"""The command ``framing annotate``: to annotation tools, back from them, and what to label next."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from framing.record import TIERS, encode_json

if TYPE_CHECKING:
    from framing.annotations import Annotated

__all__ = ["add_annotate_parser"]

# The names in framing.annotations, which takes longer to import than parsing takes.
_FORMATS = ("jsonl", "brat", "label-studio", "doccano", "prodigy", "inception", "inception-json", "conll")
_LAYERS = ("attributions", "statements", "loaded", "frames")
_STANDARD = "-"

_EXPORT = (
    "Write articles for an annotation tool. IN is anything that can be read back: JSON Lines with text and perhaps "
    "id, title and annotations, what framing batch wrote, or another tool's files."
)
_IMPORT = "Read an annotation tool's files and write them as JSON Lines, one annotated article a line."
_NEXT = (
    "Pick the articles that are worth labelling: those that the models are unsure of and that are unlike each other "
    "and unlike what is labelled. Each is written with its scores and the reasons in meta.choice, best first."
)


def add_annotate_parser(commands: Any) -> None:
    """Add the command and its own commands to the parser.

    Parameters
    ----------
    commands : argparse action
        What ``ArgumentParser.add_subparsers`` returned.
    """
    annotate = commands.add_parser("annotate", help="to annotation tools and back, and what to label next")
    parts = annotate.add_subparsers(dest="part", metavar="COMMAND", required=True)

    export = parts.add_parser("export", help="write articles for a tool", description=_EXPORT)
    export.add_argument("source", metavar="IN", help="file or folder to read")
    export.add_argument("target", metavar="OUT", help="file, or folder for brat and inception")
    export.add_argument("--format", required=True, choices=_FORMATS[:-1], help="of OUT")
    _add_reading(export)
    export.add_argument(
        "--predict", action="store_true", help="let the models annotate what is not, as suggestions to correct"
    )
    export.add_argument("--tier", choices=TIERS, default=TIERS[0], help="which models (default: default)")
    export.set_defaults(run=_export)

    back = parts.add_parser("import", help="read a tool's files", description=_IMPORT)
    back.add_argument("source", metavar="IN", help="file or folder to read")
    back.add_argument("target", metavar="OUT.jsonl", help="- is standard output")
    _add_reading(back)
    back.set_defaults(run=_import)

    following = parts.add_parser("next", help="pick articles to label", description=_NEXT)
    following.add_argument("source", metavar="IN.jsonl", help="articles that are not labelled")
    following.add_argument("target", metavar="OUT.jsonl", nargs="?", default=_STANDARD, help="default: standard output")
    following.add_argument("-n", type=int, default=20, metavar="N", help="how many (default: 20)")
    following.add_argument("--labelled", metavar="FILE", help="articles with labels, in any format")
    following.add_argument("--tier", choices=TIERS, default=TIERS[0], help="which models (default: default)")
    following.add_argument("--quiet", action="store_true", help="print nothing but failures")
    following.set_defaults(run=_next)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="source_format", choices=_FORMATS, help="format of IN, where it can't be told")
    parser.add_argument(
        "--layer",
        action="append",
        default=[],
        choices=_LAYERS,
        help="what was annotated, also where nothing was marked; may be repeated",
    )
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        metavar="THEIRS=OURS",
        help="a label of the tool and ours (Source, Cue, Content, Loaded, author_fact, …); THEIRS= leaves it out",
    )


def _export(arguments: argparse.Namespace) -> int:
    from framing.annotations import write_annotations

    docs = _read(arguments)
    if arguments.predict:
        docs = list(_predicted(docs, arguments.tier))
    write_annotations(docs, arguments.target, arguments.format)
    print(_told(docs, f"written to {arguments.target} as {arguments.format}"), file=sys.stderr)
    return 0


def _import(arguments: argparse.Namespace) -> int:
    docs = _read(arguments)
    _write(docs, arguments.target)
    print(_told(docs, f"read from {arguments.source}"), file=sys.stderr)
    return 0


def _next(arguments: argparse.Namespace) -> int:
    from framing.analyzer import Analyzer
    from framing.annotations import choose_next, read_annotations

    choices = choose_next(
        read_annotations(arguments.source, "jsonl"),
        arguments.n,
        labelled=read_annotations(arguments.labelled) if arguments.labelled else (),
        analyzer=Analyzer(tier=arguments.tier),
        progress=sys.stderr.isatty() and not arguments.quiet,
    )
    _write(
        (
            dataclasses.replace(choice.article, meta={**choice.article.meta, "choice": choice.to_dict()})
            for choice in choices
        ),
        arguments.target,
    )
    if not arguments.quiet:
        for place, choice in enumerate(choices, start=1):
            name = choice.article.id if choice.article.id is not None else f"number {choice.index + 1}"
            print(f"{place:3}  {choice.score:.2f}  {name}: {choice.why}", file=sys.stderr)
    return 0


def _read(arguments: argparse.Namespace) -> list[Annotated]:
    from framing.annotations import read_annotations

    labels: dict[str, str | None] = {}
    for pair in arguments.label:
        theirs, equals, ours = pair.partition("=")
        if not equals:
            raise ValueError(f"--label takes THEIRS=OURS. Got {pair!r} instead.")
        labels[theirs] = ours or None
    return read_annotations(arguments.source, arguments.source_format, labels=labels, layers=arguments.layer)


def _predicted(docs: Iterable[Annotated], tier: str) -> Iterator[Annotated]:
    from framing.analyzer import Analyzer
    from framing.annotations import Annotated

    analyzer = Analyzer(tier=tier)
    for doc in docs:
        if doc.layers:
            yield doc
        else:
            draft = Annotated.from_analysis(analyzer.analyze(doc.text, title=doc.title))
            yield dataclasses.replace(draft, id=doc.id, title=doc.title, meta=doc.meta)


def _write(docs: Iterable[Annotated], target: str) -> None:
    from framing.annotations import write_annotations

    if target == _STANDARD:
        for doc in docs:
            sys.stdout.buffer.write(encode_json(doc.to_dict()) + b"\n")
    else:
        write_annotations(docs, target, "jsonl")


def _told(docs: list[Annotated], done: str) -> str:
    counts = [
        f"{sum(len(getattr(doc, layer) or ()) for doc in annotated):,} {layer} in {len(annotated):,}"
        for layer in _LAYERS[:-1]
        if (annotated := [doc for doc in docs if getattr(doc, layer) is not None])
    ]
    return f"{len(docs):,} articles {done}" + (f": {', '.join(counts)}" if counts else "")
