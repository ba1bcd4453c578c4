"""What the training scripts share: where models go, raw texts for self-supervision, model cards."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.metrics import reliability_table

MODELS = Path(__file__).resolve().parents[1] / "src" / "framing" / "models"


def held_out(name: str) -> bool:
    """Whether an article is kept from the network's training, to fit what stands on top of it.

    A twentieth of the articles, the same ones in every corpus that holds them.
    """
    return zlib.crc32(name.rsplit("/", 1)[-1].removesuffix(".txt").encode()) % 20 == 0


def line_ranges(text: str) -> list[tuple[int, int]]:
    """Lines that are not blank: the paragraphs of the corpora, which hold no page furniture."""
    return [match.span() for match in re.finditer(r"\S[^\n]*", text)]


def raw_texts(corpora: Path) -> list[str]:
    """Texts of the training parts, for word lists and unlabelled learning; no held-out part among them."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(corpora.glob("polnear/train/text/*.txt"))]
    texts += [
        path.read_text(encoding="utf-8") for path in sorted(corpora.glob("newsdiscourse/train/**/*.txt"))
    ]
    for name in ("semeval2023_task3/articles_en.jsonl", "narrative_frames/articles.jsonl"):
        with (corpora / name).open(encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    for path in sorted(corpora.glob("basil/articles/*/*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))["body-paragraphs"]
        texts.append("\n".join(sentence for paragraph in body for sentence in paragraph))
    return texts


def score_section(scores: Mapping[str, Any]) -> str:
    """Scores as a card shows them: as they stand in the manifest, and reliability as plots of its own."""
    plots = [part for name, value in scores.items() if isinstance(value, dict) for part in _plot(name, value)]
    plain = {
        name: {k: v for k, v in value.items() if k != "reliability"} if isinstance(value, dict) else value
        for name, value in scores.items()
    }
    return "\n".join(["```json", json.dumps(plain, indent=2), "```", "", *plots])


def reliability(truth: Any, probabilities: Any) -> list[list[float]]:
    """Mean probability, share that was so, and number, for every tenth of the probabilities that has any."""
    table = reliability_table(truth, probabilities)
    rows = zip(table["probability"], table["share"], table["count"], strict=True)
    return [[round(float(p), 3), round(float(share), 3), int(count)] for p, share, count in rows if count]


def _plot(name: str, scores: Mapping[str, Any]) -> list[str]:
    """Lines of a reliability plot: what was so as a bar, what was said as a mark."""
    if "reliability" not in scores:
        return []
    lines = [f"Reliability, {name}: how often what has a probability (|) was so (bar).", "", "```text"]
    for said, was, count in scores["reliability"]:
        bar = list(("█" * round(was * 40)).ljust(41))
        bar[round(said * 40)] = "|"
        lines.append(f"{said:.2f}  {''.join(bar)} {was:.2f}  n = {count}")
    return [*lines, "```", ""]


def write_card(
    name: str, summary: str, data: Sequence[Mapping[str, Any]], scores: Mapping[str, Any], limits: str
) -> str:
    """Text of a model's CARD.md under the headings that every card has."""
    lines = [f"# {name}", "", summary, "", "## Training data", ""]
    lines += [f"- {entry['name']} ({entry['licence']})" for entry in data]
    lines += ["", "## Scores", "", score_section(scores)]
    lines += ["## Limits", "", limits, "", "## Licence", ""]
    lines += ["CC BY-NC-SA 4.0; see `WEIGHTS_LICENSE.md`. The code is BSD-3-Clause.", ""]
    return "\n".join(lines)
