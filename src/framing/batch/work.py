"""What happens to a batch, in whichever process: articles in, lines to write out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

from framing.analysis import Analysis
from framing.batch.articles import BadArticleError, Line, Raw, parse
from framing.batch.packing import packer
from framing.exceptions import FramingError, MissingExtraError, ModelError
from framing.record import SCHEMA_VERSION, encode_json

__all__ = ["Job", "ManyAnalyzer", "Outcome", "Result", "error_message", "made_with", "outcomes", "process"]

_LONGEST_MESSAGE = 500


class ManyAnalyzer(Protocol):
    """What `run_batch` asks of an analyzer."""

    def analyze_many(self, articles: Iterable[Mapping[str, Any]], *, batch_size: int) -> Iterator[Analysis]:
        """Analyse mappings with ``text``, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What all batches of a run share.

    Attributes
    ----------
    analyzer : ManyAnalyzer
    target : str
        Name of the file for which records are packed.
    """

    analyzer: ManyAnalyzer
    target: str


@dataclass(slots=True)
class Result:
    """What one batch gives.

    Attributes
    ----------
    records, errors : list of bytes
        Lines to write, the records packed.
    words : int
        That were analysed.
    made_with : dict, optional
        Schema version and models of the records, where there are any.
    """

    records: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    words: int = 0
    made_with: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line: an analysis and its record as a line, or an error.

    Attributes
    ----------
    given_id : object
        As far as it could be read.
    doc : Analysis, optional
    line : bytes
    error : Exception, optional
    """

    given_id: Any
    doc: Analysis | None = None
    line: bytes = b""
    error: Exception | None = None


def process(job: Job, batch: Sequence[Line]) -> Result:
    """Analyse a batch."""
    pack = packer(job.target)
    result = Result()
    for (number, _), outcome in zip(batch, outcomes(job.analyzer, [raw for _, raw in batch]), strict=True):
        if outcome.doc is None:
            result.errors.append(_error_row(number, outcome))
            continue
        result.records.append(pack(outcome.line) if pack else outcome.line)
        result.words += outcome.doc.summary()["words"]
        result.made_with = result.made_with or made_with(SCHEMA_VERSION, outcome.doc.models)
    return result


def outcomes(analyzer: ManyAnalyzer, raws: Sequence[Raw]) -> list[Outcome]:
    """What becomes of articles, in order; those that can be read are analysed together.

    Raises
    ------
    ModelError, MissingExtraError
        If the analyzer can't work at all.
    """
    found: list[Outcome | None] = []
    articles: list[dict[str, Any]] = []
    for raw in raws:
        try:
            articles.append(parse(raw))
            found.append(None)
        except BadArticleError as error:
            found.append(Outcome(error.given_id, error=error))
    analyzed = iter(_analyzed(articles, analyzer) if articles else ())
    return [outcome or next(analyzed) for outcome in found]


def made_with(schema_version: Any, models: Mapping[str, str]) -> dict[str, Any]:
    """What records must have in common to stand in one file."""
    return {"schema_version": schema_version, **models}


def _analyzed(articles: list[dict[str, Any]], analyzer: ManyAnalyzer) -> list[Outcome]:
    try:
        docs = list(analyzer.analyze_many(articles, batch_size=len(articles)))
        if len(docs) != len(articles):
            raise FramingError(f"{len(articles)} articles gave {len(docs)} analyses.")
        return [Outcome(doc.id, doc, doc.to_json().encode("utf-8") + b"\n") for doc in docs]
    except (ModelError, MissingExtraError):
        raise  # no article's fault: every other one would fail too
    except Exception as error:
        if len(articles) == 1:
            return [Outcome(articles[0].get("id"), error=error)]
    return list(chain.from_iterable(_analyzed([article], analyzer) for article in articles))


def error_message(error: Exception) -> str:
    """One line that says what went wrong."""
    message = " ".join(str(error).split())[:_LONGEST_MESSAGE]
    if not isinstance(error, FramingError):
        message = f"{type(error).__name__}: {message}"
    return message or type(error).__name__


def _error_row(number: int, outcome: Outcome) -> bytes:
    assert outcome.error is not None
    row = {"id": outcome.given_id, "line": number, "error": error_message(outcome.error)}
    try:
        return encode_json(row) + b"\n"
    except (RecursionError, ValueError):  # an id nested too deeply to write
        return encode_json(row | {"id": None}) + b"\n"
