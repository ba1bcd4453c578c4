import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from framing.codebook import Frame, load_inventory
from framing.frame_fit import calibrate_frames, learn_frames, softmax
from framing.frame_scores import FrameScorer
from framing.frames import FrameClassifier
from framing.linear import WordTable, sigmoid
from framing.sentences import split_sentences
from framing.text import tokenize
from framing.word_rows import bundled_features

MARKET = (
    "Factory output in Port Ellery fell for a third month. Unemployment rose to nine percent, and the central bank "
    "cut interest rates. Investors fear a recession, while exporters blame new tariffs. Consumer prices kept rising."
)
TRIAL = (
    "Police arrested two men on Friday over the warehouse robbery. Prosecutors charged them with armed robbery, and a "
    "judge sent them to jail until the trial. The suspects face ten years in prison."
)
FRONT = (
    "The army moved troops and missiles to the border on Sunday. Officials warned of a military attack and put the air "
    "defence on alert. The defence minister promised more weapons for the soldiers."
)
CLINIC = (
    "The hospital treated forty patients for the virus. Doctors urged vaccination, and the health ministry sent "
    "nurses and medicine. The disease has spread to three towns."
)
ARTICLES = [MARKET, TRIAL, FRONT, CLINIC]
STRONGEST = ["economic", "crime_and_punishment", "security_and_defense", "health_and_safety"]
MESSY = ["", " ", "\x00", "🙂", "\ud800", "a" * 3000, "no stops at all", "مرحبا"]
PETS = [
    Frame("cats", seeds=("cat", "cats", "kitten", "kittens")),
    Frame("trains", "Railways, stations and the people who travel by train."),
]
PET_TEXTS = ["The kitten and the old cats slept.", "The train left the railway station late."]


@pytest.mark.parametrize(("text", "frame"), list(zip(ARTICLES, STRONGEST, strict=True)))
def test_bundled_policy_model_ranks_the_obvious_frame_first_by_seeds(text, frame):
    scorer = FrameClassifier(load_inventory("policy"))
    best = scorer.predict_proba([text])[0].argmax()
    assert scorer.classes_[best] == frame


@pytest.mark.parametrize(("text", "frame"), list(zip(ARTICLES, STRONGEST, strict=True)))
def test_bundled_policy_model_scores_a_frame_highest_where_it_belongs(text, frame):
    model = FrameClassifier("policy")
    scores = model.predict_proba(ARTICLES)
    column = model.classes_.tolist().index(frame)
    assert scores[:, column].argmax() == ARTICLES.index(text)


def test_sentences_have_scores_of_their_own():
    model = FrameClassifier("policy")
    sentences = ["Unemployment and inflation rose.", "The army sent troops.", "It was a Tuesday."]
    scores = model.sentence_proba(sentences)
    economic, security = (model.classes_.tolist().index(n) for n in ("economic", "security_and_defense"))
    assert scores[0, economic] > 0.5 > scores[1, economic]
    assert scores[1, security] > 0.5 > scores[0, security]
    assert scores[2].max() < 0.5


def test_bundled_narrative_model_ranks_obvious_articles():
    model = FrameClassifier("narrative")
    scores = model.predict_proba([MARKET, "The two sides clashed again. Rivals attacked the plan in a bitter row."])
    labels = model.classes_.tolist()
    assert scores[0, labels.index("economic")] > scores[1, labels.index("economic")]
    assert scores[1, labels.index("conflict")] > scores[0, labels.index("conflict")]


def test_own_frames_work_from_seeds_or_a_description():
    model = FrameClassifier(PETS)
    assert model.predict_proba(PET_TEXTS).argmax(axis=1).tolist() == [0, 1]
    assert model.sentence_proba(PET_TEXTS).argmax(axis=1).tolist() == [0, 1]
    assert model.classes_.tolist() == ["cats", "trains"]


def test_a_frame_without_a_known_word_scores_low_and_does_not_fail():
    scores = FrameClassifier([Frame("odd", seeds=("qqzzx",)), PETS[0]]).predict_proba(PET_TEXTS)
    assert scores[:, 0].max() < 0.5


@pytest.mark.parametrize("frames", ["policy", "narrative", PETS])
def test_contributions_and_intercept_sum_to_the_score(frames):
    model = FrameClassifier(frames)
    for text in [*ARTICLES, *MESSY]:
        scores = model.decision_function([text])[0]
        for column, name in enumerate(model.classes_):
            found = model.explain(text, name)
            total = found.intercept + sum(part.value for part in found.contributions)
            assert total == pytest.approx(found.score, abs=1e-9)
            assert found.score == pytest.approx(scores[column], abs=1e-5)
            assert all(text[part.start : part.end] == part.text for part in found.contributions)


def test_a_batch_gives_what_single_articles_give():
    texts = [*ARTICLES, *MESSY]
    together = FrameClassifier().decision_function(texts)
    alone = np.vstack([FrameClassifier().decision_function([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)


def test_messy_texts_have_finite_scores():
    scores = FrameClassifier().predict_proba(MESSY)
    assert scores.shape == (len(MESSY), 14)
    assert np.isfinite(scores).all()


def test_fit_learns_labels_that_seeds_do_not_know():
    texts = [*ARTICLES, "A quiet day.", "Nothing happened at all."] * 4
    labels = [[int(text in (MARKET, CLINIC)), int(text == TRIAL)] for text in texts]
    model = FrameClassifier(PETS, decide="probability").fit(texts, labels)
    assert model.predict(texts).tolist() == labels


def test_few_labels_keep_what_the_seeds_say():
    model = FrameClassifier(PETS).fit(["A cat.", "A train.", "Two cats.", "The station."], [[1, 0], [0, 1]] * 2)
    assert model.predict_proba(PET_TEXTS).argmax(axis=1).tolist() == [0, 1]


def test_labels_that_never_occur_do_not_fail():
    model = FrameClassifier(PETS).fit(ARTICLES, np.zeros((4, 2), dtype=int))
    assert model.predict_proba(ARTICLES).max() < 0.6


def test_it_is_an_ordinary_estimator():
    model = clone(FrameClassifier(PETS, C=2.0))
    assert model.get_params() == {
        "frames": PETS, "multilabel": True, "C": 2.0, "seed_weight": 1.0, "across_topics": True,
        "decide": "micro_f1", "min_words": 3,
    }  # fmt: skip
    fitted = make_pipeline(model).fit(PET_TEXTS * 3, [[1, 0], [0, 1]] * 3)
    assert fitted.predict(PET_TEXTS).shape == (2, 2)


@pytest.mark.parametrize(
    ("frames", "error", "message"),
    [
        ([Frame("cost", seeds="price")], TypeError, "'cost' has one string as seeds"),
        ([Frame("cost", seeds=("price",), negatives="prize")], TypeError, "one string as negatives"),
        ([Frame("cost", ["price", "pay"])], TypeError, r"Give words as seeds"),
        ([Frame("cost", seeds=("price",)), Frame("risk")], ValueError, "'risk' has neither seeds nor a description"),
        ([Frame("cost", seeds=("price",)), Frame("cost", seeds=("pay",))], ValueError, "Several frames are called"),
    ],
)
def test_frames_that_would_be_misread_are_refused(frames, error, message):
    with pytest.raises(error, match=message):
        FrameClassifier(frames).predict(ARTICLES)


def test_wrong_input_is_refused():
    with pytest.raises(TypeError, match="not one str"):
        FrameClassifier().predict("one text")
    with pytest.raises(TypeError, match="list of Frame objects"):
        FrameClassifier(["economy"]).predict(ARTICLES)
    with pytest.raises(ValueError, match="must be one of policy, narrative"):
        FrameClassifier("tone").predict(ARTICLES)
    with pytest.raises(ValueError, match="a column for each frame"):
        FrameClassifier(PETS).fit(ARTICLES, [[1], [0], [1], [0]])
    with pytest.raises(ValueError, match="'decide' parameter"):
        FrameClassifier(PETS, decide="guess").fit(PET_TEXTS, [[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="No frame is named 'dogs'"):
        FrameClassifier(PETS).explain(PET_TEXTS[0], "dogs")


class TestFrameScorer:
    def read(self, text, scorer):
        tokens, ranges = [], []
        for start, end in split_sentences(text):
            first = len(tokens)
            tokens += [text[s:e] for s, e in tokenize(text, start, end).tolist()]
            ranges.append((first, len(tokens)))
        table = WordTable([scorer.block], bundled_features())
        return table.read(tokens), np.array(ranges)

    def test_scores_of_the_pass_are_the_estimators(self):
        scorer = FrameScorer.bundled("policy")
        sheet, ranges = self.read(MARKET, scorer)
        scores = scorer.article_scores(scorer.sums(sheet, ranges), np.arange(len(ranges)))
        assert np.allclose(scores, FrameClassifier("policy").predict_proba([MARKET])[0], atol=1e-6)

    def test_groups_are_scored_as_if_alone(self):
        scorer = FrameScorer.bundled("policy")
        sheet, ranges = self.read(f"{MARKET} {TRIAL}", scorer)
        sums, positions = scorer.sums(sheet, ranges), np.arange(len(ranges))
        groups = positions % 2
        together = scorer.grouped_scores(sums, positions, groups, 3)
        for group in (0, 1):
            mine = groups == group
            assert np.allclose(together[group], scorer.article_scores(sums[mine], positions[mine]))
        assert np.allclose(together[2], sigmoid(scorer.article_intercept))

    def test_early_sentences_count_more(self):
        scorer = FrameScorer.bundled("policy")
        economic = scorer.names.index("economic")
        filler = "The day was long. The night was short. Nothing else took place. All went home."
        first, last = (
            FrameClassifier("policy").decision_function([text])[0, economic]
            for text in (f"Inflation and unemployment rose. {filler}", f"{filler} Inflation and unemployment rose.")
        )
        assert first > last

    def test_no_sentence_has_the_score_of_no_evidence(self):
        scorer = FrameScorer.bundled("policy")
        sheet = WordTable([scorer.block], bundled_features()).read([])
        sums = scorer.sums(sheet, np.empty((0, 2), dtype=int))
        assert np.allclose(scorer.article_scores(sums, np.empty(0, dtype=int)), sigmoid(scorer.article_intercept))

    def test_inventories_share_a_pass(self):
        policy, narrative = FrameScorer.bundled("policy"), FrameScorer.bundled("narrative")
        table = WordTable([policy.block, narrative.block], bundled_features())
        sheet = table.read([MARKET[s:e] for s, e in tokenize(MARKET).tolist()])
        whole = np.array([[0, len(sheet.ids)]])
        assert policy.sentence_scores(policy.sums(sheet, whole)).shape == (1, 14)
        assert narrative.sentence_scores(narrative.sums(sheet, whole)).shape == (1, 5)


THREE = [*PETS, Frame("weather", seeds=("rain", "storm", "forecast", "temperatures"))]


class TestExclusiveFrames:
    def test_labels_are_names_and_probabilities_sum_to_one(self):
        model = FrameClassifier(THREE, multilabel=False)
        assert model.predict(PET_TEXTS).tolist() == ["cats", "trains"]
        assert model.predict_proba(PET_TEXTS).sum(axis=1) == pytest.approx(1)
        assert model.sentence_proba(PET_TEXTS).sum(axis=1) == pytest.approx(1)

    def test_fit_learns_names_of_frames(self):
        texts, labels = [*ARTICLES, *PET_TEXTS] * 3, ["trains", "cats", "trains", "cats", "weather", "weather"] * 3
        model = FrameClassifier(THREE, multilabel=False).fit(texts, labels)
        assert model.predict(texts).tolist() == labels
        assert model.strength_ > 0

    def test_score_is_accuracy(self):
        assert FrameClassifier(THREE, multilabel=False).score(PET_TEXTS, ["cats", "weather"]) == 0.5

    def test_unknown_names_are_refused(self):
        with pytest.raises(ValueError, match="y names dogs; the frames are cats, trains, weather"):
            FrameClassifier(THREE, multilabel=False).fit(PET_TEXTS, ["cats", "dogs"])


class TestShortTexts:
    def test_they_are_abstained_from(self):
        model = FrameClassifier(PETS)
        assert model.abstains(["Cats!", "", "The cats slept well."]).tolist() == [True, True, False]

    def test_they_get_the_score_of_no_evidence(self):
        model = FrameClassifier(PETS)
        assert model.decision_function(["Cats, kittens!"])[0].tolist() == model.scorer.article_intercept.tolist()
        found = model.explain("Cats, kittens!", "cats")
        assert found.score == found.intercept

    def test_the_least_length_can_be_chosen(self):
        assert FrameClassifier(PETS, min_words=0).predict_proba(["Cats!"])[0].argmax() == 0


class TestSentencesBehindAScore:
    def test_they_add_up_to_it(self):
        model = FrameClassifier("policy")
        found = model.explain(TRIAL, "crime_and_punishment", by="sentence")
        assert [part.text for part in found.contributions] == [TRIAL[s:e] for s, e in split_sentences(TRIAL)]
        total = found.intercept + sum(part.value for part in found.contributions)
        assert total == pytest.approx(model.decision_function([TRIAL])[0, 6], abs=1e-5)

    def test_an_unknown_part_is_refused(self):
        with pytest.raises(ValueError, match="'by' parameter"):
            FrameClassifier(PETS).explain(PET_TEXTS[0], "cats", by="letter")


class TestLearning:
    def data(self, n=60):
        random = np.random.default_rng(0)
        target = random.random((n, 2)) < 0.5
        return sp.csr_matrix(target + random.normal(0, 0.3, (n, 2))), target

    def test_offsets_that_know_everything_leave_nothing_to_learn(self):
        rows, target = self.data()
        learned = learn_frames(rows * 0, 8.0 * target - 4, target)
        assert learned.strength == 0
        assert not learned.weights.any()

    def test_rows_that_tell_are_learned(self):
        rows, target = self.data()
        learned = learn_frames(rows, np.zeros(target.shape), target)
        assert learned.strength > 0
        assert ((learned.loose > 0) == target).mean() > 0.9
        assert learned.weights[0, 0] > 1
        assert abs(learned.weights[0, 1]) < abs(learned.weights[0, 0])

    def test_seeds_stand_where_labels_are_noise(self):
        _, target = self.data()
        noise = sp.csr_matrix(np.random.default_rng(1).normal(size=(60, 200)))
        assert learn_frames(noise, 6.0 * target - 3, target).strength == 0

    def test_calibration_finds_slope_and_shift(self):
        random = np.random.default_rng(0)
        scores = random.normal(0, 2, (4000, 2))
        target = random.random(scores.shape) < sigmoid(0.5 * scores + [1, -1])
        slope, shifts = calibrate_frames(scores, target)
        assert slope == pytest.approx(0.5, abs=0.05)
        assert shifts == pytest.approx([1, -1], abs=0.15)

    def test_softmax_is_safe_for_large_numbers(self):
        assert softmax(np.array([[1000.0, 1000.0], [0.0, -1000.0]])).tolist() == [[0.5, 0.5], [1.0, 0.0]]
