import numpy as np
import pytest

from framing.inference import (
    Estimate,
    Sample,
    adjusted_count,
    design_effect,
    labels_alone,
    naive_count,
    prediction_powered,
    resample_sums,
    score_interval,
)


def sample(f, gold, article=None, size=None, draw=None):
    f = np.asarray(f, dtype=float)
    n = len(f)
    return Sample(
        f >= 0.5,
        f,
        np.asarray(gold, dtype=float),
        np.arange(n) if article is None else np.asarray(article),
        np.ones(n) if size is None else np.asarray(size, dtype=float),
        np.ones(n) if draw is None else np.asarray(draw, dtype=float),
    )


def drawn(seed=5, n=900, labelled=150, share=0.25, error=0.15):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < share
    f = np.where(rng.random(n) < error, ~y, y)
    gold = y.astype(float)
    gold[labelled:] = np.nan
    return sample(f, gold), y.astype(float)


class TestPredictionPowered:
    def test_agrees_with_the_reference_implementation(self):
        # ppi_mean_pointestimate and ppi_mean_ci of ppi-python 0.2.3 on this sample. It takes labelled and unlabelled
        # units for two samples, and tunes a little differently.
        found = prediction_powered(drawn()[0])
        assert found.share == pytest.approx(0.24743768, abs=1e-5)
        half = 1.959964 * np.sqrt(found.variance)
        assert (found.share - half, found.share + half) == pytest.approx((0.19802937, 0.29684599), abs=5e-4)

    def test_perfect_predictions_give_their_own_share(self):
        whole, y = drawn(error=0.0)
        found = prediction_powered(whole)
        assert found.share == pytest.approx(y.mean(), abs=2e-3)
        assert found.tuning == pytest.approx(1.0, abs=0.05)

    def test_useless_predictions_give_the_labels_share(self):
        rng = np.random.default_rng(1)
        whole, _ = drawn()
        noise = sample(rng.random(900) < 0.5, whole.gold)
        assert prediction_powered(noise).share == pytest.approx(labels_alone(noise).share, abs=0.02)

    def test_constant_predictions_give_the_labels_alone(self):
        whole, _ = drawn()
        constant = sample(np.ones(900), whole.gold)
        assert prediction_powered(constant).share == labels_alone(constant).share
        assert prediction_powered(constant).tuning == 0.0

    def test_weights_undo_a_draw_that_prefers_positives(self):
        rng = np.random.default_rng(2)
        y = rng.random(40000) < 0.2
        f = np.where(rng.random(40000) < 0.1, ~y, y)
        chance = np.where(f, 0.2, 0.05)
        chosen = rng.random(40000) < chance
        gold = np.where(chosen, y, np.nan)
        weighted = prediction_powered(sample(f, gold, draw=1 / chance))
        unweighted = labels_alone(sample(f, gold))
        assert weighted.share == pytest.approx(0.2, abs=0.02)
        assert unweighted.share > 0.4

    def test_sizes_weigh_the_units(self):
        gold = [1, 0, 1, 0, 1, 0, 1, 0]
        found = labels_alone(sample(gold, gold, size=[3, 1] * 4))
        assert found.share == 0.75

    def test_copies_of_units_in_their_article_add_nothing(self):
        whole, _ = drawn()
        copies = sample(np.repeat(whole.score, 4), np.repeat(whole.gold, 4), np.repeat(np.arange(900), 4))
        once, four = prediction_powered(whole), prediction_powered(copies)
        assert four.share == pytest.approx(once.share)
        assert four.variance == pytest.approx(once.variance)
        assert four.interval() == pytest.approx(once.interval(), abs=0.003)

    def test_no_labels_give_nothing(self):
        found = prediction_powered(sample([0, 1], [np.nan, np.nan]))
        assert np.isnan(found.share)
        assert np.isnan(found.interval()).all()

    def test_labels_in_two_articles_give_no_interval(self):
        found = prediction_powered(sample([0, 1, 1], [0, 1, np.nan]))
        assert 0 <= found.share <= 1
        assert np.isnan(found.interval()).all()


class TestAdjustedCount:
    def test_undoes_known_rates(self):
        # Sensitivity 0.8 and false-alarm rate 0.1 in the labels, 0.31 counted: (0.31 - 0.1) / 0.7.
        gold = [1] * 10 + [0] * 10 + [np.nan] * 180
        f = [1] * 8 + [0] * 2 + [1] * 1 + [0] * 9 + [1] * 53 + [0] * 127
        assert adjusted_count(sample(f, gold)).share == pytest.approx(0.3)

    def test_a_count_below_zero_is_no_surer_than_one_above(self):
        # 20 of 100 false alarms in the labels, and a little less or more than that counted.
        gold = [1] * 10 + [0] * 100 + [np.nan] * 1000
        labelled = [1] * 8 + [0] * 2 + [1] * 20 + [0] * 80
        below, above = (adjusted_count(sample(labelled + [1] * k + [0] * (1000 - k), gold)) for k in (180, 198))
        assert below.share < 0 < above.share < 0.01
        assert below.interval()[0] == above.interval()[0] == 0.0
        assert below.interval()[1] == pytest.approx(above.interval()[1] - (above.share - below.share), abs=0.01)

    def test_its_interval_covers_a_rare_share(self):
        held = given = 0
        for seed in range(200):
            found = adjusted_count(drawn(seed, 3000, 300, 0.04, 0.15)[0])
            low, high = found.interval()
            given += not np.isnan(found.share)
            held += low <= 0.04 <= high
        assert given > 190
        assert held / given >= 0.92

    def test_is_nan_where_the_classifier_finds_nothing(self):
        assert np.isnan(adjusted_count(sample([0, 1, 0, 1], [1, 0, 1, 0])).share)

    def test_is_nan_without_positive_labels(self):
        assert np.isnan(adjusted_count(sample([0, 1, 0, 1], [0, 0, 0, 0])).share)


def test_naive_count_needs_no_labels():
    found = naive_count(sample([1, 1, 0, 0], [np.nan] * 4))
    assert found.share == 0.5
    assert found.df == 3


class TestInterval:
    def test_is_wilsons_for_independent_labels(self):
        # 20 of 100: Wilson's 95% interval is 0.1334 to 0.2888; Student's t makes it a little wider.
        gold = np.r_[np.ones(20), np.zeros(80)]
        low, high = labels_alone(sample(gold, gold)).interval()
        assert (low, high) == pytest.approx((0.1334, 0.2888), abs=0.003)

    def test_all_labels_alike_still_leave_doubt(self):
        found = labels_alone(sample(np.zeros(100), np.zeros(100)))
        low, high = found.interval()
        assert low == 0.0
        assert 0.03 < high < 0.05

    def test_gain_from_predictions_is_doubted_where_labels_are_rare(self):
        rare = Estimate(0.02, 0.25 * 0.02 * 0.98 / 200, 198, 200, 1.0, 4)
        common = Estimate(0.5, 0.25 * 0.5 * 0.5 / 200, 198, 200, 1.0, 100)
        widths = [np.diff(score_interval(e)).item() for e in (rare, common)]
        plain = [np.diff(score_interval(Estimate(e.share, e.variance * 4, 198, 200, 1.0, e.rarer))).item()
                 for e in (rare, common)]  # fmt: skip
        assert widths[0] / plain[0] > 0.7
        assert widths[1] / plain[1] < 0.55

    def test_a_higher_confidence_is_wider(self):
        found = labels_alone(drawn()[0])
        assert np.diff(found.interval(0.99)) > np.diff(found.interval(0.9))

    @pytest.mark.parametrize(("share", "error"), [(0.05, 0.1), (0.3, 0.2)])
    def test_covers_the_truth_about_as_often_as_it_says(self, share, error):
        held = naive = 0
        for seed in range(200):
            whole, _ = drawn(seed, 1500, 150, share, error)
            low, high = prediction_powered(whole).interval()
            held += low <= share <= high
            low, high = naive_count(whole).interval()
            naive += low <= share <= high
        assert 0.90 <= held / 200 <= 0.99
        assert naive / 200 < 0.1


def test_design_effect_of_single_units_is_one():
    assert design_effect(drawn()[0]) == 1.0


def test_design_effect_of_alike_units_is_their_number():
    f = np.repeat(np.arange(200) % 2, 5)
    assert design_effect(sample(f, f, np.repeat(np.arange(200), 5))) == pytest.approx(5.0)


def test_resampled_sums_scatter_around_the_sums():
    sums = resample_sums(np.column_stack([np.ones(400), np.arange(400.0)]), 300, np.random.default_rng(0))
    assert sums.shape == (300, 2)
    assert sums.mean(0) == pytest.approx([400, 79800], rel=0.01)
    assert sums[:, 0].std() == pytest.approx(20, rel=0.15)
