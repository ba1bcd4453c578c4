"""The link head, and its examples: given a cue, which tokens around it are its source and its content.

The token network and the encoder train the same head over their own token states.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from corpus import IGNORE, Document
from framing.links import LINK_BETWEEN, LINK_WINDOW, link_buckets


class LinkHead(nn.Module):
    """A small convolution over the window around a cue; :class:`framing.network.LinkHead`, trainable."""

    def __init__(self, width: int, size: int, dilations: Sequence[int], dropout: float) -> None:
        super().__init__()
        self.link_token = nn.Linear(width, size)
        self.link_cue = nn.Linear(width, size)
        self.link_distance = nn.Embedding(int(link_buckets().max()) + 1, size)
        self.link_between = nn.ModuleList(nn.Embedding(2 * limit + 1, size) for limit in LINK_BETWEEN)
        self.link_convolutions = nn.ModuleList(
            nn.Conv1d(size, 2 * size, 3, padding=d, dilation=d) for d in dilations
        )
        self.link_norms = nn.ModuleList(nn.LayerNorm(size) for _ in dilations)
        self.link = nn.Linear(size, 3)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, hidden: Tensor, sizes: Tensor, counts: Tensor, rows: Tensor, first: Tensor, last: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Scores (n_cues, window, 3) for none, source, content; and which positions are real.

        ``sizes`` has the number of tokens of every row: what lies behind them is padding.
        """
        before, after = LINK_WINDOW
        positions = first[:, None] + torch.arange(-before, after)
        real = (positions >= 0) & (positions < sizes[rows][:, None])
        at = positions.clamp(0, hidden.shape[1] - 1)
        tokens = self.link_token(hidden)[rows[:, None], at]
        cue = self.link_cue((hidden[rows, first] + hidden[rows, last]) / 2)
        pair = tokens + cue[:, None] + self.link_distance(torch.from_numpy(link_buckets()))[None]
        between = counts[rows[:, None], at] - counts[rows, first][:, None]
        for i, limit in enumerate(LINK_BETWEEN):
            # as a product: the gradient of a lookup with many indices and few rows is slow
            one_hot = F.one_hot(between[..., i].clamp(-limit, limit) + limit, 2 * limit + 1).float()
            pair = pair + one_hot @ self.link_between[i].weight
        pair = torch.relu(pair) * real[..., None]
        for convolution, norm in zip(self.link_convolutions, self.link_norms, strict=True):
            update, gate = convolution(pair.transpose(1, 2)).transpose(1, 2).chunk(2, -1)
            pair = norm(pair + self.dropout(update * torch.sigmoid(gate))) * real[..., None]
        return self.link(pair), real


def link_examples(
    chosen: Sequence[tuple[Document, int, int]], cue_scores: Tensor, per_crop: int, generator: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor] | None:
    """Cues to learn from: gold ones, a teacher's, and confusable false ones to which nothing belongs.

    Rows, first and last tokens of the cues in their crops, and for the tokens around each the probabilities of
    none, source and content: the gold labels', the teacher's, or the mean of both.
    """
    rows, firsts, lasts, targets = [], [], [], []

    def add(row: int, first: int, last: int, target: np.ndarray) -> None:
        rows.append(row)
        firsts.append(first)
        lasts.append(last)
        targets.append(target)

    for row, (document, start, end) in enumerate(chosen):
        labelled = document.cue[0] != IGNORE
        taught = _teacher_links(document, start, end)
        inside = [link for link in document.links if start <= link[0][0] and link[0][-1] < end]
        for pick in generator.permutation(len(inside))[:per_crop]:
            cue, source, content = inside[pick]
            target = _place(cue[0], source, content)
            soft = taught.get((int(cue[0]), int(cue[-1])))
            add(row, cue[0] - start, cue[-1] - start, target if soft is None else (target + soft) / 2)
        if labelled:
            false = (document.cue[start:end] == 0) & (cue_scores[row, : end - start].numpy() > 0.1)
            for first in generator.permutation(np.flatnonzero(false))[: max(1, per_crop // 4)]:
                soft = taught.get((int(first) + start, int(first) + start))
                add(row, first, first, _place(first, [], []) if soft is None else soft)
        else:
            pairs = list(taught)
            for pick in generator.permutation(len(pairs))[:per_crop]:
                first, last = pairs[pick]
                add(row, first - start, last - start, taught[pairs[pick]])
    if not rows:
        return None
    places = [torch.from_numpy(np.array(part)) for part in (rows, firsts, lasts)]
    return places[0], places[1], places[2], torch.from_numpy(np.stack(targets))


def _place(first: int, source: Sequence[int] | np.ndarray, content: Sequence[int] | np.ndarray) -> np.ndarray:
    """Labels of the window around a cue, as probabilities."""
    before, after = LINK_WINDOW
    target = np.zeros((before + after, 3), dtype=np.float32)
    target[:, 0] = 1
    for value, tokens in ((2, content), (1, source)):
        at = np.asarray(tokens, dtype=np.int64) - first + before
        target[at[(at >= 0) & (at < before + after)]] = np.eye(3, dtype=np.float32)[value]
    return target


def _teacher_links(document: Document, start: int, end: int) -> dict[tuple[int, int], np.ndarray]:
    """The teacher's probabilities around its cues of a crop, by first and last token in the document."""
    soft = document.soft
    if soft is None:
        return {}
    inside = np.flatnonzero((soft.link_cues[:, 0] >= start) & (soft.link_cues[:, 1] < end))
    out = {}
    for number in inside.tolist():
        said = soft.links[number].astype(np.float32) / 255
        none = np.maximum(1 - said.sum(1, keepdims=True), 0)
        both = np.concatenate([none, said], axis=1)
        out[int(soft.link_cues[number, 0]), int(soft.link_cues[number, 1])] = both / both.sum(1, keepdims=True)
    return out


def teacher_losses(
    chosen: Sequence[tuple[Document, int, int]], statements: Tensor, cues: Tensor, roles: Tensor
) -> dict[str, Tensor]:
    """Losses of the heads' outputs, shape (n_crops, n_tokens, n_labels), against a teacher's probabilities.

    Nothing where no crop's document has a teacher.
    """
    size = statements.shape[:2]
    known = torch.zeros(size, dtype=torch.bool)
    for row, (document, start, end) in enumerate(chosen):
        known[row, : end - start] = document.soft is not None
    if not known.any():
        return {}
    out = {}
    for name, logits in (("statements", statements), ("cues", cues), ("roles", roles)):
        target = torch.zeros(*size, logits.shape[-1])
        for row, (document, start, end) in enumerate(chosen):
            if document.soft is not None:
                said = getattr(document.soft, name)[start:end].astype(np.float32)
                target[row, : end - start] = torch.from_numpy(said)
        if name == "roles":  # each role is a question of its own
            out["soft_roles"] = F.binary_cross_entropy_with_logits(logits[known], target[known])
        else:
            wanted = target[known]
            out[f"soft_{name}"] = F.cross_entropy(logits[known], wanted / wanted.sum(-1, keepdim=True))
    return out
