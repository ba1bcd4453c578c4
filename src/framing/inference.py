"""Shares from a classifier's output and a hand-labelled subset, with intervals that hold although it errs.

Arrays in, numbers out. A unit is whatever is counted: a statement, an attribution, a sentence, an article. Units of one
article resemble each other, so every variance here is made of sums over articles.

The prediction-powered estimate of a share is the mean of the labels, corrected by what the predictions say about the
units that nobody labelled::

    share = mean(y) + λ (mean of f over all units - mean of f over the labelled units)

for labels y and predictions f. It is unbiased for every fixed λ, whatever f is; λ is chosen for the smallest variance
(power tuning). λ = 0 is the labelled subset alone, λ = 1 takes the predictions at their word.

References
----------
Angelopoulos, Bates, Fannjiang, Jordan and Zrnic (2023). Prediction-powered inference. Science 382.
Angelopoulos, Duchi and Zrnic (2023). PPI++: Efficient prediction-powered inference. arXiv:2311.01453.
Wilson (1927). Probable inference, the law of succession, and statistical inference. JASA 22.
Korn and Graubard (1998). Confidence intervals for proportions with small expected number of positive counts estimated
from survey data. Survey Methodology 24 (effective sample size in place of the sample size).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ESTIMATORS",
    "Estimate",
    "Sample",
    "adjusted_count",
    "crowd",
    "design_effect",
    "labels_alone",
    "likeness",
    "naive_count",
    "plain_interval",
    "prediction_powered",
    "resample_sums",
    "score_interval",
]

Floats = NDArray[np.float64]

_BLOCK = 64
_DOUBT_LABELS, _DOUBT_POWER = 6.0, 1.5
"""How long the interval doubts that predictions helped as much as it seems.

With few labels of a kind, the variance of what the predictions leave open is itself a guess, and too small more often
than not. So the variance is drawn towards the one that labels would have without predictions, by the weight
(6 / (6 + labels of the rarer kind)) ** 1.5. The numbers were chosen by simulation
(``training/simulate_prevalence.py``)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Units with predictions, some of them labelled.

    Attributes
    ----------
    predicted : ndarray of bool, shape (n_units,)
        The classifier's decisions.
    score : ndarray of float, shape (n_units,)
        Its probabilities, from 0 to 1, or the decisions again where it gives none.
    gold : ndarray of float, shape (n_units,)
        Labels from 0 to 1, nan where there is none.
    article : ndarray of int, shape (n_units,)
        Which article a unit belongs to.
    size : ndarray of float, shape (n_units,)
        How much a unit counts, such as its words; 1 for shares of units.
    draw : ndarray of float, shape (n_units,)
        Sampling weight of a labelled unit: 1 over the probability with which it was drawn, up to a factor.
    """

    predicted: NDArray[np.bool_]
    score: Floats
    gold: Floats
    article: NDArray[np.intp]
    size: Floats
    draw: Floats

    def take(self, units: NDArray[np.bool_] | NDArray[np.intp]) -> Sample:
        """The sample of some of the units, with articles numbered anew."""
        _, article = np.unique(self.article[units], return_inverse=True)
        return Sample(
            self.predicted[units], self.score[units], self.gold[units], article, self.size[units], self.draw[units]
        )

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Which units have a label."""
        return ~np.isnan(self.gold)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share and how sure it is.

    Attributes
    ----------
    share : float
        From 0 to 1; nan where there is nothing to make it from.
    variance : float
        Of the estimate, by linearisation over articles.
    df : float
        Degrees of freedom for Student's t.
    units : float
        Number of units that the estimate rests on: the labelled ones, for naive counting all.
    effect : float
        Design effect that the labelled units are to be expected to have; see `design_effect`.
    rarer : float
        Labelled units of the rarer kind, 0 or 1.
    tuning : float
        λ, nan for other estimates.
    mean : bool
        Whether the estimate is a mean of labels or decisions, corrected or not, so that its uncertainty is that of a
        number of labels; an adjusted count is a ratio, and its uncertainty isn't.
    """

    share: float
    variance: float
    df: float
    units: float
    effect: float
    rarer: float
    tuning: float = float("nan")
    mean: bool = True

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Lower and upper bound of the share: of means `score_interval`, else `plain_interval`."""
        return score_interval(self, confidence) if self.mean else plain_interval(self, confidence)


_NAN = float("nan")
_NOTHING = Estimate(_NAN, _NAN, _NAN, _NAN, _NAN, _NAN)


def naive_count(sample: Sample) -> Estimate:
    """Share of the classifier's decisions, as if it made no errors; no labels are used."""
    decided = sample.predicted.astype(np.float64)
    if not decided.size:
        return _NOTHING
    share = float(np.average(decided, weights=sample.size))
    influence = _article_sums(sample, sample.size * (decided - share)) / sample.size.sum()
    count = len(influence)
    if count < 2:
        return Estimate(share, float("nan"), float("nan"), len(decided), 1.0, 0.0)
    variance = float((influence**2).sum()) * count / (count - 1)
    rarer = float(min(decided.sum(), len(decided) - decided.sum()))
    return Estimate(share, variance, count - 1, len(decided), 1.0, rarer)


def labels_alone(sample: Sample) -> Estimate:
    """Share of the labels of the labelled subset; predictions are not used."""
    return _tuned(sample, power=False)


def prediction_powered(sample: Sample) -> Estimate:
    """Power-tuned prediction-powered share (PPI++), clustered by article."""
    return _tuned(sample, power=True)


def adjusted_count(sample: Sample) -> Estimate:
    """Share of decisions, corrected by sensitivity and false-alarm rate in the labelled subset.

    Forman's adjusted count, known in epidemiology as the estimate of Rogan and Gladen (1978). Its variance is the delta
    method's, with the two rates estimated from the labels, and its interval the plain one (`plain_interval`): Wilson's
    is of means, and takes a count that falls outside 0 to 1 for labels that are all alike. Nan where sensitivity isn't
    above the false-alarm rate.
    """
    on = sample.labelled
    if not on.any():
        return _NOTHING
    weight, y, f = (sample.draw * sample.size)[on], sample.gold[on], sample.predicted[on].astype(np.float64)
    positive, negative = float((weight * y).sum()), float((weight * (1 - y)).sum())
    if not positive or not negative:
        return _NOTHING
    hit, alarm = float((weight * y * f).sum()) / positive, float((weight * (1 - y) * f).sum()) / negative
    if hit <= alarm:
        return _NOTHING
    decided = sample.predicted.astype(np.float64)
    counted = float(np.average(decided, weights=sample.size))
    share = (counted - alarm) / (hit - alarm)
    parts = sample.size * (decided - counted) / sample.size.sum()
    parts[on] -= share * weight * y * (f - hit) / positive + (1 - share) * weight * (1 - y) * (f - alarm) / negative
    influence = _article_sums(sample, parts) / (hit - alarm)
    return replace(_with_variance(sample, share, influence, spent=2), mean=False)


ESTIMATORS: dict[str, Callable[[Sample], Estimate]] = {
    "naive": naive_count,
    "gold": labels_alone,
    "adjusted": adjusted_count,
    "ppi": prediction_powered,
}
"""How a share can be had, by the name of the method."""


def design_effect(sample: Sample) -> float:
    """How much labels in articles and unequal weights inflate the variance of a mean, judged by the predictions.

    Judged by the predictions because there are many of them; labels that are few can't tell. Never below 1.
    """
    on = sample.labelled
    f, size = sample.score, sample.size
    mean = np.average(f, weights=size)
    parts = size * (f - mean)
    alike = likeness(parts, sample.article)
    weight = (sample.draw * size)[on]
    unequal = len(weight) * float((weight**2).sum()) / float(weight.sum()) ** 2
    return max(1.0, unequal * (1 + (crowd(sample.article[on]) - 1) * alike))


def score_interval(estimate: Estimate, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval with an effective sample size and Student's t.

    The effective sample size is the number of independent labels that would be as sure. It is drawn towards what the
    labels would be worth without predictions, the more so the fewer labels there are of the rarer kind: otherwise the
    interval is too narrow where a label is rare.

    Parameters
    ----------
    estimate : Estimate
    confidence : float, default=0.95
        Between 0 and 1.

    Returns
    -------
    (float, float)
        From 0 to 1; nan where there are too few articles to say.
    """
    reach = _quantile(estimate, confidence)
    if np.isnan(reach):
        return reach, reach
    share = min(max(estimate.share, 0.0), 1.0)
    plain = share * (1 - share) / estimate.units
    ratio = estimate.variance / plain if plain > 0 and estimate.variance > 0 else estimate.effect
    seen = estimate.rarer / estimate.effect
    doubt = (_DOUBT_LABELS / (_DOUBT_LABELS + seen)) ** _DOUBT_POWER
    ratio = max(ratio, (1 - doubt) * ratio + doubt * estimate.effect)
    size = estimate.units / ratio
    z2 = reach**2
    middle = (share + z2 / (2 * size)) / (1 + z2 / size)
    half = np.sqrt(z2 * (share * (1 - share) / size + z2 / (4 * size**2))) / (1 + z2 / size)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def plain_interval(estimate: Estimate, confidence: float = 0.95) -> tuple[float, float]:
    """Estimate ± t × standard error, cut to 0 and 1.

    Parameters
    ----------
    estimate : Estimate
    confidence : float, default=0.95
        Between 0 and 1.

    Returns
    -------
    (float, float)
        From 0 to 1; nan where there are too few articles to say.
    """
    reach = _quantile(estimate, confidence) * np.sqrt(estimate.variance)
    if np.isnan(reach):
        return float("nan"), float("nan")
    low, high = (min(max(float(estimate.share + side * reach), 0.0), 1.0) for side in (-1, 1))
    return low, high


def _quantile(estimate: Estimate, confidence: float) -> float:
    """Student's t that bounds an interval; nan where there are too few articles to say."""
    from scipy.stats import t  # takes a third of a second to import

    if not estimate.df > 0 or np.isnan(estimate.share):
        return float("nan")
    return float(t.ppf((1 + confidence) / 2, estimate.df))


def crowd(article: NDArray[np.intp]) -> float:
    """Number of units in the article of a unit, on average over the units."""
    counts = np.bincount(article).astype(np.float64)
    return float((counts**2).sum() / counts.sum())


def likeness(parts: Floats, article: NDArray[np.intp]) -> float:
    """How much units of one article resemble each other, from 0 to 1, by their deviations and their articles' numbers.

    0 where units do not deviate, or stand alone in their articles.
    """
    apart = float((parts**2).sum())
    together = float((np.bincount(article, parts) ** 2).sum())
    crowded = crowd(article)
    return 0.0 if apart == 0 or crowded <= 1 else min(max((together / apart - 1) / (crowded - 1), 0.0), 1.0)


def resample_sums(columns: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """Sums of columns over resampled articles, for the bootstrap.

    Parameters
    ----------
    columns : ndarray of float, shape (n_articles, n_columns)
    resamples : int
    rng : Generator

    Returns
    -------
    ndarray of float, shape (resamples, n_columns)
    """
    from scipy.sparse import csr_array

    # Poisson weights stand for drawing with replacement: the same in the limit, and there is no order to keep.
    sparse = csr_array(columns.T)
    out = np.empty((resamples, columns.shape[1]))
    for start in range(0, resamples, _BLOCK):
        stop = min(start + _BLOCK, resamples)
        out[start:stop] = (sparse @ rng.poisson(1.0, (len(columns), stop - start)).astype(np.float64)).T
    return out


def _tuned(sample: Sample, *, power: bool) -> Estimate:
    on = sample.labelled
    if not on.any():
        return _NOTHING
    weight, y, f = (sample.draw * sample.size)[on], sample.gold[on], sample.score
    gold, part = float(np.average(y, weights=weight)), float(np.average(f[on], weights=weight))
    parts = np.zeros(len(f))
    parts[on] = weight * (y - gold) / weight.sum()
    own = _article_sums(sample, parts)
    if not power:
        return _with_variance(sample, gold, own, spent=1)
    whole = float(np.average(f, weights=sample.size))
    parts = sample.size * (f - whole) / sample.size.sum()
    parts[on] -= weight * (f[on] - part) / weight.sum()
    shift = _article_sums(sample, parts)
    spread = float((shift**2).sum())
    tuning = min(max(-float((own * shift).sum()) / spread, 0.0), 1.0) if spread > 0 else 0.0
    return _with_variance(sample, gold + tuning * (whole - part), own + tuning * shift, spent=2, tuning=tuning)


def _with_variance(
    sample: Sample, share: float, influence: Floats, *, spent: int, tuning: float = float("nan")
) -> Estimate:
    """Estimate from the articles' influences; `spent` is the number of quantities estimated from the labels."""
    on = sample.labelled
    articles = len(np.unique(sample.article[on]))
    df = articles - spent
    variance = float((influence**2).sum()) * articles / df if df > 0 else float("nan")
    ones = float(sample.gold[on].sum())
    rarer = min(ones, float(on.sum()) - ones)
    return Estimate(share, variance, df, int(on.sum()), design_effect(sample), rarer, tuning)


def _article_sums(sample: Sample, values: Floats) -> Floats:
    return np.bincount(sample.article, weights=values).astype(np.float64, copy=False)
