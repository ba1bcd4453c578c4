"""The command ``framing``: analyse a text or a file of articles, draw a report, list the models.

Exit status: 0 if all went well, 1 if a batch has error rows, 2 for wrong usage and for what can't
be read or written, 130 when interrupted, 141 when whoever reads the output has gone. Whatever takes
time to import is imported by the command that needs it.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, cast

from framing.cli_annotate import add_annotate_parser
from framing.cli_train import add_train_parsers
from framing.exceptions import FramingError
from framing.record import TIERS

if TYPE_CHECKING:
    from framing.analysis import Analysis
    from framing.analyzer import Analyzer
    from framing.batch import BatchReport

__all__ = ["main"]

_STANDARD = "-"
_OK, _SOME_ERRORS, _FAILED, _INTERRUPTED, _BROKEN_PIPE = 0, 1, 2, 130, 141
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # there is no room on the disk, or none for this user or file
_JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
_BLOCKS = "▁▂▃▄▅▆▇█"  # of the strip; a row of question marks would say nothing
_WIDEST = 100  # longer lines of running text are hard to read


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; by default those of the process.

    Returns
    -------
    int
        Exit status.

    Raises
    ------
    SystemExit
        From the parser, for wrong usage (status 2), ``--help`` and ``--version`` (status 0).
    """
    parser = _build_parser()
    arguments = parser.parse_args(argv)
    resumable = arguments.command == "batch" and arguments.target != _STANDARD
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Python flushes standard output once more at exit; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        hint = " The same command with --resume continues." if resumable else ""
        return _complain(f"Interrupted.{hint}", _INTERRUPTED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename and error.strerror else ""
        full = error.errno in _FULL and resumable
        hint = ". Make room; the same command with --resume continues." if full else ""
        return _complain(f"{where}{error.strerror or error}{hint}", _FAILED)
    except (FramingError, ValueError) as error:
        return _complain(str(error), _FAILED)


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="framing",
        description="Who says what in a news article, what is fact and what opinion, how it is "
        "framed, and how loaded its language is.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    analyze = commands.add_parser("analyze", help="analyse one text", description=_ANALYZE)
    analyze.add_argument("file", metavar="FILE", help="text in UTF-8; - is standard input")
    analyze.add_argument("--json", action="store_true", help="print the record, on one line")
    analyze.add_argument("--title", help="the article's title, if the text doesn't hold it")
    _add_reading(analyze)
    analyze.add_argument("--no-color", action="store_true", help="print without colours")
    analyze.set_defaults(run=_analyze)

    batch = commands.add_parser("batch", help="analyse a file of articles", description=_BATCH)
    batch.add_argument("source", metavar="IN.jsonl", help="- is standard input; .gz and .zst are unpacked; or .parquet")
    batch.add_argument("target", metavar="OUT.jsonl", help="- is standard output; .gz and .zst are packed; or .parquet")
    batch.add_argument(
        "--errors",
        metavar="FILE",
        help="where error rows go (default: OUT.errors.jsonl, or standard error if OUT is -)",
    )
    existing = batch.add_mutually_exclusive_group()
    existing.add_argument("--resume", action="store_true", help="continue an interrupted run")
    existing.add_argument("--overwrite", action="store_true", help="replace the output")
    batch.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="processes; -1: one a core (default: 1)"
    )
    batch.add_argument(
        "--batch-size", type=int, default=64, metavar="N", help="articles at a time (default: 64)"
    )
    _add_reading(batch)
    batch.add_argument("--quiet", action="store_true", help="print nothing but failures")
    batch.set_defaults(run=_batch)

    add_annotate_parser(commands)
    add_train_parsers(commands)

    report = commands.add_parser("report", help="draw an article or a corpus as a web page", description=_REPORT)
    report.add_argument("source", metavar="IN", help="text, or JSON Lines of articles or records; .gz is unpacked")
    report.add_argument("target", metavar="OUT.html", help="the page; - is standard output")
    report.add_argument(
        "--by", default="outlet", metavar="FIELD", help="the input field that tells groups apart (default: outlet)"
    )
    report.add_argument("--title", help="title of the page, or of the article")
    report.add_argument(
        "--texts", type=int, default=50, metavar="N", help="include the texts of at most so many articles (default: 50)"
    )
    report.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="processes; -1: one a core (default: 1)"
    )
    _add_reading(report)
    report.add_argument("--quiet", action="store_true", help="print nothing but failures")
    report.set_defaults(run=_report)

    models = commands.add_parser("models", help="list the bundled models")
    models.set_defaults(run=_models)
    return parser


_ANALYZE = "Analyse one text and show it marked up, with tables, or as a record."
_BATCH = (
    "Analyse JSON Lines or Parquet: objects with text, perhaps id and title, and anything else, which "
    "is passed through. Every line gives one line in OUT or one row in the errors file. Exit status 1 "
    "says that there are error rows."
)


_REPORT = (
    "Draw one page that needs nothing else: of an article's text, or of JSON Lines (a name that ends in .json, "
    ".jsonl or .ndjson, perhaps .gz) with articles to analyse or with the records of framing batch. A line that "
    "can't be read is named on standard error and counted in exit status 1."
)


class _Version(argparse.Action):
    """Looks the version up only when asked; that takes longer than parsing."""

    def __init__(self, option_strings: Sequence[str], dest: str, **options: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **options)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            found = version("newsframing")
        except PackageNotFoundError:  # run from a checkout
            found = "(not installed)"
        print(f"framing {found}")
        parser.exit()


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tier", choices=TIERS, default=TIERS[0], help="which models (default: default)")
    parser.add_argument(
        "--max-length", type=int, metavar="N", help="longest article in characters (default: 5,000,000)"
    )


def _analyzer(arguments: argparse.Namespace) -> Analyzer:
    from framing.analyzer import Analyzer

    length = {} if arguments.max_length is None else {"max_length": arguments.max_length}
    return Analyzer(tier=arguments.tier, **length)


def _analyze(arguments: argparse.Namespace) -> int:
    text = _read_text(arguments.file)
    from framing.display import render_text, wants_color

    doc = _analyzer(arguments).analyze(text, title=arguments.title)
    if arguments.json:
        sys.stdout.buffer.write(doc.to_json().encode("utf-8") + b"\n")
        return _OK
    color = wants_color(sys.stdout) and not arguments.no_color
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    _print(render_text(doc.to_dict(), color=color, width=width))
    return _OK


def _read_text(file: str) -> str:
    if file == _STANDARD:
        data = sys.stdin.buffer.read()
    else:
        with open(file, "rb") as stream:
            data = stream.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{file}: not UTF-8 (byte 0x{data[error.start]:02x} at byte {error.start + 1}); "
            "convert it first, for instance with iconv."
        ) from error


def _batch(arguments: argparse.Namespace) -> int:
    from framing.batch import run_batch

    rows_on_stderr = arguments.errors == _STANDARD or (
        arguments.errors is None and arguments.target == _STANDARD
    )
    talkative = not (arguments.quiet or rows_on_stderr)
    report = run_batch(
        arguments.source,
        arguments.target,
        analyzer=_analyzer(arguments),
        errors=arguments.errors,
        resume=arguments.resume,
        overwrite=arguments.overwrite,
        batch_size=arguments.batch_size,
        n_jobs=arguments.jobs,
        progress=talkative and sys.stderr.isatty(),
    )
    if talkative:
        print(_told(report), file=sys.stderr)
    return _SOME_ERRORS if report.errors else _OK


def _told(report: BatchReport) -> str:
    resumed = f" ({report.resumed:,} by earlier runs)" if report.resumed else ""
    return (
        f"{report.lines_in:,} lines in{resumed}: {report.lines_out:,} records, "
        f"{report.errors:,} errors; {report.words:,} words in {report.seconds:.1f} s"
    )


def _report(arguments: argparse.Namespace) -> int:
    if arguments.target != _STANDARD and not arguments.target.lower().endswith((".html", ".htm")):
        raise ValueError(f"The page's name must end in .html. Got {arguments.target!r} instead.")
    from framing.report import Report

    errors: list[str] = []
    report = Report(_report_docs(arguments, errors), by=arguments.by, texts=arguments.texts, title=arguments.title)
    if arguments.target == _STANDARD:
        sys.stdout.buffer.write(report.html().encode("utf-8"))
    else:
        report.save(arguments.target)
    for error in errors:
        _complain(error, _SOME_ERRORS)
    if not arguments.quiet:
        _complain(f"{len(report):,} article{'' if len(report) == 1 else 's'} in {arguments.target}", _OK)
    return _SOME_ERRORS if errors else _OK


def _report_docs(arguments: argparse.Namespace, errors: list[str]) -> Iterator[Analysis]:
    """The analyses of whatever the source holds; lines that can't be read are told in `errors`."""
    source = arguments.source
    if not source.lower().removesuffix(".gz").endswith(_JSON_ENDINGS):
        yield _analyzer(arguments).analyze(_read_text(source), title=arguments.title)
        return
    if _holds_records(source):
        yield from _stored_docs(source, errors)
        return
    import tempfile

    from framing.batch import errors_path, run_batch

    with tempfile.TemporaryDirectory() as folder:
        records = os.path.join(folder, "records.jsonl")
        run_batch(
            source,
            records,
            analyzer=_analyzer(arguments),
            n_jobs=arguments.jobs,
            progress=not arguments.quiet and sys.stderr.isatty(),
        )
        with open(errors_path(records), encoding="utf-8") as rows:
            errors += [f"{source}, line {row['line']}: {row['error']}" for row in map(json.loads, rows)]
        yield from _stored_docs(records, errors)


def _holds_records(source: str) -> bool:
    """Whether the first line is a record, not an article to analyse."""
    with _open_lines(source) as lines:
        try:
            first = json.loads(lines.readline())
        except (ValueError, RecursionError):
            return False
    return isinstance(first, dict) and "schema_version" in first


def _stored_docs(source: str, errors: list[str]) -> Iterator[Analysis]:
    from framing.analysis import Analysis

    with _open_lines(source) as lines:
        for place, line in enumerate(lines, 1):
            try:
                doc = Analysis.from_json(line)
            except FramingError as error:
                errors.append(f"{source}, line {place}: {error}")
            else:
                yield doc


def _open_lines(source: str) -> IO[bytes]:
    if source.lower().endswith(".gz"):
        import gzip

        return cast("IO[bytes]", gzip.open(source, "rb"))
    return open(source, "rb")


def _models(arguments: argparse.Namespace) -> int:
    from framing.models import list_models

    for model in list_models():
        _print(f"{model['name']} {model['version']}, {model['licence']}\n")
        for line in _score_lines(model["scores"]):
            _print(f"  {line}\n")
    return _OK


def _score_lines(scores: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """The numbers of a manifest, which nests them as it likes: one line for each innermost group."""
    own = [f"{name} {_number(value)}" for name, value in scores.items() if not isinstance(value, Mapping)]
    if own:
        yield ": ".join((*path, ", ".join(own)))
    for name, value in scores.items():
        if isinstance(value, Mapping):
            yield from _score_lines(value, (*path, name))


def _number(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_number(item) for item in value)}]"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _print(text: str) -> None:
    """Print text that the terminal's encoding may lack characters for."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        _BLOCKS.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(dict(zip(map(ord, _BLOCKS), "__--==##", strict=True)))
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def _complain(sentence: str, status: int) -> int:
    print(f"framing: {sentence}", file=sys.stderr)
    return status
