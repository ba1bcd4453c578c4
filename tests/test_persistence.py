"""Model folders: what is written can be read, and nothing damaged is."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import framing
from framing import persistence
from framing.exceptions import ModelError
from framing.persistence import FORMAT, load_model, save_files, save_model

DATA = Path(__file__).parent / "data" / "models"


@pytest.fixture
def folder(tmp_path):
    arrays = {"weights": np.arange(6, dtype=np.float32).reshape(2, 3), "words": np.array("a\nb")}
    save_model(
        tmp_path / "model",
        arrays,
        name="tiny",
        version="3",
        licence="CC0-1.0",
        seed=7,
        data=[{"name": "none", "licence": "CC0-1.0"}],
        scores={"f1": 0.5},
        config={"k": 1},
        card="# tiny\n",
    )
    return tmp_path / "model"


def test_what_is_saved_is_loaded(folder):
    manifest, arrays = load_model(folder)
    assert (manifest["format"], manifest["name"], manifest["seed"]) == (FORMAT, "tiny", 7)
    assert manifest["config"] == {"k": 1}
    assert arrays["weights"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert str(arrays["words"]).split("\n") == ["a", "b"]
    assert (folder / "CARD.md").read_text(encoding="utf-8") == "# tiny\n"


def test_the_same_arrays_give_the_same_bytes(folder, tmp_path):
    _, arrays = load_model(folder)
    save_model(tmp_path / "again", arrays, name="tiny", version="3", licence="CC0-1.0")
    (first,), (second,) = (path.glob("arrays-*.npz") for path in (folder, tmp_path / "again"))
    assert (first.name, first.read_bytes()) == (second.name, second.read_bytes())


def test_saving_replaces_an_earlier_model_whole(folder):
    save_model(folder, {"only": np.zeros(1)}, name="new", version="1", licence="CC0-1.0")
    manifest, arrays = load_model(folder)
    assert manifest["name"] == "new"
    assert list(arrays) == ["only"]
    assert not (folder / "CARD.md").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_save_that_fails_leaves_the_old_model(folder):
    with pytest.raises(ModelError, match="holds Python objects"):
        save_model(folder, {"bad": np.array([{}])}, name="new", version="1", licence="CC0-1.0")
    assert load_model(folder).manifest["name"] == "tiny"


def test_other_files_in_the_folder_stay(folder):
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    os.utime(folder / "notes.txt", (0, 0))
    save_model(folder, {}, name="new", version="1", licence="CC0-1.0")
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_of_somebody_else_is_not_written_to(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").touch()
    with pytest.raises(ModelError, match=r"holds other things than a model, 'dear\.txt'"):
        save_model(tmp_path / "letters", {}, name="new", version="1", licence="CC0-1.0")
    with pytest.raises(ModelError, match=r"dear\.txt is a file"):
        save_model(tmp_path / "letters" / "dear.txt", {}, name="new", version="1", licence="CC0-1.0")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "manifest.json").write_text('{"name": "an app"}', encoding="utf-8")
    with pytest.raises(ModelError, match="not a model's"):
        save_model(tmp_path / "site", {}, name="new", version="1", licence="CC0-1.0")
    assert (tmp_path / "site" / "manifest.json").read_text(encoding="utf-8") == '{"name": "an app"}'


def test_what_is_no_json_is_refused_before_anything_is_written(folder):
    for scores in ({"f1": float("nan")}, {"f1": {1, 2}}):
        with pytest.raises(ModelError, match="plain values of JSON"):
            save_model(folder, {}, name="new", version="1", licence="CC0-1.0", scores=scores)
    assert load_model(folder).manifest["name"] == "tiny"


def test_files_are_named_after_their_content_and_listed(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    digest = manifest["files"]["arrays.npz"]["sha256"]
    (path,) = folder.glob("*.npz")
    assert path.name == f"arrays-{digest[:16]}.npz"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    assert set(manifest["created_with"]) == {"framing", "python", "numpy", "scikit-learn"}


KILLED = """
import os, signal, sys
import numpy as np
from framing import persistence
from framing.persistence import save_model

calls, replace = 0, os.replace

def deadly(source, target):
    global calls
    calls += 1
    if calls == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)

persistence.os.replace = deadly
save_model(sys.argv[1], {"weights": np.ones(3)}, name="new", version="1", licence="CC0-1.0", card="new")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
@pytest.mark.parametrize(("step", "name"), [(1, "tiny"), (2, "tiny"), (3, "new")])
def test_a_killed_save_leaves_a_whole_model(folder, step, name):
    """Killed as the arrays, the manifest or the card take their place."""
    source = Path(framing.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, folder, str(step)], env=os.environ | {"PYTHONPATH": str(source)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    manifest, arrays = load_model(folder)
    assert manifest["name"] == name
    assert arrays["weights"].tolist() == ([1, 1, 1] if name == "new" else [[0, 1, 2], [3, 4, 5]])
    save_model(folder, {}, name="last", version="1", licence="CC0-1.0")
    assert load_model(folder).manifest["name"] == "last"


def test_what_a_killed_save_left_is_swept_later(folder):
    fresh = ".manifest.json-01234567.tmp"
    for name, age in ((".CARD.md-89abcdef.tmp", 90_000), ("arrays-0123456789abcdef.npz", 90_000), (fresh, 60)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age,) * 2)
    save_model(folder, {}, name="new", version="1", licence="CC0-1.0")
    names = {path.name for path in folder.iterdir()}
    assert fresh in names  # it may belong to a save that goes on
    assert len(names) == 3


def test_a_model_that_is_saved_while_it_is_read_is_read_whole(folder, monkeypatch):
    read, saved = persistence._read_files, []

    def read_late(source, manifest):
        if not saved:
            saved.append(save_model(folder, {"only": np.zeros(1)}, name="new", version="1", licence="CC0-1.0"))
        return read(source, manifest)

    monkeypatch.setattr(persistence, "_read_files", read_late)
    manifest, arrays = load_model(folder)
    assert (manifest["name"], list(arrays)) == ("new", ["only"])


def test_a_model_of_format_1_is_read():
    manifest, arrays = load_model(DATA / "format-1")
    assert (manifest["name"], manifest["kind"], manifest["seed"]) == ("tiny", "arrays", 7)
    assert arrays["weights"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert str(arrays["words"]).split("\n") == ["a", "b"]


def test_a_model_of_format_1_is_replaced_by_one_of_today(tmp_path):
    shutil.copytree(DATA / "format-1", tmp_path / "model")
    save_model(tmp_path / "model", {}, name="new", version="1", licence="CC0-1.0")
    assert load_model(tmp_path / "model").manifest["format"] == FORMAT
    assert not (tmp_path / "model" / "arrays.npz").exists()


def test_an_estimator_is_not_read_as_arrays(tmp_path):
    save_files(tmp_path / "it", {}, kind="estimator", name="x", version="1", licence="CC0-1.0")
    with pytest.raises(ModelError, match=r"of kind 'estimator'; read it with framing\.load"):
        load_model(tmp_path / "it")


@pytest.mark.parametrize("content", ["", "[]", "{}", "{not json"])
def test_a_broken_manifest_is_named(folder, content):
    (folder / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"manifest\.json"):
        load_model(folder)


def test_a_missing_model_says_where_it_looked(tmp_path):
    with pytest.raises(ModelError, match="nowhere"):
        load_model(tmp_path / "nowhere")
