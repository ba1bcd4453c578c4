"""Attributions: decoding, turns without a cue word, nesting, and learning from a user's labels."""

import numpy as np
import pytest
from sklearn.base import clone

import framing
from framing import AttributionExtractor
from framing.datasets import load_sample
from framing.document import read_document
from framing.relations import Relation, complete, is_agentless
from framing.tagger import assign_parents, bundled_tagger
from framing.tokens import Readings, count_marks, encode_text
from framing.tuning import fit_head, gold_links
from framing.turns import find_turns


def read(text, speech=0.9):
    """Tokens of a text whose every token is somebody's content as likely as said."""
    starts = [0] + [i + 1 for i, letter in enumerate(text) if letter == "\n"]
    ends = [i for i, letter in enumerate(text) if letter == "\n"] + [len(text)]
    encoded = encode_text(text, [(a, b) for a, b in zip(starts, ends, strict=True) if b > a])
    size = len(encoded.words)
    cues = np.tile(np.float32([1, 0, 0]), (size, 1))
    roles = np.tile(np.float32([0, speech]), (size, 1))
    none = np.zeros((size, 0), np.float32)
    counts = count_marks(encoded.words, cues)
    return encoded, Readings(np.full((size, 5), 0.2, np.float32), cues, roles, none, none, counts, none)


def words(encoded, run):
    return " ".join(encoded.words[run[0] : run[1] + 1])


@pytest.mark.parametrize(
    ("text", "source", "cue"),
    [
        ("WARDEN: The gate was open all night.", "WARDEN", ":"),
        ("Dr. Ines Marrow: It will take years.", "Dr . Ines Marrow", ":"),
        ('"HALLORAN: We were never told of it.', "HALLORAN", ":"),
        ("“Never again, not in my lifetime.” — Ada Lund", "Ada Lund", "—"),
        ("“Never again.” ― Ada Lund, 34, a teacher", "Ada Lund", "―"),
    ],
)
def test_a_name_and_a_mark_make_a_turn(text, source, cue):
    encoded, reading = read(text)
    (turn,) = find_turns(encoded, reading)
    assert (words(encoded, turn.source), words(encoded, turn.cue)) == (source, cue)
    assert turn.probability == pytest.approx(0.9)


def test_a_signature_stands_under_its_quotation():
    encoded, reading = read("“It was cold. Nobody came.”\n— Ada Lund, teacher")
    (turn,) = find_turns(encoded, reading)
    assert words(encoded, turn.content) == "“ It was cold . Nobody came . ”"


@pytest.mark.parametrize(
    "text",
    ["Q: Were you there?", "what he saw: a gate", "The result was clear: nobody came.", "Lund:", "“Cold.” — and wet"],
)
def test_other_colons_and_dashes_make_no_turn(text):
    assert find_turns(*read(text)) == []


def test_a_turn_needs_a_reader_who_thinks_it_is_speech():
    assert find_turns(*read("Update: The road is open again.", speech=0.2)) == []


def test_speech_that_runs_on_goes_to_the_attribution_before_it():
    text = "Lund said the gate was open. It had been open for a week and nobody cared.\nIt was shut again on Monday."
    encoded, reading = read(text)
    place = np.zeros(256, np.float32)
    said = Relation((2, 2), [(1, 1)], [(3, 6)], place, place[:0], 0.9)
    (found,) = complete(encoded, reading, [said])
    assert [words(encoded, run) for run in found.content] == [
        "the gate was open",
        "It had been open for a week and nobody cared",
        "It was shut again on Monday",
    ]
    assert complete(encoded, read(text, speech=0.5)[1], [said]) == [said]


def test_hearsay_and_passives_have_no_subject_as_source():
    agentless = (["reportedly"], ["known", "as"], ["was", "asked"], ["asked"], ["described"])
    assert [is_agentless(cue) for cue in agentless] == [True, True, True, False, False]


def relation(cue, *content):
    return Relation((cue, cue), [], list(content), np.zeros(256, np.float32), np.zeros(0, np.float32), 0.9)


def test_an_attribution_within_another_names_the_innermost():
    outer, middle, inner, apart = [(1, 2, 30), (5, 6, 20), (8, 9, 12), (40, 41, 45)]
    found = [relation(cue, (first, last)) for cue, first, last in (outer, middle, inner, apart)]
    assert assign_parents(found) == [None, 0, 1, None]
    assert assign_parents([]) == []


def test_an_interview_is_read_turn_by_turn():
    text = (
        "The harbour after the storm\n\nIda Voss runs the harbour office in Calder. We met her on the pier.\n\n"
        "MERIDIAN: How bad was the damage to the north wall?\n\n"
        "VOSS: I think it is the worst we have seen. The wall is broken and the crane is gone.\n\n"
        "MERIDIAN: Who will pay for the repairs?\n\nVOSS: The county says it will pay two million. It is not enough.\n"
    )
    doc = framing.analyze(text)
    found = [a for a in doc.attributions if a.cue == ":"]
    assert [a.source for a in found] == ["MERIDIAN", "VOSS", "MERIDIAN", "VOSS"]
    assert found[1].content == "I think it is the worst we have seen. The wall is broken and the crane is gone."
    (inner,) = [a for a in doc.attributions if a.cue == "says"]
    assert doc.attributions[inner.within] == found[3]


QUESTIONS = (
    "The keeper of the lock\n\nIda Voss has kept the lock at Calder for years.\n\nQ: Why did the gate fail?\n\n"
    "A: It was rotten.\n\nQ. And now?\n\nA. They will blame the storm.\n\nA. J. Crowe wrote the foreword.\n"
)


def test_an_answer_follows_a_question_and_is_the_speech_of_whom_is_asked():
    doc = framing.analyze(QUESTIONS)
    found = [(a.content, a.speaker, a.probability) for a in doc.attributions if a.source == "A"]
    assert found == [("It was rotten.", "Ida Voss", 0.9), ("They will blame the storm.", "Ida Voss", 0.9)]
    assert {s.voice for s in doc.statements if s.text in ("It was rotten.", "They will blame the storm.")} == {"source"}


@pytest.mark.parametrize("text", ["A: It was rotten.", "Q: The gate.\nA: It was rotten.", "A. J. Crowe asked: Why?"])
def test_letters_are_no_turns_where_nobody_asks(text):
    assert find_turns(*read(text)) == []


def test_who_answers_is_left_open_where_two_are_named_first():
    doc = framing.analyze(QUESTIONS.replace("Ida Voss has", "Ida Voss and Carl Holt have"))
    assert [a.speaker for a in doc.attributions if a.source == "A"] == [None, None]


# A few articles are enough to show that fitting works, and quick to fit.
FITTED_ON = (
    "border-airstrip", "rate-decision", "cash-machine-raid", "nap-study", "carbon-fee",
    "towing-ruling", "four-day-council", "seagrass-interview", "ferry-pier", "statehouse-poll",
)  # fmt: skip


def sample_labels():
    sample = load_sample()
    texts = dict(zip(sample.ids, sample.texts, strict=True))
    return [texts[name] for name in FITTED_ON], [sample.attributions[name] for name in FITTED_ON]


def test_fit_learns_and_repeats_itself():
    texts, labels = sample_labels()
    before = AttributionExtractor().score(texts, labels)
    extractor = AttributionExtractor().fit(texts, labels)
    assert extractor.score(texts, labels) > before
    again = clone(extractor).fit(texts, labels)
    assert all(np.array_equal(extractor.heads_[name], again.heads_[name]) for name in extractor.heads_)
    assert (extractor.threshold_, extractor.calibration_) == (again.threshold_, again.calibration_)


def test_fit_takes_its_own_predictions_as_labels():
    text = "Engineers said the bridge is safe."
    found = AttributionExtractor().predict([text])
    assert AttributionExtractor().fit([text], found).predict([text])[0][0].cue == "said"


def test_fit_without_labels_goes_back_to_the_bundled_model():
    texts, labels = sample_labels()
    extractor = AttributionExtractor().fit(texts[:3], labels[:3]).fit(texts)
    assert not hasattr(extractor, "heads_")
    assert extractor.predict(texts[:1]) == AttributionExtractor().predict(texts[:1])


def test_a_small_prior_keeps_the_bundled_weights():
    texts, labels = sample_labels()
    extractor = AttributionExtractor(C=1e-12).fit(texts[:3], labels[:3])
    before = bundled_tagger().network.head("cue")[0]
    np.testing.assert_allclose(extractor.heads_["cue.weight"], before, atol=1e-4)


def test_a_higher_threshold_finds_a_part_of_what_a_lower_one_finds():
    texts, _ = sample_labels()
    low, high = (AttributionExtractor(threshold=t) for t in (0.3, 0.9))
    for few, many in zip(high.predict(texts), low.predict(texts), strict=True):
        cues = {a.cue_spans for a in many}
        assert all(a.cue_spans in cues and a.probability >= 0.9 for a in few)
    assert sum(map(len, high.predict(texts))) < sum(map(len, low.predict(texts)))


def test_probabilities_go_with_the_predictions():
    texts, _ = sample_labels()
    extractor = AttributionExtractor()
    for found, chances in zip(extractor.predict(texts[:3]), extractor.predict_proba(texts[:3]), strict=True):
        np.testing.assert_array_equal(chances, [a.probability for a in found])


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ([[]], ValueError, "no attribution"),
        ([], ValueError, "0"),
        ([["said"]], TypeError, "str"),
        ([[{"source": [], "cue": [[0, 4]], "content": [[5, 99]]}]], ValueError, "99"),
    ],
)
def test_wrong_labels_are_named(labels, error, words):
    with pytest.raises(error, match=words):
        AttributionExtractor().fit(["They said so."], labels)


def test_labels_outside_the_article_teach_nothing():
    text = "Share this story\n\nLund said the gate was open."
    document = read_document(text)
    inside = {"source": [[18, 22]], "cue": [[23, 27]], "content": [[28, 45]]}
    (link,) = gold_links(document, [inside])
    assert [document.encoded.words[i] for i in link.content] == ["the", "gate", "was", "open"]
    assert gold_links(document, [inside | {"content": []}]) == []


def test_a_head_moves_towards_the_targets_as_far_as_its_prior_lets_it():
    generator = np.random.default_rng(0)
    states = generator.normal(size=(400, 3)).astype(np.float32)
    targets = (states[:, 0] > 0).astype(np.int64)
    weight, bias = np.zeros((3, 2), np.float32), np.zeros(2, np.float32)
    free, held = (fit_head(states, targets, weight, bias, C)[0] for C in (10.0, 1e-4))
    assert ((states @ free).argmax(axis=1) == targets).mean() > 0.97
    assert np.abs(held).max() < 0.1 < free[0, 1]
    both = np.column_stack([targets, 1 - targets]).astype(bool)
    separate, _ = fit_head(states, both, weight, bias, 10.0)
    assert separate[0, 1] < -1 < 1 < separate[0, 0]
