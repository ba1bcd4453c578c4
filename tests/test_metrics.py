"""Scores against values worked out by hand, or by another library."""

import numpy as np
import pytest

from framing.metrics import (
    Scores,
    StatementScores,
    best_threshold,
    bootstrap_interval,
    expected_calibration_error,
    match_attributions,
    relation_f1,
    reliability_table,
    role_labels,
    statement_scores,
    token_alpha,
    token_f1,
)

TOKENS = [[i, i + 1] for i in range(10)]


def attribution(source, cue, content):
    return {"source": source, "cue": cue, "content": content}


# Scores


def test_scores_add_and_divide():
    total = sum([Scores(1, 2, 3), Scores(2, 0, 0)], Scores())
    assert total == Scores(3, 2, 3)
    assert total.precision == pytest.approx(3 / 5)
    assert total.recall == pytest.approx(3 / 6)
    assert total.f1 == pytest.approx(6 / 11)


def test_scores_of_nothing_are_zero():
    assert (Scores().precision, Scores().recall, Scores().f1) == (0.0, 0.0, 0.0)


def test_scores_do_not_add_to_numbers():
    with pytest.raises(TypeError):
        Scores() + 1


# Alpha


@pytest.mark.parametrize("seed", range(5))
def test_alpha_equals_that_of_nltk(seed):
    agreement = pytest.importorskip("nltk.metrics.agreement")
    rng = np.random.default_rng(seed)
    gold = rng.integers(4, size=60)
    predicted = np.where(rng.random(60) < 0.7, gold, rng.integers(4, size=60))
    data = [("a", i, int(label)) for i, label in enumerate(gold)]
    data += [("b", i, int(label)) for i, label in enumerate(predicted)]
    expected = agreement.AnnotationTask(data).alpha()
    assert token_alpha(gold, predicted) == pytest.approx(expected)


def test_alpha_takes_strings_and_reaches_its_ends():
    assert token_alpha(["x", "y"], ["x", "y"]) == 1.0
    assert token_alpha(["x", "y"], ["y", "x"]) < 0
    assert token_alpha(["x", "x"], ["x", "x"]) == 1.0
    assert np.isnan(token_alpha([], []))


def test_alpha_refuses_sequences_of_two_lengths():
    with pytest.raises(ValueError, match="one length"):
        token_alpha([1, 2], [1])


# Roles


def test_roles_mark_every_token_that_a_span_touches():
    tokens = [[0, 4], [5, 10], [11, 15]]
    record = attribution([], [[11, 15]], [[2, 6]])
    assert role_labels(tokens, [record]).tolist() == [3, 3, 2]


def test_roles_cue_wins_over_source_and_source_over_content():
    outer = attribution([[0, 1]], [[1, 2]], [[2, 9]])
    inner = attribution([[2, 4]], [[3, 5]], [[5, 9]])
    expected = [1, 2, 1, 2, 2, 3, 3, 3, 3, 0]
    assert role_labels(TOKENS, [outer, inner]).tolist() == expected
    assert role_labels(TOKENS, [inner, outer]).tolist() == expected


def test_roles_without_tokens_or_attributions():
    assert role_labels([], [attribution([], [[0, 1]], [[1, 2]])]).tolist() == []
    assert role_labels(TOKENS, []).tolist() == [0] * 10


def test_roles_follow_discontinuous_spans():
    record = attribution([], [[4, 5]], [[0, 2], [7, 9]])
    assert role_labels(TOKENS, [record]).tolist() == [3, 3, 0, 0, 2, 0, 0, 3, 3, 0]


def test_token_f1_counts_each_role():
    scores = token_f1([0, 1, 1, 2, 3, 3], [1, 1, 0, 2, 3, 2])
    assert scores == {
        "source": Scores(1, 1, 1),
        "cue": Scores(1, 1, 0),
        "content": Scores(1, 0, 1),
    }


# Relations

SAID = attribution([[0, 5]], [[6, 10]], [[11, 31]])


@pytest.mark.parametrize(
    ("predicted", "found"),
    [
        (SAID, True),
        (attribution([[4, 5]], [[9, 12]], [[11, 31]]), True),
        (attribution([[0, 5]], [[6, 10]], [[11, 21]]), True),  # Jaccard of exactly .5
        (attribution([[0, 5]], [[6, 10]], [[11, 20]]), False),
        (attribution([[0, 5]], [[6, 10]], [[11, 52]]), False),
        (attribution([[0, 5]], [[6, 10]], [[31, 51]]), False),  # touches without overlap
        (attribution([[0, 5]], [[32, 36]], [[11, 31]]), False),  # other cue
        (attribution([[40, 45]], [[6, 10]], [[11, 31]]), False),  # other source
        (attribution([], [[6, 10]], [[11, 31]]), False),  # source left out
    ],
)
def test_relation_needs_content_cue_and_source(predicted, found):
    expected = Scores(tp=1) if found else Scores(fp=1, fn=1)
    assert relation_f1([SAID], [predicted]) == expected


def test_relation_without_source_matches_only_its_like():
    bare = attribution([], [[6, 10]], [[11, 31]])
    assert relation_f1([bare], [bare]) == Scores(tp=1)
    assert relation_f1([bare], [SAID]) == Scores(fp=1, fn=1)


def test_relation_counts_joint_characters_once():
    doubled = attribution([[0, 5]], [[6, 10]], [[11, 31], [11, 31], [15, 20]])
    assert relation_f1([SAID], [doubled]) == Scores(tp=1)


def test_relation_jaccard_over_several_pieces():
    gold = attribution([], [[20, 24]], [[0, 10], [30, 40]])
    assert relation_f1([gold], [attribution([], [[20, 24]], [[0, 10]])]) == Scores(tp=1)
    assert relation_f1([gold], [attribution([], [[20, 24]], [[0, 9]])]) == Scores(fp=1, fn=1)


def test_a_prediction_is_spent_on_one_gold_attribution():
    assert relation_f1([SAID, SAID], [SAID]) == Scores(tp=1, fn=1)
    assert relation_f1([SAID], [SAID, SAID]) == Scores(tp=1, fp=1)


def test_matching_takes_most_pairs_before_best_pairs():
    first = attribution([], [[0, 9]], [[10, 30]])
    second = attribution([], [[0, 9]], [[10, 44]])
    wide = attribution([], [[0, 9]], [[10, 34]])
    # Greedy would give `first` its equal and leave `wide`, which fits both, to `second`.
    assert match_attributions([first, second], [wide, first]) == [(0, 1), (1, 0)]
    narrow = attribution([], [[0, 9]], [[10, 22]])
    # `wide` resembles `first` most, but only `first` can have `narrow`.
    assert match_attributions([first, second], [wide, narrow]) == [(0, 1), (1, 0)]


def test_relation_of_nothing():
    assert relation_f1([], []) == Scores()
    assert relation_f1([], [SAID]) == Scores(fp=1)
    assert relation_f1([SAID], []) == Scores(fn=1)


# Statements


def statement(start, end, voice, kind):
    return {"start": start, "end": end, "voice": voice, "kind": kind}


def test_statement_tokens_are_counted_by_gold_and_predicted_label():
    gold = [[0, 2, "frame"], [2, 6, "source_opinion"], [6, 9, "author_fact"]]
    predicted = [statement(1, 4, "source", "opinion"), statement(5, 8, "author", "opinion")]
    scores = statement_scores(gold, predicted, TOKENS)
    # Token 9 is in no gold segment and does not count.
    assert scores.confusion.sum() == 9
    assert scores["frame"] == Scores(tp=1, fp=2, fn=1)
    assert scores["source_opinion"] == Scores(tp=2, fp=1, fn=2)
    assert scores["author_opinion"] == Scores(tp=0, fp=3, fn=0)
    assert scores["author_fact"] == Scores(tp=0, fp=0, fn=3)
    assert scores.macro_f1 == pytest.approx((4 / 7) / 4)
    assert scores.voice_accuracy == pytest.approx((2 + 2) / 7)
    assert scores.kind_accuracy == pytest.approx((2 + 1) / 7)


def test_perfect_statements_score_one():
    labels = ["author_fact", "author_opinion", "source_fact", "source_opinion"]
    gold = [[2 * i, 2 * i + 2, label] for i, label in enumerate(labels)]
    predicted = [statement(start, end, *label.split("_")) for start, end, label in gold]
    scores = statement_scores(gold, predicted, TOKENS)
    assert (scores.macro_f1, scores.voice_accuracy, scores.kind_accuracy) == (1.0, 1.0, 1.0)


def test_statement_scores_add_up():
    one = statement_scores([[0, 2, "author_fact"]], [statement(0, 1, "author", "fact")], TOKENS)
    total = sum([one, one], StatementScores())
    assert total["author_fact"] == Scores(tp=2, fn=2)


def test_statement_scores_without_tokens():
    scores = statement_scores([], [], [])
    assert (scores.macro_f1, scores.voice_accuracy, scores.confusion.sum()) == (0.0, 0.0, 0)


def test_unknown_statement_label_is_named():
    with pytest.raises(ValueError, match="Got 'rumour' instead"):
        statement_scores([[0, 2, "rumour"]], [], TOKENS)


# Calibration


def test_reliability_bins_include_their_upper_bound():
    table = reliability_table([0, 1, 1, 0], [0.0, 0.5, 0.6, 1.0], n_bins=2)
    assert table["count"].tolist() == [2, 2]
    assert table["probability"].tolist() == pytest.approx([0.25, 0.8])
    assert table["share"].tolist() == pytest.approx([0.5, 0.5])


def test_empty_bins_are_nan_and_do_not_count():
    table = reliability_table([1], [0.95])
    assert np.isnan(table["share"][:9]).all()
    assert expected_calibration_error([1], [0.95]) == pytest.approx(0.05)


def test_calibration_error_weighs_bins_by_size():
    y = [1, 1, 1, 0]
    p = [0.8, 0.8, 0.8, 0.4]
    assert expected_calibration_error(y, p) == pytest.approx(0.75 * 0.2 + 0.25 * 0.4)
    assert np.isnan(expected_calibration_error([], []))


def test_calibration_needs_a_bin():
    with pytest.raises(ValueError, match="n_bins"):
        reliability_table([1], [0.5], n_bins=0)


# Intervals


def test_bootstrap_interval_of_a_mean_is_near_the_normal_one():
    values = np.random.default_rng(1).normal(size=400)
    low, high = bootstrap_interval(values, np.mean)
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.02)
    assert high == pytest.approx(values.mean() + half, abs=0.02)


def test_bootstrap_interval_repeats_itself():
    units = [Scores(1, 0, 1), Scores(0, 1, 1), Scores(3, 0, 0)]
    intervals = {bootstrap_interval(units, lambda x: sum(x, Scores()).f1, n=50) for _ in range(2)}
    assert len(intervals) == 1


def test_bootstrap_interval_widens_with_its_level():
    values = np.arange(30.0)
    wide = bootstrap_interval(values, np.mean, level=0.99)
    narrow = bootstrap_interval(values, np.mean, level=0.5)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_bootstrap_interval_of_nothing_is_nan():
    assert np.isnan(bootstrap_interval([], len)).all()


def test_bootstrap_level_is_checked():
    with pytest.raises(ValueError, match="level"):
        bootstrap_interval([1], len, level=95)


# Thresholds


@pytest.mark.parametrize("metric", ["f1", "macro_f1"])
@pytest.mark.parametrize("seed", range(4))
def test_best_threshold_beats_every_other_one(metric, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=40)
    p = np.round(np.clip(0.3 * y + rng.random(40) * 0.7, 0, 1), 1)  # with ties

    def score(threshold):
        (tn, fp), (fn, tp) = [
            [np.sum((y == gold) & ((p >= threshold) == call)) for call in (0, 1)] for gold in (0, 1)
        ]
        if metric == "f1":
            return Scores(tp, fp, fn).f1
        return (Scores(tp, fp, fn).f1 + Scores(tn, fn, fp).f1) / 2

    best = max(score(threshold) for threshold in np.linspace(-0.05, 1.05, 23))
    assert score(best_threshold(y, p, metric)) == pytest.approx(best)


def test_best_threshold_of_ties_is_nearest_to_one_half():
    assert best_threshold([1, 1], [0.7, 0.9]) == 0.7
    assert best_threshold([0, 1], [0.1, 0.9]) == 0.5
    assert best_threshold([], []) == 0.5


def test_best_threshold_refuses_other_metrics():
    with pytest.raises(ValueError, match="'accuracy'"):
        best_threshold([0], [0.1], "accuracy")
