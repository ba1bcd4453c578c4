"""Loaded language in whole analyses: whose it is, of what kind, and that it does not follow who is spoken about."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import framing
from framing.bias import BiasClassifier

PROBES = Path(__file__).resolve().parents[1] / "datasets" / "probes"
SETS = json.loads((PROBES / "counterfactuals.json").read_text(encoding="utf-8"))


def words(doc):
    return {word.text: (word.kind, word.voice) for word in doc.bias.spans}


def test_a_source_s_insult_is_the_source_s():
    doc = framing.analyze("“He is a pathetic liar,” Smith said of the mayor.")
    assert words(doc) == {"pathetic liar": ("label", "source")}
    assert doc.bias.by_voice["author"] == 0
    assert doc.bias.by_voice["source"] > 0.9


def test_an_embraced_quotation_counts_for_the_author():
    text = "The mayor rightly called the plan “a shameless gift to developers”."
    doc = framing.analyze(text)
    assert [(s.voice, s.embraced) for s in doc.statements] == [("source", True)]
    assert words(doc) == {"shameless": ("evaluative", "author")}
    assert doc.bias.by_voice["author"] == doc.bias.score > 0.5
    plain = framing.analyze(text.replace("rightly ", ""))
    assert not any(s.embraced for s in plain.statements)
    assert plain.bias.by_voice["author"] == 0


def test_loaded_words_that_introduce_an_attribution_are_the_author_s():
    doc = framing.analyze("Critics whined that it was late.")
    assert words(doc)["whined"][1] == "author"
    assert doc.to_dict()["bias"]["loaded"][0]["statement"] is None


def test_records_without_kinds_are_read():
    record = framing.analyze("The shameless plan is a farce.").to_dict()
    del record["bias"]["loaded"]
    for statement in record["statements"]:
        del statement["embraced"]
    doc = framing.Analysis.from_dict(record)
    assert {word.kind for word in doc.bias.spans} == {None}
    assert not doc.statements[0].embraced


@pytest.mark.parametrize("name", SETS)
def test_scores_do_not_follow_who_is_spoken_about(name):
    changes = []
    for template in SETS[name]["templates"]:
        texts = [template.format(*filler) for filler in SETS[name]["fillers"]]
        scores = BiasClassifier().predict_proba(texts)[:, 1]
        changes += [abs(a - b) for a, b in combinations(scores.tolist(), 2)]
    assert max(changes) <= 0.15
    # Words of a dialect are words as well as signs of who speaks; they are not masked.
    assert np.mean(changes) <= (0.05 if name == "dialect" else 0.03)


def test_a_saved_classifier_masks_as_before(tmp_path):
    texts = ["A shameless Mexican plan.", "The plan was published."] * 6
    model = BiasClassifier().fit(texts, [1, 0] * 6, spans=[[(2, 11)], []] * 6)
    framing.save(model, tmp_path / "model")
    swapped = [text.replace("Mexican", "Polish") for text in texts]
    read = framing.load(tmp_path / "model")
    assert np.allclose(read.predict_proba(swapped), model.predict_proba(texts), atol=1e-6)
