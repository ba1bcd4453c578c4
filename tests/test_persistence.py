"""Model folders: what is written can be read, and nothing damaged is."""

import io
import json
import zipfile

import numpy as np
import pytest

from framing.exceptions import ModelError
from framing.persistence import FORMAT, load_model, save_model


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
    assert (tmp_path / "again" / "arrays.npz").read_bytes() == (folder / "arrays.npz").read_bytes()


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


def test_a_flipped_bit_is_found(folder):
    path = folder / "arrays.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ModelError, match="SHA-256"):
        load_model(folder)


def test_a_pickle_in_disguise_is_not_read(folder):
    buffer = io.BytesIO()
    np.savez(buffer, weights=np.array([{"a": 1}], dtype=object))
    _replace_arrays(folder, buffer.getvalue())
    with pytest.raises(ModelError, match="without pickle"):
        load_model(folder)


def test_something_that_is_no_archive_is_not_read(folder):
    _replace_arrays(folder, b"PK\x03\x04 nothing")
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": FORMAT + 1}, "reads formats 1 to"),
        ({"format": "1"}, "reads formats 1 to"),
        ({"sha256": None}, "SHA-256"),
    ],
)
def test_a_manifest_of_another_kind_is_named(folder, change, message):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | change
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        load_model(folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", "{not json"])
def test_a_broken_manifest_is_named(folder, content):
    (folder / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"manifest\.json"):
        load_model(folder)


def test_a_missing_model_says_where_it_looked(tmp_path):
    with pytest.raises(ModelError, match="nowhere"):
        load_model(tmp_path / "nowhere")


def _replace_arrays(folder, content):
    import hashlib

    (folder / "arrays.npz").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["sha256"] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert zipfile.is_zipfile(folder / "arrays.npz") or content.startswith(b"PK")
