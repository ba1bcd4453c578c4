"""Model files that are damaged or made to harm: none crashes, hangs, runs code, or loads."""

import io
import json
import os
import pickle
import shutil
import struct
import time
import zipfile

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import framing
from framing import BiasClassifier, ModelError
from framing.archives import pack_arrays
from framing.persistence import _sum_of, load_files, save_files

TEXTS = ["The board met on Tuesday.", "A vile and shameful swindle!"] * 4
LABELS = ["calm", "loud"] * 4
CASES = {}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A native model, one of skops and an analyzer with both, each in a folder."""
    home = tmp_path_factory.mktemp("models")
    native = BiasClassifier().fit(TEXTS, LABELS)
    foreign = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)
    framing.save(native, home / "native")
    framing.save(foreign, home / "skops")
    framing.save(framing.Analyzer(bias=native, opinion=foreign), home / "analyzer")
    return home


def case(kind, *names):
    """Register a way of spoiling a model of a kind; with names, once for each."""

    def register(spoil):
        for name in names or ("",):
            CASES[f"{spoil.__name__} {name}".strip()] = (kind, spoil, (name,) if names else ())
        return spoil

    return register


def data_file(folder):
    """The only file beside the manifest."""
    (path,) = (path for path in folder.iterdir() if path.name != "manifest.json")
    return path


def resealed(folder, content=None, **config):
    """Write the model anew with other content or settings, and with sums that are right."""
    manifest, files = load_files(folder)
    key = next(iter(files))
    shutil.rmtree(folder)
    save_files(
        folder, {key: files[key] if content is None else content}, kind=manifest["kind"], name="x", version="1",
        licence="CC0-1.0", config=manifest["config"] | config,
    )  # fmt: skip


def arrays_of(folder):
    with np.load(io.BytesIO(data_file(folder).read_bytes())) as archive:
        return dict(archive)


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npy(shape, content=b"\0" * 64, descr="'<f4'", version=b"\x01\x00"):
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header + content


class Bomb:
    """Runs code where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, (os.environ["FRAMING_TEST_CANARY"],)


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def write_manifest(folder, manifest):
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


# Damage by accident

for kind in ("native", "skops", "analyzer"):

    @case(kind, *(f"{kind} {part}" for part in ("0", "0.3", "0.9", "0.999")))
    def manifest_cut_at(folder, name):
        path = folder / "manifest.json"
        content = path.read_bytes().rstrip()
        path.write_bytes(content[: int(len(content) * float(name.split()[1]))])


for kind in ("native", "skops"):

    @case(kind, *(f"{kind} {part}" for part in ("0", "0.3", "0.9", "0.999")))
    def file_cut_at(folder, name):
        path = data_file(folder)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * float(name.split()[1]))])

    @case(kind, *(f"{kind} {part}" for part in ("0.001", "0.2", "0.4", "0.6", "0.8", "0.999")))
    def bit_flipped_in_file_at(folder, name):
        flip(data_file(folder), float(name.split()[1]))

    @case(kind, *(f"{kind} {part}" for part in ("0.001", "0.2", "0.4", "0.6", "0.8", "0.97")))
    def bit_flipped_in_manifest_at(folder, name):
        flip(folder / "manifest.json", float(name.split()[1]))


def flip(path, part):
    content = bytearray(path.read_bytes())
    content[int(len(content) * part)] ^= 1
    path.write_bytes(bytes(content))


@case("native")
def no_manifest(folder):
    (folder / "manifest.json").unlink()


@case("native")
def no_file(folder):
    data_file(folder).unlink()


@case("native")
def empty_folder(folder):
    for path in folder.iterdir():
        path.unlink()


@case("native")
def folder_that_is_a_file(folder):
    shutil.rmtree(folder)
    folder.write_bytes(b"\x93NUMPY")


# Parts exchanged

@case("native")
def two_arrays_swapped(folder):
    arrays = arrays_of(folder)
    first, second = sorted(arrays)[:2]
    arrays[first], arrays[second] = arrays[second], arrays[first]
    data_file(folder).write_bytes(pack_arrays(arrays))


@case("native")
def two_arrays_swapped_and_resealed(folder):
    arrays = arrays_of(folder)
    weights = max(arrays, key=lambda key: arrays[key].size)
    other = next(key for key in arrays if key != weights)
    arrays[weights], arrays[other] = arrays[other], arrays[weights]
    resealed(folder, pack_arrays(arrays))


@case("native")
def weights_of_another_size(folder):
    resealed(folder, pack_arrays({key: np.repeat(value, 2, axis=0) for key, value in arrays_of(folder).items()}))


@case("native")
def weights_that_are_no_numbers(folder):
    arrays = arrays_of(folder)
    resealed(folder, pack_arrays({k: v * np.nan if v.dtype.kind == "f" else v for k, v in arrays.items()}))


@case("native")
def weights_that_are_text(folder):
    resealed(folder, pack_arrays({key: np.full(value.shape, "x") for key, value in arrays_of(folder).items()}))


@case("native")
def manifest_of_another_model(folder):
    shutil.copy(folder.parent / "skops" / "manifest.json", folder / "manifest.json")


@case("native")
def file_of_another_model(folder):
    shutil.copy(data_file(folder.parent / "skops"), data_file(folder))


# Manifests

@case("native", "3", "2.0", "true", '"2"', "-1", "0", "null", "1e999", "9" * 5000)
def format_number(folder, name):
    text = (folder / "manifest.json").read_text(encoding="utf-8").replace('"format": 2', f'"format": {name}', 1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")


DEEP = ("[" * 100_000, '{"format":' * 100_000)


@case("native", *DEEP, "[]", "3", "null", '{"format": 2}', '{"format": 1}', "\ufeff{}")
def manifest_that_reads(folder, name):
    (folder / "manifest.json").write_text(name, encoding="utf-8")


@case("native", "licence", "config", "kind", "files", "scores")
def manifest_without(folder, name):
    manifest = manifest_of(folder)
    del manifest[name]
    write_manifest(folder, manifest)


@case("native")
def threshold_changed_by_hand(folder):
    manifest = manifest_of(folder)
    manifest["config"]["state"]["C"] = 0.75
    write_manifest(folder, manifest)


@case("native", "os.system", "../BiasClassifier", "LexiconFeatures", "FrameClassifier", "Pipeline", "")
def class_named(folder, name):
    resealed(folder, estimator=name)


@case("native", "a list", "an object", "a number")
def class_that_is(folder, name):
    resealed(folder, estimator={"a list": ["BiasClassifier"], "an object": {"BiasClassifier": 1}, "a number": 1}[name])


@case("native", "a list", "no parameter", "a method", "unknown tag", "unknown class", "missing array", "deep")
def state_with(folder, name):
    state = manifest_of(folder)["config"]["state"]
    deep = []
    for _ in range(400):
        deep = ["list", [deep]]
    resealed(folder, state={
        "a list": [], "no parameter": {k: v for k, v in state.items() if k != "C"},
        "a method": state | {"predict": 1}, "unknown tag": state | {"C": ["eval", "1"]},
        "unknown class": state | {"C": ["Popen", {"args": "true"}]}, "missing array": state | {"C": ["array", "b"]},
        "deep": state | {"C": deep},
    }[name])  # fmt: skip


@case("native")
def other_bundled_models(folder):
    resealed(folder, needs={"features": "features 0"})


@case("analyzer", "unknown part", "swapped parts", "no parts", "wrong tier", "stranger among the frames")
def analyzer_with(folder, name):
    manifest, files = load_files(folder)
    config = manifest["config"]
    parts = config["parts"]
    config["parts"] = {
        "unknown part": parts | {"../../x": parts["bias"]},
        "swapped parts": {"bias": parts["opinion"], "opinion": parts["bias"]},
        "no parts": {},
        "wrong tier": parts,
        "stranger among the frames": parts | {"frames.x": parts["bias"]},
    }[name]
    config["tier"] = "turbo" if name == "wrong tier" else "default"
    shutil.rmtree(folder)
    save_files(folder, files, kind="analyzer", name="x", version="1", licence="CC0-1.0", config=config)


# Archives

PATHS = ("../../evil.npy", "/etc/evil.npy", "..\\evil.npy", "C:evil.npy", "a/b.npy", "evil\x00.npy", "~.npy")


@case("native", *PATHS)
def member_named(folder, name):
    resealed(folder, zipped(**{name: npy("(16,)")}))


@case("native", "../evil.npz", "/tmp/evil.npz", "a/b.npz", "arrays.exe", "", "nul\0.npz")
def file_named(folder, name):
    manifest = manifest_of(folder)
    manifest["files"] = {name: next(iter(manifest["files"].values()))}
    write_manifest(folder, manifest | {"sha256": _sum_of(manifest)})


HUGE = ("(10**12,)", "(1000000000000,)", "(4611686018427387904, 4)", "(0, 9223372036854775807)", "(" * 5000)
WRONG = ("(-16,)", "(15,)", "(17,)", "'16'", "(16.0,)", "__import__('os').mkdir('x')")


@case("native", *HUGE, *WRONG)
def array_of_shape(folder, name):
    resealed(folder, zipped(**{"a0.npy": npy(name)}))


@case("native", "'|O'", "'<c8'", "[('a', '<f4')]", "'<M8[s]'", "'|V4'", "'no'", "'<U99999999999'")
def array_of_type(folder, name):
    resealed(folder, zipped(**{"a0.npy": npy("(16,)", descr=name)}))


@case("native")
def array_of_an_unknown_format(folder):
    resealed(folder, zipped(**{"a0.npy": npy("(16,)", version=b"\x09\x00")}))


@case("native", "five gigabytes stated", "less stated than there is", "more stated than there is")
def bomb_with(folder, name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a0.npy", npy("(25000000,)", b"\0" * 100_000_000))
        size = {"five gigabytes stated": 5 << 30, "less stated than there is": 200}.get(name, 200_000_000)
        archive.infolist()[0].file_size = size
    resealed(folder, buffer.getvalue())


@case("native")
def bomb_of_many_members(folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(2000):
            archive.writestr(f"a{number}.npy", npy("(250000,)"))
            archive.infolist()[-1].file_size = 1_000_000
    resealed(folder, buffer.getvalue())


@case("native")
def members_twice(folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a0.npy", npy("(16,)"))
        archive.writestr("a1.npy", npy("(16,)"))
    resealed(folder, buffer.getvalue().replace(b"a1.npy", b"a0.npy"))


@case("native")
def member_encrypted(folder):
    content = bytearray(zipped(**{"a0.npy": npy("(16,)")}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    resealed(folder, bytes(content))


@case("native")
def member_packed_in_another_way(folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a0.npy", npy("(16,)"))
    resealed(folder, buffer.getvalue())


# Pickles in disguise

@case("native")
def array_of_objects(folder):
    buffer = io.BytesIO()
    np.savez(buffer, a0=np.array([Bomb()], dtype=object))
    resealed(folder, buffer.getvalue())


@case("native", "npy", "npz")
def pickle_as_member(folder, name):
    resealed(folder, zipped(**{f"a0.{name}": pickle.dumps(Bomb())}))


@case("native")
def pickle_as_npz(folder):
    resealed(folder, pickle.dumps(Bomb()))


@case("native")
def pickle_as_manifest(folder):
    (folder / "manifest.json").write_bytes(pickle.dumps(Bomb()))


@case("skops")
def pickle_as_skops(folder):
    resealed(folder, pickle.dumps(Bomb()))


@case("skops", "pickle", "joblib")
def pickle_as_joblib(folder, name):
    content = pickle.dumps(Bomb())
    config = manifest_of(folder)["config"] | {"file": "estimator.joblib"}
    shutil.rmtree(folder)
    save_files(
        folder, {"estimator.joblib": content}, kind="estimator", name="x", version="1", licence="CC0-1.0", config=config
    )


@case("native", "model.pkl", "model.joblib", "model.skops")
def pickle_beside_the_folder(folder, name):
    shutil.rmtree(folder)
    folder.write_bytes(pickle.dumps(Bomb()))


# skops

def schema_of(folder):
    with zipfile.ZipFile(data_file(folder)) as archive:
        return json.loads(archive.read("schema.json")), {n: archive.read(n) for n in archive.namelist()}


def node(loader, module, name, **more):
    return {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 1, **more}


def json_node(value):
    return node("JsonNode", "builtins", "str", content=json.dumps(value), is_json=True)


def call(function):
    """A tree that calls a function where it is built, if it is."""
    module, name = function.rsplit(".", 1)
    key_types = node("ListNode", "builtins", "list", content=[])
    content = node("DictNode", "builtins", "dict", content={}, key_types=key_types)
    instance = node("ObjectNode", module, name, content=content)
    arguments = node("TupleNode", "builtins", "tuple", content=[json_node(os.environ["FRAMING_TEST_CANARY"])])
    return [
        instance,
        node("FunctionNode", module, name),
        node("TypeNode", module, name),
        node("ConstructorFromReduceNode", module, name, content=arguments),
        node("ReduceNode", module, name, content=arguments, reduce={"args": arguments}, constructor=arguments),
        node("OperatorFuncNode", "operator", name, attrs=arguments),
        node(
            "PartialNode", "functools", "partial",
            content={"func": node("TypeNode", module, name), "args": arguments, "kwds": content, "namespace": content},
        ),
        node("MethodNode", module, name, content={"obj": instance, "func": name}),
        node("DictNode", module, name, content={}, key_types=key_types),
    ]  # fmt: skip


FUNCTIONS = ("os.mkdir", "builtins.eval", "subprocess.Popen")


@case("skops", *(f"{function} {place}" for function in FUNCTIONS for place in range(9)))
def skops_that_calls(folder, name):
    function, place = name.split()
    schema, _ = schema_of(folder)
    tree = call(function)[int(place)] | {key: schema[key] for key in ("protocol", "_skops_version")}
    resealed(folder, zipped(**{"schema.json": json.dumps(tree)}))


@case("skops", "no schema", "deep", "unknown protocol", "no protocol", "unknown loader", "huge array", "other zip")
def skops_with(folder, name):
    schema, members = schema_of(folder)
    arrays = [member for member in members if member.endswith(".npy")]
    text = json.dumps(schema)
    if name == "deep":
        text = f'{{"protocol": {schema["protocol"]}, "content": {"[" * 100_000}{"]" * 100_000}}}'
    changed = {
        "unknown protocol": json.dumps(schema | {"protocol": 99}),
        "no protocol": json.dumps({k: v for k, v in schema.items() if k != "protocol"}),
        "unknown loader": json.dumps(schema | {"__loader__": "EvilNode"}),
    }
    members["schema.json"] = changed.get(name, text).encode()
    if name == "no schema":
        del members["schema.json"]
    if name == "huge array":
        members[arrays[0]] = npy("(1000000000000,)")
    if name == "other zip":
        members = {"readme.txt": b"nothing"}
    resealed(folder, zipped(**members))


@case("skops", "../../evil.npy", "/tmp/evil.npy")
def skops_member_named(folder, name):
    _, members = schema_of(folder)
    resealed(folder, zipped(**members, **{name: npy("(16,)")}))


# Things that are no files

@case("native", "the file", "the manifest", "a device", "itself", "nowhere")
def link_to(folder, name):
    path = folder / "manifest.json" if name == "the manifest" else data_file(folder)
    kept = folder.parent / f"kept-{path.name}"
    shutil.move(path, kept)
    target = {"a device": "/dev/zero", "itself": path, "nowhere": folder / "nowhere"}.get(name, kept)
    path.symlink_to(target)


@case("native", "file", "manifest")
def pipe_as(folder, name):
    path = data_file(folder) if name == "file" else folder / "manifest.json"
    path.unlink()
    os.mkfifo(path)


@case("native", "file", "manifest")
def folder_as(folder, name):
    path = data_file(folder) if name == "file" else folder / "manifest.json"
    path.unlink()
    path.mkdir()


def test_there_are_enough_cases():
    assert len(CASES) >= 50


def test_the_models_load_before_they_are_spoiled(models):
    for name in ("native", "skops", "analyzer"):
        framing.load(models / name)


@pytest.mark.parametrize("name", CASES, ids=lambda name: ascii(name)[:60])
def test_it_does_not_load(models, tmp_path, monkeypatch, name):
    kind, spoil, arguments = CASES[name]
    canary = tmp_path / "canary"
    monkeypatch.setenv("FRAMING_TEST_CANARY", str(canary))
    home = tmp_path / "models"
    shutil.copytree(models, home)
    folder = home / kind
    spoil(folder, *arguments)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    started = time.monotonic()
    with pytest.raises(ModelError) as caught:
        framing.load(folder)
    assert time.monotonic() - started < 20
    assert len(str(caught.value)) < 1000
    assert str(folder) in str(caught.value)
    assert not canary.exists()
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
