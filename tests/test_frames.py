import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from framing.features import bundled_features
from framing.frames import Frame, FrameClassifier, FrameScorer, load_inventory
from framing.linear import WordTable, sigmoid
from framing.sentences import split_sentences
from framing.text import tokenize

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


def test_inventories_have_the_labels_of_the_record():
    assert [frame.name for frame in load_inventory("policy")] == [
        "economic", "capacity_and_resources", "morality", "fairness_and_equality",
        "legality_constitutionality_and_jurisprudence", "policy_prescription_and_evaluation", "crime_and_punishment",
        "security_and_defense", "health_and_safety", "quality_of_life", "cultural_identity", "public_opinion",
        "political", "external_regulation_and_reputation",
    ]  # fmt: skip
    narrative = [frame.name for frame in load_inventory("narrative")]
    assert narrative == ["conflict", "human_interest", "economic", "morality", "resolution"]
    with pytest.raises(ValueError, match="must be one of policy, narrative"):
        load_inventory("tone")


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
    assert model.get_params() == {"frames": PETS, "C": 2.0, "seed_weight": 0.8, "decide": "micro_f1"}
    fitted = make_pipeline(model).fit(PET_TEXTS * 3, [[1, 0], [0, 1]] * 3)
    assert fitted.predict(PET_TEXTS).shape == (2, 2)


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
