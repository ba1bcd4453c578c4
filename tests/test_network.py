"""The network's arithmetic and the decoding on top of it."""

import itertools

import numpy as np
import pytest

from framing.document import read_document
from framing.links import LINK_BETWEEN, LINK_WINDOW, GatedLayer, link_buckets
from framing.network import Featurizer, Network
from framing.relations import find_cues
from framing.stretches import viterbi
from framing.tagger import bundled_tagger
from framing.tokens import SHAPE_COUNT, Encoded, encode_text

CONFIG = {"static": 4, "buckets": [11, 7, 5, 7], "dilations": [1, 2], "link_dilations": [1]}
WIDTH, LINK = 6, 4


class Vectors:
    """Word vectors of which nothing is known but their size."""

    def lookup(self, words):
        rows = np.array([[len(w), w.count("e"), 1, ord(w[0]) % 7] for w in words], dtype=np.float32).reshape(-1, 4)
        return rows, np.ones(len(words), dtype=np.float32)


@pytest.fixture(scope="module")
def network():
    generator = np.random.default_rng(5)

    def weights(*shape):
        return generator.normal(size=shape).astype(np.float32) * 0.5

    arrays = {"lexicon_entries": np.array("said\nreport"), "lexicon_flags": np.eye(2, dtype=np.uint8)}
    for i, (size, width) in enumerate(zip(CONFIG["buckets"], (3, 2, 2, 2), strict=True)):
        arrays[f"tables.{i}.weight"] = weights(size, width).astype(np.float16)
    arrays |= {"shapes.weight": weights(SHAPE_COUNT, 16), "quotes.weight": weights(4, WIDTH)}
    linear = {
        "project": (4 + 9 + 16 + 2, WIDTH), "statement": (WIDTH, 5), "cue": (WIDTH, 3), "roles": (WIDTH, 2),
        "link_token": (WIDTH, LINK), "link_cue": (WIDTH, LINK), "link": (LINK, 3),
    }  # fmt: skip
    for name, (rows, columns) in linear.items():
        arrays |= {f"{name}.weight": weights(rows, columns), f"{name}.bias": weights(columns)}
    layers = (("convolutions", "norms", WIDTH, 2), ("link_convolutions", "link_norms", LINK, 1))
    for prefix, norm, width, count in layers:
        for i in range(count):
            arrays |= {f"{prefix}.{i}.weight": weights(3, width, 2 * width), f"{prefix}.{i}.bias": weights(2 * width)}
            arrays |= {f"{norm}.{i}.weight": 1 + weights(width), f"{norm}.{i}.bias": weights(width)}
    arrays["link_distance.weight"] = weights(int(link_buckets().max()) + 1, LINK)
    for i, limit in enumerate(LINK_BETWEEN):
        arrays[f"link_between.{i}.weight"] = weights(2 * limit + 1, LINK)
    return Network(CONFIG, arrays, Vectors())


def encoded(text):
    return encode_text(text, [(0, len(text))] if text else [])


def test_a_text_is_read_the_same_alone_and_in_company(network):
    texts = [encoded("The report said so."), encoded("No."), encoded("Three men, they said, were held.")]
    together = network.read(texts)
    for text, reading in zip(texts, together, strict=True):
        (alone,) = network.read([text])
        np.testing.assert_allclose(alone.statements, reading.statements, atol=1e-6)
        np.testing.assert_allclose(alone.link_tokens, reading.link_tokens, atol=1e-5)


def test_a_long_text_in_windows_is_read_as_one(network, monkeypatch):
    text = encoded("The report said that rain fell on the town. " * 60)
    (whole,) = network.read([text])
    monkeypatch.setattr("framing.network._CHUNK", 64)
    (windowed,) = network.read([text])
    np.testing.assert_allclose(windowed.statements, whole.statements, atol=1e-6)
    np.testing.assert_array_equal(windowed.counts, whole.counts)


def test_probabilities_sum_to_one(network):
    (reading,) = network.read([encoded("The report said so, and more.")])
    np.testing.assert_allclose(reading.statements.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(reading.cues.sum(axis=1), 1, atol=1e-6)
    (links,) = network.link([reading], [np.array([[2, 2], [3, 4]])])
    assert links.shape == (2, sum(LINK_WINDOW), 3)
    np.testing.assert_allclose(links.sum(axis=2), 1, atol=1e-6)


def test_places_beyond_the_text_are_nobodys(network):
    (reading,) = network.read([encoded("It said so.")])
    (links,) = network.link([reading], [np.array([[1, 1]])])
    before = LINK_WINDOW[0]
    assert (links[0, : before - 1, 0] == 1).all()
    assert (links[0, before + len(reading.cues) :, 0] == 1).all()


def test_a_window_read_in_parts_is_read_as_one(network, monkeypatch):
    (reading,) = network.read([encoded("The report said that rain fell on the town. " * 40)])
    cues = np.array([[2, 2], [180, 181], [355, 355]])
    monkeypatch.setattr("framing.links._NEAR", LINK_WINDOW)
    (whole,) = network.link([reading], [cues])
    monkeypatch.setattr("framing.links._NEAR", (9, 12))
    monkeypatch.setattr("framing.links._NOTHING", -1)  # no edge is nothing
    monkeypatch.setattr("framing.links._BLOCKS", 1)
    monkeypatch.setattr("framing.links._STEP", 5)
    np.testing.assert_allclose(network.link([reading], [cues])[0], whole, atol=1e-5)
    monkeypatch.setattr("framing.links._NOTHING", 2)  # every edge is
    before = LINK_WINDOW[0]
    (near,) = network.link([reading], [cues])
    np.testing.assert_allclose(near[:, before - 9 : before + 12], whole[:, before - 9 : before + 12], atol=1e-5)
    assert (near[:, : before - 9, 0] == 1).all()


def test_a_cue_has_the_same_numbers_whatever_is_read_with_it():
    network = bundled_tagger().network
    texts = ["It said so.", "Engineers said the bridge is safe. Critics doubt it.", "", "Police, he said, came. " * 30]
    readings = network.read([encoded(text) for text in texts])
    cues = [find_cues(reading.cues) for reading in readings]
    alone = [network.link([reading], [own])[0] for reading, own in zip(readings, cues, strict=True)]
    assert sum(map(len, cues)) > 30
    for order in itertools.permutations(range(len(texts))):
        together = network.link([readings[i] for i in order], [cues[i] for i in order])
        for place, number in enumerate(order):
            np.testing.assert_array_equal(together[place], alone[number])


def test_an_empty_text_is_read(network):
    (reading,) = network.read([encoded("")])
    assert reading.statements.shape == (0, 5)


def test_one_layer_does_what_its_formula_says(network):
    generator = np.random.default_rng(1)
    state = np.zeros((15, WIDTH), dtype=np.float32)
    state[2:9] = generator.normal(size=(7, WIDTH))
    arrays = network._arrays
    out = GatedLayer(arrays, "convolutions.1", "norms.1", 2)(state, [(2, 9)])
    weight, bias = arrays["convolutions.1.weight"], arrays["convolutions.1.bias"]
    assert not out[:2].any()
    assert not out[9:].any()
    for place in range(2, 9):
        both = state[place - 2] @ weight[0] + state[place] @ weight[1] + state[place + 2] @ weight[2] + bias
        x = state[place] + both[:WIDTH] / (1 + np.exp(-both[WIDTH:]))
        x = (x - x.mean()) / np.sqrt(x.var() + 1e-5) * arrays["norms.1.weight"] + arrays["norms.1.bias"]
        np.testing.assert_allclose(out[place], x, atol=1e-5)


def test_word_features_know_lexicons_shapes_and_curly_apostrophes():
    featurizer = Featurizer([97, 97, 97, 97], ["don't", "said"], np.array([[1, 0], [0, 1]], dtype=np.uint8))
    features = featurizer(["Don’t", "SAID", "said", "2,000", "\n"])
    assert features.lexicons.tolist() == [[1, 0], [0, 1], [0, 1], [0, 0], [0, 0]]
    assert features.buckets[1].tolist() == features.buckets[2].tolist()
    assert len(set(features.shape.tolist())) == 5


def test_viterbi_finds_the_best_path_that_brute_force_finds():
    from itertools import product

    generator = np.random.default_rng(8)
    scores = generator.normal(size=(11, 3)).astype(np.float32)
    costs = generator.uniform(0, 1.5, size=11).astype(np.float32)
    bounds = [(0, 5), (5, 6), (6, 6), (7, 11)]
    labels = viterbi(scores, costs, bounds)
    for start, stop in bounds:
        if stop == start:
            continue

        def total(path, start=start):
            changes = sum(costs[start + i] for i in range(1, len(path)) if path[i] != path[i - 1])
            return sum(scores[start + i, label] for i, label in enumerate(path)) - changes

        best = max(product(range(3), repeat=stop - start), key=total)
        assert tuple(labels[start:stop]) == best


def test_of_neighbouring_cue_beginnings_the_likelier_counts():
    cues = np.array([[0.2, 0.3, 0.5], [0.1, 0.9, 0], [0.9, 0.1, 0], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]], dtype=np.float32)
    assert find_cues(cues, 0.2).tolist() == [[1, 1], [3, 4]]


def test_a_document_knows_its_tokens_by_sentence():
    text = "Rain falls on town\n\nIt rained. Police said so.\n\nShare this article"
    document = read_document(text)
    words = [
        [text[s:e] for s, e in document.encoded.spans[x.first : x.stop].tolist()]
        for x in document.sentences
        if x.role != "boilerplate"
    ]
    assert words[-2:] == [["It", "rained", "."], ["Police", "said", "so", "."]]
    assert isinstance(document.encoded, Encoded)


def test_networks_that_share_their_words_do_not_disturb_each_other():
    """One that has met many new words leaves the other's readings as they were."""
    first = bundled_tagger().network
    second = first.with_heads({})
    known = encode_text("The council met.", [(0, 16)])
    before = first.read([known])[0].statements
    text = " ".join(f"word{number}" for number in range(20_000))
    second.read([encode_text(text, [(0, len(text))])])
    late = encode_text("word19999 met the council.", [(0, 26)])
    np.testing.assert_array_equal(first.read([known])[0].statements, before)
    np.testing.assert_array_equal(first.read([late])[0].statements, second.read([late])[0].statements)
