from __future__ import annotations

from framing.progress import progress_bar


def shown(capsys, **options):
    with progress_bar(True, **options) as bar:
        bar.advance(articles=3, words=900, place=500)
        bar.advance(articles=1, words=100, place=750)
    return capsys.readouterr().err.rpartition("\r")[2]


def test_finished_work_speed_and_time_left(capsys):
    line = shown(capsys, total=1000)
    assert line.startswith(" 75%|")
    assert " left, 4 articles, " in line
    assert line.rstrip().endswith(" words/s")


def test_what_earlier_runs_did_counts_for_the_share_only(capsys):
    with progress_bar(True, total=1000, done=500) as bar:
        bar.advance(articles=1, words=10, place=600)
    line = capsys.readouterr().err.rpartition("\r")[2]
    assert line.startswith(" 60%|")
    assert " left, 1 article, " in line


def test_an_end_that_is_not_known_has_no_time_left(capsys):
    line = shown(capsys)
    assert line.startswith("00:")
    assert "left" not in line
    assert "4 articles" in line


def test_nothing_is_shown_unasked(capsys):
    with progress_bar(False) as bar:
        bar.advance(articles=1, words=10)
    assert capsys.readouterr() == ("", "")
