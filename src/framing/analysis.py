"""The result of an analysis: read-only views over one record, and tables of many.

`Analysis` wraps the record that ``schema.json`` describes and builds a view the first time somebody
asks for it, so that passing a million analyses through costs no more than their records. The views
are values: they can't be changed, they compare by content and they pickle.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from framing.display import NAMES, shorten
from framing.exceptions import ArticleError
from framing.record import (
    check_record,
    copy_json,
    encode_json,
    json_name,
    record_title,
)
from framing.scores import Explain, Frames, FrozenMap, Scores, said_in, unit_frames
from framing.tables import records_to_pandas

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Analysis",
    "Attribution",
    "Bias",
    "Hedge",
    "LoadedWord",
    "Sentence",
    "Span",
    "Statement",
    "to_pandas",
]

V = TypeVar("V")


class Span(NamedTuple):
    """A half-open range of code points: ``text[start:end]`` is the stretch.

    Examples
    --------
    >>> start, end = Span(4, 11)
    >>> "The harbour board"[start:end]
    'harbour'
    """

    start: int
    end: int


class Hedge(NamedTuple):
    """A word or phrase that weakens a statement, and where it stands."""

    text: str
    span: Span


class LoadedWord(NamedTuple):
    """A loaded word or phrase, where it stands and how loaded it is (0 to 1).

    ``kind`` is ``"evaluative"``, ``"emotive"``, ``"label"``, ``"euphemism"``, ``"scare_quotes"``,
    ``"presupposition"``, ``"hyperbole"`` or ``"exclusionary"``; ``voice`` is ``"author"`` or ``"source"``. Both are
    None in records that were written without them.
    """

    text: str
    span: Span
    score: float
    kind: str | None = None
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Bias:
    """How loaded an article's language is.

    Attributes
    ----------
    score : float
        0 to 1.
    by_voice : mapping of str to float
        For ``"author"`` and ``"source"``; a voice with no statement is left out. What the author
        embraces ("rightly called") counts for the author.
    spans : tuple of LoadedWord
        Loaded words in the order of the text, those that introduce an attribution ("whined") among them.
    """

    score: float
    by_voice: Scores
    spans: tuple[LoadedWord, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence.

    Attributes
    ----------
    text : str
    span : Span
    index : int
        Place among the article's sentences.
    role : str
        ``"title"``, ``"body"`` or ``"boilerplate"``.
    opinion, author_opinion, bias : float
        Probabilities that the sentence expresses opinion, whoever's; that it expresses the
        outlet's own; that a trained reader would call it biased.
    frames : mapping
        Inventory, then label.
    """

    text: str
    span: Span
    index: int
    role: str
    opinion: float
    author_opinion: float
    bias: float
    frames: FrozenMap[Scores] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says what: a source, the cue that introduces it, and the content.

    It holds its words and not the article, so it stays small by itself. `from_spans` makes one from
    a text; `dataclasses.replace` gives a copy with, say, the speaker filled in.

    Attributes
    ----------
    source, cue, content : str or None
        The words; pieces of a discontinuous part are joined by ``" … "``. None where left out.
    source_spans, cue_spans, content_spans : tuple of Span
        Where they stand; empty where left out.
    quotation : str
        ``"direct"``, ``"indirect"`` or ``"mixed"``.
    speaker : str or None
        The fullest name in the article that the source refers to, else the source's words.
    source_type : str
        ``"official"``, ``"expert"``, ``"organization"``, ``"media"``, ``"document"``,
        ``"person"``, ``"group"``, ``"public"``, ``"anonymous"`` or ``"unspecified"``.
    named : bool
        Whether the article names the source.
    probability : float
        0 to 1.
    within : int or None
        Number of the attribution whose content this one stands in ("she said critics believe …"), the
        innermost of several; None where it stands in none.
    denied : bool
        Whether the source says that the content is not so ("denied that", "does not believe").

    Examples
    --------
    >>> text = "“It leaks,” said Ida Voss, “and it always did.”"
    >>> found = Attribution.from_spans(
    ...     text, source=[(17, 25)], cue=[(12, 16)], content=[(0, 11), (27, 47)], quotation="direct"
    ... )
    >>> found.source, found.cue, found.content
    ('Ida Voss', 'said', '“It leaks,” … “and it always did.”')
    """

    source: str | None
    cue: str | None
    content: str | None
    source_spans: tuple[Span, ...]
    cue_spans: tuple[Span, ...]
    content_spans: tuple[Span, ...]
    quotation: str = "indirect"
    speaker: str | None = None
    source_type: str = "unspecified"
    named: bool = False
    probability: float = 1.0
    within: int | None = None
    denied: bool = False

    @classmethod
    def from_spans(
        cls,
        text: str,
        *,
        source: Iterable[Sequence[int]] = (),
        cue: Iterable[Sequence[int]] = (),
        content: Iterable[Sequence[int]] = (),
        quotation: str = "indirect",
        speaker: str | None = None,
        source_type: str = "unspecified",
        named: bool = False,
        probability: float = 1.0,
        within: int | None = None,
        denied: bool = False,
    ) -> Attribution:
        """Make an attribution from the places of its parts in a text.

        The keywords are the fields of a record's attribution.

        Parameters
        ----------
        text : str
            The whole article.
        source, cue, content : iterable of (int, int)
            Half-open ranges of code points, in order.
        quotation, speaker, source_type, named, probability, within, denied
            As the attributes.

        Returns
        -------
        Attribution

        Raises
        ------
        ValueError
            If a range doesn't lie in the text.
        """
        source_spans, cue_spans, content_spans = (_spans(text, part) for part in (source, cue, content))
        return cls(
            source=_joined(text, source_spans),
            cue=_joined(text, cue_spans),
            content=_joined(text, content_spans),
            source_spans=source_spans,
            cue_spans=cue_spans,
            content_spans=content_spans,
            quotation=quotation,
            speaker=speaker,
            source_type=source_type,
            named=named,
            probability=probability,
            within=within,
            denied=denied,
        )

    def to_dict(self) -> dict[str, Any]:
        """The attribution as an entry of a record."""
        return {
            "source": [list(span) for span in self.source_spans],
            "cue": [list(span) for span in self.cue_spans],
            "content": [list(span) for span in self.content_spans],
            "quotation": self.quotation,
            "speaker": self.speaker,
            "source_type": self.source_type,
            "named": self.named,
            "probability": self.probability,
            "within": self.within,
            "denied": self.denied,
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """A clause-level stretch of text with one voice and one kind.

    Attributes
    ----------
    text : str
    span : Span
    voice : str
        ``"author"`` for the outlet's own voice, ``"source"`` for anybody else's.
    kind : str
        ``"fact"`` or ``"opinion"``.
    probability : mapping of str to float
        For the four labels; they make 1.
    certainty : str
        ``"hedged"``, ``"plain"`` or ``"emphatic"``.
    hedges : tuple of Hedge
    attribution : Attribution or None
        Whose statement it is; None in the author's voice.
    loaded : tuple of LoadedWord
    bias : float
        0 to 1.
    embraced : bool
        Whether the author makes the source's words his own, as in "rightly called".
    frames : mapping
        Inventory, then label.
    sentence : Sentence
        The sentence it stands in.
    """

    text: str
    span: Span
    voice: str
    kind: str
    probability: Scores
    certainty: str
    hedges: tuple[Hedge, ...]
    attribution: Attribution | None
    loaded: tuple[LoadedWord, ...]
    bias: float
    frames: FrozenMap[Scores] = field(repr=False)
    sentence: Sentence = field(repr=False)
    embraced: bool = False

    @property
    def label(self) -> str:
        """Voice and kind in one: ``"author_fact"``, …, ``"source_opinion"``."""
        return f"{self.voice}_{self.kind}"


class Analysis:
    """What was found in one article.

    Parameters
    ----------
    record : dict
        As described by ``schema.json``. It is kept, not copied, and must not be changed afterwards;
        `from_dict` takes a dictionary of any origin.
    explain : callable, optional
        Gives the contributions to a frame's score, from its label and its inventory. It isn't
        pickled.

    See Also
    --------
    framing.analyze : Makes an analysis from a text.

    Examples
    --------
    >>> import framing
    >>> doc = framing.analyze("Critics called the plan reckless.")
    >>> doc.text
    'Critics called the plan reckless.'
    >>> framing.Analysis.from_json(doc.to_json()) == doc
    True
    """

    __slots__ = ("__weakref__", "_explain", "_record", "_views")

    def __init__(self, record: dict[str, Any], *, explain: Explain | None = None) -> None:
        self._record = record
        self._explain = explain
        self._views: dict[str, Any] = {}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Analysis:
        """Read a record back, for instance a line that ``framing batch`` wrote.

        Raises
        ------
        TypeError
            If it isn't a mapping.
        ArticleError
            If it isn't a record of a version that can be read here; the message says why.
        """
        if not isinstance(record, Mapping):
            raise TypeError(
                f"The record must be a dictionary as from to_dict(). Got {type(record).__name__} "
                "instead; for JSON text use Analysis.from_json."
            )
        check_record(record)
        return cls({key: copy_json(value) for key, value in record.items()})

    @classmethod
    def from_json(cls, text: str | bytes) -> Analysis:
        """Read back what `to_json` wrote.

        Raises
        ------
        TypeError
            If it isn't text.
        ArticleError
            If it isn't JSON, or not a record that can be read here; the message says why.
        """
        if not isinstance(text, (str, bytes)):
            raise TypeError(
                f"The record must be JSON text. Got {type(text).__name__} instead; "
                "for a dictionary use Analysis.from_dict."
            )
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ArticleError(f"The record isn't valid JSON: {error}.") from error
        if not isinstance(record, dict):
            raise ArticleError(f"The record must be a JSON object. Got {json_name(record)} instead.")
        return cls.from_dict(record)

    @property
    def text(self) -> str:
        """The input exactly as given."""
        text: str = self._record["text"]
        return text

    @property
    def id(self) -> Any:
        """As given with the input, else None."""
        return self._record["id"]

    @property
    def title(self) -> str | None:
        """The title given with the input, else the text's own, else None."""
        return record_title(self._record)

    @property
    def meta(self) -> Mapping[str, Any]:
        """Every other input field."""
        return MappingProxyType(self._record["meta"])

    @property
    def models(self) -> Mapping[str, str]:
        """Name and version of each model used, by part."""
        return MappingProxyType(self._record["models"])

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Sentences in the order of the text."""
        return self._view("sentences", self._build_sentences)

    @property
    def attributions(self) -> tuple[Attribution, ...]:
        """Attributions in the order of the record."""
        return self._view("attributions", self._build_attributions)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Statements in the order of the record."""
        return self._view("statements", self._build_statements)

    @property
    def frames(self) -> Frames:
        """Frame scores: ``doc.frames["policy"]["economic"]``."""
        return self._view("frames", lambda: Frames(self._record["frames"], self._explain, said_in(self._record)))

    @property
    def bias(self) -> Bias:
        """How loaded the language is: the score, by voice, and the words."""
        return self._view("bias", self._build_bias)

    def summary(self) -> dict[str, Any]:
        """The numbers a paper's table needs.

        Returns
        -------
        dict
            ``words``, ``share`` (of the words, by the four labels), ``sources``,
            ``anonymous_share`` and ``hedged_share``, as in the record.
        """
        summary: dict[str, Any] = copy_json(self._record["summary"])
        return summary

    def to_dict(self) -> dict[str, Any]:
        """The record, as a copy of its own."""
        record: dict[str, Any] = copy_json(self._record)
        return record

    def to_json(self, indent: int | None = None) -> str:
        """The record as JSON, on one line unless `indent` is given.

        Raises
        ------
        TypeError, ValueError
            If ``meta`` or ``id`` hold something that JSON has no form for.
        """
        return encode_json(self._record, indent).decode("utf-8")

    def to_pandas(self, level: str = "statement") -> pd.DataFrame:
        """Put this analysis alone into a table; see the function `to_pandas`."""
        return to_pandas([self], level)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Analysis):
            return NotImplemented
        return self._record == other._record

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[Any, ...]:
        return Analysis, (self._record,)  # an explainer holds a model: it stays where it is

    def __repr__(self) -> str:
        summary = self._record["summary"]
        title = shorten(self.title or self.text, 70)
        shares = ", ".join(f"{NAMES[label]} {share:.0%}" for label, share in summary["share"].items())
        frames = "; ".join(
            f"{name}: " + ", ".join(f"{label} {score:.2f}" for label, score in scores.top(2))
            for name, scores in self.frames.items()
        )
        speakers = Counter(
            (entry["speaker"], entry["source_type"])
            for entry in self._record["attributions"]
            if entry["speaker"] is not None
        )
        named = [f"{shorten(name, 40)} ({kind})" for (name, kind), _ in speakers.most_common(3)]
        if len(speakers) > len(named):
            named.append(f"and {len(speakers) - len(named)} more")
        lines = (
            f"{title!r}, {summary['words']:,} words",
            f"shares    {shares}",
            f"frames    {frames or 'none'}",
            f"speakers  {', '.join(named) or 'none'}",
        )
        return "<Analysis " + "\n  ".join(lines) + ">"

    def _repr_html_(self) -> str:
        from framing.card import article_html

        return article_html(self._record)

    def _view(self, name: str, build: Callable[[], V]) -> V:
        if name not in self._views:
            self._views[name] = build()
        view: V = self._views[name]
        return view

    def _build_sentences(self) -> tuple[Sentence, ...]:
        return tuple(
            Sentence(
                text=self.text[entry["start"] : entry["end"]],
                span=Span(entry["start"], entry["end"]),
                index=index,
                role=entry["role"],
                opinion=entry["opinion"],
                author_opinion=entry["author_opinion"],
                bias=entry["bias"],
                frames=unit_frames(entry["frames"]),
            )
            for index, entry in enumerate(self._record["sentences"])
        )

    def _build_attributions(self) -> tuple[Attribution, ...]:
        return tuple(
            Attribution.from_spans(
                self.text,
                source=entry["source"],
                cue=entry["cue"],
                content=entry["content"],
                quotation=entry["quotation"],
                speaker=entry["speaker"],
                source_type=entry["source_type"],
                named=entry["named"],
                probability=entry["probability"],
                within=entry.get("within"),  # the schema asks for neither
                denied=entry.get("denied", False),
            )
            for entry in self._record["attributions"]
        )

    def _build_statements(self) -> tuple[Statement, ...]:
        sentences, attributions = self.sentences, self.attributions
        return tuple(
            Statement(
                text=self.text[entry["start"] : entry["end"]],
                span=Span(entry["start"], entry["end"]),
                voice=entry["voice"],
                kind=entry["kind"],
                probability=Scores(entry["probability"], "label"),
                certainty=entry["certainty"],
                hedges=tuple(Hedge(self.text[s:e], Span(s, e)) for s, e in entry["hedges"]),
                attribution=(None if entry["attribution"] is None else attributions[entry["attribution"]]),
                loaded=self._loaded(entry),
                bias=entry["bias"],
                frames=unit_frames(entry["frames"]),
                sentence=sentences[entry["sentence"]],
                embraced=entry.get("embraced", False),  # the schema does not ask for it
            )
            for entry in self._record["statements"]
        )

    def _build_bias(self) -> Bias:
        entry = self._record["bias"]
        if "loaded" in entry:  # the schema does not ask for it
            words = {
                LoadedWord(self.text[start:end], Span(start, end), found["score"], found["kind"], found["voice"])
                for found in entry["loaded"]
                for start, end in [(found["start"], found["end"])]
            }
        else:
            words = {word for statement in self._record["statements"] for word in self._loaded(statement)}
        return Bias(
            score=entry["score"],
            by_voice=Scores(entry["by_voice"], "voice"),
            spans=tuple(sorted(words, key=lambda word: (word.span, word.score))),
        )

    def _loaded(self, statement: Mapping[str, Any]) -> tuple[LoadedWord, ...]:
        kinds = {(e["start"], e["end"]): (e["kind"], e["voice"]) for e in self._record["bias"].get("loaded", ())}
        return tuple(
            LoadedWord(self.text[start:end], Span(start, end), score, *kinds.get((start, end), (None, None)))
            for start, end, score in statement["loaded"]
        )


def to_pandas(docs: Iterable[Analysis], level: str = "statement") -> pd.DataFrame:
    """Put analyses into one table.

    Columns and types are fixed, for no analyses too. Every table has ``article``, the place of the
    analysis in `docs`, and ``id``. Frame scores are in columns such as
    ``frame_policy_economic``; for articles also by voice, as ``author_frame_policy_economic``.
    Frames of the user's own inventories follow those that ship. Several hedges or loaded words of
    a statement are joined by ``"; "``.

    Parameters
    ----------
    docs : iterable of Analysis
        Read once, so a generator will do.
    level : {"statement", "attribution", "sentence", "article"}
        What a row is.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    TypeError
        If `docs` isn't an iterable of analyses.
    ValueError
        If there is no such level.
    MissingExtraError
        If pandas isn't installed.
    """
    return records_to_pandas(records_of(docs), level)


def records_of(docs: Iterable[Analysis]) -> Iterator[Mapping[str, Any]]:
    """The records of analyses, one by one; not copies, so they must only be read.

    Raises
    ------
    TypeError
        If `docs` isn't an iterable of analyses.
    """
    if isinstance(docs, Analysis):
        raise TypeError("docs must be an iterable of Analysis objects. Got one Analysis instead; put it in a list.")
    for doc in docs:
        if not isinstance(doc, Analysis):
            raise TypeError(f"docs must hold Analysis objects. Got {type(doc).__name__} instead.")
        yield doc._record


def _spans(text: str, places: Iterable[Sequence[int]]) -> tuple[Span, ...]:
    spans = tuple(Span(start, end) for start, end in places)
    for span in spans:
        if not 0 <= span.start <= span.end <= len(text):
            raise ValueError(
                f"The range [{span.start}, {span.end}) doesn't lie in the text of {len(text)} characters."
            )
    return spans


def _joined(text: str, spans: tuple[Span, ...]) -> str | None:
    return " … ".join(text[start:end] for start, end in spans) if spans else None
