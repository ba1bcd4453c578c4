import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from framing.features import LexiconFeatures, TextFeatures
from framing.linear import (
    CurvedBlock,
    LinearBlock,
    MarkedWords,
    WordTable,
    fit_curved,
    fit_logistic,
    fit_slope,
    load_weights,
    out_of_fold,
    pack_weights,
    sigmoid,
)
from framing.persistence import StoredModel
from framing.vectors import bundled_vectors
from framing.word_rows import (
    BUCKETS,
    GROUPS,
    SURFACE,
    bundled_features,
    letter_groups,
    plain_word,
    surface_classes,
    word_hashes,
)

TEXTS = [
    "The harbour board met on Monday.",
    "What a shameful, cowardly surrender!",
    "“Nobody asked us,” the ferry crews said.",
    "Fares rise 12% in May.",
]


def test_a_row_is_the_sum_of_its_words_over_the_root_of_its_length():
    rows = TextFeatures().transform(["Fares rise .", "Fares", "rise", "."]).toarray()
    assert np.allclose(rows[0], rows[1:].sum(0) / np.sqrt(3), atol=1e-6)


def test_rows_do_not_depend_on_the_batch():
    together = TextFeatures().transform(TEXTS)
    for row, text in enumerate(TEXTS):
        alone = TextFeatures().transform([text])
        assert (abs(together[row] - alone) > 1e-6).nnz == 0


def test_groups_are_columns_of_the_whole():
    space = bundled_features()
    whole = TextFeatures().transform(TEXTS)
    for group in GROUPS:
        part = TextFeatures(groups=(group,)).fit_transform(TEXTS)
        assert (whole[:, space.slices[group]] != part).nnz == 0
    assert TextFeatures(groups=("words",)).fit(TEXTS).n_features_out_ == BUCKETS


def test_feature_names_match_the_columns():
    transformer = TextFeatures(groups=("lexicons", "surface")).fit(TEXTS)
    names = transformer.get_feature_names_out()
    row = transformer.transform(["Why?"]).toarray()[0]
    assert len(names) == len(row) == transformer.n_features_out_
    assert row[list(names).index("surface_question")] > 0
    assert row[list(names).index("surface_exclamation")] == 0


def test_empty_text_has_an_empty_row():
    assert TextFeatures().transform(["", "   "]).nnz == 0


@pytest.mark.parametrize("text", ["\x00", "🙂🙂", "\ud800 broken", "السلام عليكم", "a" * 5000, "½ ³", "ﬁn İstanbul"])
def test_odd_text_has_finite_rows(text):
    row = TextFeatures().transform([text])
    assert np.isfinite(row.data).all()


def test_masked_names_keep_only_their_surface():
    space = bundled_features()
    seen, masked = (TextFeatures(mask_names=flag).transform(["Zelmira"]).toarray()[0] for flag in (False, True))
    surface = space.slices["surface"]
    assert seen[space.slices["words"]].any()
    assert not masked[space.slices["words"]].any()
    assert not masked[space.slices["characters"]].any()
    assert np.array_equal(seen[surface], masked[surface])
    assert masked[space.surface_column("name")] > 0


def test_ordinary_words_with_a_capital_are_no_names():
    names = bundled_features().rows(["The", "Reports", "said", "Zelmira", "DISGRACEFUL"]).names
    assert names.tolist() == [False, False, False, True, False]


def test_a_word_has_the_same_hash_whatever_its_case_and_digits():
    plain = [plain_word(word) for word in ("Fares", "FARES", "fares", "1987", "2024", "don’t", "don't")]
    hashes = word_hashes(plain)
    assert hashes[0] == hashes[1] == hashes[2]
    assert hashes[3] == hashes[4]
    assert hashes[5] == hashes[6]


def test_letter_groups_count_boundaries_and_skip_marks():
    rows, buckets = letter_groups(["ab", ",", "abc"])
    # <ab> has 2 + 1 groups of three and four letters, <abc> has 3 + 2 + 1
    assert np.bincount(rows, minlength=3).tolist() == [3, 0, 6]
    assert ((buckets >= 0) & (buckets < BUCKETS)).all()


@pytest.mark.parametrize(
    ("word", "classes"),
    [
        ("well-known", {"word", "hyphenated", "long"}),
        ("NATO", {"word", "upper"}),
        ("McKay", {"word", "capital"}),
        ("iPhone", {"word", "mixed"}),
        ("12%", {"number"}),
        ("”", {"double_quote"}),
        ("...", {"ellipsis"}),
        ("@", set()),
    ],
)
def test_surface_classes(word, classes):
    assert {SURFACE[column] for column in surface_classes(word)} == classes


def test_unknown_group_is_refused():
    with pytest.raises(ValueError, match="'groups' parameter of TextFeatures"):
        TextFeatures(groups=("letters",)).fit(TEXTS)
    with pytest.raises(ValueError, match="'groups' parameter"):
        TextFeatures(groups="words").fit(TEXTS)


@pytest.mark.parametrize("transformer", [TextFeatures(), LexiconFeatures()])
def test_wrong_types_are_refused(transformer):
    with pytest.raises(TypeError, match="sequence of texts"):
        transformer.transform("one text")
    with pytest.raises(TypeError, match="only strings"):
        transformer.transform([None])


def test_transformers_work_in_a_pipeline():
    y = [0, 1, 0, 1]
    model = make_pipeline(TextFeatures(groups=("words", "lexicons")), LogisticRegression(C=100.0))
    assert clone(model).fit(TEXTS, y).predict(TEXTS).tolist() == y
    assert clone(LexiconFeatures(lexicons=("hedges",))).get_params() == {"lexicons": ("hedges",)}


def test_lexicon_shares_count_phrases_and_curly_apostrophes():
    transformer = LexiconFeatures(lexicons=("hedges", "absolutes")).fit(TEXTS)
    shares = transformer.transform(["It remains to be seen.", "Reportedly so", "", "no matter what, always"])
    assert transformer.get_feature_names_out().tolist() == ["hedges", "absolutes"]
    assert shares[0, 0] == pytest.approx(4 / 6)
    assert shares[1, 0] == pytest.approx(1 / 2)
    assert shares[2].tolist() == [0, 0]
    assert shares[3, 1] == pytest.approx(4 / 5)


def test_lexicon_shares_lie_between_0_and_1():
    shares = LexiconFeatures().fit_transform(TEXTS)
    assert shares.shape == (4, LexiconFeatures().fit(TEXTS).n_features_out_)
    assert ((shares >= 0) & (shares <= 1)).all()


class TestWordTable:
    def block(self, width: int = 3, *, mask_names: bool = False) -> LinearBlock:
        generator = np.random.default_rng(1)
        size = bundled_features().n_features
        return LinearBlock(generator.normal(size=(size, width)).astype(np.float32), mask_names=mask_names)

    @pytest.mark.parametrize("mask_names", [False, True])
    def test_sums_are_the_linear_model_of_the_rows(self, mask_names):
        block = self.block(mask_names=mask_names)
        tokens = ["Zelmira", "fares", "rise", ".", "rise"]
        sheet = WordTable([block], bundled_features()).read(tokens)
        expected = TextFeatures(mask_names=mask_names).transform([" ".join(tokens)]) @ block.weights
        assert np.allclose(sheet.sums(block, np.array([[0, 5]])), expected, atol=1e-3)

    def test_contributions_add_up_to_the_sums(self):
        block = self.block()
        sheet = WordTable([block], bundled_features()).read("What a shameful , cowardly surrender !".split())
        shares = sheet.contributions(block, 1, 6)
        assert np.allclose(shares.sum(0), sheet.sums(block, np.array([[1, 6]]))[0], atol=1e-5)

    def test_ranges_may_overlap_repeat_and_be_empty(self):
        block = self.block(1)
        sheet = WordTable([block], bundled_features()).read(["one", "two", "three"])
        sums = sheet.sums(block, np.array([[1, 3], [0, 3], [1, 3], [2, 2]]))
        assert sums[0] == sums[2]
        assert sums[3] == 0
        assert sheet.sums(block, np.empty((0, 2), dtype=int)).shape == (0, 1)

    def test_a_full_cache_changes_no_score_and_no_earlier_sheet(self):
        block = self.block(2)
        small, large = (WordTable([block], bundled_features(), limit=n) for n in (3, 1000))
        first = small.read(["one", "two", "three"])
        before = first.sums(block, np.array([[0, 3]]))
        for tokens in (["four", "five"], ["six", "seven", "eight", "nine"], ["one", "six"]):
            whole = np.array([[0, len(tokens)]])
            assert np.array_equal(small.read(tokens).sums(block, whole), large.read(tokens).sums(block, whole))
        assert np.array_equal(first.sums(block, np.array([[0, 3]])), before)

    def test_a_block_that_was_not_read_is_named_as_such(self):
        sheet = WordTable([self.block()], bundled_features()).read(["one"])
        with pytest.raises(KeyError, match="not in the table"):
            sheet.sums(self.block(), np.array([[0, 1]]))

    def test_more_words_than_the_first_tables_hold(self):
        block = self.block(1)
        tokens = [f"word{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}" for i in range(3000)]
        table = WordTable([block], bundled_features())
        sheet = table.read(tokens)
        alone = WordTable([block], bundled_features()).read(tokens[2999:])
        assert np.allclose(sheet.values(block)[2999], alone.values(block)[0], atol=1e-5)


class TestFitting:
    def test_rotation_leaves_the_solution_as_it_is(self):
        rows = TextFeatures(groups=("words", "surface")).transform(TEXTS * 3)
        target = np.array([[False], [True], [False], [True]] * 3)
        weights, intercepts = fit_logistic(rows, target, 2.0)
        plain = LogisticRegression(C=2.0, tol=1e-8, max_iter=2000).fit(rows, target[:, 0])
        assert np.allclose(rows @ weights[:, 0] + intercepts[0], plain.decision_function(rows), atol=1e-2)

    def test_a_target_that_never_changes_has_no_weights(self):
        rows = TextFeatures(groups=("words",)).transform(TEXTS)
        weights, intercepts = fit_logistic(rows, np.zeros((4, 1), dtype=bool), 1.0)
        assert not weights.any()
        assert intercepts[0] < -1

    def marked(self, repeats=10):
        words = ["alpha", "beta", "."]
        ids = np.array([0, 1, 2] * repeats)
        bounds = np.arange(0, 3 * repeats + 1, 3)
        return MarkedWords(words, ids, bounds, ids == 0, bundled_features(), 100.0)

    def test_a_word_model_learns_what_readers_mark(self):
        marked = self.marked()
        weights, offset = marked.word_model(np.ones(10, dtype=bool))
        alpha, beta, _ = sigmoid(marked.rows @ weights + offset)
        assert alpha > 0.8 > 0.2 > beta

    def test_evidence_is_the_sum_over_words_proper(self):
        marked = self.marked(1)
        model = np.zeros(bundled_features().n_features, dtype=np.float32), 0.0
        assert marked.evidence(model)[0] == pytest.approx(2 * 0.5 / np.sqrt(3))

    def test_honest_evidence_does_not_know_its_sentence_by_heart(self):
        words = [f"word{chr(97 + i)}" for i in range(12)]
        ids, bounds = np.arange(12), np.arange(0, 13, 3)
        marked = MarkedWords(words, ids, bounds, ids == 4, bundled_features(), 100.0)
        everything = np.ones(4, dtype=bool)
        heart = marked.evidence(marked.word_model(everything))
        honest = marked.honest_evidence(everything, 4)
        assert heart.argmax() == 1
        assert honest[1] < heart[1]

    def test_a_curve_adds_the_chance_of_words_proper(self):
        size = bundled_features().n_features
        weights = np.zeros((size, 2), dtype=np.float32)
        block = CurvedBlock(weights, np.zeros(1), np.array([[3.0]]))
        columns = block.columns(bundled_features().rows(["fares", "!", "12"]))
        assert columns.tolist() == [[1.5], [0.0], [0.0]]
        assert block.only(0).columns(bundled_features().rows(["fares"])).tolist() == [[1.5]]

    def test_evidence_alone_can_decide(self):
        rows = TextFeatures(groups=("words",)).transform(["alpha"] * 20)
        target = np.arange(20) % 2 == 0
        weights, intercept, share = fit_curved(rows, target * 0.3, target, 1.0)
        assert ((rows @ weights + intercept + share * target * 0.3 > 0) == target).all()

    def test_out_of_fold_scores_come_from_other_rows(self):
        texts = ["alpha", "beta"] * 10
        rows = TextFeatures(groups=("words",)).transform(texts)
        target = np.array([[text == "alpha"] for text in texts])
        scores = out_of_fold(rows, target, 10.0, folds=5)
        assert (scores[target] > scores[~target].max()).all()

    def test_slope_undoes_a_scale(self):
        generator = np.random.default_rng(0)
        truth = generator.normal(size=4000) * 2
        happened = generator.random(4000) < sigmoid(truth)
        slope, offset = fit_slope(truth * 5 + 1, happened)
        assert slope == pytest.approx(0.2, abs=0.02)
        assert offset == pytest.approx(-0.2, abs=0.1)

    def test_packed_weights_come_back_nearly_the_same(self):
        space = bundled_features()
        weights = np.random.default_rng(0).normal(size=(space.n_features, 2)).astype(np.float32)
        packed, scales = pack_weights(weights, space.slices)
        manifest = {"name": "toy", "config": {"features": space.version}}
        again = load_weights(StoredModel(manifest, {"packed": packed, "scales": scales}), space)
        assert np.abs(again - weights).max() < 0.03

    def test_weights_of_other_features_are_refused(self):
        from framing.exceptions import ModelError

        manifest = {"name": "toy", "config": {"features": "0"}}
        with pytest.raises(ModelError, match="trained on features 0"):
            load_weights(StoredModel(manifest, {}), bundled_features())


def test_static_vectors_are_there():
    vectors, weights = bundled_vectors().lookup(["harbour", "zzzxq"])
    assert np.linalg.norm(vectors[0]) > 0.1
    assert weights[0] > 0
    assert not vectors[1].any()


class TestIdentities:
    def test_masked_words_all_look_alike(self):
        features = TextFeatures(mask_identities=True)
        rows = features.transform(["The Muslim man", "The gay woman", "The Hispanic Zelmira"]).toarray()
        assert np.array_equal(rows[0], rows[1])
        assert np.array_equal(rows[0], rows[2])

    def test_other_words_do_not(self):
        features = TextFeatures(mask_identities=True)
        one, other = features.transform(["The dull man", "The bright man"]).toarray()
        assert not np.array_equal(one, other)

    def test_a_block_reads_the_rows(self):
        generator = np.random.default_rng(0)
        weights = generator.normal(size=(bundled_features().n_features, 2)).astype(np.float32)
        block = LinearBlock(weights, mask_identities=True)
        words = ["The", "Mexican", "plan", "!"]
        sheet = WordTable([block], bundled_features()).read(words)
        expected = TextFeatures(mask_identities=True).transform([" ".join(words)]) @ weights
        assert np.allclose(sheet.sums(block, np.array([[0, 4]])), expected, atol=1e-4)
