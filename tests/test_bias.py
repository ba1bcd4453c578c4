import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline

from framing.bias import BiasClassifier
from framing.bias_scores import BiasScorer, LoadedScorer, loaded_runs, mean_score
from framing.linear import WordTable
from framing.loaded import LoadedLanguageTagger
from framing.text import tokenize
from framing.word_rows import bundled_features

LOADED = [
    "The disgraced minister's shameless lies are an insult to every decent taxpayer.",
    "Radical extremists are hell-bent on destroying our schools.",
    "What a pathetic, cowardly betrayal of the people!",
    "The governor's corrupt cronies have rigged the whole rotten system.",
]
PLAIN = [
    "The council will meet on Tuesday at noon.",
    "The bridge opened in 1962 and carries 14,000 cars a day.",
    "Shares of the company fell 3 percent on Thursday.",
    "The committee published its report in March.",
]
MESSY = ["", " ", "\x00", "🙂", "\ud800", "“", "a" * 3000, "((((((", "مرحبا"]


def words_of(spans, text):
    return [text[start:end] for start, end, _ in spans]


class TestBiasClassifier:
    def test_bundled_model_tells_loaded_from_plain(self):
        scores = BiasClassifier().predict_proba(LOADED + PLAIN)[:, 1]
        assert scores[:4].min() > 0.5 > scores[4:].max()
        assert BiasClassifier().predict(LOADED + PLAIN).tolist() == [1] * 4 + [0] * 4

    def test_probabilities_sum_to_one(self):
        assert np.allclose(BiasClassifier().predict_proba(LOADED + MESSY).sum(axis=1), 1)

    def test_contributions_and_intercept_sum_to_the_score(self):
        model = BiasClassifier()
        for text in LOADED + PLAIN + MESSY:
            found = model.explain(text)
            total = found.intercept + sum(part.value for part in found.contributions)
            assert total == pytest.approx(found.score, abs=1e-9)
            assert found.score == pytest.approx(model.decision_function([text])[0], abs=1e-5)
            assert all(text[part.start : part.end] == part.text for part in found.contributions)

    def test_a_batch_gives_what_single_texts_give(self):
        texts = LOADED + PLAIN + MESSY
        together = BiasClassifier().decision_function(texts)
        alone = [BiasClassifier().decision_function([text])[0] for text in texts]
        assert np.allclose(together, alone, atol=1e-5)

    def test_the_score_does_not_follow_unusual_names(self):
        template = "{} said the road would open in May."
        scores = BiasClassifier().predict_proba([template.format(n) for n in ("Zelmira", "Quorvath", "Ilbrecht")])
        assert np.ptp(scores[:, 1]) < 0.03

    def test_fit_learns_other_labels_and_leaves_the_input_alone(self):
        texts, labels = (LOADED + PLAIN) * 3, (["loud"] * 4 + ["calm"] * 4) * 3
        model = BiasClassifier().fit(texts, labels)
        assert model.classes_.tolist() == ["calm", "loud"]
        assert model.predict(texts).tolist() == labels
        found = model.explain(LOADED[2])
        assert sum(p.value for p in found.contributions) + model.intercept_ == pytest.approx(found.score)

    def test_fit_learns_from_marked_words(self):
        texts = [f"The {word} plan for the harbour." for word in ("zany", "dire", "new", "next", "zany", "new")] * 4
        labels = [int(word in text) for text in texts for word in ("zany",)]
        spans = [[(4, 8)] if label else [] for label in labels]
        model = BiasClassifier().fit(texts, labels, spans=spans)
        zany, new = model.predict_proba(["Their zany idea", "Their new idea"])[:, 1]
        assert zany > new
        with pytest.raises(ValueError, match="must go together"):
            BiasClassifier().fit(texts, labels, spans=[[]])

    def test_it_is_an_ordinary_estimator(self):
        texts, labels = np.array((LOADED + PLAIN) * 3), np.array(([1] * 4 + [0] * 4) * 3)
        model = clone(BiasClassifier(C=0.25))
        assert model.get_params() == {"C": 0.25}
        assert model.set_params(C=2.0).C == 2.0
        assert cross_val_predict(BiasClassifier(), texts, labels, cv=3).shape == (24,)
        search = GridSearchCV(make_pipeline(BiasClassifier()), {"biasclassifier__C": [0.1, 1.0]}, cv=2)
        assert search.fit(texts, labels).best_score_ > 0.5

    def test_wrong_input_is_refused(self):
        with pytest.raises(TypeError, match="not one str"):
            BiasClassifier().predict("one text")
        with pytest.raises(TypeError, match="only strings"):
            BiasClassifier().predict([None])
        with pytest.raises(TypeError, match="only strings"):
            BiasClassifier().explain(None)
        with pytest.raises(ValueError, match="must go together"):
            BiasClassifier().fit(PLAIN, [1])
        with pytest.raises(ValueError, match="exactly two classes"):
            BiasClassifier().fit(PLAIN, [1, 1, 1, 1])


class TestLoadedLanguageTagger:
    def test_bundled_model_finds_loaded_words(self):
        text = "Critics call the plan a disgraceful betrayal of the town."
        (spans,) = LoadedLanguageTagger().predict([text])
        assert "disgraceful" in " ".join(words_of(spans, text))
        assert all(0 <= score <= 1 for _, _, score in spans)

    def test_plain_sentences_have_no_loaded_words(self):
        assert LoadedLanguageTagger().predict(PLAIN) == [[], [], [], []]

    def test_spans_lie_in_the_text_in_order(self):
        for text, spans in zip(LOADED, LoadedLanguageTagger(threshold=0.05).predict(LOADED), strict=True):
            edges = [edge for start, end, _ in spans for edge in (start, end)]
            assert spans
            assert edges == sorted(edges)
            assert edges[-1] <= len(text)

    def test_messy_texts_have_an_answer(self):
        found = LoadedLanguageTagger().predict(MESSY)
        assert len(found) == len(MESSY)
        for text, spans in zip(MESSY, found, strict=True):
            assert all(text[start:end].strip() and 0 <= score <= 1 for start, end, score in spans)

    def test_a_batch_gives_what_single_texts_give(self):
        together = LoadedLanguageTagger().predict_proba(LOADED + PLAIN)
        for text, tokens in zip(LOADED + PLAIN, together, strict=True):
            (alone,) = LoadedLanguageTagger().predict_proba([text])
            assert [t[:2] for t in tokens] == [t[:2] for t in alone]
            assert np.allclose([t[2] for t in tokens], [t[2] for t in alone], atol=1e-5)

    def test_marks_are_never_loaded(self):
        (tokens,) = LoadedLanguageTagger().predict_proba(["Shameful! Disgraceful!"])
        assert [p for start, _, p in tokens if start in (8, 21)] == [0.0, 0.0]

    def test_neighbours_count(self):
        tagger = LoadedLanguageTagger()
        (loud,), (calm,) = (tagger.predict_proba([f"the {w} plan"]) for w in ("disgraceful", "second"))
        assert loud[2][2] != calm[2][2]

    def test_a_lower_threshold_finds_no_less(self):
        few, many = (LoadedLanguageTagger(threshold=t).predict(LOADED) for t in (0.5, 0.1))
        sizes = [[sum(e - s for s, e, _ in spans) for spans in found] for found in (few, many)]
        assert all(a <= b for a, b in zip(*sizes, strict=True))

    def test_fit_learns_marked_words(self):
        texts = [f"The {w} plan met the board on {d}." for w in ("zany", "dire") for d in ("Monday", "Friday")] * 5
        texts += ["The new plan met the board on Monday."] * 20
        spans = [[(4, 8)]] * 20 + [[]] * 20
        tagger = LoadedLanguageTagger().fit(texts, spans)
        (found,) = tagger.predict(["The zany plan met the board on Friday."])
        assert [f[:2] for f in found] == [(4, 8)]
        assert 0 < tagger.threshold_ < 1

    def test_wrong_input_is_refused(self):
        with pytest.raises(TypeError, match="not one str"):
            LoadedLanguageTagger().predict("one text")
        with pytest.raises(ValueError, match="must go together"):
            LoadedLanguageTagger().fit(PLAIN, [[]])
        with pytest.raises(ValueError, match="marks no word"):
            LoadedLanguageTagger().fit(PLAIN, [[], [], [], []])

    def test_it_clones(self):
        assert clone(LoadedLanguageTagger(threshold=0.4)).get_params() == {"C": 1.0, "threshold": 0.4}


class TestScorers:
    def sheet(self, texts):
        tokens, ranges = [], []
        for text in texts:
            first = len(tokens)
            tokens += [text[s:e] for s, e in tokenize(text).tolist()]
            ranges.append((first, len(tokens)))
        bias, loaded = BiasScorer.bundled(), LoadedScorer.bundled()
        return WordTable([bias.block, loaded.block], bundled_features()).read(tokens), np.array(ranges)

    def test_one_pass_gives_what_the_estimators_give(self):
        sheet, ranges = self.sheet(LOADED + PLAIN)
        readings = BiasScorer.bundled().read(sheet, ranges)
        assert np.allclose(readings.bias, BiasClassifier().predict_proba(LOADED + PLAIN)[:, 1], atol=1e-5)
        scorer = LoadedScorer.bundled()
        runs = scorer.spans(scorer.read(sheet, ranges), ranges)
        assert [len(r) for r in runs] == [len(s) for s in LoadedLanguageTagger().predict(LOADED + PLAIN)]

    def test_opinions_are_told_from_facts(self):
        texts = ["It is a truly wonderful idea and we must all support it.", *PLAIN]
        readings = BiasScorer.bundled().read(*self.sheet(texts))
        assert readings.opinion[0] > readings.opinion[1:].max()
        assert readings.author_opinion[0] > readings.author_opinion[1:].max()

    def test_tokens_outside_the_sentences_are_not_loaded(self):
        sheet, ranges = self.sheet(LOADED)
        probabilities = LoadedScorer.bundled().read(sheet, ranges[1:])
        assert not probabilities[: ranges[0, 1]].any()

    def test_runs_are_cut_at_the_ranges(self):
        probabilities = np.array([0.9, 0.8, 0.1, 0.7, 0.6])
        assert loaded_runs(probabilities, np.array([[0, 5], [1, 4], [2, 2]]), 0.5) == [
            [(0, 2, 0.9), (3, 5, 0.7)],
            [(1, 2, 0.8), (3, 4, 0.7)],
            [],
        ]

    def test_mean_score_weighs_by_length(self):
        assert mean_score(np.array([0.2, 0.8]), np.array([30, 10])) == pytest.approx(0.35)
        assert mean_score(np.array([]), np.array([])) == 0
