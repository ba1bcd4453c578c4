"""Statements learned from a user's labels."""

import numpy as np
import pytest
from sklearn.base import clone

import framing
from framing import StatementClassifier
from framing.datasets import load_sample
from framing.document import read_document
from framing.tagger import anybodys_opinion, bundled_tagger, source_opinion
from framing.tokens import STATEMENT_LABELS
from framing.tuning import tune_statements

# A few articles are enough to show that fitting works, and quick to fit.
FITTED_ON = (
    "border-airstrip", "rate-decision", "cash-machine-raid", "nap-study", "carbon-fee",
    "towing-ruling", "four-day-council", "seagrass-interview", "ferry-pier", "statehouse-poll",
)  # fmt: skip


def sample_labels():
    sample = load_sample()
    texts = dict(zip(sample.ids, sample.texts, strict=True))
    return [texts[name] for name in FITTED_ON], [sample.statements[name] for name in FITTED_ON]


def test_fit_learns_and_repeats_itself():
    texts, labels = sample_labels()
    before = StatementClassifier().score(texts, labels)
    classifier = StatementClassifier().fit(texts, labels)
    assert classifier.score(texts, labels) > before + 0.05
    again = clone(classifier).fit(texts, labels)
    np.testing.assert_array_equal(classifier.heads_["statement.weight"], again.heads_["statement.weight"])
    assert classifier.temperature_ == again.temperature_


def test_what_is_learned_carries_over_to_other_articles():
    texts, labels = sample_labels()
    before = StatementClassifier().score(texts[5:], labels[5:])
    assert StatementClassifier().fit(texts[:5], labels[:5]).score(texts[5:], labels[5:]) > before


def test_fit_takes_its_own_predictions_and_forgets_them():
    text = "Analysts believe the plan will fail. The council met on Monday."
    classifier = StatementClassifier()
    segments = classifier.predict([text])
    assert classifier.fit([text], segments).predict([text])[0][0][:3] == segments[0][0][:3]
    assert hasattr(classifier, "heads_")
    assert not hasattr(classifier.fit([text]), "heads_")


def test_a_small_prior_keeps_the_bundled_weights():
    texts, labels = sample_labels()
    documents = [read_document(text) for text in texts[:3]]
    heads, _ = tune_statements(bundled_tagger(), documents, labels[:3], 1e-12, np.ones(3))
    np.testing.assert_allclose(heads["statement.weight"], bundled_tagger().network.head("statement")[0], atol=1e-4)


def test_probabilities_sum_to_one_after_fitting():
    texts, labels = sample_labels()
    for segment in StatementClassifier().fit(texts[:4], labels[:4]).predict(texts[4:5])[0]:
        assert sum(segment.probability.values()) == pytest.approx(1)
        assert segment.label == max(segment.probability, key=segment.probability.get)
        assert segment.label in STATEMENT_LABELS


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ([[]], ValueError, "no statement"),
        ([], ValueError, "0"),
        ([["said"]], TypeError, "said"),
        ([[[0, 99, "author_fact"]]], ValueError, "99"),
        ([[[0, 4, "rumour"]]], ValueError, "rumour"),
    ],
)
def test_wrong_labels_are_named(labels, error, words):
    with pytest.raises(error, match=words):
        StatementClassifier().fit(["They said so."], labels)


def test_a_prior_without_width_is_refused():
    with pytest.raises(ValueError, match="C must be greater than 0"):
        StatementClassifier(C=0).fit(["They said so."])


@pytest.mark.parametrize("label", [None, "opinion", "source", "author_fact"])
def test_words_add_up_to_the_log_odds_of_a_label(label):
    text = "Rain fell on Monday. Analysts believe the disgraceful plan will fail."
    classifier = StatementClassifier()
    found = classifier.explain(text, 1, label=label, orders=1)
    (segments,) = classifier.predict([text])
    chances = segments[1].probability
    wanted = {
        None: chances["source_opinion"],
        "opinion": chances["author_opinion"] + chances["source_opinion"],
        "source": chances["source_fact"] + chances["source_opinion"],
        "author_fact": max(chances["author_fact"], 1e-6),
    }[label]
    assert found.score == pytest.approx(np.log(wanted / (1 - wanted)), abs=0.02)
    assert found.intercept + sum(part.value for part in found.contributions) == pytest.approx(found.score)
    assert [part.text for part in found.contributions[:2]] == ["Analysts", "believe"]


def test_the_cue_explains_the_voice():
    found = StatementClassifier().explain("Officials said the dam held.", label="source")
    assert max(found.contributions, key=lambda part: part.value).text == "said"


def test_what_cannot_be_explained_is_named():
    with pytest.raises(IndexError, match="has 1 statements"):
        StatementClassifier().explain("Rain fell on Monday.", 1)
    with pytest.raises(ValueError, match="label must be one of"):
        StatementClassifier().explain("Rain fell on Monday.", label="nonsense")


@pytest.mark.parametrize("name", ["plain", "hard"])
def test_statements_and_attributions_agree(name):
    """What stands in a content is the source's, statements do not overlap, every word of the body is accounted for."""
    for doc in framing.analyze_many(load_sample(name).texts):
        record = doc.to_dict()
        said = np.zeros(len(doc.text), dtype=bool)
        taken = np.zeros(len(doc.text), dtype=int)
        for entry in record["attributions"]:
            for start, end in entry["content"]:
                said[start:end] = True
        for row in record["statements"]:
            span = slice(row["start"], row["end"])
            taken[span] += 1
            if said[span].all():
                assert row["voice"] == "source", doc.text[span]
        assert taken.max() == 1
        for row in record["sentences"]:
            if row["role"] == "boilerplate":
                assert not taken[row["start"] : row["end"]].any()


def test_a_sentence_of_a_sources_opinion_is_opinion():
    document = read_document("The mayor said the plan was a shameful betrayal. The council meets on Monday.")
    (tagged,) = bundled_tagger().tag([document])
    said = source_opinion(tagged, len(document.sentences))
    assert said[0] > 0.7
    assert said[1] < 0.3
    calm, stirred = sorted(anybodys_opinion(np.array([0.2, 0.2]), said))
    assert calm < 0.3 < 0.4 < stirred
