from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from framing import cli
from framing.analysis import Analysis

ARTICLE = "The crane stayed.\nNobody complained."


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.txt"
    path.write_bytes(ARTICLE.encode())
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"id": 1, "text": "One."}\n{"id": 2, "text": "Two words."}\n')
    return path


def sentence(stderr: bytes) -> str:
    """The one line of complaint."""
    shown = stderr.decode()
    assert "Traceback" not in shown
    assert shown.count("\n") == 1, shown
    assert shown.startswith("framing: ")
    return shown


# analyze


def test_analyze_shows_the_text_marked_up(run_cli, article):
    done = run_cli("analyze", article, "--title", "Crane")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[0] == "Crane"
    assert "AF     Nobody complained." in done.stdout.decode()
    assert b"\x1b" not in done.stdout  # a pipe is no terminal


def test_analyze_json_is_the_record_on_one_line(run_cli, article):
    done = run_cli("analyze", article, "--json", "--title", "Crane")
    assert done.stdout.count(b"\n") == 1
    doc = Analysis.from_json(done.stdout)
    assert (doc.text, doc.id, doc.title) == (ARTICLE, None, "Crane")


def test_analyze_reads_standard_input_exactly(run_cli):
    done = run_cli("analyze", "-", "--json", stdin=b"\xef\xbb\xbfA\r\nB \xf0\x9f\xa6\x86\n")
    assert json.loads(done.stdout)["text"] == "A\r\nB 🦆\n"


def test_analyze_passes_the_tier_on(run_cli, article):
    assert run_cli("analyze", article, "--tier", "accurate").returncode == 0
    assert run_cli("analyze", article, "--tier", "best").returncode == 2


def test_analyze_prints_what_the_terminal_cannot_as_question_marks(run_cli, article):
    article.write_text("Ein Kran für Łódź.", encoding="utf-8")
    done = run_cli("analyze", article, PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert "Ein Kran für ?ód?.".encode("latin-1") in done.stdout
    assert b"outlet   ____" in done.stdout  # the strip, in characters that the terminal has


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "article.txt: No such file or directory"),
        (b"caf\xe9", "article.txt: not UTF-8 (byte 0xe9 at byte 4)"),
        (b"BOOM", None),
    ],
)
def test_analyze_says_in_a_sentence_what_cannot_be_read(run_cli, tmp_path, content, reason):
    if content is not None:
        (tmp_path / "article.txt").write_bytes(content)
    done = run_cli("analyze", "article.txt")
    if reason is None:  # a fault of ours is no user's error: it shows where it happened
        assert done.returncode == 1
        assert b"Traceback" in done.stderr
    else:
        assert done.returncode == 2
        assert reason in sentence(done.stderr)


def test_analyze_of_a_folder(run_cli, tmp_path):
    done = run_cli("analyze", tmp_path)
    assert done.returncode == 2
    assert "Is a directory" in sentence(done.stderr)


# batch


def test_batch_without_errors(run_cli, corpus, tmp_path):
    done = run_cli("batch", corpus, "out.jsonl")
    assert done.returncode == 0
    assert done.stdout == b""
    assert done.stderr.startswith(b"2 lines in: 2 records, 0 errors; 3 words in ")
    assert [json.loads(line)["id"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [1, 2]
    assert (tmp_path / "out.errors.jsonl").read_bytes() == b""


def test_batch_with_errors(run_cli, corpus, tmp_path):
    corpus.write_bytes(corpus.read_bytes() + b"bad\n")
    done = run_cli("batch", corpus, "out.jsonl", "--errors", "bad.jsonl", "--quiet")
    assert (done.returncode, done.stderr) == (1, b"")
    assert json.loads((tmp_path / "bad.jsonl").read_text())["line"] == 3


def test_batch_through_pipes(run_cli, corpus, tmp_path):
    done = run_cli("batch", "-", "-", stdin=corpus.read_bytes() + b"bad\n")
    assert done.returncode == 1
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 2]
    assert [json.loads(line)["line"] for line in done.stderr.splitlines()] == [3]  # and nothing else
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".jsonl"] == ["in.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["none.jsonl", "new.jsonl"], "none.jsonl: No such file or directory"),
        (["in.jsonl", "out.jsonl"], "out.jsonl exists already. Give --resume"),
        (["in.jsonl", "no/where.jsonl"], "No such file or directory"),
        (["in.jsonl", "in.jsonl", "--overwrite"], "three different files"),
        (["in.jsonl", "new.jsonl", "--batch-size", "0"], "batch size must be 1 or more"),
        (["in.jsonl", "new.jsonl", "--jobs", "0"], "number of jobs must be"),
        (["-", "new.jsonl", "--resume"], "must be files"),
        (["in.jsonl", "out.jsonl", "--resume"], "Resume with the input of the earlier run"),
    ],
)
def test_batch_says_in_a_sentence_what_is_wrong(run_cli, corpus, tmp_path, arguments, reason):
    (tmp_path / "out.jsonl").write_text('{"id":"other","text":"precious"}\n')
    done = run_cli("batch", *arguments)
    assert done.returncode == 2
    assert reason in sentence(done.stderr)
    assert (tmp_path / "out.jsonl").read_text() == '{"id":"other","text":"precious"}\n'
    assert not (tmp_path / "new.jsonl").exists()


def test_batch_resumed_says_so(run_cli, corpus):
    run_cli("batch", corpus, "out.jsonl")
    done = run_cli("batch", corpus, "out.jsonl", "--resume")
    assert done.returncode == 0
    assert done.stderr.startswith(b"2 lines in (2 by earlier runs): 2 records, 0 errors; 0 words in ")


@pytest.mark.parametrize("jobs", [1, 2])
def test_interrupted_batch_can_be_resumed(start_cli, run_cli, tmp_path, jobs):
    gate = tmp_path / "gate"  # until it is there, the run doesn't end
    lines = [json.dumps({"id": n, "text": f"Line {n}."} | ({"gate": str(gate)} if n == 50 else {})) for n in range(100)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    out = tmp_path / "out.jsonl"
    process = start_cli("batch", "in.jsonl", out, "--batch-size", 2, "--jobs", jobs)
    while not (out.exists() and out.stat().st_size):
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to the workers too
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert sentence(err) == "framing: Interrupted. The same command with --resume continues.\n"
    gate.touch()
    done = run_cli("batch", "in.jsonl", out, "--resume", "--batch-size", 64)
    assert done.returncode == 0
    assert b"100 lines in (" in done.stderr
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == list(range(100))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_reader_that_leaves_ends_the_run_quietly(start_cli, tmp_path, jobs):
    line = json.dumps({"text": "Many words here.\n" * 200}) + "\n"
    (tmp_path / "in.jsonl").write_text(line * 100)
    process = start_cli("batch", "in.jsonl", "-", "--jobs", jobs)
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=300) == 141
    assert process.stderr.read() == b""


def test_a_reader_of_one_text_that_leaves(start_cli, tmp_path):
    (tmp_path / "article.txt").write_text("Many words here.\n" * 20_000)
    process = start_cli("analyze", "article.txt")
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=300) == 141
    assert process.stderr.read() == b""


# models, help, version


def test_models_are_listed_with_their_scores(run_cli):
    done = run_cli("models")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        "tagger 0.1, CC0-1.0",
        "  seen 12",
        "  dev: f1 0.812, interval [0.800, 0.825]",
    ]


def test_version(capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("framing ")


@pytest.mark.parametrize(
    "arguments", [[], ["analyse"], ["batch", "in.jsonl"], ["batch", "a", "b", "--jobs", "x"]]
)
def test_wrong_usage(capsys, arguments):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: framing")


@pytest.mark.parametrize("arguments", [["--help"], ["analyze", "--help"], ["batch", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import sys\n"
        "from framing.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'numpy', 'scipy', 'sklearn', 'nltk', 'joblib', 'tqdm', 'pandas'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    source = str(Path(cli.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=os.environ | {"PYTHONPATH": source}
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"usage: framing" in done.stdout


def test_the_package_runs_as_the_command():
    source = str(Path(cli.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "framing", "--help"],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": source},
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"usage: framing")


# report


def test_report_draws_a_text(run_cli, article, tmp_path):
    done = run_cli("report", article, tmp_path / "page.html", "--title", "Crane & co")
    assert (done.returncode, done.stderr) == (0, f"framing: 1 article in {tmp_path / 'page.html'}\n".encode())
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<title>Crane &amp; co</title>" in page
    assert "Nobody complained." in page


def test_report_analyses_the_articles_of_a_file(run_cli, corpus, tmp_path):
    done = run_cli("report", corpus, tmp_path / "page.html", "--quiet")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "2 articles" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz"])
def test_report_reads_records(run_cli, corpus, tmp_path, ending):
    records = tmp_path / f"out{ending}"
    run_cli("batch", corpus, records)
    done = run_cli("report", records, tmp_path / "page.html", "--by", "id")
    assert done.returncode == 0
    assert "2 articles" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("stored", [False, True])
def test_report_names_lines_that_cannot_be_read(run_cli, corpus, tmp_path, stored):
    source = corpus
    if stored:
        source = tmp_path / "records.jsonl"
        run_cli("batch", corpus, source)
    source.write_bytes(source.read_bytes() + b"no json\n")
    done = run_cli("report", source, tmp_path / "page.html", "--quiet")
    assert done.returncode == 1
    assert sentence(done.stderr).startswith(f"framing: {source}, line 3: ")
    assert "2 articles" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_report_goes_to_standard_output(run_cli, article):
    done = run_cli("report", article, "-")
    assert done.stdout.startswith(b"<!doctype html>")


def test_report_wants_a_name_that_ends_in_html(run_cli, article, tmp_path):
    done = run_cli("report", article, tmp_path / "article.md")
    assert done.returncode == 2
    assert "must end in .html" in sentence(done.stderr)
    assert not (tmp_path / "article.md").exists()


def test_report_leaves_texts_out_of_a_large_corpus(run_cli, corpus, tmp_path):
    run_cli("report", corpus, tmp_path / "page.html", "--texts", "1")
    assert "The articles, marked" not in (tmp_path / "page.html").read_text(encoding="utf-8")
