"""Frames in, frames out; and the engines that ask for it, where they are installed."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

import framing
from framing.analysis import Analysis
from framing.batch import ANALYZE_FRAMES_SCHEMA, analyze_frames, empty_frame
from framing.exceptions import ArticleError, MissingExtraError, ModelError

pd = pytest.importorskip("pandas", reason="frames need newsframing[notebook]")

TYPES = {
    "id": "string",
    "title": "string",
    "words": "Int64",
    "sentences": "Int64",
    "statements": "Int64",
    "attributions": "Int64",
    "sources": "Int64",
    "share_author_fact": "float64",
    "share_author_opinion": "float64",
    "share_source_fact": "float64",
    "share_source_opinion": "float64",
    "anonymous_share": "float64",
    "hedged_share": "float64",
    "bias": "float64",
    "bias_author": "float64",
    "bias_source": "float64",
    "record": "string",
    "error": "string",
}


def frame_of(*texts: object, **columns: object):
    return pd.DataFrame({"text": list(texts), **columns})


def analyzed(frame, stub, **options):
    (result,) = analyze_frames([frame], analyzer=stub, **options)
    assert {name: str(kind) for name, kind in result.dtypes.items()} == TYPES
    return result


def test_the_schema_names_the_columns_with_their_types():
    kinds = {"string": "string", "bigint": "Int64", "double": "float64"}
    columns = [part.split() for part in ANALYZE_FRAMES_SCHEMA.split(", ")]
    assert {name: kinds[kind] for name, kind in columns} == TYPES
    assert list(TYPES) == [name for name, _ in columns]


def test_the_empty_frame_has_the_schema():
    assert {name: str(kind) for name, kind in empty_frame().dtypes.items()} == TYPES
    assert len(empty_frame()) == 0


def test_a_row_for_each_row_with_its_index(stub):
    frame = frame_of("One.\nTwo words.", "Three.", id=["a", "b"], outlet=["Gull", "Tern"]).set_index(pd.Index([7, 3]))
    result = analyzed(frame, stub)
    assert result.index.tolist() == [7, 3]
    assert result["id"].tolist() == ["a", "b"]
    assert result["words"].tolist() == [3, 1]
    assert result["statements"].tolist() == [2, 1]
    assert result["error"].isna().all()
    doc = Analysis.from_json(result["record"].iloc[1])
    assert (doc.text, doc.id, doc.meta) == ("Three.", "b", {"outlet": "Tern"})


def test_one_frame_for_each_frame_as_they_are_asked_for(stub):
    asked = []

    def frames():
        for number in range(3):
            asked.append(number)
            yield frame_of(f"Number {number}.")

    stream = analyze_frames(frames(), analyzer=stub)
    assert json.loads(next(stream)["record"].iloc[0])["text"] == "Number 0."
    assert asked == [0]
    assert [json.loads(frame["record"].iloc[0])["text"] for frame in stream] == ["Number 1.", "Number 2."]


def test_an_empty_frame_keeps_the_schema(stub):
    assert len(analyzed(frame_of(id=[]), stub)) == 0
    assert stub.batches == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, "The field 'text' must be a string, not null."),
        (float("nan"), "The field 'text' must be a string, not null."),
        (3, "The field 'text' must be a string, not a number."),
        ("BOOM", "RuntimeError: the article blew up"),
    ],
)
def test_bad_rows_become_rows_with_an_error(stub, text, error):
    result = analyzed(frame_of("Good.", text, "Better.", id=[1, 2, 3]), stub)
    assert result["id"].tolist() == ["1", "2", "3"]
    assert result["error"].iloc[1] == error
    assert result.iloc[1].drop(["id", "error"]).isna().all()
    assert result["words"].iloc[[0, 2]].tolist() == [1, 1]
    assert result["error"].iloc[[0, 2]].isna().all()


def test_values_of_pandas_become_json(stub):
    frame = frame_of(
        "One.",
        id=pd.array([pd.NA], dtype="Int64"),
        at=pd.to_datetime(["2024-02-29 12:30"]),
        gone=pd.to_datetime([None]),
        count=pd.array([5], dtype="int16"),
        share=pd.array([0.5], dtype="float32"),
        flag=[True],
        day=[datetime.date(2024, 2, 29)],
        tags=[["a", "b"]],
    )
    result = analyzed(frame, stub)
    assert result["id"].isna().all()
    assert json.loads(result["record"].iloc[0])["meta"] == {
        "at": "2024-02-29T12:30:00",
        "gone": None,
        "count": 5,
        "share": 0.5,
        "flag": True,
        "day": "2024-02-29",
        "tags": ["a", "b"],
    }


def test_what_json_has_no_form_for_is_named(stub):
    result = analyzed(frame_of("One.", image=[b"\x89"]), stub)
    assert result["error"].tolist() == ["The field 'image' holds bytes, which JSON has no form for."]


def test_half_a_character_does_not_stop_a_frame(stub):
    result = analyzed(pd.DataFrame({"text": ["half \ud83d"], "id": ["\ud83d"]}, dtype=object), stub)
    assert result["id"].tolist() == ["\\ud83d"]
    assert json.loads(result["record"].iloc[0])["text"] == "half \ud83d"


def test_the_size_of_a_batch_changes_nothing_but_the_batches(stub, make_analyzer):
    frame = frame_of(*(f"Number {n}." for n in range(10)))
    other = make_analyzer()
    assert analyzed(frame, stub).equals(analyzed(frame, other, batch_size=4))
    assert (stub.batches, other.batches) == ([10], [4, 4, 2])


def test_an_analyzer_that_cannot_work_stops_the_stream(stub, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ModelError("The model is damaged.")

    monkeypatch.setattr(stub, "analyze_many", fail)
    with pytest.raises(ModelError, match="damaged"):
        next(analyze_frames([frame_of("One.")], analyzer=stub))


def test_a_frame_without_texts(stub):
    with pytest.raises(ArticleError, match=r"must have a column 'text'\. Got body, id; rename"):
        next(analyze_frames([pd.DataFrame({"body": ["One."], "id": [1]})], analyzer=stub))


def test_something_else_than_frames(stub):
    with pytest.raises(TypeError, match=r"must be an iterable of DataFrames\. Got str in it; put a single frame"):
        next(analyze_frames(frame_of("One."), analyzer=stub))


def test_pandas_is_named_where_it_is_missing(stub, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"newsframing\[notebook\]"):
        next(analyze_frames([], analyzer=stub))


def test_the_bundled_models_are_used_by_default():
    (result,) = analyze_frames([frame_of("Critics fear the dam will fail.")])
    assert json.loads(result["record"].iloc[0])["statements"][0]["voice"] == "source"
    assert result["share_source_opinion"].tolist() == [1.0]


# Engines


TEXTS = [f"Officials said dam {n} held. Critics fear that it will fail." for n in range(40)]


@pytest.fixture(scope="module")
def expected():
    (result,) = analyze_frames([frame_of(*TEXTS, None, id=[str(n) for n in range(41)])])
    return result


def one_frame(frame):
    (result,) = analyze_frames([frame])
    return result


def test_dask_on_two_processes_one_of_which_is_killed(expected, tmp_path):
    """About five seconds on a quiet machine: two processes start, and one of them twice."""
    pytest.importorskip("dask.dataframe", reason="this needs newsframing[cluster]")
    distributed = pytest.importorskip("distributed", reason="this needs newsframing[cluster]")
    import dask
    import dask.dataframe as dd

    marker = tmp_path / "killed"

    def one_frame_or_death(frame, marker):
        if "20" in set(frame["id"]) and not os.path.exists(marker):
            open(marker, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        (result,) = analyze_frames([frame])
        return result

    settings = {
        "distributed.comm.timeouts.connect": "120s",  # of a machine that has much else to do
        "distributed.scheduler.allowed-failures": 10,
        "temporary-directory": str(tmp_path),
        "dataframe.convert-string": False,
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0, silence_logs=50
        ) as cluster,
        distributed.Client(cluster),
    ):
        articles = dd.from_pandas(frame_of(*TEXTS, None, id=[str(n) for n in range(41)]), npartitions=8)
        result = articles.map_partitions(one_frame_or_death, str(marker), meta=empty_frame()).compute()
    assert marker.exists()
    pd.testing.assert_frame_equal(result, expected)


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    pytest.importorskip("pyspark", reason="this needs newsframing[cluster]")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, and there is none here")
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    folder = str(tmp_path_factory.mktemp("spark"))
    source = str(Path(framing.__file__).parents[1])
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", folder)
        .config("spark.sql.warehouse.dir", folder)
        .config("spark.executorEnv.PYTHONPATH", source)
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of its own sockets
def test_spark_takes_the_function_as_it_is(spark, expected):
    """About twenty seconds on a quiet machine: a virtual machine starts, and Python in it."""
    rows = [(str(number), text) for number, text in enumerate([*TEXTS, None])]
    articles = spark.createDataFrame(rows, "id string, text string").repartition(4)
    result = articles.mapInPandas(analyze_frames, schema=ANALYZE_FRAMES_SCHEMA).collect()
    found = {row["id"]: row.asDict() for row in result}
    assert len(result) == 41
    for row in expected.to_dict("records"):
        assert {name: found[row["id"]][name] for name in TYPES} == {
            name: None if pd.isna(value) else value for name, value in row.items()
        }
