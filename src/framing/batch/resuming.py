"""Finding out what earlier runs have done."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from framing.batch.articles import BadArticleError, Raw, parse
from framing.batch.packing import packer, unpacked_members
from framing.batch.parquet import parquet_records
from framing.batch.sources import open_source
from framing.batch.work import made_with
from framing.exceptions import ArticleError, ModelError
from framing.record import encode_json

__all__ = ["Done", "check_models", "cut_to_done", "reopened", "written"]


@dataclass(slots=True)
class Done:
    """What earlier runs finished: counts, and where the finished part of each file ends.

    Attributes
    ----------
    records, errors : int
        Lines of the two files.
    records_end, errors_end : int
        Bytes of the two files.
    last : bytes
        The last record.
    """

    records: int = 0
    errors: int = 0
    records_end: int = 0
    errors_end: int = 0
    last: bytes = b""

    @property
    def lines(self) -> int:
        """Lines of the source that are done."""
        return self.records + self.errors


def cut_to_done(source: str, target: str, errors: str) -> Done:
    """Cut torn and premature lines off both files.

    Raises
    ------
    ArticleError
        If they aren't those of an earlier run over this source; nothing is cut then.
    """
    done = _find_done(source, target, errors)
    for path, end in ((target, done.records_end), (errors, done.errors_end)):
        if os.path.exists(path):
            os.truncate(path, end)
    return done


def check_models(done: Done, made: dict[str, Any], target: str) -> None:
    """Refuse to put records of other models behind those that are there.

    Raises
    ------
    ArticleError
        If the last of them is no JSON.
    ModelError
        If the kept records were made with other models than `made` says.
    """
    try:
        record = json.loads(done.last)
    except ValueError as error:
        raise ArticleError(f"The last line of {target} is damaged: {error}. Remove it, or give --overwrite.") from error
    before = made_with(record.get("schema_version"), record.get("models") or {})
    if before != made:
        changed = [
            f"{name} {before.get(name, 'none')} instead of {made.get(name, 'none')}"
            for name in sorted(before.keys() | made.keys())
            if before.get(name) != made.get(name)
        ]
        raise ModelError(
            f"{target} holds records of other models ({'; '.join(changed)}), and one file must not mix them. Resume "
            "with the tier, the parts and the version of newsframing that began it, or give --overwrite."
        )


@contextmanager
def reopened(target: str, lines_to: str) -> Iterator[None]:
    """Make the lines again that a finished Parquet file was made of; take them away if they turn out to be no use.

    Raises
    ------
    OSError
        If the file can't be read, or isn't one of records.
    """
    pack = packer(lines_to)
    if target == lines_to or pack is None or os.path.exists(lines_to) or not os.path.exists(target):
        yield
        return
    unfinished = lines_to + ".partial"
    with open(unfinished, "wb") as stream:
        stream.writelines(pack(line + b"\n") for line in parquet_records(target))
    os.replace(unfinished, lines_to)
    try:
        yield
    except ArticleError:
        os.remove(lines_to)
        raise


def _find_done(source: str, target: str, errors: str) -> Done:
    """Walk the source and both files side by side.

    A line is done if the errors file has a row with its number or the next record has its text and
    id. Error rows may be ahead of the records, never behind: should one have got lost all the same,
    the records from there on are made again, once the source is seen to be the one they came from.
    """
    done = Done()
    records, rows = written(target), written(errors)
    record, row = next(records, None), next(rows, None)
    with open_source(source) as opened:
        for number, raw in opened.lines:
            if row is not None and _line_of(row[0], errors) == number:
                done.errors, done.errors_end = done.errors + 1, row[1]
                row = next(rows, None)
            elif record is not None and _is_record_of(record[0], raw):
                done.records, done.records_end, done.last = done.records + 1, record[1], record[0]
                record = next(records, None)
            else:
                break
        lost = record is not None and any(_is_record_of(record[0], raw) for _, raw in opened.lines)
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


def _is_record_of(record: bytes, raw: Raw) -> bool:
    """Whether a written line is the record of an input line, without the cost of parsing it."""
    if not (record.startswith(b"{") and record.endswith(b"}\n")):
        return False
    try:
        article = parse(raw)
    except BadArticleError:
        return False
    parts = (b'"text":' + encode_json(article["text"]), b'"id":' + encode_json(article.get("id")))
    return all(part in record for part in parts)


def written(path: str) -> Iterator[tuple[bytes, int]]:
    """Whole lines of a file written here, each with the place in the file where it ends.

    Raises
    ------
    ArticleError
        If it is a file of another kind.
    """
    if not os.path.exists(path):
        return
    end = 0
    with open(path, "rb") as stream:
        if packer(path):
            yield from unpacked_members(stream, path)
            return
        for line in stream:
            if not line.endswith(b"\n"):
                torn = line.rstrip(b"\0")  # a power failure may leave zeros
                if not torn.startswith(b'{"'[: len(torn)]):
                    raise ArticleError(f"{path} isn't a file of an earlier run.")
                return
            end += len(line)
            yield line, end
