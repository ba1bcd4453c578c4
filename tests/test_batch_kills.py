"""Many kills at random moments: an endurance test, run by hand with FRAMING_KILLS=20 (a few minutes).

A short one is in ``test_batch.py``.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import framing
from framing.batch import errors_path

KILLS = int(os.environ.get("FRAMING_KILLS", "0"))
ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet")

pytestmark = pytest.mark.skipif(not KILLS, reason="set FRAMING_KILLS to the number of kills")


@pytest.fixture
def start_real(tmp_path):
    source = str(Path(framing.__file__).parents[1])

    def start(*arguments: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "framing", *map(str, arguments)],
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": source},
            start_new_session=True,
        )

    return start


@pytest.mark.parametrize("kind", ["start_cli", "start_real"])
def test_kills_at_random_moments_leave_no_trace(kind, request, tmp_path, capsys):
    start = request.getfixturevalue(kind)
    articles = [
        {"id": n, "text": f"Officials said on Monday that dam {n} held. Critics fear that it will fail soon."}
        for n in range(600)
    ]
    if kind == "start_cli":
        articles = [article | {"pause": 0.003} for article in articles]
    lines = [json.dumps(article) for article in articles]
    lines[::50] = ["no article"] * len(lines[::50])
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(lines) + "\n")

    def run(target: Path, jobs: int, *options: str) -> subprocess.Popen[bytes]:
        return start("batch", source, target, "--quiet", "--batch-size", 5, "--jobs", jobs, *options)

    clean, seconds = {}, {}
    for ending in ENDINGS:
        jobs = 1 + len(clean) % 2
        target = tmp_path / f"clean-{len(clean)}{ending}"
        begun = time.perf_counter()
        process = run(target, jobs)
        assert (process.communicate()[1], process.returncode) == (b"", 1)
        seconds[jobs] = time.perf_counter() - begun
        clean[ending] = target.read_bytes()
    errors = errors_path(tmp_path / "clean-0.jsonl").read_bytes()

    picker = random.Random(11)
    begun_already = 0
    for kill in range(KILLS):
        ending, jobs = ENDINGS[kill % 4], 1 + kill // 4 % 2
        target = tmp_path / f"killed-{kill}{ending}"
        process = run(target, jobs)
        time.sleep(picker.uniform(0, seconds[jobs]))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        began = [path for path in (target, Path(f"{target}.partial.jsonl.gz")) if path.exists()]
        begun_already += any(path.stat().st_size for path in began)
        process = run(target, 3 - jobs, "--resume")
        assert (process.communicate()[1], process.returncode) == (b"", 1)
        assert target.read_bytes() == clean[ending]
        assert errors_path(target).read_bytes() == errors
    with capsys.disabled():
        sys.stdout.write(f"\n{kind}: {KILLS} kills, {begun_already} of them after the first record was written\n")
