"""Scores by class, confusion, calibration and errors, counted by article."""

import math

import numpy as np
import pytest

from framing import Attribution, Frame, FrameClassifier, Segment
from framing.evaluation import METRICS, compare_evaluations, evaluate_predictions
from framing.workbench import ESTIMATORS

SAID = "Engineers said the bridge is safe. Rain fell."
GOLD = {"source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 33]]}


class Fixed:
    """An estimator that says what it is told to."""

    def __init__(self, answers, chances=None, classes=("fact", "opinion"), threshold=0.5):
        self.answers, self.chances, self.classes_, self.threshold_ = answers, chances, np.array(classes), threshold

    def predict(self, X):
        return self.answers

    def predict_proba(self, X):
        return self.chances


def kinds(*second):
    return Fixed(None, np.array([[1 - p, p] for p in second]))


def test_every_task_has_a_metric():
    assert set(METRICS) == set(ESTIMATORS)


def test_classes_are_scored_one_by_one():
    found = evaluate_predictions("opinion", kinds(0.1, 0.9, 0.8), ["a", "b", "c"], ["fact", "opinion", "fact"], "xyz")
    fact, opinion = found.per_class(n=50)
    assert (fact["class"], fact["precision"], fact["recall"], fact["gold"]) == ("fact", 1.0, 0.5, 2)
    assert opinion["f1"] == pytest.approx(2 / 3)
    assert found.confusion.tolist() == [[1, 1], [0, 1]]
    assert found.score == pytest.approx(2 / 3)


def test_counts_are_by_article():
    found = evaluate_predictions("opinion", kinds(0.1, 0.9, 0.8), ["a", "b", "c"], ["fact", "opinion", "fact"], "xyx")
    assert found.articles == ("x", "y")
    assert found.counts[:, 0].tolist() == [[1, 0, 1], [0, 0, 0]]


def test_calibration_is_of_the_second_of_two_classes():
    found = evaluate_predictions("bias", kinds(0.2, 0.9), ["a", "b"], ["fact", "opinion"], "xy")
    assert found.said.tolist() == [0.2, 0.9]
    assert found.was.tolist() == [False, True]
    assert found.calibration_error == pytest.approx(0.15)


def test_the_surest_error_comes_first():
    found = evaluate_predictions("opinion", kinds(0.6, 0.99), ["one", "two"], ["fact", "fact"], "xy")
    assert [(one.text, one.gold, one.predicted) for one in found.mistakes] == [
        ("two", "fact", "opinion"),
        ("one", "fact", "opinion"),
    ]


def test_an_error_that_is_long_is_shortened():
    found = evaluate_predictions("opinion", kinds(0.9), ["word " * 60], ["fact"], "x")
    assert len(found.mistakes[0].text) == 90


def test_a_label_that_the_model_does_not_know_is_named():
    with pytest.raises(ValueError, match="The labels hold rumour; the model knows fact, opinion"):
        evaluate_predictions("opinion", kinds(0.9), ["a"], ["rumour"], "x")


def test_attributions_are_matched_as_relations():
    row = Attribution.from_spans(
        SAID, source=[(0, 9)], cue=[(10, 14)], content=[(15, 33)], probability=0.9, speaker=None,
        source_type="expert", named=False,
    )  # fmt: skip
    wrong = Attribution.from_spans(
        SAID, source=[], cue=[(40, 44)], content=[(35, 39)], probability=0.7, speaker=None,
        source_type="unspecified", named=False,
    )  # fmt: skip
    found = evaluate_predictions("attribution", Fixed([[row, wrong]], [np.array([0.9, 0.7])]), [SAID], [[GOLD]], "a")
    assert found.counts[0, 0].tolist() == [1, 1, 0]
    assert found.score == pytest.approx(2 / 3)
    assert found.was.tolist() == [True, False]
    assert found.mistakes[0].text == "Rain fell"


def test_a_missed_attribution_is_an_error():
    found = evaluate_predictions("attribution", Fixed([[]], [np.zeros(0)]), [SAID], [[GOLD]], "a")
    assert found.mistakes[0][1:4] == (0, 33, "Engineers said the bridge is safe")
    assert (found.score, math.isnan(found.calibration_error)) == (0.0, True)


def test_statements_are_counted_in_tokens():
    segment = Segment(15, 34, "source_opinion", {"source_opinion": 0.8})
    gold = [[0, 14, "frame"], [15, 34, "source_fact"]]
    found = evaluate_predictions("statements", Fixed([[segment]]), [SAID], [gold], "a")
    assert found.confusion[2, 3] == 5  # the bridge is safe .
    assert found.confusion[4, 4] == 2
    assert found.mistakes[0].predicted == "source_opinion"
    assert found.score == 0.0


def test_stretches_without_labels_do_not_count():
    segment = Segment(35, 45, "author_fact", {"author_fact": 0.8})
    found = evaluate_predictions("statements", Fixed([[segment]]), [SAID], [[[0, 14, "frame"]]], "a")
    assert found.said.size == 0
    assert found.mistakes == ()


def test_loaded_words_are_counted_word_by_word():
    text = "The shameless mayor left."
    chances = [[(0, 3, 0.1), (4, 13, 0.9), (14, 19, 0.6), (20, 24, 0.2), (24, 25, 0.9)]]
    found = evaluate_predictions("loaded", Fixed(None, chances), [text], [[(4, 13)]], "a")
    assert found.confusion.tolist() == [[2, 1], [0, 1]]  # the full stop is no word
    assert found.score == pytest.approx(2 / 3)


def test_frames_are_scored_each_and_together():
    mine = [Frame("cost", seeds=("tax", "price", "money")), Frame("risk", seeds=("danger", "threat", "harm"))]
    model = FrameClassifier(mine)
    texts = ["Tax and price and money, more money and more tax.", "The threat and danger of harm is a threat."]
    found = evaluate_predictions("frames", model, texts, [[1, 0], [1, 1]], "ab")
    guess = model.predict_proba(texts) >= 0.5
    assert found.counts[..., 0].tolist() == (guess & np.array([[1, 0], [1, 1]], dtype=bool)).astype(int).tolist()
    assert found.labels == ()


def test_the_summary_is_plain_json_without_nan():
    found = evaluate_predictions("attribution", Fixed([[]], [np.zeros(0)]), ["Rain fell."], [[]], "a")
    summary = found.summary()
    assert summary["score"] is None
    assert summary["classes"]["relation"] == {"f1": None, "interval_95": [None, None], "gold": 0}


def test_the_text_shows_scores_confusion_calibration_and_errors():
    text = evaluate_predictions("opinion", kinds(0.6, 0.2), ["one", "two"], ["fact", "fact"], "xy").render()
    for words in ("macro-F1 0.33", "Confusion", "Calibration", "0.60  opinion instead of fact  [x] one"):
        assert words in text


def test_intervals_of_few_articles_come_with_a_warning():
    def told(articles):
        texts = [f"text {place}" for place in range(len(articles))]
        model, gold = kinds(*[0.2] * len(texts)), ["fact"] * len(texts)
        return evaluate_predictions("opinion", model, texts, gold, articles).render()

    assert "1 article)\nJudged by so few articles" in told("x")
    assert "of one article they have no width" in told("xx")
    assert "9 articles)\nJudged by so few articles, the intervals are much too narrow. Label" in told("abcdefghi")
    assert "so few" not in told("abcdefghij")


def test_a_better_model_is_told_with_its_interval():
    texts, gold, articles = list("abcdefgh"), ["fact", "opinion"] * 4, list("abcdefgh")
    worse = evaluate_predictions("opinion", kinds(*[0.2, 0.4] * 4), texts, gold, articles)
    better = evaluate_predictions("opinion", kinds(*[0.2, 0.9] * 4), texts, gold, articles)
    difference, low, high = compare_evaluations(worse, better)
    assert difference == pytest.approx(2 / 3)
    assert 0 < low < difference < high <= 1


def test_the_same_model_is_no_better():
    found = evaluate_predictions("opinion", kinds(0.2, 0.4), ["a", "b"], ["fact", "opinion"], "ab")
    assert compare_evaluations(found, found) == (0.0, 0.0, 0.0)


def test_models_judged_on_other_articles_cannot_be_compared():
    first, second = (
        evaluate_predictions("opinion", kinds(0.2), ["a"], ["fact"], article) for article in ("x", "y")
    )
    with pytest.raises(ValueError, match="on the same articles"):
        compare_evaluations(first, second)


def test_no_text_is_no_judgement():
    with pytest.raises(ValueError, match="no labelled text"):
        evaluate_predictions("opinion", kinds(), [], [], [])


def test_an_unknown_task_is_named():
    with pytest.raises(ValueError, match="task must be one of attribution"):
        evaluate_predictions("tone", kinds(), ["a"], ["fact"], ["x"])
