"""Write the trained encoder as what runs without PyTorch: a graph for onnxruntime, and arrays.

Weights of the layers are stored as int8 with a scale for every column, word vectors as int8 with a scale for every
row; all are multiplied out to float32 when the model is read. The graph itself holds no weights. Called by
``finish_encoder.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper

HEADS = 12
OPSET = 20
OVERLAP = 64


class Graph:
    """A transformer encoder in ONNX, over one window of any length."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.nodes: list[Any] = []
        self.weights: dict[str, np.ndarray] = {}
        self.constants: dict[str, np.ndarray] = {}
        self._count = 0

    def node(self, kind: str, inputs: list[str], outputs: int = 1, **attributes: Any) -> Any:
        self._count += 1
        names = [f"{kind}{self._count}" if outputs == 1 else f"{kind}{self._count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def weight(self, name: str, array: np.ndarray) -> str:
        self.weights[name] = array
        return name

    def constant(self, name: str, array: np.ndarray) -> str:
        self.constants[name] = array
        return name

    def linear(self, x: str, name: str, weight: np.ndarray, bias: np.ndarray) -> str:
        product = self.node("MatMul", [x, self.weight(f"{name}.weight", weight)])
        return str(self.node("Add", [product, self.weight(f"{name}.bias", bias)]))

    def norm(self, x: str, name: str, state: dict[str, np.ndarray], prefix: str) -> str:
        scale = self.weight(f"{name}.weight", state[f"{prefix}.weight"])
        shift = self.weight(f"{name}.bias", state[f"{prefix}.bias"])
        return str(self.node("LayerNormalization", [x, scale, shift], axis=-1, epsilon=1e-12))

    def layer(self, x: str, name: str, state: dict[str, np.ndarray], prefix: str) -> str:
        """One layer (Vaswani et al. 2017): attention and feed-forward, each with residual and norm."""
        attention = f"{prefix}.attention"
        parts = [f"{attention}.self.{part}" for part in ("query", "key", "value")]
        # One product for all three; the scale of the scores goes into the query.
        scales = [(self.width // HEADS) ** -0.5, 1.0, 1.0]
        weight = np.concatenate([state[f"{p}.weight"].T * s for p, s in zip(parts, scales, strict=True)], axis=1)
        bias = np.concatenate([state[f"{p}.bias"] * s for p, s in zip(parts, scales, strict=True)])
        both = self.linear(x, f"{name}.attention", weight, bias)
        shape = self.constant("by_head", np.array([0, 3, HEADS, self.width // HEADS], dtype=np.int64))
        split = self.node("Transpose", [self.node("Reshape", [both, shape])], perm=[1, 2, 0, 3])
        query, key, value = self.node("Split", [split], outputs=3, axis=0, num_outputs=3)
        scores = self.node("MatMul", [query, self.node("Transpose", [key], perm=[0, 1, 3, 2])])
        mixed = self.node("MatMul", [self.node("Softmax", [scores], axis=-1), value])
        flat = self.constant("flat", np.array([-1, self.width], dtype=np.int64))
        joined = self.node("Reshape", [self.node("Transpose", [mixed], perm=[0, 2, 1, 3]), flat])
        out = f"{attention}.output"
        update = self.linear(joined, f"{name}.out", state[f"{out}.dense.weight"].T, state[f"{out}.dense.bias"])
        x = self.norm(self.node("Add", [x, update]), f"{name}.norm", state, f"{out}.LayerNorm")
        wide, narrow = f"{prefix}.intermediate.dense", f"{prefix}.output.dense"
        inner = self.linear(x, f"{name}.wide", state[f"{wide}.weight"].T, state[f"{wide}.bias"])
        inner = self.node("Gelu", [inner])
        update = self.linear(inner, f"{name}.narrow", state[f"{narrow}.weight"].T, state[f"{narrow}.bias"])
        return self.norm(self.node("Add", [x, update]), f"{name}.last", state, f"{prefix}.output.LayerNorm")

    def serialize(self, outputs: list[str]) -> bytes:
        """The model, its weights named but not in it."""
        final = ["states", "sentence_states"]
        nodes = self.nodes + [
            helper.make_node("Identity", [name], [out]) for name, out in zip(outputs, final, strict=True)
        ]
        initializers = [onnx.numpy_helper.from_array(value, name) for name, value in self.constants.items()]
        for name, value in self.weights.items():
            tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=value.shape)
            tensor.data_location = TensorProto.EXTERNAL
            entry = tensor.external_data.add()
            entry.key, entry.value = "location", "arrays"
            initializers.append(tensor)
        dims = ["pieces", self.width]
        graph = helper.make_graph(
            nodes, "encoder",
            [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, dims)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name in final],
            initializers,
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
        return bytes(model.SerializeToString())


def quantise(weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Int8 and the scale of every column (axis 0) or row (axis 1), as float32."""
    scale = np.maximum(np.abs(weight).max(axis=axis, keepdims=True), 1e-8) / 127
    return np.round(weight / scale).astype(np.int8), scale.astype(np.float32)


def numpy_state(module_state: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    return {name: tensor.float().numpy() for name, tensor in module_state.items()}


def export_arrays(
    state: dict[str, np.ndarray],
    branch: dict[str, np.ndarray],
    tracks: tuple[np.ndarray, np.ndarray],
    tokenizer: str,
    *,
    exact: bool = False,
) -> dict[str, np.ndarray]:
    """Arrays of :class:`framing.encoder.Encoder`.

    ``state`` is the token model's; ``branch`` has the layers of the sentence branch under the numbers that they
    replace; ``tracks`` the weights, shape (2 * width, n_tracks), and biases over both states. ``exact`` keeps
    float32, to see what int8 changes.
    """
    words = state["bert.embeddings.word_embeddings.weight"]
    graph = Graph(words.shape[1])
    x = graph.norm("inputs", "embeddings", state, "bert.embeddings.LayerNorm")
    layers = 1 + max(int(name.split(".")[3]) for name in state if name.startswith("bert.encoder.layer."))
    own = sorted({int(name.split(".")[3]) for name in branch if name.startswith("bert.encoder.layer.")})
    other = x
    for number in range(layers):
        x = graph.layer(x, f"layers.{number}", state, f"bert.encoder.layer.{number}")
        if number + 1 == own[0]:
            other = x
    for number in own:
        other = graph.layer(other, f"branch.{number}", branch, f"bert.encoder.layer.{number}")
    arrays: dict[str, np.ndarray] = {"graph": np.frombuffer(graph.serialize([x, other]), dtype=np.uint8)}
    for name, weight in graph.weights.items():
        if weight.ndim == 2 and not exact:
            arrays[f"graph.{name}"], arrays[f"scale.{name}"] = quantise(weight, 0)
        else:
            arrays[f"graph.{name}"] = weight.astype(np.float32)
    if exact:
        arrays["words"], arrays["words.scale"] = words, np.ones(len(words), np.float32)
    else:
        table, scale = quantise(words, 1)
        arrays["words"], arrays["words.scale"] = table, scale[:, 0]
    token_type = state["bert.embeddings.token_type_embeddings.weight"][0]
    arrays["positions"] = state["bert.embeddings.position_embeddings.weight"] + token_type
    arrays["shapes"], arrays["quotes"] = state["shapes.weight"], state["quotes.weight"]
    arrays["tokenizer"] = np.frombuffer(tokenizer.encode("utf-8"), dtype=np.uint8)
    for name, value in state.items():
        head, _, _ = name.removeprefix("links.").partition(".")
        if name.startswith("links.") or head in ("statement", "cue", "roles"):
            key = f"heads.{name.removeprefix('links.')}"
            if value.ndim == 3:
                value = value.transpose(2, 1, 0)
            elif value.ndim == 2 and not head.startswith(("link_distance", "link_between")):
                value = value.T
            arrays[key] = np.ascontiguousarray(value)
    arrays["heads.tracks.weight"], arrays["heads.tracks.bias"] = (part.astype(np.float32) for part in tracks)
    return arrays


def restore_state(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The token model's state from arrays of :func:`export_arrays`, as far as they hold it: the way back.

    Heads that only training needs (types, speech, meaning) are not among them.
    """
    weights = {
        name.removeprefix("graph."): value if (scale := arrays.get(f"scale.{name.removeprefix('graph.')}")) is None
        else value * scale
        for name, value in arrays.items()
        if name.startswith("graph.")
    }  # fmt: skip
    width = arrays["words"].shape[1]
    state = {
        "bert.embeddings.word_embeddings.weight": arrays["words"] * arrays["words.scale"][:, None],
        "bert.embeddings.position_embeddings.weight": arrays["positions"],  # with the token type's
        "bert.embeddings.token_type_embeddings.weight": np.zeros((2, width)),
        "bert.embeddings.LayerNorm.weight": weights["embeddings.weight"],
        "bert.embeddings.LayerNorm.bias": weights["embeddings.bias"],
        "shapes.weight": arrays["shapes"],
        "quotes.weight": arrays["quotes"],
    }
    parts = {
        "out": "attention.output.dense", "norm": "attention.output.LayerNorm", "wide": "intermediate.dense",
        "narrow": "output.dense", "last": "output.LayerNorm",
    }  # fmt: skip
    for name, value in weights.items():
        if not name.startswith("layers."):
            continue
        _, number, part, kind = name.split(".")
        prefix = f"bert.encoder.layer.{number}"
        if part in parts:
            state[f"{prefix}.{parts[part]}.{kind}"] = value.T
            continue
        scales = [(width // HEADS) ** 0.5, 1.0, 1.0]
        for which, piece, scale in zip(("query", "key", "value"), np.split(value, 3, axis=-1), scales, strict=True):
            state[f"{prefix}.attention.self.{which}.{kind}"] = piece.T * scale
    for name, value in arrays.items():
        if name.startswith("heads.") and not name.startswith("heads.tracks"):
            key = name.removeprefix("heads.")
            if value.ndim == 3:
                value = value.transpose(2, 1, 0)
            elif value.ndim == 2 and not key.startswith(("link_distance", "link_between")):
                value = value.T
            state[f"links.{key}" if key.startswith("link") else key] = value
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in state.items()}
