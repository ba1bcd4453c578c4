"""Retraining from the open corpus, from corpora of one's own, and every night."""

import importlib.util
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

import framing
from framing import datasets
from framing.annotations import read_annotations

ROOT = Path(__file__).resolve().parents[1]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]


def script(name):
    spec = importlib.util.spec_from_file_location(f"training_{name}", ROOT / "training" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


train_all, nightly, common = script("train_all"), script("nightly"), script("common")


@pytest.fixture(scope="module")
def articles():
    """A few articles of every split."""
    corpus = read_annotations(ROOT / "datasets")
    return [doc for split in ("train", "dev", "test") for doc in corpus if doc.meta["split"] == split][:4] + [
        next(doc for doc in corpus if doc.meta["split"] == split) for split in ("dev", "test")
    ]


def models_of(folder):
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "log.jsonl"
    }


def test_the_sample_retrained_twice_is_the_same_bytes(articles, tmp_path):
    for name in ("one", "two"):
        train_all.train_sample(tmp_path / name, ["statements", "opinion"], 0, articles)
    first = models_of(tmp_path / "one")
    assert first == models_of(tmp_path / "two")
    assert {"scores.json", "statements/manifest.json", "opinion/CARD.md"} <= set(first)


def test_scores_before_and_after_are_written(articles, tmp_path):
    found = train_all.train_sample(tmp_path, ["opinion"], 0, articles)
    assert json.loads((tmp_path / "scores.json").read_bytes())["models"] == found
    assert set(found["opinion"]) == {"dev_before", "dev_after", "test_before", "test_after"}
    (line,) = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["peak_mib"] > 0


def test_a_run_goes_on_where_it_stopped(articles, tmp_path, capsys, monkeypatch):
    train_all.train_sample(tmp_path, ["opinion"], 0, articles)
    monkeypatch.setattr(train_all, "train_model", lambda *_: pytest.fail("it was there already"))
    train_all.train_sample(tmp_path, ["opinion"], 0, articles)
    assert "opinion: there already" in capsys.readouterr().out


def test_a_damaged_model_is_trained_anew(articles, tmp_path):
    train_all.train_sample(tmp_path, ["opinion"], 0, articles)
    before = models_of(tmp_path)
    (arrays,) = (tmp_path / "opinion").glob("*.npz")
    arrays.write_bytes(b"cut off")
    train_all.train_sample(tmp_path, ["opinion"], 0, articles)
    assert models_of(tmp_path) == before


def test_the_commands_for_corpora_are_those_of_the_readme():
    readme = (ROOT / "training" / "README.md").read_text(encoding="utf-8")
    commands = train_all.corpus_commands("/data", "/names", readme)
    assert commands[0] == ["training/train_sentences.py", "--corpora", "/data"]
    assert ["training/train_speakers.py", "--corpora", "/data", "--names", "/names"] in commands
    assert all((ROOT / command[0]).is_file() for command in commands)
    assert len(commands) == len({tuple(command) for command in commands})


def test_names_are_asked_for():
    with pytest.raises(ValueError, match="--names is needed"):
        train_all.corpus_commands("/data", None, "```sh\npython training/x.py --corpora DIR --names NAMES\n```")


def test_commands_that_were_run_are_not_run_again(tmp_path, capsys):
    done = tmp_path / "done.json"
    mark = tmp_path / "mark"
    good = ["-c", f"open({str(mark)!r}, 'a').write('x')"]
    with pytest.raises(train_all.subprocess.CalledProcessError):
        train_all.train_corpora([good, ["-c", "raise SystemExit(3)"]], done)
    train_all.train_corpora([good, good], done)
    assert mark.read_text() == "xx"
    assert "done before" in capsys.readouterr().out


def table(path, days, *, wrong=False):
    lines = ["text,label,article"]
    for day in days:
        lines += [
            f"The council met on {day} at noon.,{'opinion' if wrong else 'fact'},{day}",
            f"What a shameful {day} this awful plan gave us.,{'fact' if wrong else 'opinion'},{day}",
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def night(tmp_path):
    """Runs a night; gives the exit status, the decisions so far, and what is in the model's folder."""

    def run(labels, *more, test=None):
        frozen = test or table(tmp_path / "test.csv", [f"{day} evening" for day in DAYS])
        status = nightly.main(
            ["opinion", labels, "--test", frozen, "--model", str(tmp_path / "model"),
             "--decisions", str(tmp_path / "decisions.jsonl"), *more]
        )  # fmt: skip
        file = tmp_path / "decisions.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        return status, [json.loads(line) for line in lines], models_of(tmp_path)

    return run


def test_a_good_candidate_takes_the_place(night, tmp_path):
    status, (decision,), _ = night(table(tmp_path / "labels.csv", DAYS))
    assert (status, decision["accepted"], decision["current"]["sha256"]) == (0, True, None)
    assert framing.load(tmp_path / "model").predict(["What a shameful day this awful plan gave us."]) == ["opinion"]


def test_a_worse_candidate_leaves_the_model_whole(night, tmp_path):
    night(table(tmp_path / "labels.csv", DAYS))
    before = models_of(tmp_path / "model")
    status, decisions, _ = night(table(tmp_path / "wrong.csv", DAYS, wrong=True))
    assert (status, decisions[1]["accepted"]) == (0, False)
    assert "it must not begin below -0.02" in decisions[1]["why"]
    assert decisions[1]["current"]["sha256"] == json.loads(before["manifest.json"])["sha256"]
    assert models_of(tmp_path / "model") == before


def test_the_first_model_of_other_classes_has_nothing_to_beat(night, tmp_path):
    test = table(tmp_path / "frozen.csv", ["Sunday evening", "Monday morning"])
    labels = table(tmp_path / "labels.csv", DAYS)
    for file in (test, labels):
        Path(file).write_text(Path(file).read_text().replace("opinion,", "comment,"), encoding="utf-8")
    _, (decision,), _ = night(labels, test=test)
    assert (decision["accepted"], decision["difference"]) == (True, None)
    assert framing.load(tmp_path / "model").classes_.tolist() == ["comment", "fact"]


def test_a_model_of_another_task_is_left_alone(night, tmp_path, capsys):
    framing.save(framing.BiasClassifier(), tmp_path / "model")
    assert night(table(tmp_path / "labels.csv", DAYS))[0] == 2
    assert "holds a model for bias, not for opinion" in capsys.readouterr().err


def test_the_same_labels_are_nothing_new(night, tmp_path, capsys):
    labels = table(tmp_path / "labels.csv", DAYS)
    night(labels)
    _, decisions, _ = night(labels)
    assert len(decisions) == 1
    assert "Nothing is new" in capsys.readouterr().out


def test_a_test_that_changed_is_refused(night, tmp_path, capsys):
    labels = table(tmp_path / "labels.csv", DAYS)
    night(labels)
    other = table(tmp_path / "other.csv", ["Sunday evening", "Monday morning"])
    assert night(labels, test=other)[0] == 2
    assert "say --new-test" in capsys.readouterr().err
    assert night(labels, "--new-test", test=other)[0] == 0


def test_labels_that_hold_the_test_are_refused(night, tmp_path, capsys):
    labels = table(tmp_path / "labels.csv", [f"{day} evening" for day in DAYS])
    assert night(labels)[0] == 2
    assert "take them out" in capsys.readouterr().err


def test_decisions_of_another_task_are_refused(night, tmp_path, capsys):
    (tmp_path / "decisions.jsonl").write_text('{"task": "bias"}\n', encoding="utf-8")
    assert night(table(tmp_path / "labels.csv", DAYS))[0] == 2
    assert "one file of decisions for each model" in capsys.readouterr().err


def test_a_line_that_was_cut_off_is_dropped(tmp_path):
    file = tmp_path / "decisions.jsonl"
    file.write_bytes(b'{"task": "opinion"}\n{"tas')
    assert nightly.last_decision(file) == {"task": "opinion"}
    nightly.append_line(file, {"task": "next"})
    assert file.read_bytes() == b'{"task": "opinion"}\n{"task": "next"}\n'


def test_a_killed_swap_leaves_the_old_model(night, tmp_path, monkeypatch):
    night(table(tmp_path / "labels.csv", DAYS))
    before = models_of(tmp_path / "model")

    def killed(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("framing.persistence.os.replace", killed)
    with pytest.raises(KeyboardInterrupt):
        night(table(tmp_path / "more.csv", [*DAYS, "Sunday"]))
    monkeypatch.undo()
    assert {name: content for name, content in models_of(tmp_path / "model").items() if name in before} == before
    assert framing.load(tmp_path / "model") is not None


def test_wrong_usage_is_told(capsys):
    with pytest.raises(SystemExit):
        train_all.main(["--data", "sample"])
    assert "needs --out" in capsys.readouterr().err


# Corrections of the statements' labels


CORRECTION = {"id": "a", "start": 0, "end": 15, "was": "author_fact", "label": "frame"}


@pytest.fixture
def correct(tmp_path):
    """Writes the corrections, and gives the labels of a corpus of three articles after them."""
    text = "The mayor said: Trains are late."
    segments = [[0, 15, "author_fact"], [16, 32, "source_fact"]]
    rows = [  # of the two origins the second is one of those held out
        {"id": name, "origin": origin, "text": text, "sentences": [[0, 32]], "segments": segments}
        for name, origin in (("a", "article_0"), ("b", "article_0"), ("kept", "folder/article_28.txt"))
    ]
    folder = tmp_path / "statements"
    folder.mkdir()
    for split in ("train", "dev"):
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    def run(*corrections):
        file = tmp_path / "corrections.jsonl"
        file.write_text("".join(json.dumps({**CORRECTION, **row}) + "\n" for row in corrections), encoding="utf-8")
        bunch = common.training_statements(tmp_path, file)
        return [[label for *_, label in segments] for segments in bunch.segments]

    return run


def test_a_correction_changes_one_label_of_one_article(correct):
    as_it_was = ["author_fact", "source_fact"]
    assert correct({}) == [["frame", "source_fact"], as_it_was, as_it_was]


def test_without_corrections_the_labels_are_the_corpus(correct):
    assert correct() == [["author_fact", "source_fact"]] * 3


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"was": "source_fact"}, "line 1: expected label 'source_fact' at [0, 15] of 'a', found label 'author_fact'"),
        ({"end": 14}, "line 1: expected label 'author_fact' at [0, 14] of 'a', found no such stretch"),
        ({"id": "c"}, "line 1: the training part has no article 'c'"),
        ({"id": "kept"}, "line 1: article 'kept' is held out to measure on"),
        ({"label": "author_fact"}, "and not 'author_fact', got 'author_fact'"),
        ({"label": "opinion"}, "source_opinion, frame and not 'author_fact', got 'opinion'"),
    ],
)
def test_a_correction_that_does_not_fit_is_told(correct, row, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        correct(row)


def test_a_stretch_is_corrected_once(correct):
    with pytest.raises(ValueError, match=r"line 2: expected label 'author_fact' at .* found label 'frame'"):
        correct({}, {})


def test_corrections_hold_places_and_labels_only():
    lines = common.CORRECTIONS.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert {tuple(row) for row in rows} == {("id", "start", "end", "was", "label")}
    assert rows == sorted(rows, key=lambda row: (row["id"], row["start"]))


@pytest.mark.skipif(
    not os.environ.get("FRAMING_CORPORA"), reason="set FRAMING_CORPORA to the folder that holds the corpora to run this"
)
def test_every_correction_fits_the_corpus():
    corpora = Path(os.environ["FRAMING_CORPORA"])
    before = datasets.load_statements(corpora / "statements").segments
    after = common.training_statements(corpora).segments
    changed = sum(a != b for old, new in zip(before, after, strict=True) for a, b in zip(old, new, strict=True))
    assert changed == len(common.CORRECTIONS.read_text(encoding="utf-8").splitlines())


def test_a_fold_is_scored_by_states_that_it_did_not_teach(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "training")
    blends = script("blends")
    generator = np.random.default_rng(3)
    rows, folds = generator.normal(size=(120, 6)) * [1, 5, 0.2, 1, 1, 1] + 3, np.arange(120) % 4
    target = rows[:, 0] + 0.2 * rows[:, 1] + generator.normal(size=120) > 3.5
    scores = blends.cross_states(rows, target, folds)
    assert np.mean((scores > 0) == target) > 0.7
    other = np.where(folds == 2, ~target, target)
    assert np.array_equal(blends.cross_states(rows, other, folds)[folds == 2], scores[folds == 2])
    (weights, constant), wide = blends.fit_states(rows, target), rows * [1, 1, 1000, 1, 1, 1]  # whatever their units
    wide_weights, wide_constant = blends.fit_states(wide, target)
    assert np.allclose(wide @ wide_weights + wide_constant, rows @ weights + constant, atol=1e-3)


def test_tracks_are_taken_apart_as_they_were_put_together(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(ROOT / "training")
    finish = script("finish_encoder")
    generator = np.random.default_rng(3)
    frames = sum(len(finish.load_inventory(name)) for name in finish.INVENTORIES)
    parts = [
        (generator.normal(size=(4, count)), generator.normal(size=count))
        for count in (len(finish.TRACKS), len(finish.READ), frames)
    ]
    weights, biases = finish.Tracks(*parts).joined()
    found = finish.Tracks.of({"heads.tracks.weight": weights, "heads.tracks.bias": biases})
    for before, after in zip(parts, found, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    moved = finish.placed({"blend.x.weight": np.ones((2, 3), np.float32)}, ["x"], 4, 9)["blend.x.weight"]
    assert moved.shape == (9, 3)
    assert np.flatnonzero(moved[:, 0]).tolist() == [4, 5]
