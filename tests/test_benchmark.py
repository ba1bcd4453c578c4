"""The benchmark on sizes that say nothing about speed, and caches that an endless stream of words must not grow."""

import importlib.util
import json
from pathlib import Path

import pytest

from framing import network
from framing.analyzer import Analyzer
from framing.features import TextFeatures
from framing.linear import LinearBlock, WordTable
from framing.tagger import bundled_tagger
from framing.word_rows import bundled_features

SCRIPT = Path(__file__).resolve().parents[1] / "training" / "benchmark.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("training_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_speed_is_told_for_every_contender_or_why_it_is_skipped(benchmark):
    found = benchmark.measure_speed(2, 1)
    assert {"tokenisation alone", "analysis, default tier, JSON written"} <= set(found["words_per_second"])
    assert len(found["words_per_second"]) + len(found["skipped"]) == 4
    assert found["times_tokenisation"]["tokenisation alone"] == [1, 1, 1]
    assert all(found["skipped"].values())


def test_stages_and_what_is_between_add_up_to_the_whole(benchmark):
    cost = benchmark.measure_stages(2, 1)["microseconds_per_word"]
    assert sum(cost.values()) == pytest.approx(2 * cost["all"])
    assert all(cost[stage] > 0 for _, _, stage in benchmark.STAGES)


def test_memory_and_start_are_measured_in_processes_of_their_own(benchmark):
    (row,) = benchmark.measure_memory([2])["rows"]
    assert row["articles"] == 2
    assert row["words"] > 500
    assert 50 < row["mb"] < 500
    start = benchmark.measure_startup(1)
    assert start["cpu"][0] > 0
    assert "numpy" in {entry["module"] for entry in start["imports"]}


def test_articles_have_the_length_asked_for(benchmark):
    rows = benchmark.measure_length([100, 300], 1, words=600)["rows"]
    assert [row["length"] for row in rows] == [100, 300]
    assert [row["articles"] for row in rows] == [6, 2]
    assert all(row["microseconds_per_word"] > 0 for row in rows)


def test_the_report_and_the_file_hold_what_was_measured(benchmark, tmp_path, capsys):
    file = tmp_path / "found.json"
    benchmark.main(["--only", "profile", "scaling", "--rounds", "1", "--articles", "3", "--json", str(file)])
    found = json.loads(file.read_text(encoding="utf-8"))
    assert set(found) == {"scaling", "profile"}
    printed = capsys.readouterr().out
    assert "## Processes" in printed
    assert found["profile"]["rows"][0]["function"] in printed


def test_every_article_of_the_benchmark_has_a_word_of_its_own(benchmark):
    texts = [article["text"] for article in benchmark.articles(130)]
    assert len(set(texts)) == 130
    assert len({text.split()[-1] for text in texts}) == 130


def test_words_that_never_stop_being_new_do_not_grow_the_token_network(monkeypatch):
    monkeypatch.setattr(network, "_WORD_CACHE", 500)
    words = bundled_tagger().network._words
    for number in range(40):
        words([f"w{number}x{place}" for place in range(100)])
        assert len(words._rows) <= 500
    size = len(words._table)
    for number in range(40, 80):
        words([f"w{number}x{place}" for place in range(100)])
    assert len(words._table) == size


def test_words_that_never_stop_being_new_do_not_grow_the_word_scores():
    space = bundled_features()
    table = WordTable([LinearBlock(TextFeatures().fit_transform(["Rain fell."]).T.toarray())], space, limit=500)
    for number in range(20):
        table.read([f"w{number}x{place}" for place in range(100)])
        assert len(table._rows) <= 500
        assert len(table._tables[0]) == 1024


def test_an_answer_is_the_same_before_and_after_the_caches_are_emptied(monkeypatch):
    text = "Critics fear that the dam will fail. The minister called them reckless."
    before = Analyzer().analyze(text)
    monkeypatch.setattr(network, "_WORD_CACHE", 60)
    for number in range(3):
        Analyzer().analyze(" ".join(f"w{number}x{place}" for place in range(50)))
    assert Analyzer().analyze(text) == before
