"""Codebooks: what frames mean, before any model.

A :class:`Frame` is an entry of a codebook. :func:`load_inventory` reads those that ship, and :func:`roll_up`
turns the scores of a fine inventory into those of a coarse one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FRAC", "INVENTORIES", "Frame", "load_inventory", "read_frame", "roll_up"]

INVENTORIES = ("policy", "narrative", "gun_violence")
"""Inventories that ship. The first two have a bundled model; the third has its codebook alone."""

FRAC: Mapping[str, tuple[str, ...]] = {
    "economic": ("economic", "capacity_and_resources"),
    "morality": ("morality",),
    "fairness_and_equality": ("fairness_and_equality",),
    "legality_and_crime": ("legality_constitutionality_and_jurisprudence", "crime_and_punishment"),
    "political_and_policies": (
        "policy_prescription_and_evaluation",
        "political",
        "external_regulation_and_reputation",
    ),
    "security_and_defense": ("security_and_defense",),
    "health_and_safety": ("health_and_safety", "quality_of_life"),
    "cultural_identity": ("cultural_identity",),
    "public_opinion": ("public_opinion",),
}
"""Nine frames (those of FrAC, Guida et al. 2025) and the policy frames that each takes in.

That law goes with crime and policy with politics is their scheme. Where capacity, quality of life and external
regulation go is this library's choice, for the nine have no place of their own for them.
"""


@dataclass(frozen=True)
class Frame:
    """A frame as a codebook has it.

    Attributes
    ----------
    name : str
        Label in results.
    description : str
        What the frame is about, in a sentence or two. Read only where there are no seeds.
    seeds : tuple of str
        Words and short phrases that signal the frame, a dozen or more; inflected forms help.
    negatives : tuple of str
        Words that look related but belong elsewhere.

    Examples
    --------
    >>> Frame("health", seeds=("hospital", "vaccine", "patients")).name
    'health'
    """

    name: str
    description: str = ""
    seeds: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()


def load_inventory(name: str) -> list[Frame]:
    """Read an inventory that ships.

    Parameters
    ----------
    name : {"policy", "narrative", "gun_violence"}
        The 14 policy frames (Boydstun et al. 2014), the five generic news frames (Semetko and Valkenburg
        2000) or nine frames of news on gun violence in the United States (Liu et al. 2019).

    Returns
    -------
    list of Frame

    Raises
    ------
    ValueError
        If no inventory has that name.

    Examples
    --------
    >>> [frame.name for frame in load_inventory("narrative")]
    ['conflict', 'human_interest', 'economic', 'morality', 'resolution']
    """
    if name not in INVENTORIES:
        raise ValueError(f"The 'name' parameter must be one of {', '.join(INVENTORIES)}. Got {name!r} instead.")
    text = resources.files("framing.inventories").joinpath(f"{name}.json").read_text(encoding="utf-8")
    return [read_frame(entry) for entry in json.loads(text)["frames"]]


def read_frame(entry: Mapping[str, Any]) -> Frame:
    """A frame from its entry in an inventory or a manifest."""
    return Frame(
        entry["name"], entry.get("description", ""), tuple(entry.get("seeds", ())), tuple(entry.get("negatives", ()))
    )


def roll_up(
    scores: ArrayLike, labels: Sequence[str], groups: Mapping[str, Sequence[str]] = FRAC, *, exclusive: bool = False
) -> NDArray[np.float64]:
    """Scores of a coarse inventory from those of a fine one.

    Parameters
    ----------
    scores : array-like, shape (n_texts, n_labels)
        From 0 to 1, as ``predict_proba`` gives them.
    labels : sequence of str
        The labels of the columns.
    groups : mapping of str to sequence of str
        The labels that each coarse frame takes in; by default the nine of FrAC from the 14 policy frames.
    exclusive : bool, default=False
        Whether a text has one label only, so that a group's score is the sum of its labels'. Otherwise it is
        the largest of them: the group is present where one of its labels is, and 0.5 decides as before.

    Returns
    -------
    ndarray of float64, shape (n_texts, n_groups)
        In the order of the groups.

    Raises
    ------
    ValueError
        If the columns do not fit the labels or a group names a label that is not among them.

    References
    ----------
    Guida, M., Otmakhova, Y., Hovy, E., & Frermann, L. (2025). Retain or reframe? A computational framework
    for the analysis of framing in news articles and reader comments. arXiv:2507.04612.

    Examples
    --------
    >>> roll_up([[0.2, 0.7, 0.4]], ["a", "b", "c"], {"ab": ["a", "b"], "c": ["c"]}).tolist()
    [[0.7, 0.4]]
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(labels):
        raise ValueError(f"scores must have a column for each of the {len(labels)} labels. Got shape {table.shape}.")
    place = {label: column for column, label in enumerate(labels)}
    unknown = [label for members in groups.values() for label in members if label not in place]
    if unknown:
        raise ValueError(f"groups names {', '.join(unknown)}; the labels are {', '.join(place)}.")
    merge = np.sum if exclusive else np.max
    parts = [merge(table[:, [place[label] for label in members]], axis=1) for members in groups.values()]
    return np.column_stack(parts)
