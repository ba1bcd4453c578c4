from __future__ import annotations

from itertools import pairwise

import pytest

from framing.record import LABELS
from framing.strip import count_words, frame_name, label_of, ribbon, strip


def test_bars_follow_each_other_from_the_first_word_to_the_last(record):
    bars = strip(record, 100)["bars"]
    assert [bar[4] for bar in bars] == list(range(8))
    assert bars[0][0] == 0
    assert bars[-1][1] == 1
    assert all(before[1] == after[0] for before, after in pairwise(bars))


def test_a_bar_is_as_wide_as_its_words_and_as_tall_as_it_is_opinion(record):
    start, end, voice, opinion, _ = strip(record, 100)["bars"][7]
    assert end - start == pytest.approx(5 / 58)  # "a gift to the builder", of 58 words in statements
    assert voice == "source"
    assert opinion == pytest.approx(0.9)  # 0.85 and the author's third of the rest


def test_neighbours_share_a_step_where_there_are_many_statements(record):
    bars = strip(record, 2)["bars"]
    assert [(voice, place) for _, _, voice, _, place in bars] == [
        ("author", None), ("source", None), ("author", None), ("source", None)
    ]  # fmt: skip
    assert bars[0][:2] == bars[1][:2]


def test_loaded_words_stand_in_the_middle_of_their_bar(record):
    found = strip(record, 100)
    assert [voice for _, voice, _ in found["loaded"]] == ["source", "author", "source"]
    start, end = found["bars"][2][:2]
    assert found["loaded"][0][0] == pytest.approx((start + end) / 2)


def test_an_empty_article_has_no_bars(stub):
    assert strip(stub.analyze("").to_dict(), 10) == {"bars": [], "loaded": []}


def test_a_statement_without_words_does_not_count(stub):
    assert strip(stub.analyze("…\nYes.").to_dict(), 10)["bars"] == [[0, 1, "author", pytest.approx(0.1), 1]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0), ("— …", 0), ("It's 1.3 million.", 3), ("well-kept crane", 2), ("Łódź 港", 2),
        ("https://a.org/b?c=1 on", 2),
    ],
)  # fmt: skip
def test_count_words(text, words):
    assert count_words(text) == words


def test_a_ribbon_has_a_cell_for_each_word_if_it_has_so_many(record):
    digits = [str(LABELS.index(label_of(entry))) for entry in record["statements"]]
    words = [count_words(record["text"][entry["start"] : entry["end"]]) for entry in record["statements"]]
    assert ribbon(record, sum(words)) == "".join(d * n for d, n in zip(digits, words, strict=True))


def test_a_ribbon_of_few_cells_takes_the_words_in_their_middle(record):
    fine = ribbon(record, 58)
    assert ribbon(record, 2) == fine[14] + fine[43]


def test_an_empty_article_has_no_ribbon(stub):
    assert ribbon(stub.analyze("").to_dict(), 10) == ""


def test_names_of_labels(record):
    assert label_of(record["statements"][0]) == "author_fact"
    assert frame_name("quality_of_life") == "quality of life"
