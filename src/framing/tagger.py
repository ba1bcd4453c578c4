"""The trained token model in use: from documents to attributions and statements that agree.

The decoding's few constants (costs, thresholds, calibration) are part of the model's manifest; the
script that trains the network fits them on articles that the network has not seen.
"""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from framing.certainty import is_denied
from framing.document import Document
from framing.encoder import bundled_encoder
from framing.links import LINK_WINDOW
from framing.models import model_path
from framing.network import Network
from framing.once import once
from framing.persistence import load_model
from framing.record import TIERS
from framing.relations import Relation, find_relations
from framing.stretches import Stretch, find_statements, fuse, stretch_probabilities
from framing.tokens import Encoded, Readings, TokenModel
from framing.vectors import bundled_vectors

__all__ = [
    "Tagged",
    "Tagger",
    "agree",
    "anybodys_opinion",
    "assign_owners",
    "assign_parents",
    "attribution_entries",
    "bundled_tagger",
    "place_relations",
    "relation_of",
    "source_opinion",
]

_BLANK = "_"
_SAID = 0.4
"""How much of what sources think counts for a sentence. The corpus behind the sentence model asks for the writer's
opinion alone; more than this would cost its calibration, less the agreement with the statements."""
_INSIDE = 0.8  # share of a statement's tokens, so that a mark at its edge does not count
_DIRECT, _MIXED = 0.9, 0.15  # share of the content's words between quotation marks


class Tagged(NamedTuple):
    """What the tagger found in one document.

    Attributes
    ----------
    relations : list of Relation
        Attributions, in the order of their cues.
    stretches : list of Stretch
        Statements in the order of the text; ``sentence`` counts the document's sentences.
    owners : list of int or None
        For every statement the number of its attribution, None in the author's voice.
    fused : ndarray of float32, shape (n_tokens, 5)
        Token probabilities of the four statement labels and the attribution frame.
    tracks : ndarray of float32, shape (n_tokens, n_tracks)
        What the token model says of sentences and loaded words; see :class:`framing.tokens.Readings`.
    """

    relations: list[Relation]
    stretches: list[Stretch]
    owners: list[int | None]
    fused: NDArray[np.float32]
    tracks: NDArray[np.float32]


class Tagger:
    """Network and decoding.

    Parameters
    ----------
    network : TokenModel
    decoding : mapping
        ``statements``, ``calibration`` and ``threshold``, as in the manifest of the bundled model.
    version : str
    """

    def __init__(self, network: TokenModel, decoding: Mapping[str, Any], version: str) -> None:
        self.network = network
        self.decoding = decoding
        self.version = version

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """Read a model folder written by ``training/train_tagger.py``."""
        manifest, arrays = load_model(folder)
        config = manifest["config"]
        network = Network(config["network"], arrays, bundled_vectors())
        return cls(network, config["decoding"], f"{manifest['name']} {manifest['version']}")

    def tuned(self, heads: Mapping[str, NDArray[Any]], **decoding: Any) -> Self:
        """The same tagger with other weights of some heads, and other parts of the decoding."""
        return type(self)(self.network.with_heads(heads), {**self.decoding, **decoding}, self.version)

    def read(self, documents: Sequence[Document]) -> list[Readings]:
        """Token probabilities of documents."""
        return self.network.read([document.encoded for document in documents])

    def relations(
        self, documents: Sequence[Document], *, threshold: float | None = None
    ) -> list[list[Relation]]:
        """Attributions of documents.

        Parameters
        ----------
        documents : sequence of Document
        threshold : float, optional
            Least probability of an attribution, instead of the model's own.
        """
        return self._relations(documents, self.read(documents), threshold)

    def tag(self, documents: Sequence[Document]) -> list[Tagged]:
        """Attributions and statements of documents."""
        readings = self.read(documents)
        relations = self._relations(documents, readings)
        fused = [
            fuse(reading, found, self.decoding["statements"])
            for reading, found in zip(readings, relations, strict=True)
        ]
        statements = map(agree, relations, self._statements(documents, fused))
        return [
            Tagged(found, stretches, assign_owners(found, stretches), labels, reading.tracks)
            for found, stretches, labels, reading in zip(relations, statements, fused, readings, strict=True)
        ]

    def reread(self, document: Document, stretch: Stretch, there: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Probabilities of a statement's labels when words of its sentence are taken away.

        Parameters
        ----------
        document : Document
        stretch : Stretch
            One of its statements.
        there : ndarray of bool, shape (n_readings, n_words)
            Which tokens of the statement's sentence stay in each reading; the others are a blank.

        Returns
        -------
        ndarray of float64, shape (n_readings, 4)
        """
        encoded, sentence = document.encoded, document.sentences[stretch.sentence]
        said = encoded.words[sentence.first : sentence.stop]
        found = []
        for kept in there.tolist():
            words = list(encoded.words)
            words[sentence.first : sentence.stop] = [w if k else _BLANK for w, k in zip(said, kept, strict=True)]
            text = encoded._replace(words=words)
            (reading,) = self.network.read([text])
            (relations,) = find_relations(
                self.network, [text], [reading],
                calibration=self.decoding["calibration"], threshold=self.decoding["threshold"],
            )  # fmt: skip
            fused = fuse(reading, relations, self.decoding["statements"])
            place = np.array([[stretch.first, stretch.last]])
            (row,) = stretch_probabilities(fused, place, self.decoding["statements"]["temperature"])
            (agreed,) = agree(relations, [stretch._replace(probabilities=row)])
            found.append(agreed.probabilities)
        return np.array(found)

    def _relations(
        self, documents: Sequence[Document], readings: Sequence[Readings], threshold: float | None = None
    ) -> list[list[Relation]]:
        own = self.decoding["threshold"]
        least = own if threshold is None else min(own, threshold)
        found = find_relations(
            self.network, [document.encoded for document in documents], readings,
            calibration=self.decoding["calibration"], threshold=least,
        )  # fmt: skip
        if threshold is None or threshold <= own:
            return found
        # Left out only at the end: what they say would else count as speech that runs on from somebody else.
        return [[relation for relation in relations if relation.probability >= threshold] for relations in found]

    def _statements(
        self, documents: Sequence[Document], fused: Sequence[NDArray[np.float32]]
    ) -> list[list[Stretch]]:
        """Statements of each document; all are cut together, one after the other as if they were one text."""
        places: list[tuple[int, int, int]] = []  # document, its first token among all, sentence
        bounds: list[tuple[int, int]] = []
        words: list[str] = []
        for number, document in enumerate(documents):
            first = len(words)
            for place, sentence in enumerate(document.sentences):
                if sentence.stop > sentence.first:
                    places.append((number, first, place))
                    bounds.append((first + sentence.first, first + sentence.stop))
            words += document.encoded.words
        found: list[list[Stretch]] = [[] for _ in documents]
        if bounds:
            spans, quotes = (np.concatenate([d.encoded[part] for d in documents]) for part in (0, 2))
            joined = Encoded(spans, words, quotes)
            for stretch in find_statements(joined, bounds, np.concatenate(fused), self.decoding["statements"]):
                number, first, place = places[stretch.sentence]
                found[number].append(
                    stretch._replace(first=stretch.first - first, last=stretch.last - first, sentence=place)
                )
        return found


def agree(relations: Sequence[Relation], stretches: Sequence[Stretch]) -> list[Stretch]:
    """Statements with those that stand in some attribution's content in a source's voice, whatever they were.

    Fact stays fact and opinion opinion: what the author's share was is the source's.
    """
    size = max((relation.content[-1][1] + 1 for relation in relations if relation.content), default=0)
    inside = np.zeros(size + 1, dtype=np.int64)
    for relation in relations:
        for first, last in relation.content:
            inside[first + 1 : last + 2] = 1
    covered = np.cumsum(inside)
    agreed = []
    for stretch in stretches:
        voiced = stretch
        if stretch.probabilities.argmax() < 2:
            count = covered[min(stretch.last + 1, size)] - covered[min(stretch.first, size)]
            if count >= _INSIDE * (stretch.last - stretch.first + 1):
                author, source = stretch.probabilities[:2], stretch.probabilities[2:]
                voiced = stretch._replace(probabilities=np.concatenate([np.zeros(2), author + source]))
        agreed.append(voiced)
    return agreed


def assign_owners(relations: Sequence[Relation], stretches: Sequence[Stretch]) -> list[int | None]:
    """The attribution that each statement in a source's voice belongs to.

    Of the attributions whose content covers most of the statement, the outermost (longest) counts.
    Speech that runs on without a new cue stays with the last attribution before it; a quotation
    ahead of every attribution goes to the first. None only in the author's voice or where the text
    has no attribution at all.
    """
    owners: list[int | None] = []
    spread = [sum(last - first + 1 for first, last in relation.content) for relation in relations]
    cues = [relation.cue[0] for relation in relations]  # ascending
    before, after = LINK_WINDOW
    for stretch in stretches:
        if stretch.probabilities.argmax() < 2 or not relations:
            owners.append(None)
            continue
        size = stretch.last - stretch.first + 1
        best, best_key = None, (False, 0)
        # Only attributions whose window reaches the statement can have it in their content.
        low = bisect_left(cues, stretch.first - after)
        high = bisect_right(cues, stretch.last + before)
        for number in range(low, high):
            overlap = 0
            for a, b in relations[number].content:
                if a <= stretch.last and b >= stretch.first:
                    overlap += min(b, stretch.last) - max(a, stretch.first) + 1
            key = (2 * overlap >= size, spread[number])
            if overlap and (best is None or key > best_key):
                best, best_key = number, key
        if best is None:
            best = max(bisect_right(cues, stretch.last) - 1, 0)
        owners.append(best)
    return owners


def source_opinion(tagged: Tagged, sentences: int) -> NDArray[np.float64]:
    """Share of each sentence's words in statements that is a source's opinion, as the probabilities have it.

    Parameters
    ----------
    tagged : Tagged
    sentences : int
        Number of sentences of the document.

    Returns
    -------
    ndarray of float64, shape (n_sentences,)
        0 for a sentence without statements.
    """
    said, size = np.zeros(sentences), np.zeros(sentences)
    for stretch in tagged.stretches:
        count = stretch.last - stretch.first + 1
        said[stretch.sentence] += count * stretch.probabilities[3]
        size[stretch.sentence] += count
    return np.asarray(said / np.maximum(size, 1))


def anybodys_opinion(writers: NDArray[np.float64], said: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability that sentences express opinion, whoever's.

    Parameters
    ----------
    writers : ndarray of float64, shape (n_sentences,)
        Probability that they express their writer's.
    said : ndarray of float64, shape (n_sentences,)
        As from :func:`source_opinion`.

    Examples
    --------
    >>> anybodys_opinion(np.array([0.1, 0.1]), np.array([0.0, 0.9])).round(3).tolist()
    [0.1, 0.424]
    """
    return 1 - (1 - writers) * (1 - _SAID * said)


def assign_parents(relations: Sequence[Relation]) -> list[int | None]:
    """For each attribution the number of the shortest other one in whose content its cue stands, if any.

    Only a longer content counts, so that no two stand in each other.
    """
    size = max((relation.content[-1][1] + 1 for relation in relations), default=0)
    spread = [sum(last - first + 1 for first, last in relation.content) for relation in relations]
    # Painted from the longest to the shortest, every token ends with the innermost content.
    owner = np.full(size, -1, dtype=np.int64)
    parents: list[int | None] = [None] * len(relations)
    for number in sorted(range(len(relations)), key=lambda i: (-spread[i], i)):
        first = relations[number].cue[0]
        if first < size and owner[first] >= 0:
            parents[number] = int(owner[first])
        for begin, end in relations[number].content:
            owner[begin : end + 1] = number
    return parents


def place_relations(document: Document, relations: Sequence[Relation]) -> list[dict[str, Any]]:
    """Source, cue and content of attributions as ranges of the text, with the kind of quotation."""
    if not relations:
        return []
    spans = document.encoded.spans.tolist()
    quoted = [0, *np.cumsum(document.encoded.quotes > 0).tolist()]  # tokens in quotations before each token

    def ranges(runs: Sequence[tuple[int, int]]) -> list[list[int]]:
        return [[spans[first][0], spans[last][1]] for first, last in runs]

    placed = []
    for relation in relations:
        inside = sum(quoted[last + 1] - quoted[first] for first, last in relation.content)
        share = inside / sum(last - first + 1 for first, last in relation.content)
        quotation = "direct" if share >= _DIRECT else "mixed" if share >= _MIXED else "indirect"
        placed.append(
            {
                "source": ranges(relation.source),
                "cue": ranges([relation.cue]),
                "content": ranges(relation.content),
                "quotation": quotation,
                "probability": relation.probability,
            }
        )
    return placed


def attribution_entries(document: Document, relations: Sequence[Relation]) -> list[dict[str, Any]]:
    """Entries of all attributions of a document, each with the one it stands within."""
    placed = place_relations(document, relations)
    return [
        entry | {"within": parent, "denied": _is_denied(document, relation)}
        for entry, relation, parent in zip(placed, relations, assign_parents(relations), strict=True)
    ]


def _is_denied(document: Document, relation: Relation) -> bool:
    words = document.encoded.words
    first, last = relation.cue
    if first and words[first - 1].lower() in {"not", "never"}:  # outside the cue as annotators draw it, at times
        first -= 1
    source = [word for start, stop in relation.source for word in words[start : stop + 1]]
    return is_denied(source, words[first : last + 1])


def relation_of(document: Document, attribution: Any) -> Relation | None:
    """An attribution given by ranges of the text (:class:`framing.Attribution`) in tokens.

    None where its content holds no token of title or body. Without a cue the content's beginning stands
    for it, because attributions are kept in the order of their cues.
    """

    def runs(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        bounds = document.tokens_between(np.array(spans, dtype=np.int64).reshape(-1, 2)).tolist()
        return [(first, stop - 1) for first, stop in bounds if stop > first]

    content, source = runs(attribution.content_spans), runs(attribution.source_spans)
    if not content:
        return None
    cue = runs(attribution.cue_spans)
    first, last = cue[0] if cue else (content[0][0], content[0][0])
    before, after = LINK_WINDOW
    place = np.zeros(before + after, dtype=np.float32)
    for a, b in content:
        place[max(a - first + before, 0) : max(b - first + before + 1, 0)] = 1
    return Relation((first, last), source, content, place, np.zeros(0, np.float32), attribution.probability)


@once
def bundled_tagger(tier: str = "default") -> Tagger:
    """The tagger that ships with the package for a tier, read once.

    Raises
    ------
    ValueError
        If there is no such tier.
    MissingExtraError
        If the tier is ``"accurate"`` and what runs it is not installed.
    """
    if tier not in TIERS:
        raise ValueError(f"tier must be one of {', '.join(map(repr, TIERS))}. Got {tier!r} instead.")
    if tier == "accurate":
        bundled = bundled_encoder()
        return Tagger(bundled.encoder, bundled.decoding, bundled.version)
    tagger = Tagger.load(model_path("tagger"))
    sentences = load_model(model_path("tagger_sentences")).arrays
    return tagger.tuned({name: array for name, array in sentences.items() if name.startswith("tracks")})
