from __future__ import annotations

import gzip
import json
import random
import time
from pathlib import Path

import pytest

from framing.analysis import Analysis
from framing.batch import BatchReport, errors_path, run_batch
from framing.exceptions import ArticleError, ModelError

GOOD = [
    {"id": f"g{n}", "text": f"Gull number {n} landed.\nIt stayed.", "outlet": "Gull", "n": n}
    for n in range(40)
]
LINES = [json.dumps(article, ensure_ascii=False).encode() for article in GOOD]
# Bad lines of every sort among the good ones, first, last and in a row.
BAD = {
    0: b"",
    7: b"not json",
    8: b"[1, 2]",
    15: b'{"id": "no-text", "title": "x"}',
    22: b'{"id": "boom", "text": "BOOM"}',
    23: b'{"id": "null", "text": null}',
    45: b'{"text": "\xff"}',
}


KILLS = 3


def mixed_lines() -> list[bytes]:
    lines = list(LINES)
    for place, bad in sorted(BAD.items()):
        lines.insert(place, bad)
    return lines


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join(mixed_lines()) + b"\n")
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def run_line(tmp_path: Path, stub, line: bytes) -> tuple[list[dict], list[dict]]:
    (tmp_path / "one.jsonl").write_bytes(line)
    run_batch(tmp_path / "one.jsonl", tmp_path / "o.jsonl", analyzer=stub, overwrite=True)
    return rows_of(tmp_path / "o.jsonl"), rows_of(tmp_path / "o.errors.jsonl")


# Every line in gives a line out


def test_records_in_order_with_their_fields(source, target, stub):
    report = run_batch(source, target, analyzer=stub)
    rows = rows_of(target)
    assert [row["id"] for row in rows] == [article["id"] for article in GOOD]
    assert [row["text"] for row in rows] == [article["text"] for article in GOOD]
    assert rows[3]["meta"] == {"outlet": "Gull", "n": 3}
    assert Analysis.from_dict(rows[3]).statements[1].text == "It stayed."
    assert report == BatchReport(
        lines_in=47, lines_out=40, errors=7, words=40 * 6, seconds=report.seconds, resumed=0
    )


def test_bad_lines_become_rows_with_id_and_number(source, target, stub):
    run_batch(source, target, analyzer=stub)
    rows = rows_of(errors_path(target))
    assert [row["line"] for row in rows] == [place + 1 for place in BAD]
    assert [row["id"] for row in rows] == [None, None, None, "no-text", "boom", "null", None]
    assert [row["error"] for row in rows] == [
        "The line is empty.",
        "The line isn't valid JSON: Expecting value: line 1 column 1 (char 0).",
        "The line must be a JSON object, not an array.",
        "The object has no field 'text'.",
        "RuntimeError: the article blew up",
        "The field 'text' must be a string, not null.",
        "The line isn't valid UTF-8 (byte 0xff at byte 11).",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\n", "The line is empty."),
        (b"  \t\r\n", "The line is empty."),
        (b'{"text": NaN}', "NaN is no number in JSON"),
        (b'{"text": "x", "n": -Infinity}', "-Infinity is no number in JSON"),
        (b'{"text": "x", "n": 1e999}', "the number 1e999 is too large"),
        (b'{"text": "x", "n": ' + b"9" * 5000 + b"}", "isn't valid JSON"),
        (b'{"text": "x", "n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b"\xef\xbb\xbf\xef\xbb\xbf" + b'{"text": "x"}', "isn't valid JSON: Unexpected UTF-8 BOM"),
        ('{"text": "x"}'.encode("utf-16"), "isn't valid UTF-8"),
        (b'{"text": 3}', "'text' must be a string, not a number"),
        (b'{"text": true}', "'text' must be a string, not true or false"),
        (b'{"text": ["x"]}', "'text' must be a string, not an array"),
        (b'{"text": "x", "title": {}}', "'title' must be a string, not an object"),
        (b'"text"', "must be a JSON object, not a string"),
        (b'{"text": "x"', "isn't valid JSON"),
        (b'{"text": "x"} {"text": "y"}', "isn't valid JSON: Extra data"),
    ],
)
def test_a_line_that_cannot_be_read(tmp_path, stub, line, reason):
    records, errors = run_line(tmp_path, stub, line)
    assert records == []
    assert len(errors) == 1
    assert reason in errors[0]["error"]
    assert errors[0]["line"] == 1


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'\xef\xbb\xbf{"text": "after a BOM"}', "after a BOM"),
        (b'{"text": "no line end"}', "no line end"),
        (b'{"text": "Windows"}\r\n', "Windows"),
        (b'{"text": "", "title": null}\n', ""),
        (b'{"text": "half \\ud83d"}\n', "half \ud83d"),
        (b'{"text": "whole \\ud83d\\ude80"}\n', "whole 🚀"),
        ('{"text": "a\u2028b\x85c"}\n'.encode(), "a\u2028b\x85c"),
    ],
)
def test_a_line_that_can_be_read(tmp_path, stub, line, text):
    records, errors = run_line(tmp_path, stub, line)
    assert [record["text"] for record in records] == [text]
    assert errors == []
    assert len((tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_an_empty_file_gives_empty_files(tmp_path, stub):
    assert run_line(tmp_path, stub, b"") == ([], [])


def test_one_failing_article_is_found_and_the_rest_analysed(source, target, stub):
    run_batch(source, target, analyzer=stub, batch_size=20)
    # lines 1 to 20, 21 to 40 (one by one after the failure), 41 to 47; bad lines don't count
    assert stub.batches == [16, 19, *[1] * 19, 6]


def test_an_analyzer_that_loses_articles_loses_no_line(source, target, stub, monkeypatch):
    honest = stub.analyze_many
    monkeypatch.setattr(
        stub, "analyze_many", lambda articles, **options: list(honest(articles, **options))[:1]
    )
    report = run_batch(source, target, analyzer=stub)
    assert (report.lines_out, report.errors) == (40, 7)


def test_an_analyzer_that_cannot_work_stops_the_run(source, target, stub, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ModelError("The model is damaged.")

    monkeypatch.setattr(stub, "analyze_many", fail)
    with pytest.raises(ModelError, match="damaged"):
        run_batch(source, target, analyzer=stub)


@pytest.mark.parametrize("batch_size", [1, 2, 7, 1000])
def test_bytes_do_not_depend_on_the_batch_size(source, target, stub, tmp_path, batch_size):
    run_batch(source, target, analyzer=stub)
    other = tmp_path / "other.jsonl"
    run_batch(source, other, analyzer=stub, batch_size=batch_size)
    assert other.read_bytes() == target.read_bytes()
    assert errors_path(other).read_bytes() == errors_path(target).read_bytes()


def test_compressed_files(source, target, stub, tmp_path):
    run_batch(source, target, analyzer=stub)
    packed = tmp_path / "in.jsonl.gz"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    run_batch(packed, tmp_path / "packed.jsonl.gz", analyzer=stub)
    assert gzip.decompress((tmp_path / "packed.jsonl.gz").read_bytes()) == target.read_bytes()
    assert (tmp_path / "packed.errors.jsonl").read_bytes() == errors_path(target).read_bytes()


def test_a_truncated_compressed_input_is_reported(source, target, stub, tmp_path):
    packed = tmp_path / "in.jsonl.gz"
    packed.write_bytes(gzip.compress(source.read_bytes())[:-100])
    with pytest.raises(OSError, match="compressed data breaks off"):
        run_batch(packed, target, analyzer=stub)


def test_an_input_that_is_not_gzip_leaves_nothing_behind(source, target, stub, tmp_path):
    source.rename(tmp_path / "plain.jsonl.gz")
    with pytest.raises(gzip.BadGzipFile):
        run_batch(tmp_path / "plain.jsonl.gz", target, analyzer=stub)
    assert not target.exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("out.jsonl", "out.errors.jsonl"),
        ("out.jsonl.gz", "out.errors.jsonl"),
        ("out.ndjson", "out.errors.jsonl"),
        ("out.v2", "out.v2.errors.jsonl"),
    ],
)
def test_where_error_rows_go(tmp_path, name, expected):
    assert errors_path(tmp_path / name) == tmp_path / expected


def test_progress_goes_to_standard_error(source, target, stub, capsys):
    run_batch(source, target, analyzer=stub, progress=True)
    shown = capsys.readouterr()
    assert "100%" in shown.err
    assert "47 articles" in shown.err
    assert shown.out == ""


# Nothing is overwritten unasked


@pytest.mark.parametrize("existing", ["out.jsonl", "out.errors.jsonl"])
def test_an_existing_file_is_kept(source, target, stub, tmp_path, existing):
    (tmp_path / existing).write_text("precious")
    with pytest.raises(FileExistsError, match=r"exists already\. Give --resume"):
        run_batch(source, target, analyzer=stub)
    assert (tmp_path / existing).read_text() == "precious"


def test_overwrite_replaces_both_files(source, target, stub):
    target.write_text("old\n" * 1000)
    errors_path(target).write_text("old\n" * 1000)
    run_batch(source, target, analyzer=stub, overwrite=True)
    assert len(rows_of(target)) == 40
    assert len(rows_of(errors_path(target))) == 7


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"batch_size": 0}, "batch size must be 1 or more"),
        ({"n_jobs": 0}, "number of jobs"),
        ({"resume": True, "overwrite": True}, "exclude each other"),
        ({"source": "-", "resume": True}, "must be files"),
        ({"target": "-", "resume": True}, "must be files"),
        ({"errors": "-", "resume": True}, "must be files"),
        ({"target": "in.jsonl", "overwrite": True}, "three different files"),
        ({"errors": "./in.jsonl", "overwrite": True}, "three different files"),
    ],
)
def test_arguments_that_do_not_go_together(source, stub, monkeypatch, changed, reason):
    monkeypatch.chdir(source.parent)
    before = source.read_bytes()
    with pytest.raises(ValueError, match=reason):
        run_batch(**({"source": "in.jsonl", "target": "out.jsonl", "analyzer": stub} | changed))
    assert source.read_bytes() == before


def test_a_missing_input_leaves_nothing_behind(tmp_path, target, stub):
    with pytest.raises(FileNotFoundError):
        run_batch(tmp_path / "none.jsonl", target, analyzer=stub)
    assert not target.exists()


# Resuming


@pytest.fixture(params=["out.jsonl", "out.jsonl.gz", "out.jsonl.zst"])
def clean(request, source, tmp_path, stub):
    """Target of a finished run, with the bytes of both of its files."""
    if request.param.endswith(".zst"):
        pytest.importorskip("zstandard", reason="Zstandard needs newsframing[zstd]")
    target = tmp_path / request.param
    run_batch(source, target, analyzer=stub, batch_size=5)
    return target, target.read_bytes(), errors_path(target).read_bytes()


def assert_resumes(clean, source, make_analyzer, *, batch_size: int = 5) -> BatchReport:
    target, records, errors = clean
    report = run_batch(source, target, analyzer=make_analyzer(), resume=True, batch_size=batch_size)
    assert target.read_bytes() == records
    assert errors_path(target).read_bytes() == errors
    assert (report.lines_in, report.lines_out, report.errors) == (47, 40, 7)
    return report


def test_records_cut_at_random_places(clean, source, make_analyzer):
    target, records, _ = clean
    picker = random.Random(1)
    for place in [0, 1, len(records) - 1, len(records), *picker.sample(range(len(records)), 40)]:
        target.write_bytes(records[:place])
        assert_resumes(clean, source, make_analyzer, batch_size=picker.choice([1, 3, 64]))


def test_both_files_cut_at_random_places(clean, source, make_analyzer):
    target, records, errors = clean
    picker = random.Random(2)
    for _ in range(40):
        target.write_bytes(records[: picker.randrange(len(records) + 1)])
        errors_path(target).write_bytes(errors[: picker.randrange(len(errors) + 1)])
        assert_resumes(clean, source, make_analyzer)


@pytest.mark.parametrize("lost", ["out.jsonl", "out.errors.jsonl", "both"])
def test_a_file_that_is_gone(source, target, stub, make_analyzer, lost):
    run_batch(source, target, analyzer=stub)
    clean = target, target.read_bytes(), errors_path(target).read_bytes()
    for path in (target, errors_path(target)):
        if lost in (path.name, "both"):
            path.unlink()
    assert_resumes(clean, source, make_analyzer)


def test_a_finished_run_has_nothing_left_to_do(clean, source, make_analyzer):
    report = assert_resumes(clean, source, make_analyzer)
    assert (report.resumed, report.words) == (47, 0)


def test_only_what_is_missing_is_analysed(source, target, stub, make_analyzer):
    run_batch(source, target, analyzer=stub)
    clean = target, target.read_bytes(), errors_path(target).read_bytes()
    target.write_bytes(b"\n".join(clean[1].split(b"\n")[:38]) + b"\n")
    analyzer = make_analyzer()
    report = run_batch(source, target, analyzer=analyzer, resume=True)
    assert (report.resumed, analyzer.batches) == (44, [2])
    assert target.read_bytes() == clean[1]


def test_identical_articles_are_counted_not_merged(tmp_path, target, stub, make_analyzer):
    source = tmp_path / "same.jsonl"
    source.write_bytes(b'{"text": "Same."}\n' * 5 + b"bad\n" + b'{"text": "Same."}\n' * 5)
    run_batch(source, target, analyzer=stub)
    records, errors = target.read_bytes(), errors_path(target).read_bytes()
    for lines in range(11):
        target.write_bytes(b"".join(records.splitlines(keepends=True)[:lines]))
        run_batch(source, target, analyzer=make_analyzer(), resume=True)
        assert target.read_bytes() == records
        assert errors_path(target).read_bytes() == errors


def test_another_input_is_refused_and_nothing_lost(clean, source, stub, tmp_path):
    target, records, errors = clean
    other = tmp_path / "other.jsonl"
    other.write_bytes(b'{"id": "x", "text": "Something else."}\n' * 50)
    with pytest.raises(ArticleError, match=r"Line 1 of .* isn't the record of any line"):
        run_batch(other, target, analyzer=stub, resume=True)
    assert target.read_bytes() == records
    assert errors_path(target).read_bytes() == errors


def test_a_shorter_input_is_refused_and_nothing_lost(clean, source, stub):
    target, records, _ = clean
    source.write_bytes(b"".join(source.read_bytes().splitlines(keepends=True)[:20]))
    with pytest.raises(ArticleError, match="Resume with the input of the earlier run"):
        run_batch(source, target, analyzer=stub, resume=True)
    assert target.read_bytes() == records


def test_a_longer_input_is_continued(source, target, stub, make_analyzer):
    whole = source.read_bytes()
    source.write_bytes(b"".join(whole.splitlines(keepends=True)[:20]))
    run_batch(source, target, analyzer=stub)
    source.write_bytes(whole)
    report = run_batch(source, target, analyzer=make_analyzer(), resume=True)
    assert (report.lines_in, report.resumed) == (47, 20)
    assert [row["id"] for row in rows_of(target)] == [article["id"] for article in GOOD]


def test_other_errors_files_are_refused_and_kept(source, target, stub, tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("my notes\n")
    with pytest.raises(ArticleError, match="isn't an errors file"):
        run_batch(source, target, analyzer=stub, errors=precious, resume=True)
    assert precious.read_text() == "my notes\n"


def test_a_file_of_another_kind_is_refused_and_kept(source, target, stub):
    target.write_text("my notes, without a line end")
    with pytest.raises(ArticleError, match="isn't a file of an earlier run"):
        run_batch(source, target, analyzer=stub, resume=True)
    assert target.read_text() == "my notes, without a line end"


def test_a_tail_of_zeros_is_cut_off(clean, source, make_analyzer):
    """What some file systems leave after the power has failed."""
    target, records, _ = clean
    for kept in (0, 1, len(records) // 3, len(records)):
        target.write_bytes(records[:kept] + bytes(500))
        assert_resumes(clean, source, make_analyzer)


def test_damage_elsewhere_is_no_torn_end(clean, source, stub):
    target, records, _ = clean
    damaged = b"XXXX" + records[4:]
    target.write_bytes(damaged)
    with pytest.raises(ArticleError, match=r"isn't (a compressed file of an earlier run|the record of any line)"):
        run_batch(source, target, analyzer=stub, resume=True)
    assert target.read_bytes() == damaged


def test_records_of_other_models_are_not_continued(source, target, make_analyzer):
    run_batch(source, target, analyzer=make_analyzer(models={"opinion": "opinion 1", "bias": "bias 1"}))
    begun = b"".join(target.read_bytes().splitlines(keepends=True)[:10])
    target.write_bytes(begun)
    with pytest.raises(
        ModelError, match=r"out\.jsonl holds records of other models \(opinion opinion 1 instead of opinion 2\), and"
    ):
        run_batch(
            source, target, analyzer=make_analyzer(models={"opinion": "opinion 2", "bias": "bias 1"}), resume=True
        )
    assert target.read_bytes() == begun


def test_records_of_another_schema_are_not_continued(clean, source, target, stub):
    target.write_bytes(b'{"schema_version":0,"id":"g0","text":' + json.dumps(GOOD[0]["text"]).encode() + b"}\n")
    with pytest.raises(ModelError, match="schema_version 0 instead of 1"):
        run_batch(source, target, analyzer=stub, resume=True)


def test_a_last_record_that_is_damaged_is_told(source, target, stub):
    run_batch(source, target, analyzer=stub)
    target.write_bytes(target.read_bytes().splitlines(keepends=True)[0].replace(b'"models":', b'"models"'))
    with pytest.raises(ArticleError, match=r"The last line of .*out\.jsonl is damaged: Expecting ':'"):
        run_batch(source, target, analyzer=stub, resume=True)


def test_a_finished_run_may_be_resumed_with_other_models(source, target, make_analyzer):
    """Nothing is mixed where nothing is added."""
    run_batch(source, target, analyzer=make_analyzer(models={"opinion": "opinion 1"}))
    report = run_batch(source, target, analyzer=make_analyzer(models={"opinion": "opinion 2"}), resume=True)
    assert report.resumed == 47


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_at_any_moment_and_resumed(start_cli, run_cli, source, tmp_path, jobs):
    """After kill -9, several times over, the bytes are those of a clean run."""
    lines = mixed_lines()
    gate = tmp_path / "gate"  # until it is there, no run comes to its end, however slow the one who kills it
    lines.append(json.dumps({"id": "last", "text": "Last.", "gate": str(gate)}).encode())
    source.write_bytes(b"\n".join(lines) + b"\n")
    target, clean = tmp_path / "killed.jsonl", tmp_path / "clean.jsonl"
    for attempt in range(KILLS):
        process = start_cli("batch", source, target, "--resume", "--quiet", "--batch-size", 2, "--jobs", jobs)
        while not (target.exists() and target.stat().st_size > attempt * 20_000):
            assert process.poll() is None
            time.sleep(0.002)
        process.kill()
        process.wait()
    gate.touch()
    assert run_cli("batch", source, target, "--resume", "--quiet", "--jobs", jobs).returncode == 1
    assert run_cli("batch", source, clean, "--quiet").returncode == 1
    assert target.read_bytes() == clean.read_bytes()
    assert errors_path(target).read_bytes() == errors_path(clean).read_bytes()


# A disk without room


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_is_told_and_the_run_resumed(run_cli, source, target, tmp_path, jobs):
    clean = tmp_path / "clean.jsonl"
    run_cli("batch", source, clean, "--quiet")
    room = clean.stat().st_size // 2
    done = run_cli("batch", source, target, "--quiet", "--jobs", jobs, "--batch-size", 4, LARGEST_FILE=str(room))
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"framing: {target}: File too large. Make room; the same command with --resume continues.\n"
    )
    assert 0 < target.stat().st_size <= room
    assert run_cli("batch", source, target, "--quiet", "--resume").returncode == 1
    assert target.read_bytes() == clean.read_bytes()
    assert errors_path(target).read_bytes() == errors_path(clean).read_bytes()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
def test_a_device_that_is_full(run_cli, source, tmp_path):
    done = run_cli("batch", source, "/dev/full", "--errors", tmp_path / "errors.jsonl", "--overwrite", "--quiet")
    assert done.returncode == 2
    assert done.stderr.startswith(b"framing: /dev/full: No space left on device. Make room; ")


# Processes


def test_several_processes_give_the_same_bytes(run_cli, source, target, tmp_path):
    assert run_cli("batch", source, target, "--quiet").returncode == 1
    other = tmp_path / "other.jsonl"
    done = run_cli("batch", source, other, "--quiet", "--jobs", 2, "--batch-size", 1)
    assert (done.returncode, done.stderr) == (1, b"")
    assert other.read_bytes() == target.read_bytes()
    assert errors_path(other).read_bytes() == errors_path(target).read_bytes()


def test_a_worker_that_is_killed_costs_nothing(run_cli, source, target, tmp_path):
    lines = mixed_lines()
    lines[30] = json.dumps({"id": "k", "text": "Killer.", "killed": str(tmp_path / "killed")}).encode()
    source.write_bytes(b"\n".join(lines) + b"\n")
    done = run_cli("batch", source, target, "--quiet", "--jobs", 2, "--batch-size", 2)
    assert (done.returncode, done.stderr) == (1, b"")
    assert (tmp_path / "killed").exists()
    other = tmp_path / "other.jsonl"
    run_cli("batch", source, other, "--quiet")
    assert other.read_bytes() == target.read_bytes()


def test_an_article_that_kills_every_worker_is_named_and_the_run_resumed(run_cli, source, target, tmp_path):
    lines = mixed_lines()
    marker = tmp_path / "folder" / "killed"  # it can't be made before there is the folder
    lines[30] = json.dumps({"id": "k", "text": "Killer.", "killed": str(marker)}).encode()
    source.write_bytes(b"\n".join(lines) + b"\n")
    done = run_cli("batch", source, target, "--quiet", "--jobs", 2, "--batch-size", 2)
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "framing: A worker process died 3 times at lines 31 to 32, perhaps for lack of memory. "
        "Go on with fewer jobs or a smaller batch size.\n"
    )
    assert len(rows_of(target)) + len(rows_of(errors_path(target))) == 30
    marker.parent.mkdir()
    marker.touch()
    assert run_cli("batch", source, target, "--quiet", "--resume", "--jobs", 2).returncode == 1
    assert [row["id"] for row in rows_of(target)][23:26] == ["g23", "k", "g25"]


def test_workers_do_not_outlive_a_killed_run(start_cli, source, target, tmp_path):
    never = json.dumps({"text": "Slow.", "gate": str(tmp_path / "never")})
    source.write_text('{"text": "Quick."}\n' + f"{never}\n" * 20)
    process = start_cli("batch", source, target, "--quiet", "--jobs", 2, "--batch-size", 1)
    while not (target.exists() and target.stat().st_size):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=200)  # returns once nobody holds the run's standard error
