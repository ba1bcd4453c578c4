"""Analyse a file of articles, line by line, into a file of records that a killed run can continue.

Each input line gives exactly one line of output: a record in the target or, where it can't be read
or analysed, a row in the errors file. Both are written in the order of the input, and the error
rows of a batch before its records; so at whatever moment a run dies, the two files and the input
tell which lines are done. Nothing that is written depends on the size of a batch.

A target whose name ends in ``.gz`` is compressed, each line as a gzip member of its own, so that a
torn end can be cut off and the finished file has the same bytes however often it was continued.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, TextIO

from framing.analysis import Analysis
from framing.exceptions import ArticleError, FramingError, MissingExtraError, ModelError
from framing.record import encode_json, json_name
from framing.workers import map_in_order

__all__ = ["BatchReport", "ManyAnalyzer", "errors_path", "run_batch"]

_STANDARD = "-"
_ENDINGS = (".jsonl", ".ndjson", ".json")
_BOM = b"\xef\xbb\xbf"
_CHUNK_BYTES = 4 << 20  # a batch ends early here, so that a few huge articles don't fill the memory
_READ_BYTES = 1 << 16
_LONGEST_MESSAGE = 500

PathLike = str | os.PathLike[str]
Line = tuple[int, bytes]  # number, counted from 1, and content


class ManyAnalyzer(Protocol):
    """What `run_batch` asks of an analyzer."""

    def analyze_many(self, articles: Iterable[Mapping[str, Any]], *, batch_size: int) -> Iterable[Analysis]:
        """Analyse mappings with ``text``, in order."""
        ...


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a run did.

    Attributes
    ----------
    lines_in : int
        Lines of the input; always ``lines_out + errors``.
    lines_out : int
        Records in the target.
    errors : int
        Rows in the errors file.
    words : int
        Words that this run analysed.
    seconds : float
        Time that this run took.
    resumed : int
        Lines of the input that earlier runs had done; the first three count them too.
    """

    lines_in: int
    lines_out: int
    errors: int
    words: int
    seconds: float
    resumed: int = 0


def run_batch(
    source: PathLike,
    target: PathLike,
    *,
    analyzer: ManyAnalyzer,
    errors: PathLike | None = None,
    resume: bool = False,
    overwrite: bool = False,
    batch_size: int = 64,
    n_jobs: int = 1,
    progress: bool = False,
) -> BatchReport:
    """Analyse every line of a JSON Lines file.

    A line is an object with ``text``, perhaps ``id`` and ``title``, and anything else, which goes
    to ``meta``. Every other line, an empty one too, becomes a row ``{"id", "line", "error"}`` in
    the errors file; so does an article that the analyzer fails on.

    Parameters
    ----------
    source, target : path-like
        ``"-"`` is standard input and output; names that end in ``.gz`` are compressed.
    analyzer : Analyzer
        Sent to each process once where there are several, so it must pickle then.
    errors : path-like, optional
        Where error rows go, ``"-"`` for standard error; by default beside the target (see
        `errors_path`), or to standard error if the target is standard output. The file is made
        even if there are none.
    resume : bool
        Continue what an earlier run over the same source began. Lines that are done stay.
    overwrite : bool
        Replace the target and the errors file.
    batch_size : int
        Articles analysed together.
    n_jobs : int
        Processes; -1 for one on each core.
    progress : bool
        Whether to show a progress bar on standard error.

    Returns
    -------
    BatchReport

    Raises
    ------
    OSError
        If a file can't be read or written; FileExistsError if the target or the errors file exists
        and neither `resume` nor `overwrite` is given.
    ArticleError
        If `resume` is given and the files aren't those of an earlier run over this source.
    ModelError, MissingExtraError
        If the analyzer can't work at all.
    ValueError
        If the arguments don't go together.
    """
    started = time.perf_counter()
    source, target = os.fspath(source), os.fspath(target)
    if errors is None:
        errors = _STANDARD if target == _STANDARD else errors_path(target)
    errors = os.fspath(errors)
    _check_arguments(source, target, errors, resume, overwrite, batch_size, n_jobs)

    done = _cut_to_done(source, target, errors) if resume else _Done()
    mode = "ab" if resume else "wb" if overwrite else "xb"
    lines_out, lines_bad, words = done.records, done.errors, 0
    with ExitStack() as stack:
        stream = stack.enter_context(_opened(source))
        lines = islice(_lines(stream, source), done.lines, None)
        error_rows = stack.enter_context(_Sink(errors, mode, sys.stderr))
        records = stack.enter_context(_Sink(target, mode, sys.stdout))
        advance = stack.enter_context(_progress_bar(progress, done.lines))
        chunks = _chunks(lines, batch_size)
        results = map_in_order(_process, analyzer, chunks, n_jobs=n_jobs, describe=_place)
        for result in stack.enter_context(closing(results)):
            error_rows.write(result.errors, durable=True)
            records.write(result.records)
            lines_out += len(result.records)
            lines_bad += len(result.errors)
            words += result.words
            advance(len(result.records) + len(result.errors))
    return BatchReport(
        lines_in=lines_out + lines_bad,
        lines_out=lines_out,
        errors=lines_bad,
        words=words,
        seconds=time.perf_counter() - started,
        resumed=done.lines,
    )


def errors_path(target: PathLike) -> Path:
    """Where the error rows of a target go by default.

    Examples
    --------
    >>> errors_path("corpus.jsonl.gz").name
    'corpus.errors.jsonl'
    """
    path = Path(target)
    name = path.name.removesuffix(".gz")
    stem = next((name.removesuffix(end) for end in _ENDINGS if name.endswith(end)), name)
    return path.with_name(stem + ".errors.jsonl")


def _check_arguments(
    source: str,
    target: str,
    errors: str,
    resume: bool,
    overwrite: bool,
    batch_size: int,
    n_jobs: int,
) -> None:
    if batch_size < 1:
        raise ValueError(f"The batch size must be 1 or more. Got {batch_size} instead.")
    if n_jobs == 0:
        raise ValueError("The number of jobs must be 1 or more, or -1 for every core. Got 0.")
    if resume and overwrite:
        raise ValueError("Resume and overwrite exclude each other; give one of them.")
    if resume and _STANDARD in (source, target, errors):
        raise ValueError(
            "To resume, input, output and errors must be files, because what is done is read from them."
        )
    files = [path for path in (source, target, errors) if path != _STANDARD]
    if len({os.path.realpath(path) for path in files}) < len(files):
        raise ValueError("Input, output and errors must be three different files.")
    if not (resume or overwrite):
        for path in (target, errors):
            if path != _STANDARD and os.path.lexists(path):
                raise FileExistsError(
                    f"{path} exists already. Give --resume (resume=True) to continue it or "
                    "--overwrite (overwrite=True) to replace it."
                )


# Reading lines


class _BadLineError(ArticleError):
    """A line that can't be read, with its id where that could be read."""

    def __init__(self, message: str, given_id: Any = None) -> None:
        super().__init__(message)
        self.given_id = given_id


@contextmanager
def _opened(source: str) -> Iterator[IO[bytes]]:
    if source == _STANDARD:
        yield sys.stdin.buffer
    elif source.endswith(".gz"):
        with gzip.open(source, "rb") as packed:
            packed.peek(1)  # fails here, before anything is written, if it isn't gzip
            yield packed  # type: ignore[misc]  # GzipFile is no IO for the type checker
    else:
        with open(source, "rb") as plain:
            yield plain


def _lines(stream: IO[bytes], source: str) -> Iterator[Line]:
    try:
        for number, raw in enumerate(stream, 1):
            yield number, raw.removeprefix(_BOM) if number == 1 else raw
    except (EOFError, zlib.error) as error:
        raise OSError(f"{source} is damaged: its compressed data breaks off.") from error


def _chunks(lines: Iterable[Line], batch_size: int) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line[1])
        if len(chunk) == batch_size or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _place(chunk: Sequence[Line]) -> str:
    return f"lines {chunk[0][0]:,} to {chunk[-1][0]:,}"


def _parse(raw: bytes) -> dict[str, Any]:
    """The article of a line; raises _BadLineError."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _BadLineError(
            f"The line isn't valid UTF-8 (byte 0x{raw[error.start]:02x} at byte {error.start + 1})."
        ) from error
    if not text.strip():
        raise _BadLineError("The line is empty.")
    try:
        article = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise _BadLineError("The line isn't usable JSON: it is nested too deeply.") from error
    except ValueError as error:
        raise _BadLineError(f"The line isn't valid JSON: {error}.") from error
    if not isinstance(article, dict):
        raise _BadLineError(f"The line must be a JSON object, not {json_name(article)}.")
    given_id = article.get("id")
    if "text" not in article:
        raise _BadLineError("The object has no field 'text'.", given_id)
    if not isinstance(article["text"], str):
        raise _BadLineError(f"The field 'text' must be a string, not {json_name(article['text'])}.", given_id)
    if not isinstance(article.get("title"), (str, type(None))):
        raise _BadLineError(
            f"The field 'title' must be a string, not {json_name(article['title'])}.", given_id
        )
    return article


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


# Analysing them


@dataclass(slots=True)
class _Result:
    """Lines to write for one batch."""

    records: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    words: int = 0


def _process(analyzer: ManyAnalyzer, chunk: list[Line]) -> _Result:
    found: list[tuple[int, Any, tuple[bytes, int] | Exception]] = []
    articles: list[tuple[int, dict[str, Any]]] = []
    for number, raw in chunk:
        try:
            articles.append((number, _parse(raw)))
        except _BadLineError as error:
            found.append((number, error.given_id, error))
    outcomes = _analyzed([article for _, article in articles], analyzer) if articles else []
    for (number, article), outcome in zip(articles, outcomes, strict=True):
        found.append((number, article.get("id"), outcome))
    result = _Result()
    for number, given_id, outcome in sorted(found, key=lambda entry: entry[0]):
        if isinstance(outcome, Exception):
            result.errors.append(_error_row(number, given_id, outcome))
        else:
            result.records.append(outcome[0])
            result.words += outcome[1]
    return result


def _analyzed(articles: list[dict[str, Any]], analyzer: ManyAnalyzer) -> list[tuple[bytes, int] | Exception]:
    """A record as a line and its words for each article, or why there is none."""
    try:
        docs = list(analyzer.analyze_many(articles, batch_size=len(articles)))
        if len(docs) != len(articles):
            raise FramingError(f"{len(articles)} articles gave {len(docs)} analyses.")
        return [(doc.to_json().encode("utf-8") + b"\n", doc.summary()["words"]) for doc in docs]
    except (ModelError, MissingExtraError):
        raise  # no article's fault: every other one would fail too
    except Exception as error:
        if len(articles) == 1:
            return [error]
    return list(chain.from_iterable(_analyzed([article], analyzer) for article in articles))


def _error_row(number: int, given_id: Any, error: Exception) -> bytes:
    message = " ".join(str(error).split())[:_LONGEST_MESSAGE]
    if not isinstance(error, FramingError):
        message = f"{type(error).__name__}: {message}"
    row = {"id": given_id, "line": number, "error": message or type(error).__name__}
    try:
        return encode_json(row) + b"\n"
    except (RecursionError, ValueError):  # an id nested too deeply to write
        return encode_json(row | {"id": None}) + b"\n"


# Writing


class _Sink:
    """A file of lines, or a standard stream, that leaves nothing in its own buffer."""

    def __init__(self, path: str, mode: str, standard: TextIO) -> None:
        self._owned = path != _STANDARD
        self._packed = path.endswith(".gz")
        self._stream: IO[bytes] = open(path, mode) if self._owned else standard.buffer  # noqa: SIM115

    def __enter__(self) -> _Sink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._owned:
            self._stream.close()

    def write(self, rows: Sequence[bytes], *, durable: bool = False) -> None:
        """Hand lines to the system; if `durable`, see them on the disk before returning."""
        if not rows:
            return
        packed = (gzip.compress(row, mtime=0) for row in rows) if self._packed else rows
        data = memoryview(b"".join(packed))
        while data:  # standard streams may be unbuffered, and such streams may take less than all
            data = data[self._stream.write(data) :]
        self._stream.flush()
        if durable and self._owned:
            with suppress(OSError):  # not every file system can
                os.fsync(self._stream.fileno())


@contextmanager
def _progress_bar(shown: bool, done: int) -> Iterator[Callable[[int], object]]:
    if not shown:
        yield lambda count: None
        return
    from tqdm import tqdm

    with tqdm(initial=done, unit="line", unit_scale=True) as bar:
        yield bar.update


# Finding out what is done


@dataclass(slots=True)
class _Done:
    """What earlier runs finished: counts, and where the finished part of each file ends."""

    records: int = 0
    errors: int = 0
    records_end: int = 0
    errors_end: int = 0

    @property
    def lines(self) -> int:
        return self.records + self.errors


def _cut_to_done(source: str, target: str, errors: str) -> _Done:
    """Cut torn and premature lines off both files."""
    done = _find_done(source, target, errors)
    for path, end in ((target, done.records_end), (errors, done.errors_end)):
        if os.path.exists(path):
            os.truncate(path, end)
    return done


def _find_done(source: str, target: str, errors: str) -> _Done:
    """Walk the source and both files side by side.

    A line is done if the errors file has a row with its number or the next record has its text and
    id. Error rows may be ahead of the records, never behind: should one have got lost all the same,
    the records from there on are made again, once the source is seen to be the one they came from.
    """
    done = _Done()
    records, rows = _written(target), _written(errors)
    record, row = next(records, None), next(rows, None)
    with _opened(source) as stream:
        lines = _lines(stream, source)
        for number, raw in lines:
            if row is not None and _line_of(row[0], errors) == number:
                done.errors, done.errors_end = done.errors + 1, row[1]
                row = next(rows, None)
            elif record is not None and _is_record_of(record[0], raw):
                done.records, done.records_end = done.records + 1, record[1]
                record = next(records, None)
            else:
                break
        lost = record is not None and any(_is_record_of(record[0], raw) for _, raw in lines)
    if record is not None and not lost:
        raise ArticleError(
            f"Line {done.records + 1} of {target} isn't the record of any line of {source} that "
            "could come next. Resume with the input of the earlier run, or give --overwrite."
        )
    return done


def _line_of(row: bytes, errors: str) -> int:
    try:
        line = json.loads(row)["line"]
    except (ValueError, TypeError, KeyError) as error:
        raise ArticleError(f"{errors} isn't an errors file of an earlier run.") from error
    return int(line)


def _is_record_of(record: bytes, raw: bytes) -> bool:
    """Whether a written line is the record of an input line, without the cost of parsing it."""
    try:
        article = _parse(raw)
    except _BadLineError:
        return False
    parts = (b'"text":' + encode_json(article["text"]), b'"id":' + encode_json(article.get("id")))
    return all(part in record for part in parts)


def _written(path: str) -> Iterator[tuple[bytes, int]]:
    """Whole lines of a file written here, each with the place in the file where it ends."""
    if not os.path.exists(path):
        return
    end = 0
    with open(path, "rb") as stream:
        if path.endswith(".gz"):
            yield from _members(stream, path)
            return
        for line in stream:
            if not line.endswith(b"\n"):
                torn = line.rstrip(b"\0")  # a power failure may leave zeros
                if not torn.startswith(b'{"'[: len(torn)]):
                    raise ArticleError(f"{path} isn't a file of an earlier run.")
                return
            end += len(line)
            yield line, end


def _members(stream: IO[bytes], path: str) -> Iterator[tuple[bytes, int]]:
    """Whole members of a gzip file, each with the place where it ends."""
    data = b""
    end = 0
    while True:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        pieces: list[bytes] = []
        while not unpacker.eof:
            data = data or stream.read(_READ_BYTES)
            if not data:
                return
            try:
                pieces.append(unpacker.decompress(data))
            except zlib.error as error:
                raise ArticleError(f"{path} isn't a gzip file of an earlier run.") from error
            end += len(data) - len(unpacker.unused_data)
            data = unpacker.unused_data
        yield b"".join(pieces), end
