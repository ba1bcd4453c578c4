"""Relations in the token network's readings: which cue ties which source to which content.

The network proposes cues; for every cue it then reads the tokens around it again, given that cue, and
says which of them are its source and which its content. A second, tiny model turns these readings
into the probability that the attribution is right. Speech that runs on without a cue goes to the attribution
before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import exp, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.links import LINK_WINDOW
from framing.tokens import Encoded, Readings, TokenModel, has_letters
from framing.turns import find_turns

__all__ = [
    "CALIBRATION_FEATURES",
    "Relation",
    "calibration_features",
    "candidate_relations",
    "complete",
    "find_cues",
    "find_relations",
]

Floats = NDArray[np.float32]

_BEFORE, _AFTER = LINK_WINDOW
_CANDIDATE = 0.1  # a cue's beginning less likely than this is not looked at again …
_BELOW = 1 / 3  # … nor one less likely than this share of the probability that an attribution must have
_SOURCE = 0.15  # probability from which a token belongs to the source, where nothing else does
_ANY_SOURCE = 0.35  # share of the reading without a cue (is this anybody's source?) in that probability
_SURE = 0.5  # … and from which a second piece does
_CLAUSE_ENDS = frozenset(".,;:")
_DETERMINERS = frozenset("a an the this that these those its their his her our my your no".split())
_CHANGE = 1.5  # cost of entering or leaving a content, in nats
_GAP = 3  # pieces of a source are at most so far apart
_FRAGMENT = 3  # a piece of content of fewer tokens, apart from the main piece, is noise
_RUNNING = 0.7  # probability from which a token that no attribution covers is running speech
_RUN = 6  # … together with so many neighbours

# A passive of these verbs has what is said as its subject ("the move is seen as a signal"), never who says it.
_PASSIVE = frozenset(
    """acclaimed accused admired alleged anticipated argued asked assumed assured believed billed blamed branded
    called celebrated characterised characterized charged cited claimed condemned confirmed considered credited
    criticised criticized deemed defined denounced depicted described disclosed dubbed envisaged estimated
    expected faulted feared hailed held interpreted judged known labeled labelled lauded ordered perceived
    portrayed praised predicted presented presumed projected purported questioned quoted rated read reckoned
    recognised recognized recorded regarded remembered reported reputed revealed rumored rumoured said seen
    supposed suspected taken thought told touted understood urged viewed warned""".split()
)
# Hearsay in one word: nobody is named who says it.
_HEARSAY = frozenset("allegedly apparently ostensibly purportedly reportedly reputedly supposedly".split())
# "The town appears to be …" is the author's own inference: nobody is said to hold it.
_SEEMING = frozenset(
    "appear appears appeared appearing seem seems seemed seeming look looks to be been has have".split()
)
# "Asked whether it was true, he laughed": he does not ask.
_ASKED = frozenset("asked pressed questioned quizzed".split())
_QUESTION = frozenset("about by how if on what when where whether which who why".split())
_BE = frozenset("am is are was were be been being 's ’s 're ’re".split())
# "The flights fuelled speculation that …": the flights do not speculate.
_STIR = frozenset(
    f"{stem}{ending}"
    for stem, endings in {
        "fuel": ("", "s", "ed", "led", "ing", "ling"), "intensif": ("y", "ies", "ied", "ying"),
        "spark": ("", "s", "ed", "ing"), "prompt": ("", "s", "ed", "ing"), "stok": ("e", "es", "ed", "ing"),
        "heighten": ("", "s", "ed", "ing"), "ignit": ("e", "es", "ed", "ing"), "trigger": ("", "s", "ed", "ing"),
        "provok": ("e", "es", "ed", "ing"), "deepen": ("", "s", "ed", "ing"), "renew": ("", "s", "ed", "ing"),
        "reviv": ("e", "es", "ed", "ing"), "stir": ("", "s", "red", "ring"), "feed": ("", "s", "ing"), "fed": ("",),
    }.items()
    for ending in endings
)  # fmt: skip

CALIBRATION_FEATURES = ("cue", "content", "source", "agentless", "longest", "edge")


class Relation(NamedTuple):
    """One attribution in tokens of its text.

    Attributes
    ----------
    cue : (int, int)
        First and last token.
    source, content : list of (int, int)
        First and last token of each piece, in order; ``source`` may be empty.
    place : ndarray of float32, shape (sum(LINK_WINDOW),)
        Probability of being this attribution's content, for the tokens around the cue.
    features : ndarray of float32, shape (n_features,)
        What the probability is computed from.
    probability : float
        Calibrated probability that the attribution is right.
    """

    cue: tuple[int, int]
    source: list[tuple[int, int]]
    content: list[tuple[int, int]]
    place: NDArray[np.float32]
    features: NDArray[np.float32]
    probability: float


def find_cues(cues: NDArray[np.float32], threshold: float = _CANDIDATE) -> NDArray[np.int64]:
    """First and last token of every candidate cue.

    Parameters
    ----------
    cues : ndarray of float32, shape (n_tokens, 3)
        Probabilities of outside, beginning, inside.
    threshold : float
        Least probability of a beginning.

    Returns
    -------
    ndarray of int64, shape (n_cues, 2)
    """
    found: list[tuple[int, int]] = []
    begin, inside = cues[:, 1], cues[:, 2]
    size, free = len(cues), 0
    for first in np.flatnonzero(begin > threshold).tolist():
        if first < free:
            continue
        last = first
        while last + 1 < size and inside[last + 1] > 0.5:
            last += 1
        # Of neighbouring beginnings the likelier one counts ("has | said").
        if last == first and first + 1 < size and begin[first + 1] > begin[first]:
            continue
        found.append((first, last))
        free = last + 1
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def find_relations(
    network: TokenModel,
    texts: Sequence[Encoded],
    readings: Sequence[Readings],
    *,
    calibration: Mapping[str, float],
    threshold: float,
) -> list[list[Relation]]:
    """Attributions of texts, in the order of their cues.

    Parameters
    ----------
    network : TokenModel
    texts : sequence of Encoded
    readings : sequence of Readings
        Of ``texts``.
    calibration : mapping of str to float
        Weights of ``CALIBRATION_FEATURES`` and ``bias``, for the log-odds.
    threshold : float
        Least probability of an attribution.
    """
    found = candidate_relations(network, texts, readings, calibration, min(_CANDIDATE, _BELOW * threshold))
    return [
        complete(encoded, reading, [relation for relation in relations if relation.probability >= threshold])
        for encoded, reading, relations in zip(texts, readings, found, strict=True)
    ]


def candidate_relations(
    network: TokenModel, texts: Sequence[Encoded], readings: Sequence[Readings], calibration: Mapping[str, float],
    least: float = _CANDIDATE,
) -> list[list[Relation]]:  # fmt: skip
    """What every possible cue, ``least`` being its least probability, ties together, in the order of the cues."""
    cues = [find_cues(reading.cues, least) for reading in readings]
    links = network.link(readings, cues)
    return [
        _tied(encoded, reading, own, linked, calibration) if len(own) else []
        for encoded, reading, own, linked in zip(texts, readings, cues, links, strict=True)
    ]


def _tied(
    encoded: Encoded, reading: Readings, cues: NDArray[np.int64], links: Floats, calibration: Mapping[str, float]
) -> list[Relation]:
    """What each cue of one text ties together."""
    contents = _smooth(links[..., 2])
    chances, sources = _source_places(links[..., 1], reading.roles[:, 0], cues)
    size = len(encoded.words)
    weights = np.array([calibration[name] for name in CALIBRATION_FEATURES], dtype=np.float32)
    found = []
    for number, (first, last) in enumerate(cues.tolist()):
        if all(word.lower() in _SEEMING for word in encoded.words[first : last + 1]):
            continue
        offset = first - _BEFORE
        cue = range(_BEFORE, _BEFORE + last - first + 1)
        content = _runs([place for place in contents[number] if place not in cue], _FRAGMENT)
        if not content:
            continue
        content = [
            (_with_determiner(encoded.words, offset, run, first, last), _without_stop(encoded, offset, run))
            for run in content
        ]
        # Sources are short, often one word, so they are not smoothed.
        taken = set(cue).union(*(range(a, b + 1) for a, b in content))
        agentless = is_agentless(encoded.words[first : last + 1], encoded.words[min(last + 1, size - 1)])
        # What stands before an agentless cue is no source; "by analysts" comes after.
        outside = [
            place
            for place in sources[number]
            if place not in taken
            and not (agentless and place < _BEFORE)
            and encoded.words[place + offset].lower() != "there"  # "there are suggestions that …"
        ]
        source = _best_run(_runs(outside, 1), chances[number])
        source = _without_marks(encoded.words, offset, source)
        features = calibration_features(reading.cues[first], links[number], content, source, agentless)
        if agentless and encoded.words[min(last + 1, size - 1)] == "as" and last + 1 - offset not in taken:
            last += 1  # "is seen as" is one cue
        logit = float(features @ weights) + calibration["bias"]
        found.append(
            Relation(
                (first, last),
                [(a + offset, b + offset) for a, b in source],
                [(a + offset, min(b + offset, size - 1)) for a, b in content],
                links[number, :, 2],
                features,
                1 / (1 + exp(-logit)),
            )
        )
    return found


def _source_places(
    linked: Floats, anyone: Floats, cues: NDArray[np.int64]
) -> tuple[Floats, list[list[int]]]:
    """Probability of every place to be each cue's source, and the places where it is likely.

    The weighted geometric mean of two readings: of this cue's source, and of anybody's. The latter knows
    better which words make a source at all ("senators", not the "and" before "called for").
    """
    rows, places = np.nonzero(linked > _SOURCE ** (1 / (1 - _ANY_SOURCE)))  # below, the mean is below, too
    tokens = np.clip(cues[rows, 0] + places - _BEFORE, 0, len(anyone) - 1)
    chances = np.zeros_like(linked)
    chances[rows, places] = linked[rows, places] ** (1 - _ANY_SOURCE) * anyone[tokens] ** _ANY_SOURCE
    return chances, _by_row(chances > _SOURCE)


def complete(encoded: Encoded, reading: Readings, relations: Sequence[Relation]) -> list[Relation]:
    """Add what no cue word ties: turns of speakers, signed quotations, and speech that runs on.

    Parameters
    ----------
    encoded : Encoded
    reading : Readings
        Of ``encoded``.
    relations : sequence of Relation
        What was found by cues, in their order.
    """
    by_cue = {relation.cue[0]: relation for relation in relations}
    for turn in find_turns(encoded, reading):
        place = np.zeros(_BEFORE + _AFTER, dtype=np.float32)
        first, last = (at - turn.cue[0] + _BEFORE for at in turn.content)
        place[max(first, 0) : last + 1] = turn.probability
        none = np.zeros(0, dtype=np.float32)
        # The layout is surer of who speaks, and until where, than what the network may have read at the colon.
        by_cue[turn.cue[0]] = Relation(turn.cue, [turn.source], [turn.content], place, none, turn.probability)
    return _run_on(encoded, reading, [by_cue[place] for place in sorted(by_cue)])


def _run_on(encoded: Encoded, reading: Readings, relations: Sequence[Relation]) -> list[Relation]:
    """Give speech that runs on without a new cue to the attribution that it continues.

    Stretches that are surely somebody's content, but nobody's yet, go to the attribution whose cue stands in
    the same sentence, else to the last one before, if its content reaches this paragraph or the one before.
    """
    if not relations:
        return []
    free = reading.roles[:, 1] > _RUNNING
    free[np.diff(reading.counts[:, 0], prepend=0) > 0] = False  # a run ends with its paragraph
    for relation in relations:
        for first, last in (relation.cue, *relation.source, *relation.content):
            free[first : last + 1] = False
    edges = np.flatnonzero(np.diff(free, prepend=False, append=False)).tolist()
    paragraphs, sentences = reading.counts[:, 0], reading.counts[:, 1]
    cues = [relation.cue[0] for relation in relations]
    contents = [relation.content for relation in relations]
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        trimmed = _without_marks(encoded.words, 0, [(start, stop - 1)])
        if not trimmed or trimmed[0][1] - trimmed[0][0] + 1 < _RUN:
            continue
        after = bisect_left(cues, start)
        near = [number for number in (after - 1, after) if 0 <= number < len(cues)]
        owner = next((number for number in near if sentences[cues[number]] == sentences[trimmed[0][0]]), None)
        if owner is None and after:
            reached = max(cues[after - 1], contents[after - 1][-1][1])
            owner = after - 1 if paragraphs[start] - paragraphs[reached] <= 1 else None
        if owner is not None:
            contents[owner] = sorted([*contents[owner], *trimmed])
    return [relation._replace(content=content) for relation, content in zip(relations, contents, strict=True)]


def is_agentless(cue: Sequence[str], after: str = "") -> bool:
    """Whether a cue's subject cannot be its source: passives of saying and holding, hearsay, stirred-up speculation.

    Examples
    --------
    >>> is_agentless(["is", "widely", "seen", "as"]), is_agentless(["said"]), is_agentless(["fuelled", "fears"])
    (True, False, True)
    >>> is_agentless(["Asked"], "whether"), is_agentless(["are", "reportedly"])
    (True, True)
    """
    words = [word.lower() for word in cue]
    hearsay = [word for word in words if word not in _BE]
    if hearsay and all(word in _HEARSAY for word in hearsay):
        return True
    if words[0] in _ASKED and cue[0][0].isupper() and after.lower() in _QUESTION:
        return True
    if len(words) > 1 and words[-1] == "as" and words[-2] in _PASSIVE:  # "a man known as", "widely regarded as"
        return True
    be = next((place for place, word in enumerate(words) if word in _BE), None)
    if be is not None and any(word in _PASSIVE for word in words[be + 1 :]):
        return True
    return len(words) > 1 and any(word in _STIR for word in words[:-1])


def calibration_features(
    cue: NDArray[np.float32],
    links: NDArray[np.float32],
    content: Sequence[tuple[int, int]],
    source: Sequence[tuple[int, int]],
    agentless: bool,
) -> NDArray[np.float32]:
    """How sure cue, content and source are, whether a source is needed, how long and clear the content is."""
    main = max(content, key=lambda run: run[1] - run[0])
    source_chance, content_chance = links[:, 1], links[:, 2]
    inside = [chance for a, b in content for chance in content_chance[a : b + 1].tolist()]
    sure = [float(source_chance[a : b + 1].mean()) for a, b in source]
    begin = min(max(float(cue[1]), 1e-4), 1 - 1e-4)
    outer = [float(content_chance[i]) for i in (main[0] - 1, main[1] + 1) if 0 <= i < len(links)]
    return np.array(
        [
            log(begin / (1 - begin)),
            sum(inside) / len(inside),
            sum(sure) / len(sure) if sure else 0.0,
            float(agentless and not source),
            log(main[1] - main[0] + 2),
            1 - (sum(outer) / len(outer) if outer else 0.0),
        ],
        dtype=np.float32,
    )


def _smooth(content: NDArray[np.float32]) -> list[list[int]]:
    """Most likely content places of every cue when entering and leaving cost ``_CHANGE`` (Viterbi).

    A place so unlikely that being inside there costs more than leaving and entering again is outside and
    cuts the sequence, so that only the few places in between have to be gone through.

    Parameters
    ----------
    content : ndarray of float32, shape (n_cues, window)
        Probability of each token to be content.
    """
    used = np.flatnonzero((content > 0.01).any(axis=0))  # beyond these places nothing can be content
    begin, end = (int(used[0]), int(used[-1])) if len(used) else (0, 0)
    rows, columns = np.nonzero(content > 1 / (1 + np.exp(2 * _CHANGE)))
    chances = np.minimum(content[rows, columns], 1 - 1e-6)
    gains = (np.log(chances) - np.log1p(-chances)).tolist()
    starts = np.flatnonzero(np.diff(rows * (content.shape[1] + 1) + columns, prepend=-2) != 1)
    places = columns.tolist()
    kept = [False] * len(places)
    for first, stop in pairwise([*starts.tolist(), len(places)]):
        # With two states only the lead of "inside" over "outside" matters; a change pays when it exceeds the cost.
        lead = 0.0 if places[first] == begin else -_CHANGE
        leads = []
        for gain in gains[first:stop]:
            lead = gain + (_CHANGE if lead > _CHANGE else -_CHANGE if lead < -_CHANGE else lead)
            leads.append(lead)
        state = lead > (0.0 if places[stop - 1] == end else _CHANGE)
        for place in range(stop - 1, first - 1, -1):
            kept[place] = state
            # Coming from inside is best for "inside" unless outside leads by the cost, and the other way round.
            before = leads[place - first - 1]
            state = before >= -_CHANGE if state else before > _CHANGE
    labels = np.zeros(content.shape, dtype=bool)
    labels[rows, columns] = kept
    return _by_row(labels)


def _by_row(mask: NDArray[np.bool_]) -> list[list[int]]:
    """Places of True in every row."""
    rows, places = np.nonzero(mask)
    listed = places.tolist()
    return [listed[a:b] for a, b in pairwise(np.searchsorted(rows, np.arange(len(mask) + 1)).tolist())]


def _runs(places: Sequence[int], least: int) -> list[tuple[int, int]]:
    """First and last of every run of neighbouring places, short ones left out unless no long one exists."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    long = [run for run in runs if run[1] - run[0] + 1 >= least]
    return long or runs


def _with_determiner(words: Sequence[str], offset: int, run: tuple[int, int], first: int, last: int) -> int:
    """Beginning of a content that never leaves out the article or pronoun of its first noun."""
    before = run[0] + offset - 1
    free = before >= 0 and not first <= before <= last
    return run[0] - 1 if free and run[0] > 0 and words[before].lower() in _DETERMINERS else run[0]


def _without_stop(encoded: Encoded, offset: int, run: tuple[int, int]) -> int:
    """End of a content without the mark that ends its clause, unless that mark is quoted with it."""
    last = run[1]
    while last > run[0] and encoded.words[last + offset] in _CLAUSE_ENDS and not encoded.quotes[last + offset]:
        last -= 1
    return last


def _best_run(runs: list[tuple[int, int]], source: NDArray[np.float32]) -> list[tuple[int, int]]:
    """The run with the likeliest source word, and likely runs that only a token or two separate from it."""
    if len(runs) < 2:
        return runs
    peaks = [float(source[a : b + 1].max()) for a, b in runs]
    best = peaks.index(max(peaks))
    kept = [runs[best]]
    for run, peak in zip(reversed(runs[:best]), reversed(peaks[:best]), strict=True):
        if peak > _SURE and kept[0][0] - run[1] <= _GAP:
            kept.insert(0, run)
    for run, peak in zip(runs[best + 1 :], peaks[best + 1 :], strict=True):
        if peak > _SURE and run[0] - kept[-1][1] <= _GAP:
            kept.append(run)
    return kept


def _without_marks(words: Sequence[str], offset: int, runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs without commas and other marks at their ends, runs of nothing else left out."""
    trimmed = []
    for first, last in runs:
        wordy = [place for place in range(first, last + 1) if has_letters(words[place + offset])]
        if wordy:
            trimmed.append((wordy[0], wordy[-1]))
    return trimmed
