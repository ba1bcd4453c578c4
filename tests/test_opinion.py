"""Opinion of sentences."""

import numpy as np
import pytest

import framing
from framing import OpinionClassifier

FACTS = ["The bridge closed on Monday.", "Sales rose by 4 percent.", "He was born in Oslo.", "The vote is on Friday."]
VIEWS = ["The bridge is an eyesore.", "Sales will surely collapse.", "He is a hopeless liar.", "The vote is a sham."]
CALLS = ["Close the bridge now!", "Buy nothing from them!", "Vote him out!", "Stop the vote at once!"]


def test_the_bundled_model_tells_fact_from_opinion():
    classifier = OpinionClassifier()
    assert classifier.classes_.tolist() == ["fact", "opinion"]
    assert classifier.predict(FACTS).tolist() == ["fact"] * 4
    assert (classifier.predict_proba(VIEWS)[:, 1] > classifier.predict_proba(FACTS)[:, 1]).all()


@pytest.mark.parametrize("labels", [["f", "v"], ["f", "v", "c"]])
def test_it_learns_classes_of_the_users_own(labels):
    texts = [text for group in (FACTS, VIEWS, CALLS)[: len(labels)] for text in group]
    y = np.repeat(labels, 4)
    classifier = OpinionClassifier(C=10).fit(texts, y)
    chances = classifier.predict_proba(texts)
    assert classifier.predict(texts).tolist() == y.tolist()
    assert chances.shape == (len(texts), len(labels))
    np.testing.assert_allclose(chances.sum(axis=1), 1)


@pytest.mark.parametrize("kinds", [2, 3])
def test_words_add_up_to_the_score(kinds):
    groups = (FACTS, VIEWS, CALLS)[:kinds]
    classifier = OpinionClassifier().fit([t for g in groups for t in g], np.repeat(list("abc")[:kinds], 4))
    text = "The hopeless vote closed on Monday."
    found = classifier.explain(text, None if kinds == 2 else "b")
    score = classifier.decision_function([text])
    assert found.score == pytest.approx(float(score[0] if kinds == 2 else score[0, 1]), abs=1e-5)
    assert found.intercept + sum(part.value for part in found.contributions) == pytest.approx(found.score)
    assert all(text[part.start : part.end] == part.text for part in found.contributions)


def test_a_weight_counts_as_that_many_sentences():
    texts, y = FACTS + VIEWS, np.repeat(["f", "v"], 4)
    heavy = OpinionClassifier().fit(texts, y, sample_weight=[5, 5, 5, 5, 1, 1, 1, 1])
    plain = OpinionClassifier().fit(texts, y)
    assert (heavy.predict_proba(texts)[:, 0] > plain.predict_proba(texts)[:, 0]).all()


def test_it_can_decide_the_kinds_of_an_analysis():
    classifier = OpinionClassifier(C=10).fit(FACTS + VIEWS, np.repeat(["fact", "opinion"], 4))
    doc = framing.Analyzer(opinion=classifier).analyze("The vote is a sham.")
    assert [s.kind for s in doc.statements] == ["opinion"]


@pytest.mark.parametrize(
    ("X", "y", "error"),
    [
        (FACTS, ["f"] * 4, "at least two classes"),
        (FACTS, ["f", "v"], "must go together"),
    ],
)
def test_unusable_labels_are_named(X, y, error):
    with pytest.raises(ValueError, match=error):
        OpinionClassifier().fit(X, y)


def test_an_unknown_class_is_named():
    classifier = OpinionClassifier().fit(FACTS + VIEWS + CALLS, np.repeat(["f", "v", "c"], 4))
    with pytest.raises(ValueError, match="label must be one of c, f, v"):
        classifier.explain("A vote.", "g")
