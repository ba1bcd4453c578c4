"""Statements learned from a user's labels."""

import numpy as np
import pytest
from sklearn.base import clone

from framing import StatementClassifier
from framing.datasets import load_sample
from framing.document import read_document
from framing.tagger import bundled_tagger
from framing.tokens import STATEMENT_LABELS
from framing.tuning import tune_statements


def sample_labels():
    sample = load_sample()
    texts = dict(zip(sample.ids, sample.texts, strict=True))
    return [texts[name] for name in sample.statements], list(sample.statements.values())


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
    heads, _ = tune_statements(bundled_tagger(), [read_document(text) for text in texts[:3]], labels[:3], 1e-12)
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
