"""Saving and loading estimators and analyzers."""

import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

import framing
from framing import (
    AttributionExtractor,
    BiasClassifier,
    Frame,
    FrameClassifier,
    LexiconFeatures,
    LoadedLanguageTagger,
    ModelError,
    StaticEmbedding,
    TextFeatures,
)
from framing.storage import _minor

DATA = Path(__file__).parent / "data" / "models"
TEXTS = ["The board met on Tuesday.", "A vile and shameful swindle!", "Rain fell.", "What a betrayal!"] * 3
KINDS = ["fact", "opinion"] * 6
ARTICLE = "Critics fear the dam will fail. “It is a disgrace,” said Ida Voss. Rain fell on Tuesday."
FRAMES = [Frame("weather", seeds=("rain", "storm")), Frame("blame", seeds=("shameful", "betrayal"))]


def again(model, folder, **options):
    framing.save(model, folder, **options)
    return framing.load(folder)


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def test_what_describes_a_model_is_kept(tmp_path):
    framing.save(
        BiasClassifier().fit(TEXTS, KINDS), tmp_path / "it", name="loud", version="2", licence="CC0-1.0", seed=11,
        data=[{"name": "twelve sentences", "licence": "CC0-1.0"}], scores={"f1": [0.5, 0.4, 0.6]}, card="# Loud\n",
    )  # fmt: skip
    manifest = manifest_of(tmp_path / "it")
    assert (manifest["kind"], manifest["name"], manifest["version"]) == ("estimator", "loud", "2")
    assert (manifest["licence"], manifest["seed"], manifest["scores"]) == ("CC0-1.0", 11, {"f1": [0.5, 0.4, 0.6]})
    assert manifest["data"] == [{"name": "twelve sentences", "licence": "CC0-1.0"}]
    assert manifest["config"]["needs"] == {"embedding": "embedding 1", "features": "features 1"}
    assert (tmp_path / "it" / "CARD.md").read_text(encoding="utf-8") == "# Loud\n"


def test_the_same_model_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        framing.save(BiasClassifier().fit(TEXTS, KINDS), tmp_path / name)
    for first, second in zip(*(sorted((tmp_path / name).iterdir()) for name in ("one", "two")), strict=True):
        assert (first.name, first.read_bytes()) == (second.name, second.read_bytes())


def test_what_is_not_learned_is_not_stored(tmp_path):
    classifier = FrameClassifier("narrative")
    classifier.predict(TEXTS)  # reads the bundled model
    framing.save(classifier, tmp_path / "it")
    assert sum(path.stat().st_size for path in (tmp_path / "it").iterdir()) < 2000
    assert "narrative" in manifest_of(tmp_path / "it")["config"]["needs"]


def test_other_bundled_models_are_named(tmp_path, monkeypatch):
    framing.save(BiasClassifier().fit(TEXTS, KINDS), tmp_path / "it")
    monkeypatch.setattr("framing.storage.model_version", lambda name: f"{name} 99")
    with pytest.raises(ModelError, match=r"saved with the bundled model 'embedding 1', but .* has 'embedding 99'"):
        framing.load(tmp_path / "it")


def test_set_output_goes_with_a_transformer(tmp_path):
    pytest.importorskip("pandas")
    features = LexiconFeatures(lexicons=("hedges",)).fit(TEXTS).set_output(transform="pandas")
    assert list(again(features, tmp_path / "it").transform(TEXTS).columns) == ["hedges"]


FOREIGN = {
    "pipeline": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()),
    "with our features": lambda: make_pipeline(
        make_union(TextFeatures(groups=("surface",)), StaticEmbedding(), LexiconFeatures()), LogisticRegression()
    ),
    "selected and calibrated": lambda: make_pipeline(
        TfidfVectorizer(), SelectKBest(chi2, k=5), CalibratedClassifierCV(LinearSVC(), cv=2)
    ),
    "stochastic": lambda: make_pipeline(TfidfVectorizer(), SGDClassifier(loss="log_loss", random_state=0)),
    "search": lambda: GridSearchCV(make_pipeline(TfidfVectorizer(), LogisticRegression()), {}, cv=2),
    "search over ours": lambda: GridSearchCV(BiasClassifier(), {"C": [0.1, 1.0]}, cv=2),
    "ours calibrated": lambda: CalibratedClassifierCV(BiasClassifier(), cv=2),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_estimators_of_scikit_learn_are_stored_without_pickle(tmp_path, kind):
    model = FOREIGN[kind]().fit(TEXTS, KINDS)
    other = again(model, tmp_path / "it")
    assert [path.suffix for path in (tmp_path / "it").iterdir() if path.name != "manifest.json"] == [".skops"]
    np.testing.assert_allclose(other.predict_proba(TEXTS), model.predict_proba(TEXTS), atol=1e-6)


def test_trees_need_trust(tmp_path):
    model = make_pipeline(StaticEmbedding(), RandomForestClassifier(3, random_state=0)).fit(TEXTS, KINDS)
    with pytest.raises(ModelError, match=r"it holds sklearn\.tree\._tree\.Tree, which is not on the list"):
        framing.save(model, tmp_path / "it")
    assert not (tmp_path / "it").exists()
    framing.save(model, tmp_path / "it", trusted=True)
    with pytest.raises(ModelError, match=r"stored with joblib.*load it with trusted=True"):
        framing.load(tmp_path / "it")
    other = framing.load(tmp_path / "it", trusted=True)
    np.testing.assert_array_equal(other.predict_proba(TEXTS), model.predict_proba(TEXTS))


def test_files_of_joblib_need_trust(tmp_path):
    joblib.dump(BiasClassifier(C=0.1), tmp_path / "model.joblib")
    with pytest.raises(ModelError, match="runs code from it"):
        framing.load(tmp_path / "model.joblib")
    assert framing.load(tmp_path / "model.joblib", trusted=True).C == 0.1


def test_what_is_no_estimator_is_refused(tmp_path):
    for wrong in ("BiasClassifier", BiasClassifier, {"C": 1}, None):
        with pytest.raises(TypeError, match="model must be an estimator or an Analyzer"):
            framing.save(wrong, tmp_path / "it")
    with pytest.raises(ModelError, match=r"BiasClassifier\.C is a builtins\.complex, which cannot be saved"):
        framing.save(BiasClassifier(C=1j), tmp_path / "it")


def test_a_bundled_part_is_no_estimator():
    from framing.models import model_path

    with pytest.raises(ModelError, match="'tagger', which is no estimator but a part of one"):
        framing.load(model_path("tagger"))


def test_an_analyzer_is_saved_with_parts_of_its_own(tmp_path):
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, KINDS)
    labels = np.array([[0, 0], [0, 1], [1, 0], [0, 1]] * 3)
    analyzer = framing.Analyzer(
        attribution=AttributionExtractor(threshold=0.6),
        opinion=pipeline,
        bias=BiasClassifier().fit(TEXTS, KINDS),
        frames={"mine": FrameClassifier(FRAMES).fit(TEXTS, labels), "a/../b.c": FrameClassifier(FRAMES)},
    )
    analyzer.save(tmp_path / "it", seed=3)
    other = framing.load(tmp_path / "it")
    assert list(other.frames) == ["mine", "a/../b.c"]
    assert other.analyze(ARTICLE) == analyzer.analyze(ARTICLE)
    assert manifest_of(tmp_path / "it")["seed"] == 3


def test_an_analyzer_without_parts_is_its_tier(tmp_path):
    assert repr(again(framing.Analyzer(), tmp_path / "it")) == "Analyzer(tier='default')"
    assert repr(again(framing.Analyzer(frames={}), tmp_path / "it")) == "Analyzer(tier='default', frames={})"
    assert repr(again(framing.Analyzer(max_length=9), tmp_path / "it")) == "Analyzer(tier='default', max_length=9)"


class Loud:
    """A classifier of statements that scikit-learn does not know."""

    classes_ = ("fact", "opinion")

    def predict_proba(self, texts):
        loud = np.array(["!" in text for text in texts], dtype=float)
        return np.column_stack([1 - loud, loud])


def test_a_part_that_cannot_be_saved_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"own opinion cannot be saved\. Loud cannot be stored without pickle"):
        framing.Analyzer(opinion=Loud()).save(tmp_path / "it")


def test_a_part_of_another_kind_is_refused(tmp_path):
    framing.Analyzer(bias=BiasClassifier()).save(tmp_path / "it")
    from framing.persistence import load_files, save_files

    manifest, _ = load_files(tmp_path / "it")
    record = framing.storage.store_estimator(LoadedLanguageTagger(), "opinion")
    config = manifest["config"] | {"parts": {"opinion": record.record}}
    save_files(
        tmp_path / "it", record.files, kind="analyzer", name="x", version="1", licence="CC0-1.0", config=config
    )
    with pytest.raises(ModelError, match="cannot be loaded"):
        framing.load(tmp_path / "it")


# Models of earlier formats and versions

def test_an_analyzer_of_format_1_is_loaded(tmp_path):
    shutil.copytree(DATA / "format-1-analyzer", tmp_path / "it")
    manifest = manifest_of(tmp_path / "it")
    assert manifest["format"] == 1
    manifest["config"]["models"] = framing.Analyzer()._model_names()  # those of today
    (tmp_path / "it" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert repr(framing.load(tmp_path / "it")) == "Analyzer(tier='default')"


def test_estimators_of_format_2_are_loaded():
    features = framing.load(DATA / "format-2")
    assert features.transform(["It is reportedly late."]).round(1).tolist() == [[0.2]]


def test_a_pipeline_of_format_2_is_loaded():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InconsistentVersionWarning)  # it may come from another scikit-learn
        pipeline = framing.load(DATA / "format-2-pipeline")
    np.testing.assert_allclose(pipeline.predict_proba(["A shameful board."]), [[0.490279, 0.509721]], atol=1e-5)


SAVES = """
import sys, numpy as np, sklearn, framing
from framing import BiasClassifier, StaticEmbedding
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
texts = ["The board met on Tuesday.", "A vile and shameful swindle!", "Rain fell.", "What a betrayal!"] * 3
kinds = ["fact", "opinion"] * 6
for name, model in (("own", BiasClassifier()), ("foreign", make_pipeline(StaticEmbedding(), LogisticRegression()))):
    framing.Analyzer(opinion=model.fit(texts, kinds)).save(sys.argv[1] + "/" + name)
    np.save(sys.argv[1] + "/" + name + ".npy", model.predict_proba(texts))
print(sklearn.__version__)
"""


@pytest.mark.skipif(
    "FRAMING_OTHER_PYTHON" not in os.environ,
    reason="FRAMING_OTHER_PYTHON names no interpreter with another scikit-learn",
)
def test_models_saved_under_another_scikit_learn_are_loaded(tmp_path):
    """Our own under any; foreign ones under a newer than they were saved with, and else with a sentence."""
    source = Path(framing.__file__).parents[1]
    done = subprocess.run(
        [os.environ["FRAMING_OTHER_PYTHON"], "-c", SAVES, str(tmp_path)], check=True, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(source)},
    )  # fmt: skip
    other = done.stdout.strip()
    assert other != sklearn.__version__
    assert manifest_of(tmp_path / "own")["created_with"]["scikit-learn"] == other
    names = ["own", "foreign"]
    if _minor(other) > _minor(sklearn.__version__):
        names.remove("foreign")
        with pytest.raises(ModelError, match=f"its opinion: it was saved with scikit-learn {re.escape(other)}"):
            framing.load(tmp_path / "foreign")
    for name in names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            model = framing.load(tmp_path / name).opinion
        np.testing.assert_allclose(model.predict_proba(TEXTS), np.load(tmp_path / f"{name}.npy"), atol=1e-5)


def test_a_foreign_estimator_of_a_newer_scikit_learn_is_refused(tmp_path, monkeypatch):
    framing.save(make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, KINDS), tmp_path / "it")
    monkeypatch.setattr("sklearn.__version__", "1.2.3")
    with pytest.raises(ModelError, match=r"newer than the 1\.2\.3 here. Update scikit-learn, or train it again"):
        framing.load(tmp_path / "it")


def test_loading_our_own_needs_neither_skops_nor_joblib(tmp_path):
    framing.save(LexiconFeatures(lexicons=("hedges",)), tmp_path / "it")
    code = (
        "import sys, framing; framing.load(sys.argv[1]);"
        "print([name for name in ('skops', 'sklearn.linear_model') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "it")], check=True, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(framing.__file__).parents[1])},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
