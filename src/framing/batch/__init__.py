"""Many articles at once: files of them, and frames of pandas on the engines that spread those over machines.

    from framing.batch import run_batch

    run_batch("articles.jsonl", "records.jsonl.zst", analyzer=framing.Analyzer(), n_jobs=-1)

`run_batch` turns a file of articles into a file of records that a killed run can continue. Each
article gives exactly one record in the target or, where it can't be read or analysed, one row in
the errors file. Both are written in the order of the input, and the error rows of a batch before
its records; so at whatever moment a run dies, the two files and the input tell which articles are
done. Nothing that is written depends on the size of a batch or the number of processes.

`analyze_frames` does the same for frames of pandas, and needs no more than that: Spark, Dask and
Ray call it on their machines.
"""

from __future__ import annotations

from framing.batch.columns import ANALYZE_FRAMES_SCHEMA
from framing.batch.frames import analyze_frames, empty_frame
from framing.batch.running import BatchReport, errors_path, run_batch
from framing.batch.work import ManyAnalyzer

__all__ = [
    "ANALYZE_FRAMES_SCHEMA",
    "BatchReport",
    "ManyAnalyzer",
    "analyze_frames",
    "empty_frame",
    "errors_path",
    "run_batch",
]
