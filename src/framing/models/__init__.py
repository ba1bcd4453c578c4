"""The bundled models: what they are, where they came from, how good they are."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["list_models", "model_path", "model_version"]

_HOME = Path(__file__).resolve().parent


def list_models() -> list[dict[str, Any]]:
    """Manifests of the bundled models.

    Returns
    -------
    list of dict
        One manifest a model, by name: ``name``, ``version``, ``licence``, ``data``, ``scores``, ….

    Examples
    --------
    >>> "tagger" in [manifest["name"] for manifest in list_models()]
    True
    """
    paths = sorted(_HOME.glob("*/manifest.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def model_path(name: str) -> Path:
    """Folder of a bundled model.

    Parameters
    ----------
    name : str

    Raises
    ------
    ValueError
        If no model of that name is bundled.
    """
    path = _HOME / name
    if not (path / "manifest.json").is_file():
        known = ", ".join(manifest["name"] for manifest in list_models())
        raise ValueError(f"No bundled model is named {name!r}. Bundled are: {known}.")
    return path


@lru_cache(maxsize=64)
def model_version(name: str) -> str:
    """Name and version of a bundled model, as records state them."""
    manifest = json.loads((model_path(name) / "manifest.json").read_text(encoding="utf-8"))
    return f"{manifest['name']} {manifest['version']}"
