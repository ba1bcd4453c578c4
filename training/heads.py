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
        self, hidden: Tensor, counts: Tensor, rows: Tensor, first: Tensor, last: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Scores (n_cues, window, 3) for none, source, content; and which positions are real."""
        before, after = LINK_WINDOW
        positions = first[:, None] + torch.arange(-before, after)
        real = (positions >= 0) & (positions < hidden.shape[1])
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
    """Gold cues, and confusable false ones whose answer is that nothing belongs to them.

    Rows, first and last tokens of the cues in their crops, and the labels of the tokens around them.
    """
    before, after = LINK_WINDOW
    rows, firsts, lasts, targets = [], [], [], []
    for row, (document, start, end) in enumerate(chosen):
        if document.cue[0] == IGNORE:
            continue
        inside = [link for link in document.links if start <= link[0][0] and link[0][-1] < end]
        for pick in generator.permutation(len(inside))[:per_crop]:
            cue, source, content = inside[pick]
            first = cue[0] - start
            target = np.zeros(before + after, dtype=np.int64)
            for value, tokens in ((2, content), (1, source)):
                at = tokens - start - first + before
                target[at[(at >= 0) & (at < before + after)]] = value
            rows.append(row)
            firsts.append(first)
            lasts.append(cue[-1] - start)
            targets.append(target)
        size = end - start
        false = (document.cue[start:end] == 0) & (cue_scores[row, :size].numpy() > 0.1)
        for first in generator.permutation(np.flatnonzero(false))[: max(1, per_crop // 4)]:
            rows.append(row)
            firsts.append(first)
            lasts.append(first)
            targets.append(np.zeros(before + after, dtype=np.int64))
    if not rows:
        return None
    return tuple(torch.from_numpy(np.array(part)) for part in (rows, firsts, lasts, targets))  # type: ignore[return-value]
