"""From a file of articles to a file of records, in the order of the input, however often it is interrupted."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from framing.batch.articles import Line, batched, line_numbers
from framing.batch.packing import packer
from framing.batch.parquet import check_parquet, is_parquet, journal_path, write_parquet
from framing.batch.resuming import Done, check_models, cut_to_done, reopened, written
from framing.batch.sinks import Sink, naming
from framing.batch.sources import STANDARD, Source, open_source
from framing.batch.work import Job, ManyAnalyzer, process
from framing.progress import progress_bar
from framing.workers import map_in_order

__all__ = ["BatchReport", "errors_path", "run_batch"]

_PACKED = (".gz", ".zst")
_ENDINGS = (".jsonl", ".ndjson", ".json", ".parquet")

PathLike = str | os.PathLike[str]


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
    """Analyse every article of a file.

    In JSON Lines, an article is an object with ``text``, perhaps ``id`` and ``title``, and anything
    else, which goes to ``meta``; in Parquet, a row with such columns. Every other line, an empty one
    too, becomes a row ``{"id", "line", "error"}`` in the errors file; so does an article that the
    analyzer fails on. Records are the JSON of `Analysis.to_json`, or rows with the columns of
    ``framing.to_pandas(docs, level="article")`` and the JSON as ``record``.

    Parameters
    ----------
    source, target : path-like
        ``"-"`` is standard input and output. Names that end in ``.gz`` and ``.zst`` are compressed,
        ``.parquet`` is Parquet, everything else JSON Lines.
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
        Processes; -1 for one on each core. One that is killed is replaced.
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
    ModelError
        If the analyzer can't work at all, or `resume` is given and the records that are there were
        made with other models.
    MissingExtraError
        If the analyzer or the format of a file needs a package that isn't installed.
    FramingError
        If the process that works on one and the same batch dies three times.
    ValueError
        If the arguments don't go together.
    """
    started = time.perf_counter()
    source, target = os.fspath(source), os.fspath(target)
    if errors is None:
        errors = STANDARD if target == STANDARD else errors_path(target)
    errors = os.fspath(errors)
    lines_to = journal_path(target)
    _check_arguments(source, target, lines_to, errors, resume, overwrite, batch_size, n_jobs)
    check_parquet(target)
    packer(target)

    done = Done()
    if resume:
        with reopened(target, lines_to):
            done = cut_to_done(source, lines_to, errors)
    mode = "ab" if resume else "wb" if overwrite else "xb"
    lines_out, lines_bad, words = done.records, done.errors, 0
    unchecked = done.records > 0
    with ExitStack() as stack:
        opened = stack.enter_context(open_source(source))
        for _ in islice(opened.lines, done.lines):
            pass
        error_rows = stack.enter_context(Sink(errors, mode, sys.stderr))
        records = stack.enter_context(Sink(lines_to, mode, sys.stdout))
        places: deque[int] = deque()
        batches = _placed(batched(opened.lines, batch_size), opened, places)
        results = map_in_order(process, Job(analyzer, lines_to), batches, n_jobs=n_jobs, describe=line_numbers)
        bar = stack.enter_context(progress_bar(progress, total=opened.total, done=opened.place(done.lines)))
        for result in stack.enter_context(closing(results)):
            if unchecked and result.made_with is not None:
                check_models(done, result.made_with, target)
                unchecked = False
            error_rows.write(result.errors, durable=True)
            records.write(result.records)
            lines_out += len(result.records)
            lines_bad += len(result.errors)
            words += result.words
            count = len(result.records) + len(result.errors)
            bar.advance(articles=count, words=result.words, place=places.popleft())
    if is_parquet(target):
        with naming(target):
            write_parquet(target, (line for line, _ in written(lines_to)))
        os.remove(lines_to)
    return BatchReport(
        lines_in=lines_out + lines_bad,
        lines_out=lines_out,
        errors=lines_bad,
        words=words,
        seconds=time.perf_counter() - started,
        resumed=done.lines,
    )


def _placed(batches: Iterable[list[Line]], source: Source, places: deque[int]) -> Iterator[list[Line]]:
    """The batches, while `places` keeps where in the source each of them ends: results come later."""
    for batch in batches:
        places.append(source.place(batch[-1][0]))
        yield batch


def errors_path(target: PathLike) -> Path:
    """Where the error rows of a target go by default.

    Examples
    --------
    >>> errors_path("corpus.jsonl.gz").name
    'corpus.errors.jsonl'
    """
    path = Path(target)
    name = next((path.name.removesuffix(end) for end in _PACKED if path.name.endswith(end)), path.name)
    stem = next((name.removesuffix(end) for end in _ENDINGS if name.endswith(end)), name)
    return path.with_name(stem + ".errors.jsonl")


def _check_arguments(
    source: str,
    target: str,
    lines_to: str,
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
    if resume and STANDARD in (source, target, errors):
        raise ValueError(
            "To resume, input, output and errors must be files, because what is done is read from them."
        )
    if errors.endswith((*_PACKED, ".parquet")):
        raise ValueError(f"Error rows are plain JSON Lines; give the errors file another name than {errors}.")
    files = [path for path in (source, target, errors) if path != STANDARD]
    if len({os.path.realpath(path) for path in files}) < len(files):
        raise ValueError("Input, output and errors must be three different files.")
    if not (resume or overwrite):
        for path in dict.fromkeys((target, lines_to, errors)):
            if path != STANDARD and os.path.lexists(path):
                raise FileExistsError(
                    f"{path} exists already. Give --resume (resume=True) to continue it or "
                    "--overwrite (overwrite=True) to replace it."
                )
