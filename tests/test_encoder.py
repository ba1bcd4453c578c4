"""The accurate tier: windows, word pieces, the stored graph, blends, and the whole path through it."""

import sys

import jsonschema
import numpy as np
import pytest

import framing
from framing.blend import Blend, BlendedSheet
from framing.datasets import load_sample
from framing.encoder import MASK, SEP, Encoder, WordPieces, bundled_encoder, piece_windows
from framing.exceptions import MissingExtraError
from framing.linear import LinearBlock, WordTable
from framing.models import model_path
from framing.persistence import load_model
from framing.record import load_schema
from framing.tokens import Encoded, encode_text
from framing.word_rows import bundled_features


@pytest.fixture(scope="module")
def encoder():
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tokenizers")
    return bundled_encoder().encoder


@pytest.fixture(scope="module")
def accurate(encoder):
    return framing.Analyzer(tier="accurate")


@pytest.fixture(scope="module")
def sample():
    return load_sample()


def encoded(text):
    return encode_text(text, [(0, len(text))] if text else [])


@pytest.mark.parametrize("room", [7, 20, 33])
@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 19, 100])
def test_every_token_gets_its_answer_from_one_window(count, room):
    sizes = np.random.default_rng(count).integers(1, 5, count)
    windows = piece_windows(sizes, room, 4)
    kept = [token for _, _, first, stop in windows for token in range(first, stop)]
    assert kept == list(range(count))
    for first, stop, keep_first, keep_stop in windows:
        assert first <= keep_first <= keep_stop <= stop
        assert sizes[first:stop].sum() <= room


def test_a_token_longer_than_a_window_stands_alone():
    assert piece_windows(np.array([2, 50, 2]), 10, 2) == [(0, 1, 0, 1), (1, 2, 1, 2), (2, 3, 2, 3)]


def test_word_pieces_know_paragraphs_unknown_signs_and_broken_letters(encoder):
    tokenizer = load_model(model_path("encoder_words")).arrays["tokenizer"].tobytes().decode("utf-8")
    pieces = WordPieces(tokenizer)
    found = pieces(["\n", "Minister", "minister", "\ud800", "ministerialised", "a" * 10_000])
    assert found[0].tolist() == [SEP]
    np.testing.assert_array_equal(found[1], found[2])
    assert all(len(part) >= 1 for part in found)
    assert len(found[4]) > 1
    assert len(found[5]) <= 200
    assert pieces(["\u200b"])[0].tolist() == [MASK]


def transformer(arrays, inputs, layers, heads=12):
    """The layers' arithmetic, written out."""

    def weight(name):
        array = arrays[f"graph.{name}"].astype(np.float64)
        return array * arrays[f"scale.{name}"] if f"scale.{name}" in arrays else array

    def linear(x, name):
        return x @ weight(f"{name}.weight") + weight(f"{name}.bias")

    def norm(x, name):
        x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-12)
        return x * weight(f"{name}.weight") + weight(f"{name}.bias")

    def gelu(x):
        from scipy.special import erf

        return x * (1 + erf(x / np.sqrt(2))) / 2

    for name in layers:
        query, key, value = (
            part.reshape(len(inputs), heads, -1).transpose(1, 0, 2)
            for part in np.split(linear(inputs, f"{name}.attention"), 3, axis=1)
        )
        scores = query @ key.transpose(0, 2, 1)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        joined = mixed.transpose(1, 0, 2).reshape(len(inputs), -1)
        inputs = norm(inputs + linear(joined, f"{name}.out"), f"{name}.norm")
        wide = gelu(linear(inputs, f"{name}.wide"))
        inputs = norm(inputs + linear(wide, f"{name}.narrow"), f"{name}.last")
    return inputs


def test_the_stored_graph_is_a_transformer(encoder):
    arrays = load_model(model_path("encoder")).arrays | load_model(model_path("encoder_sentences")).arrays
    inputs = np.random.default_rng(0).normal(size=(9, 384)).astype(np.float32)
    centred = (inputs - inputs.mean(1, keepdims=True)) / np.sqrt(inputs.var(1, keepdims=True) + 1e-12)
    start = centred * arrays["graph.embeddings.weight"] + arrays["graph.embeddings.bias"]
    shared = sorted({name.split(".")[2] for name in arrays if name.startswith("graph.layers.")})
    own = sorted({name.split(".")[2] for name in arrays if name.startswith("graph.branch.")})
    assert own
    assert set(own) <= set(shared)
    layers = [f"layers.{number}" for number in shared]
    branch = [f"layers.{number}" for number in shared if number < own[0]] + [f"branch.{number}" for number in own]
    states, sentence_states = encoder._session.run(None, {"inputs": inputs})
    np.testing.assert_allclose(states, transformer(arrays, start, layers), atol=2e-4)
    np.testing.assert_allclose(sentence_states, transformer(arrays, start, branch), atol=2e-4)


def test_an_article_is_read_the_same_alone_and_in_company(encoder):
    texts = [encoded("Officials said the dam held."), encoded("No."), encoded("")]
    for text, reading in zip(texts, encoder.read(texts), strict=True):
        (alone,) = encoder.read([text])
        assert all(np.array_equal(a, b) for a, b in zip(alone, reading, strict=True))
        assert len(reading.statements) == len(reading.tracks) == len(text.words)
        np.testing.assert_allclose(reading.statements.sum(axis=1), 1, atol=1e-5)


def test_threads_change_nothing(encoder, sample, monkeypatch):
    texts = [encode_text(text, [(0, len(text))]) for text in sample.texts[:3]]
    monkeypatch.setattr(encoder, "_threads", 1)
    one, alone = encoder.read(texts), encoder.read(texts[:1])
    monkeypatch.setattr(encoder, "_threads", 3)
    for few, many in zip([*one, *alone], [*encoder.read(texts), *encoder.read(texts[:1])], strict=True):
        for before, after in zip(few, many, strict=True):
            np.testing.assert_array_equal(before, after)


def test_the_encoder_s_heads_learn_from_labels(encoder):
    text = "Engineers reckon the bridge is safe. They had looked at it twice."
    begin = text.index("reckon")
    label = {"source": [[0, 9]], "cue": [[begin, begin + 6]], "content": [[begin + 7, text.index(".")]]}
    extractor = framing.AttributionExtractor(tier="accurate", C=1.0).fit([text] * 3, [[label]] * 3)
    (found,) = extractor.predict([text])
    assert [(a.source, a.cue, a.content) for a in found] == [("Engineers", "reckon", "the bridge is safe")]


def test_windows_agree_with_one_reading_where_both_see_enough(encoder, sample):
    arrays = {}
    for name in ("encoder_words", "encoder", "encoder_sentences"):
        arrays |= load_model(model_path(name)).arrays
    config = load_model(model_path("encoder")).manifest["config"]["encoder"]
    narrow = Encoder({**config, "window": 130, "overlap": 60}, arrays)
    text = encoded(sample.texts[0][:1500])
    (wide,), (windowed,) = encoder.read([text]), narrow.read([text])
    assert len(wide.statements) == len(windowed.statements)
    same = (wide.statements.argmax(1) == windowed.statements.argmax(1)).mean()
    assert same > 0.9


def test_the_accurate_tier_gives_valid_records_that_name_its_models(accurate, sample):
    docs = list(accurate.analyze_many(sample.texts[:4]))
    for doc, text in zip(docs, sample.texts, strict=False):
        record = doc.to_dict()
        jsonschema.validate(record, load_schema())
        assert record == accurate.analyze(text).to_dict()
        assert record["statements"]
        assert record["models"]["statements"].startswith("encoder ")
        assert "encoder_sentences" in record["models"]["bias"]
    assert any(doc.attributions for doc in docs)


def test_the_accurate_tier_reads_anything(accurate):
    odd = ("", " \n\n ", "No", "🏗️" * 40, "a" * 30_000, "\ud800 said \x00 so.", "قال الوزير إن السد صمد", "“" * 500)
    for text in odd:
        jsonschema.validate(accurate.analyze(text).to_dict(), load_schema())


def test_explanations_sum_to_the_blended_score(accurate, sample):
    from framing.analyzer import _scorers, _sentence_ranges, _sheet
    from framing.document import read_document
    from framing.tagger import bundled_tagger

    document = read_document(sample.texts[0])
    (tagged,) = bundled_tagger("accurate").tag([document])
    sheet = _sheet("accurate", [document], [tagged.tracks])
    sentences = _sentence_ranges(document)
    positions = np.arange(len(sentences))
    for scorer in _scorers("accurate").frames.values():
        sums = scorer.sums(sheet, sentences)
        logits = scorer.article_logits(sums, positions, np.zeros(len(sentences), dtype=np.int64), 1)[0]
        for column, name in enumerate(scorer.names):
            shares, rest = scorer.contributions(sheet, sentences, positions, name)
            assert shares.sum() + rest == pytest.approx(logits[column], abs=1e-3)


def test_estimators_take_the_tier(encoder):
    text = "Analysts believe the plan will fail."
    (segments,) = framing.StatementClassifier(tier="accurate").predict([text])
    assert [(text[s.start : s.end], s.label) for s in segments] == [("the plan will fail.", "source_opinion")]
    (found,) = framing.AttributionExtractor(tier="accurate").predict([text])
    assert [(a.source, a.cue) for a in found] == [("Analysts", "believe")]
    with pytest.raises(ValueError, match="tier must be one of 'default', 'accurate'"):
        framing.StatementClassifier(tier="turbo").predict([text])


def test_an_accurate_analyzer_is_saved_and_loaded(accurate, tmp_path):
    accurate.save(tmp_path / "mine")
    again = framing.load(tmp_path / "mine")
    assert again.tier == "accurate"
    assert repr(framing.load("accurate")) == "Analyzer(tier='accurate')"


@pytest.mark.parametrize("library", ["onnxruntime", "tokenizers"])
def test_a_missing_library_is_named_with_its_extra(library, monkeypatch):
    pytest.importorskip("tokenizers" if library == "onnxruntime" else "onnxruntime")
    monkeypatch.setitem(sys.modules, library, None)
    arrays = load_model(model_path("encoder_words")).arrays | load_model(model_path("encoder")).arrays
    arrays |= load_model(model_path("encoder_sentences")).arrays
    config = load_model(model_path("encoder")).manifest["config"]["encoder"]
    advice = rf'needs {library}; install it with: pip install "newsframing\[accurate\]"'
    with pytest.raises(MissingExtraError, match=advice):
        Encoder(config, arrays)


def test_a_blend_is_its_formula():
    generator = np.random.default_rng(3)
    features = bundled_features()
    block = LinearBlock(generator.normal(size=(features.n_features, 2)).astype(np.float32), mask_names=False)
    other = LinearBlock(generator.normal(size=(features.n_features, 1)).astype(np.float32), mask_names=False)
    sheet = WordTable([block, other], features).read("The dam held , officials said .".split())
    tracks = generator.normal(size=(7, 3)).astype(np.float32)
    blend = Blend(*(generator.normal(size=size).astype(np.float32) for size in ((2,), (3, 2), (2,))))
    blended = BlendedSheet(sheet, tracks, [(block, blend)])
    ranges = np.array([[0, 3], [4, 7], [2, 2]])
    means = np.array([tracks[0:3].mean(0), tracks[4:7].mean(0), np.zeros(3)])
    expected = sheet.sums(block, ranges) * blend.share + means @ blend.weight + blend.shift
    np.testing.assert_allclose(blended.sums(block, ranges), expected, atol=1e-5)
    np.testing.assert_allclose(blended.contributions(block, 4, 7).sum(0), expected[1], atol=1e-5)
    np.testing.assert_array_equal(blended.sums(other, ranges), sheet.sums(other, ranges))
    values = sheet.values(block) * blend.share + tracks @ blend.weight + blend.shift
    np.testing.assert_allclose(blended.values(block), values, atol=1e-6)


def test_an_endless_word_does_not_shift_the_words_around_it(encoder):
    text = Encoded(*encoded("Officials said " + "x" * 5000 + " held."))
    (reading,) = encoder.read([text])
    assert len(reading.statements) == len(text.words)
    assert np.isfinite(reading.statements).all()
