"""Files of other formats than plain and gzipped JSON Lines."""

from __future__ import annotations

import datetime
import decimal
import json
import os
import random
import sys
from pathlib import Path

import pytest

from framing.analysis import to_pandas
from framing.batch import run_batch
from framing.exceptions import ArticleError, MissingExtraError

ARTICLES = [{"id": f"g{n}", "text": f"Gull number {n} landed.\nIt stayed.", "n": n} for n in range(40)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    lines = [json.dumps(article).encode() for article in ARTICLES]
    lines[20:20] = [b"not json", b'{"id": "boom", "text": "BOOM"}']
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


# Zstandard


@pytest.fixture
def zstandard():
    return pytest.importorskip("zstandard", reason="Zstandard needs newsframing[zstd]")


def test_zstandard_in_and_out(zstandard, source, stub, tmp_path):
    run_batch(source, tmp_path / "plain.jsonl", analyzer=stub)
    packed = tmp_path / "in.jsonl.zst"
    packed.write_bytes(zstandard.compress(source.read_bytes()))
    run_batch(packed, tmp_path / "out.jsonl.zst", analyzer=stub)
    reader = zstandard.ZstdDecompressor().stream_reader(
        (tmp_path / "out.jsonl.zst").read_bytes(), read_across_frames=True
    )
    assert reader.read() == (tmp_path / "plain.jsonl").read_bytes()
    assert (tmp_path / "out.errors.jsonl").read_bytes() == (tmp_path / "plain.errors.jsonl").read_bytes()


def test_what_is_written_as_zstandard_can_be_read_as_a_source(zstandard, source, stub, tmp_path):
    run_batch(source, tmp_path / "records.jsonl.zst", analyzer=stub)
    run_batch(tmp_path / "records.jsonl.zst", tmp_path / "again.jsonl", analyzer=stub)
    assert [row["id"] for row in rows_of(tmp_path / "again.jsonl")] == [article["id"] for article in ARTICLES]


def test_a_truncated_zstandard_file_is_reported(zstandard, source, stub, tmp_path):
    packed = tmp_path / "in.jsonl.zst"
    packed.write_bytes(zstandard.compress(source.read_bytes())[:-10])
    with pytest.raises(OSError, match=r"in\.jsonl\.zst is damaged: its compressed data breaks off"):
        run_batch(packed, tmp_path / "out.jsonl", analyzer=stub)


def test_a_file_that_is_not_zstandard_leaves_nothing_behind(zstandard, source, stub, tmp_path):
    source.rename(tmp_path / "plain.jsonl.zst")
    with pytest.raises(OSError, match="is damaged or isn't Zstandard"):
        run_batch(tmp_path / "plain.jsonl.zst", tmp_path / "out.jsonl", analyzer=stub)
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("module", "name", "extra"),
    [("zstandard", "x.jsonl.zst", "newsframing[zstd]"), ("pyarrow", "x.parquet", "newsframing[parquet]")],
)
@pytest.mark.parametrize("side", ["source", "target"])
def test_a_missing_package_is_named_and_nothing_left_behind(
    source, stub, tmp_path, monkeypatch, module, name, extra, side
):
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "other.jsonl").write_bytes(b"")
    files = {"source": source, "target": tmp_path / "out.jsonl"} | {side: tmp_path / name}
    if side == "source":
        (tmp_path / name).write_bytes(b"x")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(MissingExtraError) as raised:
        run_batch(**files, analyzer=stub)
    assert extra in str(raised.value)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["e.jsonl.gz", "e.jsonl.zst", "e.parquet"])
def test_error_rows_are_plain_lines(source, stub, tmp_path, name):
    with pytest.raises(ValueError, match="Error rows are plain JSON Lines"):
        run_batch(source, tmp_path / "out.jsonl", analyzer=stub, errors=tmp_path / name)


# Parquet


@pytest.fixture
def parquet():
    return pytest.importorskip("pyarrow.parquet", reason="Parquet needs newsframing[parquet]")


@pytest.fixture
def table_of(parquet, tmp_path):
    """Write rows as Parquet; say where."""
    import pyarrow as pa

    def write(rows: list[dict], **types: object) -> Path:
        table = pa.Table.from_pylist(rows)
        for name, kind in types.items():
            table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(kind))
        parquet.write_table(table, tmp_path / "in.parquet")
        return tmp_path / "in.parquet"

    return write


def test_parquet_in_gives_the_records_of_the_same_lines(table_of, source, stub, tmp_path):
    run_batch(source, tmp_path / "lines.jsonl", analyzer=stub)
    report = run_batch(table_of(ARTICLES), tmp_path / "rows.jsonl", analyzer=stub)
    assert (report.lines_in, report.lines_out, report.errors) == (40, 40, 0)
    assert (tmp_path / "rows.jsonl").read_bytes() == (tmp_path / "lines.jsonl").read_bytes()


def test_rows_without_a_text_become_error_rows(table_of, stub, tmp_path):
    rows = [{"id": 1, "text": "One."}, {"id": 2, "text": None}, {"id": 3, "text": "Three."}]
    run_batch(table_of(rows), tmp_path / "out.jsonl", analyzer=stub)
    assert [row["id"] for row in rows_of(tmp_path / "out.jsonl")] == [1, 3]
    assert rows_of(tmp_path / "out.errors.jsonl") == [
        {"id": 2, "line": 2, "error": "The field 'text' must be a string, not null."}
    ]


def test_values_that_json_has_no_form_for_are_written_as_text_or_refused(table_of, stub, tmp_path):
    row = {
        "text": "One.",
        "date": datetime.date(2024, 2, 29),
        "at": datetime.datetime(2024, 2, 29, 12, 30),
        "price": decimal.Decimal("12.50"),
        "tags": ["a", None],
        "place": {"lat": 1.5, "lon": float("nan")},
        "gone": None,
    }
    rows = [row, row | {"date": None, "place": {"lat": float("inf"), "lon": 0.0}}]
    run_batch(table_of(rows), tmp_path / "out.jsonl", analyzer=stub)
    (record,) = rows_of(tmp_path / "out.jsonl")
    assert record["meta"] == {
        "date": "2024-02-29",
        "at": "2024-02-29T12:30:00",
        "price": "12.50",
        "tags": ["a", None],
        "place": {"lat": 1.5, "lon": None},
        "gone": None,
    }
    (error,) = rows_of(tmp_path / "out.errors.jsonl")
    assert "Out of range float values are not JSON compliant" in error["error"]


def test_bytes_are_refused_by_name(table_of, stub, tmp_path):
    run_batch(table_of([{"id": 7, "text": "One.", "image": b"\x89"}]), tmp_path / "out.jsonl", analyzer=stub)
    (error,) = rows_of(tmp_path / "out.errors.jsonl")
    assert error == {"id": 7, "line": 1, "error": "The field 'image' holds bytes, which JSON has no form for."}


def test_a_file_that_is_not_parquet(parquet, source, stub, tmp_path):
    source.rename(tmp_path / "in.parquet")
    with pytest.raises(OSError, match="is damaged or isn't Parquet"):
        run_batch(tmp_path / "in.parquet", tmp_path / "out.jsonl", analyzer=stub)
    assert not (tmp_path / "out.jsonl").exists()


def test_parquet_out_holds_the_records_and_the_columns_of_tables(parquet, source, stub, tmp_path):
    run_batch(source, tmp_path / "lines.jsonl", analyzer=stub)
    report = run_batch(source, tmp_path / "out.parquet", analyzer=stub)
    assert (report.lines_in, report.lines_out, report.errors) == (42, 40, 2)
    table = parquet.read_table(tmp_path / "out.parquet")
    lines = (tmp_path / "lines.jsonl").read_bytes().splitlines()
    assert [record.encode() for record in table["record"].to_pylist()] == lines
    assert table.column_names == [
        "id", "title", "words", "sentences", "statements", "attributions", "sources",
        "share_author_fact", "share_author_opinion", "share_source_fact", "share_source_opinion",
        "anonymous_share", "hedged_share", "bias", "bias_author", "bias_source", "record",
    ]  # fmt: skip
    pytest.importorskip("pandas", reason="tables need newsframing[notebook]")
    expected = to_pandas([stub.analyze(a["text"], id=a["id"], meta={"n": a["n"]}) for a in ARTICLES], level="article")
    assert table["id"].to_pylist() == expected["id"].tolist()
    assert set(table["title"].to_pylist() + table["bias_source"].to_pylist()) == {None}
    for name in table.column_names[2:-2]:
        assert table[name].to_pylist() == expected[name].tolist(), name


def test_parquet_out_of_nothing_has_the_columns(parquet, stub, tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b"")
    run_batch(tmp_path / "in.jsonl", tmp_path / "out.parquet", analyzer=stub)
    table = parquet.read_table(tmp_path / "out.parquet")
    assert (table.num_rows, table.column_names[-1]) == (0, "record")


def test_ids_of_any_kind_become_text_in_parquet(parquet, stub, tmp_path):
    ids = [7, "seven", None, [1, "ü"], "half \ud83d"]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"id": i, "text": "x"}) + "\n" for i in ids))
    run_batch(tmp_path / "in.jsonl", tmp_path / "out.parquet", analyzer=stub)
    found = parquet.read_table(tmp_path / "out.parquet")["id"].to_pylist()
    assert found == ["7", "seven", None, '[1, "ü"]', "half \\ud83d"]


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_parquet_bytes_do_not_depend_on_the_batch_size(parquet, source, stub, tmp_path, batch_size, monkeypatch):
    monkeypatch.setattr("framing.batch.parquet._GROUP_ROWS", 15)
    run_batch(source, tmp_path / "out.parquet", analyzer=stub)
    run_batch(source, tmp_path / "other.parquet", analyzer=stub, batch_size=batch_size)
    assert (tmp_path / "other.parquet").read_bytes() == (tmp_path / "out.parquet").read_bytes()
    assert parquet.ParquetFile(tmp_path / "out.parquet").num_row_groups == 3


def test_large_records_end_a_row_group_early(parquet, source, stub, tmp_path, monkeypatch):
    monkeypatch.setattr("framing.batch.parquet._GROUP_BYTES", 10_000)
    run_batch(source, tmp_path / "out.parquet", analyzer=stub)
    table = parquet.ParquetFile(tmp_path / "out.parquet")
    sizes = [table.metadata.row_group(group).num_rows for group in range(table.num_row_groups)]
    assert sum(sizes) == 40
    assert 1 < len(sizes) < 40


@pytest.fixture
def clean(parquet, source, stub, tmp_path):
    """A finished target, its bytes, and the lines from which it was made."""
    run_batch(source, tmp_path / "out.jsonl.gz", analyzer=stub, errors=tmp_path / "e.jsonl")
    lines = (tmp_path / "out.jsonl.gz").read_bytes()
    (tmp_path / "out.jsonl.gz").unlink()
    target = tmp_path / "out.parquet"
    run_batch(source, target, analyzer=stub)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("out")) == [
        "out.errors.jsonl",
        "out.parquet",
    ]
    return target, target.read_bytes(), lines


def assert_resumed(clean, source, stub):
    target, content, _ = clean
    report = run_batch(source, target, analyzer=stub, resume=True)
    assert (report.lines_in, report.lines_out, report.errors) == (42, 40, 2)
    assert target.read_bytes() == content
    assert not Path(f"{target}.partial.jsonl.gz").exists()
    return report


def test_a_parquet_run_cut_at_random_places_is_resumed(clean, source, stub):
    target, _, lines = clean
    picker = random.Random(3)
    for place in [0, len(lines), *picker.sample(range(len(lines)), 10)]:
        target.unlink()
        Path(f"{target}.partial.jsonl.gz").write_bytes(lines[:place])
        assert_resumed(clean, source, stub)


def test_a_parquet_run_that_died_while_its_file_was_written_is_resumed(clean, source, stub):
    target, content, lines = clean
    target.unlink()
    Path(f"{target}.partial.jsonl.gz").write_bytes(lines)
    Path(f"{target}.partial").write_bytes(content[:1000])
    assert assert_resumed(clean, source, stub).resumed == 42
    assert not Path(f"{target}.partial").exists()


def test_a_parquet_run_that_died_between_its_last_two_steps_is_resumed(clean, source, stub):
    target, _, lines = clean
    Path(f"{target}.partial.jsonl.gz").write_bytes(lines)
    assert assert_resumed(clean, source, stub).resumed == 42


def test_a_finished_parquet_run_has_nothing_left_to_do(clean, source, stub):
    report = assert_resumed(clean, source, stub)
    assert (report.resumed, report.words) == (42, 0)


def test_a_finished_parquet_run_over_a_longer_source_is_continued(clean, source, stub):
    target, _, _ = clean
    with source.open("a") as stream:
        stream.write('{"id": "late", "text": "Late."}\n')
    report = run_batch(source, target, analyzer=stub, resume=True)
    assert (report.lines_in, report.resumed) == (43, 42)
    import pyarrow.parquet

    assert pyarrow.parquet.read_table(target)["id"].to_pylist()[-2:] == ["g39", "late"]


def test_a_parquet_file_of_another_source_is_refused_and_kept(clean, stub, tmp_path):
    target, content, _ = clean
    (tmp_path / "other.jsonl").write_bytes(b'{"id": "x", "text": "Something else."}\n' * 50)
    with pytest.raises(ArticleError, match="isn't the record of any line"):
        run_batch(tmp_path / "other.jsonl", target, analyzer=stub, resume=True)
    assert target.read_bytes() == content
    assert not Path(f"{target}.partial.jsonl.gz").exists()


def test_a_parquet_file_of_another_kind_is_refused_and_kept(table_of, source, stub):
    target = table_of([{"id": 1, "price": 2.5}])
    content = target.read_bytes()
    with pytest.raises(OSError, match="has no column 'record'"):
        run_batch(source, target, analyzer=stub, resume=True)
    assert target.read_bytes() == content


@pytest.mark.parametrize("existing", ["out.parquet", "out.parquet.partial.jsonl.gz"])
def test_an_existing_parquet_file_is_kept(parquet, source, stub, tmp_path, existing):
    (tmp_path / existing).write_text("precious")
    with pytest.raises(FileExistsError, match=r"exists already\. Give --resume"):
        run_batch(source, tmp_path / "out.parquet", analyzer=stub)
    assert (tmp_path / existing).read_text() == "precious"


def test_parquet_replaces_what_was_there_only_when_it_is_whole(parquet, source, stub, tmp_path, monkeypatch):
    target = tmp_path / "out.parquet"
    target.write_text("old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28), str(target))

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", fail)
        with pytest.raises(OSError, match="No space left"):
            run_batch(source, target, analyzer=stub, overwrite=True)
    assert target.read_text() == "old"
    run_batch(source, target, analyzer=stub, resume=True)
    assert parquet.read_table(target).num_rows == 40
