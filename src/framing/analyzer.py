"""From text to analysis: all models over batches of articles."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import closing
from functools import partial
from operator import index
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.analysis import Analysis
from framing.assembly import FrameTables, Scores, assemble
from framing.bias_scores import BiasScorer, LoadedScorer
from framing.blend import Blend, BlendedSheet
from framing.columns import Members, Ranges
from framing.document import Document, read_document
from framing.encoder import bundled_encoder
from framing.exceptions import ArticleError, FramingError, ModelError
from framing.frame_scores import FrameScorer
from framing.kinds import LoadedRun, find_loaded
from framing.linear import Block, Contribution, Sheet, WordTable
from framing.models import model_path, model_version
from framing.once import once
from framing.persistence import load_model, save_files
from framing.progress import progress_bar
from framing.record import VOICES
from framing.speakers import read_sources
from framing.tagger import (
    Tagged,
    agree,
    anybodys_opinion,
    assign_owners,
    attribution_entries,
    bundled_tagger,
    relation_of,
    source_opinion,
)
from framing.word_rows import bundled_features
from framing.workers import map_in_order

__all__ = ["Analyzer", "analyze", "analyze_many"]

Doubles = NDArray[np.float64]

_INVENTORIES = ("policy", "narrative")
_BATCH = 64
_MAX_LENGTH = 5_000_000
_BATCH_CHARACTERS = 2_000_000  # a batch ends early here, so that long articles do not fill the memory
_UNSPECIFIED = "unspecified"  # whom statements belong to where the source is left out
PARTS = ("attribution", "opinion", "bias")  # what can be swapped, besides the frames
_PASSED = ("text", "id")  # fields of an input that have a place of their own in the record


class _Article(NamedTuple):
    """An input as it came: the text, and what is passed through."""

    text: str
    id: Any
    title: str | None
    meta: dict[str, Any]


class Analyzer:
    """Reads articles: who says what, fact or opinion, in whose voice, in which frame, how loaded.

    Every part can be swapped for an estimator of your own; the rest stays bundled.

    Parameters
    ----------
    tier : {"default", "accurate"}, default="default"
        Which bundled models: the fast ones, which need NumPy only, or a small transformer encoder blended with
        them, about twenty times slower, which needs ``newsframing[accurate]``.
    attribution : estimator, optional
        ``predict(texts)`` gives for every text a list of :class:`framing.Attribution`.
    opinion : estimator, optional
        A classifier of statements: ``predict_proba(texts)`` with ``classes_`` ``"fact"`` and ``"opinion"``
        (one of the two names is enough; or 0 and 1, or False and True). It decides the kind of every statement; the
        voice stays.
    frames : mapping of str to estimator, optional
        Inventory names to frame classifiers: ``predict_proba(texts)`` gives shape (n_texts, n_frames), and
        ``classes_`` names the frames. They take the place of the bundled inventories.
    bias : estimator, optional
        A classifier of sentences: ``predict_proba(texts)`` with two classes, the second one the biased one.
    max_length : int, default=5_000_000
        Longest article that is read, in code points; a longer one is an error, because it is hardly one article.
        Time and memory grow with the length: about a kilobyte a token, so up to 1.2 GB for prose of this length,
        and five times as much for a text of punctuation marks alone.

    Raises
    ------
    ValueError
        If ``tier`` is unknown, or ``max_length`` is less than 1.
    TypeError
        If a part lacks the method that it is needed for, or ``max_length`` is no integer.
    MissingExtraError
        If ``tier`` is ``"accurate"`` and onnxruntime or tokenizers is not installed.

    Examples
    --------
    >>> from framing import Analyzer
    >>> doc = Analyzer().analyze("Rain closed the bridge on Monday. Critics fear that it will not reopen.")
    >>> [(s.voice, s.kind) for s in doc.statements]
    [('author', 'fact'), ('source', 'opinion')]
    """

    def __init__(
        self,
        *,
        tier: str = "default",
        attribution: Any = None,
        opinion: Any = None,
        frames: Mapping[str, Any] | None = None,
        bias: Any = None,
        max_length: int = _MAX_LENGTH,
    ) -> None:
        _check_part("attribution", attribution, "predict")
        _check_part("opinion", opinion, "predict_proba")
        _check_part("bias", bias, "predict_proba")
        if frames is not None and not isinstance(frames, Mapping):
            raise TypeError(
                "frames must map inventory names to frame classifiers, as in {'mine': classifier}. "
                f"Got {type(frames).__name__} instead."
            )
        for name, part in (frames or {}).items():
            _check_part(f"frames[{name!r}]", part, "predict_proba")
        if tier != "default":
            bundled_tagger(tier)  # an unknown tier or a missing extra is said here, not at the first article
        self.tier = tier
        self.attribution = attribution
        self.opinion = opinion
        self.frames = dict(frames) if frames is not None else None
        self.bias = bias
        self.max_length = index(max_length)
        if self.max_length < 1:
            raise ValueError(f"max_length must be at least 1. Got {max_length} instead.")

    def __repr__(self) -> str:
        parts = [f"tier={self.tier!r}"]
        parts += [
            f"{name}={getattr(self, name)!r}"
            for name in ("attribution", "opinion", "frames", "bias")
            if getattr(self, name) is not None
        ]
        parts += [f"max_length={self.max_length}"] if self.max_length != _MAX_LENGTH else []
        return f"Analyzer({', '.join(parts)})"

    def analyze(
        self, text: str, *, id: Any = None, title: str | None = None, meta: Mapping[str, Any] | None = None
    ) -> Analysis:
        """Analyse one article.

        Parameters
        ----------
        text : str
            The article as it came, page furniture and all.
        id : optional
            Kept in the record.
        title : str, optional
            The title, where it is known; it is looked for near the beginning of the text.
        meta : mapping, optional
            Kept in the record.

        Returns
        -------
        Analysis

        Raises
        ------
        TypeError
            If ``text`` is not a string.
        ArticleError
            If it is longer than ``max_length``.
        """
        if not isinstance(text, str):
            raise TypeError(
                f"text must be a string. Got {type(text).__name__} instead; "
                "for several articles use analyze_many, for bytes decode them first."
            )
        if title is not None and not isinstance(title, str):
            raise TypeError(f"title must be a string or None. Got {type(title).__name__} instead.")
        given = {} if title is None else {"title": title}
        return self._analyze_batch([_Article(text, id, title, given | dict(meta or {}))])[0]

    def analyze_many(
        self,
        articles: Iterable[str | Mapping[str, Any]],
        *,
        n_jobs: int = 1,
        batch_size: int = _BATCH,
        progress: bool = False,
    ) -> Iterator[Analysis]:
        """Analyse articles one after the other, reading only as far ahead as a batch.

        Parameters
        ----------
        articles : iterable of str or mapping
            Texts, or mappings with ``text`` and, optionally, ``id`` and ``title``; everything but text and
            id goes to the record's ``meta``.
        n_jobs : int, default=1
            Processes; -1 for one a core.
        batch_size : int, default=64
            Articles that go through the models together. It changes the speed only.
        progress : bool, default=False
            Show a progress bar on standard error.

        Yields
        ------
        Analysis
            In the order of the articles.

        Raises
        ------
        TypeError
            If an article is neither a string nor a mapping.
        ArticleError
            If a mapping has no usable ``text``, or a text is longer than ``max_length``.
        """
        if isinstance(articles, (str, bytes, Mapping)):
            raise TypeError(
                f"articles must be an iterable of articles, not one {type(articles).__name__}. "
                "Put it in a list, or use analyze."
            )
        if hasattr(articles, "columns"):  # iterating over a table gives its columns' names, which are texts, too
            raise TypeError(
                f"articles must be an iterable of articles, not a table ({type(articles).__name__}). Give its rows: "
                "table.to_dict('records') in pandas, table.to_dicts() in polars; meta keeps the other columns."
            )
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1. Got {batch_size} instead.")
        return self._stream(articles, n_jobs, batch_size, progress)

    def _stream(
        self, articles: Iterable[str | Mapping[str, Any]], n_jobs: int, batch_size: int, progress: bool
    ) -> Iterator[Analysis]:
        batches = _batches(map(_article, articles), batch_size)
        total = len(articles) if isinstance(articles, Sized) else None
        results = map_in_order(_analyze_batch, self, batches, n_jobs=n_jobs, describe=_described)
        with progress_bar(progress, total=total) as bar, closing(results):
            for docs in results:
                for doc in docs:
                    if progress:
                        bar.advance(articles=1, words=doc.summary()["words"])
                    yield doc

    def save(self, folder: str | os.PathLike[str], *, trusted: bool = False, **described: Any) -> None:
        """Write the analyzer to a folder that :func:`framing.load` reads.

        Bundled parts are stored by name and version, your own whole.

        Parameters
        ----------
        folder : path-like
        trusted : bool, default=False
            Whether joblib may store parts that cannot be stored without pickle; see :func:`framing.save`.
        **described
            ``version``, ``licence``, ``data``, ``seed``, ``scores`` and ``card``, as for :func:`framing.save`.

        Raises
        ------
        ModelError
            If a part can be stored with joblib alone and ``trusted`` is false, or as :func:`framing.save`.
        """
        from framing.storage import store_estimator  # scikit-learn, which reading does without

        files: dict[str, bytes] = {}
        records: dict[str, Any] = {}
        for stem, (key, part) in self._own_parts().items():
            try:
                records[key], written = store_estimator(part, stem, trusted=trusted)
            except ModelError as error:
                raise ModelError(f"The analyzer's own {key} cannot be saved. {error}") from error
            files |= written
        config = {
            "tier": self.tier, "max_length": self.max_length, "models": self._model_names(), "parts": records,
            "frames": self.frames is not None,
        }  # fmt: skip
        described = {"version": "1", "licence": "NOASSERTION", **described}
        save_files(folder, files, kind="analyzer", name="analyzer", config=config, **described)

    def _own_parts(self) -> dict[str, tuple[str, Any]]:
        """Swapped parts by the stem of their files, each with its name."""
        single = {name: (name, getattr(self, name)) for name in PARTS if getattr(self, name) is not None}
        frames = {f"frames_{n}": (f"frames.{name}", part) for n, (name, part) in enumerate((self.frames or {}).items())}
        return single | frames

    def _model_names(self) -> dict[str, str]:
        tagger = bundled_tagger(self.tier).version
        names = {
            "attribution": _part_name(self.attribution) or tagger,
            "statements": tagger,
            "opinion": _part_name(self.opinion) or self._version("opinion"),
            "bias": _part_name(self.bias) or self._version("bias"),
            "loaded": self._version("loaded"),
        }
        if self.frames is None:
            names |= {name: self._version(name) for name in _INVENTORIES}
        else:
            names |= {name: _part_name(part) or "" for name, part in self.frames.items()}
        return names

    def _version(self, model: str) -> str:
        """Name and version of a word model, with those of the token model's part where they are blended."""
        version = model_version(model)
        blended = _blending(self.tier)
        return f"{version} with {blended.version}" if model in blended.models else version

    def _analyze_batch(self, articles: Sequence[_Article]) -> list[Analysis]:
        for article in articles:
            if len(article.text) > self.max_length:
                name = "" if article.id is None else f" {article.id!r}"
                raise ArticleError(
                    f"The article{name} has {len(article.text):,} characters; "
                    f"at most {self.max_length:,} are read. Split it, or give Analyzer a larger max_length."
                )
        documents = [read_document(article.text, article.title) for article in articles]
        tagged = bundled_tagger(self.tier).tag(documents)
        if self.attribution is not None:
            tagged = self._with_attributions(documents, tagged)
        if self.opinion is not None:
            tagged = [self._with_kinds(d, t) for d, t in zip(documents, tagged, strict=True)]
        entries = [self._attributions(d, t) for d, t in zip(documents, tagged, strict=True)]
        scores = self._scores(documents, tagged, entries)
        models = self._model_names()
        return [
            Analysis(
                assemble(
                    document, id=article.id, meta=article.meta, models=models, attributions=attributions,
                    stretches=found.stretches, owners=found.owners, scores=read,
                ),
                explain=partial(_explain, self.tier, document, found.tracks),
            )
            for article, document, found, attributions, read in zip(
                articles, documents, tagged, entries, scores, strict=True
            )
        ]  # fmt: skip

    def _attributions(self, document: Document, tagged: Tagged) -> list[dict[str, Any]]:
        """Attributions with their sources read."""
        entries = attribution_entries(document, tagged.relations)
        readings = read_sources(document.text, entries, body=document.paragraphs)
        return [e | r._asdict() for e, r in zip(entries, readings, strict=True)]

    def _with_attributions(self, documents: Sequence[Document], tagged: Sequence[Tagged]) -> list[Tagged]:
        """The swapped extractor's attributions instead of the network's, statements' owners found anew."""
        found = self.attribution.predict([document.text for document in documents])
        out = []
        for document, before, attributions in zip(documents, tagged, found, strict=True):
            relations = [r for a in attributions if (r := relation_of(document, a)) is not None]
            relations.sort(key=lambda relation: relation.cue)
            stretches = agree(relations, before.stretches)
            owners = assign_owners(relations, stretches)
            out.append(before._replace(relations=relations, stretches=stretches, owners=owners))
        return out

    def _with_kinds(self, document: Document, tagged: Tagged) -> Tagged:
        """The swapped classifier's kinds within the voices found."""
        ranges = _statement_ranges(tagged)
        opinion = _positive(self.opinion, _texts(document, ranges), labels=("fact", "opinion"))
        stretches = []
        for stretch, share in zip(tagged.stretches, opinion.tolist(), strict=True):
            author, source = stretch.probabilities[:2].sum(), stretch.probabilities[2:].sum()
            kinds = np.array([1 - share, share])
            stretches.append(stretch._replace(probabilities=np.concatenate([author * kinds, source * kinds])))
        return tagged._replace(stretches=stretches, owners=assign_owners(tagged.relations, stretches))

    def _scores(
        self,
        documents: Sequence[Document],
        tagged: Sequence[Tagged],
        attributions: Sequence[Sequence[Mapping[str, Any]]],
    ) -> list[Scores]:
        """Readings of sentences and statements, and the articles' frames; one look-up for all words of a batch."""
        sheet = _sheet(self.tier, documents, [found.tracks for found in tagged])
        first = np.cumsum([0, *(len(document.encoded.words) for document in documents)])
        sentences = Ranges([_sentence_ranges(document) for document in documents], first)
        statements = Ranges([_statement_ranges(found) for found in tagged], first)
        bias, loaded = _scorers(self.tier).bias, _scorers(self.tier).loaded
        by_sentence, by_statement = bias.read(sheet, sentences.joined), bias.read(sheet, statements.joined)
        author_opinion = sentences.split(by_sentence.author_opinion)
        said = [_said(document, found) for document, found in zip(documents, tagged, strict=True)]
        opinion = sentences.split(anybodys_opinion(by_sentence.opinion, np.concatenate(said)))
        sentence_bias, statement_bias = sentences.split(by_sentence.bias), statements.split(by_statement.bias)
        if self.bias is not None:
            sentence_bias, statement_bias = (
                [_positive(self.bias, _texts(d, part)) for d, part in zip(documents, ranges.parts, strict=True)]
                for ranges in (sentences, statements)
            )
        chances = np.split(loaded.read(sheet, sentences.joined), first[1:-1])
        marked = [loaded.spans(chances[n], statements.parts[n]) for n in range(len(documents))]
        phrases = [
            _phrases(document, found, chances[n], marked[n], loaded)
            for n, (document, found) in enumerate(zip(documents, tagged, strict=True))
        ]
        frames = self._frame_tables(documents, sheet, sentences, statements, tagged, attributions)
        return [
            Scores(
                opinion[n], author_opinion[n], sentence_bias[n], statement_bias[n],
                marked[n], phrases[n], frames[n],
            )
            for n in range(len(documents))
        ]  # fmt: skip

    def _frame_tables(
        self,
        documents: Sequence[Document],
        sheet: Sheet,
        sentences: Ranges,
        statements: Ranges,
        tagged: Sequence[Tagged],
        attributions: Sequence[Sequence[Mapping[str, Any]]],
    ) -> list[dict[str, FrameTables]]:
        """Frames of sentences, statements, article, voices and sources, by inventory, for each document."""
        groups = [_groups(t, entries) for t, entries in zip(tagged, attributions, strict=True)]
        if self.frames is not None:
            return [
                {
                    name: _custom_frames(name, part, documents[n], sentences.parts[n], statements.parts[n], groups[n])
                    for name, part in self.frames.items()
                }
                for n in range(len(documents))
            ]
        positions = [_positions(document, t) for document, t in zip(documents, tagged, strict=True)]
        members = Members.of(groups, positions, [len(part) for part in sentences.parts])
        tables: list[dict[str, FrameTables]] = [{} for _ in documents]
        for name in _INVENTORIES:
            scorer = _scorers(self.tier).frames[name]
            by_sentence, by_statement = scorer.sums(sheet, sentences.joined), scorer.sums(sheet, statements.joined)
            evidence = np.concatenate([by_sentence, by_statement])[members.rows]
            grouped = scorer.grouped_scores(evidence, members.positions, members.groups, len(members.filled))
            grouped[~members.filled] = 0
            following = iter(grouped)
            scores = zip(
                groups, sentences.split(scorer.sentence_scores(by_sentence)),
                statements.split(scorer.sentence_scores(by_statement)), strict=True,
            )  # fmt: skip
            for table, (parts, sentence_scores, statement_scores) in zip(tables, scores, strict=True):
                article = next(following)
                voices, sources = ({key: next(following) for key in part} for part in parts)
                table[name] = FrameTables(scorer.names, sentence_scores, statement_scores, article, voices, sources)
        return tables


def analyze(
    text: str, *, id: Any = None, title: str | None = None, meta: Mapping[str, Any] | None = None
) -> Analysis:
    """Analyse one article with the bundled models.

    Parameters
    ----------
    text : str
        The article as it came, page furniture and all.
    id : optional
        Kept in the record.
    title : str, optional
        The title, where it is known; it is looked for near the beginning of the text.
    meta : mapping, optional
        Kept in the record.

    Returns
    -------
    Analysis

    Raises
    ------
    TypeError
        If ``text`` is not a string.

    Examples
    --------
    >>> import framing
    >>> doc = framing.analyze("Critics fear the dam will fail.")
    >>> doc.statements[0].text, doc.statements[0].label
    ('the dam will fail.', 'source_opinion')
    """
    return _default_analyzer().analyze(text, id=id, title=title, meta=meta)


def analyze_many(
    articles: Iterable[str | Mapping[str, Any]],
    *,
    n_jobs: int = 1,
    batch_size: int = _BATCH,
    progress: bool = False,
) -> Iterator[Analysis]:
    """Analyse articles with the bundled models; see :meth:`Analyzer.analyze_many`.

    Examples
    --------
    >>> import framing
    >>> articles = [{"id": 7, "text": "Rain fell on Monday."}, "Officials said the dam held."]
    >>> [(doc.id, doc.statements[0].voice) for doc in framing.analyze_many(articles)]
    [(7, 'author'), (None, 'source')]
    """
    return _default_analyzer().analyze_many(articles, n_jobs=n_jobs, batch_size=batch_size, progress=progress)


@once
def _default_analyzer() -> Analyzer:
    return Analyzer()


@once
def _word_table() -> WordTable:
    scorers = _scorers("default")
    frames = [scorer.block for scorer in scorers.frames.values()]
    return WordTable([scorers.bias.block, scorers.loaded.block, *frames], bundled_features())


def _sheet(tier: str, documents: Sequence[Document], tracks: Sequence[NDArray[np.float32]]) -> Sheet:
    """Scores of the documents' words, one behind the other, blended with what the tier's token model adds."""
    sheet = _word_table().read([word for document in documents for word in document.encoded.words])
    return BlendedSheet(sheet, np.concatenate(tracks), _blending(tier).blends)


class _Scorers(NamedTuple):
    """The models of sentences, words and articles that a tier reads."""

    bias: BiasScorer
    loaded: LoadedScorer
    frames: dict[str, FrameScorer]


@once
def _scorers(tier: str) -> _Scorers:
    frames = {name: FrameScorer.bundled(name) for name in _INVENTORIES}
    if tier == "accurate":
        settings = bundled_encoder().settings["frames"]
        frames = {
            name: scorer.blended(settings[name]["intercept"])
            for name, scorer in frames.items()
        }
    loaded = LoadedScorer.bundled().with_threshold(_blending(tier).threshold)
    return _Scorers(BiasScorer.bundled(), loaded, frames)


class _Blending(NamedTuple):
    """What a tier's token model adds to the word models.

    Attributes
    ----------
    models : frozenset of str
        Names of the models that are blended.
    blends : list of (Block, Blend)
    threshold : float
        Of loaded words.
    version : str
    """

    models: frozenset[str]
    blends: list[tuple[Block, Blend]]
    threshold: float
    version: str


@once
def _blending(tier: str) -> _Blending:
    if tier == "accurate":
        encoder = bundled_encoder()
        blends, settings, version = encoder.blends, encoder.settings, encoder.sentence_version
    else:
        manifest, arrays = load_model(model_path("tagger_sentences"))
        blends = {name: Blend.from_arrays(arrays, name) for name in manifest["config"]["blends"]}
        settings, version = manifest["config"], model_version("tagger_sentences")
    blocks: dict[str, Block] = {"bias": BiasScorer.bundled().block, "loaded": LoadedScorer.bundled().block}
    blocks |= {name: FrameScorer.bundled(name).block for name in _INVENTORIES}
    # Bias and opinion are columns of one block.
    models = frozenset(blends) | ({"opinion"} if "bias" in blends else frozenset())
    pairs = [(blocks[name], blend) for name, blend in blends.items()]
    return _Blending(models, pairs, settings["threshold"], version)


def _check_part(name: str, part: Any, method: str) -> None:
    if isinstance(part, type):
        raise TypeError(f"{name} must be an estimator, not the class {part.__name__}. Make one: {part.__name__}(...).")
    if part is not None and not callable(getattr(part, method, None)):
        raise TypeError(
            f"{name} must have a method {method}(texts). Got {type(part).__name__}, which has none; "
            "pass an estimator, not its class or its name."
        )


def _part_name(part: Any) -> str | None:
    return None if part is None else f"{type(part).__module__}.{type(part).__qualname__}"


def _article(article: str | Mapping[str, Any]) -> _Article:
    if isinstance(article, str):
        return _Article(article, None, None, {})
    if not isinstance(article, Mapping):
        raise TypeError(
            "An article must be a string or a mapping with 'text'. "
            f"Got {type(article).__name__} instead; drop missing articles first."
        )
    if "text" not in article:
        raise ArticleError(f"An article must have a 'text'. Got the fields {', '.join(map(str, article)) or 'none'}.")
    text, title = article["text"], article.get("title")
    if not isinstance(text, str):
        raise ArticleError(f"An article's 'text' must be a string. Got {type(text).__name__} instead.")
    meta = {key: value for key, value in article.items() if key not in _PASSED}
    return _Article(text, article.get("id"), title if isinstance(title, str) else None, meta)


def _batches(articles: Iterator[_Article], size: int) -> Iterator[list[_Article]]:
    batch: list[_Article] = []
    characters = 0
    for article in articles:
        batch.append(article)
        characters += len(article.text)
        if len(batch) == size or characters > _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _analyze_batch(analyzer: Analyzer, batch: Sequence[_Article]) -> list[Analysis]:
    return analyzer._analyze_batch(batch)


def _described(batch: Sequence[_Article]) -> str:
    """What to call a batch in a message."""
    return f"{len(batch)} articles from {batch[0].text[:40]!r} on"


def _sentence_ranges(document: Document) -> NDArray[np.int64]:
    """First token and token after the last of every sentence that is read, shape (n_sentences, 2)."""
    ranges = [(s.first, s.stop) for s in document.sentences if s.role != "boilerplate"]
    return np.array(ranges, dtype=np.int64).reshape(-1, 2)


def _statement_ranges(tagged: Tagged) -> NDArray[np.int64]:
    """First token and token after the last of every statement, shape (n_statements, 2)."""
    return np.array([(s.first, s.last + 1) for s in tagged.stretches], dtype=np.int64).reshape(-1, 2)


def _phrases(
    document: Document,
    tagged: Tagged,
    chances: Doubles,
    marked: Sequence[Sequence[tuple[int, int, float]]],
    loaded: LoadedScorer,
) -> list[LoadedRun]:
    """Loaded words of statements and of attribution frames, with their kinds."""
    statements = [(s.first, s.last + 1, int(s.probabilities.argmax()) < 2) for s in tagged.stretches]
    outside = chances.copy()
    for first, stop, _ in statements:
        outside[first:stop] = 0
    (frames,) = loaded.spans(outside, np.array([[0, len(outside)]]))
    runs = [*(run for part in marked for run in part), *frames]
    return find_loaded(document.encoded.words, statements, runs, chances)


def _positions(document: Document, tagged: Tagged) -> NDArray[np.int64]:
    """Of every statement, which of the sentences that are read holds it."""
    read = np.cumsum([sentence.role != "boilerplate" for sentence in document.sentences])
    return read[[stretch.sentence for stretch in tagged.stretches]] - 1 if tagged.stretches else np.zeros(0, np.int64)


def _said(document: Document, tagged: Tagged) -> Doubles:
    """How much of every sentence that is read is a source's opinion."""
    read = [sentence.role != "boilerplate" for sentence in document.sentences]
    return source_opinion(tagged, len(read))[np.array(read, dtype=bool)]


def _texts(document: Document, ranges: NDArray[np.int64]) -> list[str]:
    spans = document.encoded.spans
    return [document.text[spans[first, 0] : spans[stop - 1, 1]] for first, stop in ranges.tolist()]


def _positive(classifier: Any, texts: Sequence[str], labels: Sequence[str] = ()) -> Doubles:
    """Probability of the second class, or of the second label where the classes are those labels."""
    if not texts:
        return np.zeros(0)
    probabilities = np.asarray(classifier.predict_proba(list(texts)), dtype=np.float64)
    if probabilities.shape != (len(texts), 2):
        raise FramingError(
            f"{type(classifier).__name__}.predict_proba must give two probabilities for each of {len(texts)} "
            f"texts. Got an array of shape {probabilities.shape}."
        )
    return probabilities[:, _second([str(name) for name in getattr(classifier, "classes_", ())], labels)]


def _second(classes: Sequence[str], labels: Sequence[str]) -> int:
    """Which of two classes is the second label; guessed only where the classes have no names."""
    if not labels or tuple(classes) in ((), ("0", "1"), ("False", "True")):
        return 1
    first, second = labels
    if second in classes:
        return classes.index(second)
    if first in classes:
        return 1 - classes.index(first)
    raise FramingError(
        f"Which of the classes {', '.join(map(repr, classes))} is {second!r} can't be told. Name them {first!r} and "
        f"{second!r}, or 0 and 1."
    )


def _groups(
    tagged: Tagged, attributions: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Numbers of the statements by voice, and by whom the source's statements belong to."""
    voices: dict[str, list[int]] = {voice: [] for voice in VOICES}
    sources: dict[str, list[int]] = {}
    for number, (stretch, owner) in enumerate(zip(tagged.stretches, tagged.owners, strict=True)):
        voices[VOICES[int(stretch.probabilities.argmax()) // 2]].append(number)
        if owner is not None:
            sources.setdefault(attributions[owner]["speaker"] or _UNSPECIFIED, []).append(number)
    return voices, sources


def _custom_frames(
    inventory: str,
    classifier: Any,
    document: Document,
    sentences: NDArray[np.int64],
    statements: NDArray[np.int64],
    groups: Sequence[Mapping[str, Sequence[int]]],
) -> FrameTables:
    """Frames under a user's classifier, which reads texts; a voice is the text of its statements."""
    body = " ".join(document.text[start:end] for start, end in document.paragraphs)
    article = np.asarray(classifier.predict_proba([body]), dtype=np.float64)
    labels = tuple(str(label) for label in classifier.classes_)  # read after predicting: some are ready only then

    def scores(texts: Sequence[str]) -> Doubles:
        if not texts:
            return np.zeros((0, len(labels)))
        probabilities = np.asarray(classifier.predict_proba(list(texts)), dtype=np.float64)
        if probabilities.shape != (len(texts), len(labels)):
            raise FramingError(
                f"frames[{inventory!r}].predict_proba must give one probability for each of the {len(labels)} "
                f"labels and {len(texts)} texts. Got an array of shape {probabilities.shape}."
            )
        return probabilities

    said = _texts(document, statements)
    voices, sources = (
        dict(zip(group, scores([" ".join(said[n] for n in rows) for rows in group.values()]), strict=True))
        for group in groups
    )
    return FrameTables(labels, scores(_texts(document, sentences)), scores(said), article[0], voices, sources)


def _explain(
    tier: str, document: Document, tracks: NDArray[np.float32], label: str, inventory: str | None
) -> list[Contribution]:
    """Words behind an article's score for a frame, the strongest first; with the score's rest they sum to it."""
    for name in _INVENTORIES if inventory is None else (inventory,):
        if name not in _INVENTORIES:
            raise ValueError(f"Only bundled inventories are explained: {', '.join(_INVENTORIES)}. Got {name!r}.")
        scorer = _scorers(tier).frames[name]
        if label in scorer.names:
            break
    sheet = _sheet(tier, [document], [tracks])
    sentences = _sentence_ranges(document)
    shares, _ = scorer.contributions(sheet, sentences, np.arange(len(sentences)), label)
    order = np.argsort(-np.abs(shares), kind="stable")
    spans = document.encoded.spans.tolist()
    return [
        Contribution(spans[token][0], spans[token][1], document.encoded.words[token], float(shares[token]))
        for token in order.tolist()
        if shares[token]
    ]
