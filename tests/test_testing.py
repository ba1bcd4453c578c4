"""The battery for estimators on raw text, over every estimator there is; and that it finds what is wrong."""

import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.exceptions import SkipTestWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.utils.estimator_checks import estimator_checks_generator

import framing
from framing import Frame, FrameClassifier, LexiconFeatures, StaticEmbedding, TextFeatures
from framing.testing import TEXTS, all_estimators, check_text_estimator, sample_labels, text_checks

FRAMES = [Frame("weather", seeds=("rain", "storm", "ferry")), Frame("blame", seeds=("shameful", "betrayal", "vile"))]


def estimators():
    """One of each, small where size makes it slow."""
    small = {"FrameClassifier": {"frames": FRAMES}}
    return [kind(**small.get(name, {})) for name, kind in all_estimators().items()]


def name_of(value):
    return value if isinstance(value, str) else type(value).__name__


def test_discovery_finds_every_public_estimator():
    public = {
        name for name in framing.__all__ if isinstance(getattr(framing, name), type)
        and issubclass(getattr(framing, name), BaseEstimator)
    }  # fmt: skip
    assert public == set(all_estimators())
    assert {"AttributionExtractor", "StatementClassifier", "FrameClassifier", "TextFeatures"} <= public


@pytest.mark.parametrize(
    ("check", "name", "estimator"),
    [(check, name, estimator) for estimator in estimators() for name, check in text_checks(estimator)],
    ids=name_of,
)
def test_every_estimator_passes_the_battery(check, name, estimator):
    check()


@pytest.mark.parametrize("estimator", estimators(), ids=name_of)
def test_every_estimator_passes_scikit_learn(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)  # it has no more checks for texts, and says so
        checks = list(estimator_checks_generator(estimator, legacy=True))
        assert checks
        for instance, check in checks:
            check(instance)


def test_a_grid_search_over_a_whole_pipeline_with_two_processes():
    pipeline = Pipeline(
        [
            ("features", make_union(TextFeatures(groups=("surface",)), StaticEmbedding(), LexiconFeatures())),
            ("model", LogisticRegression()),
        ]
    )
    grid = {
        "model__C": [0.1, 10.0],
        "features__staticembedding__normalize": [True, False],
        "features__textfeatures__groups": [("surface",), ("lexicons", "surface")],
    }
    labels = ["report", "loaded"] * 6
    searches = [GridSearchCV(pipeline, grid, cv=3, n_jobs=jobs).fit(TEXTS, labels) for jobs in (1, 2)]
    scores = [search.cv_results_["mean_test_score"] for search in searches]
    assert len(scores[0]) == 8
    np.testing.assert_array_equal(*scores)
    assert searches[0].best_params_ == searches[1].best_params_
    assert list(searches[1].predict(["What a vile, shameful lie!", "The council will meet at six."])) == [
        "loaded", "report",
    ]  # fmt: skip


def test_a_pipeline_of_scikit_learn_passes_but_for_what_it_is_known_for():
    known = {"bare_string", "wrong_texts", "wrong_labels"}
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression())
    assert len(check_text_estimator(pipeline, expected_failures=known)) > 15


def test_our_features_make_a_pipeline_of_scikit_learn_pass():
    pipeline = make_pipeline(StaticEmbedding(), LogisticRegression())
    check_text_estimator(pipeline, expected_failures={"wrong_labels"})


class Broken(ClassifierMixin, BaseEstimator):
    """Every text is loud; each test below breaks it in one way."""

    def __init__(self, *, C=1.0):
        self.C = C

    def fit(self, X, y):
        framing.base.check_paired(framing.base.check_texts(X), y)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(framing.base.check_texts(X)))


class ChangesParameter(Broken):
    def fit(self, X, y):
        self.C = 2.0
        return super().fit(X, y)


class Remembers(Broken):
    def fit(self, X, y):
        super().fit(X, y)
        self.seen_ = getattr(self, "seen_", 0) + 1
        return self

    def predict(self, X):
        return np.repeat(self.classes_[-1 if self.seen_ > 1 else 0], len(framing.base.check_texts(X)))


class TakesOneString(Broken):
    def predict(self, X):
        return super().predict([X] if isinstance(X, str) else X)


class FailsOnEmpty(Broken):
    def predict(self, X):
        return [[text.split()[0]] and self.classes_[0] for text in framing.base.check_texts(X)]


class DependsOnNeighbours(Broken):
    def predict(self, X):
        texts = framing.base.check_texts(X)
        return np.repeat(self.classes_[min(len(texts), 2) - 1], len(texts))


class MumblesAboutLabels(Broken):
    def fit(self, X, y):
        framing.base.check_texts(X)
        self.classes_ = np.array(sorted(y))
        return self


class LeavesItsText(BaseEstimator):
    def fit(self, X, y=None):
        framing.base.check_texts(X)
        return self

    def predict(self, X):
        return [[(0, len(text) + 1)] for text in framing.base.check_texts(X)]


class MisnamesColumns(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        framing.base.check_texts(X)
        return self

    def transform(self, X):
        return np.array([[len(text), 1.0] for text in framing.base.check_texts(X)])

    def get_feature_names_out(self, input_features=None):
        return np.array(["length", "length"], dtype=object)

    def __sklearn_is_fitted__(self):
        return True


@pytest.mark.parametrize(
    ("kind", "check", "message"),
    [
        (ChangesParameter, "fit", "the parameter C before and after fit differ"),
        (Remembers, "fit_twice", "fit after another fit differ"),
        (TakesOneString, "bare_string", "predict with one str must raise an error, but is taken"),
        (FailsOnEmpty, "messy_texts", "list index out of range"),
        (DependsOnNeighbours, "one_by_one", "alone and among others differ"),
        (MumblesAboutLabels, "wrong_labels", "must say what is wrong and what to do"),
        (LeavesItsText, "spans", r"predict gives \[0, 39\) in a text of 38"),
        (MisnamesColumns, "feature_names", "gives a name twice"),
    ],
)
def test_the_battery_finds_what_is_wrong(kind, check, message):
    with pytest.raises((AssertionError, IndexError), match=message):
        dict(text_checks(kind()))[check]()


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(AssertionError, match=r"LeavesItsText fails \d+ checks:\n[\s\S]*spans: predict gives"):
        check_text_estimator(LeavesItsText())


def test_a_check_that_passes_against_expectation_is_an_error():
    with pytest.raises(AssertionError, match="html: was expected to fail, but passes"):
        check_text_estimator(LexiconFeatures(lexicons=("hedges",)), expected_failures={"html"})


def test_a_class_is_no_estimator():
    with pytest.raises(TypeError, match=r"must be an instance\. Got the class LexiconFeatures; call it first"):
        check_text_estimator(LexiconFeatures)


def test_labels_fit_the_estimator():
    assert sample_labels(LexiconFeatures()) is None
    assert sample_labels(FrameClassifier(FRAMES)).shape == (12, 2)
    assert sample_labels(make_pipeline(TfidfVectorizer(), LogisticRegression()))[:2] == ["report", "loaded"]
