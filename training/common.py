"""What the training scripts share: where models go, raw texts for self-supervision, model cards."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.datasets import load_statements
from framing.metrics import STATEMENT_LABELS, reliability_table

if TYPE_CHECKING:
    from sklearn.utils import Bunch

MODELS = Path(__file__).resolve().parents[1] / "src" / "framing" / "models"
CORRECTIONS = Path(__file__).resolve().parent / "corrections" / "statements.jsonl"


def held_out(name: str) -> bool:
    """Whether an article is kept from the network's training, to fit what stands on top of it.

    A twentieth of the articles, the same ones in every corpus that holds them.
    """
    return zlib.crc32(name.rsplit("/", 1)[-1].removesuffix(".txt").encode()) % 20 == 0


def training_statements(corpora: Path, corrections: Path = CORRECTIONS) -> Bunch:
    """The training part of the statements, with the labels corrected that a second reading found plainly wrong.

    A correction names an article, a stretch of it, the label that the corpus gives and the right one. The development
    part has none, and neither have the articles that :func:`held_out` keeps: what measures must not be changed by what
    a model contests. Raises ValueError where a correction does not fit the corpus.
    """
    bunch = load_statements(corpora / "statements", "train")
    articles = {name: number for number, name in enumerate(bunch.ids)}
    with corrections.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            row = json.loads(line)
            at = f"{corrections.name}, line {number}"
            name, span, was, label = row["id"], [row["start"], row["end"]], row["was"], row["label"]
            if label not in STATEMENT_LABELS or label == was:
                expected = f"expected one of {', '.join(STATEMENT_LABELS)} and not {was!r}"
                raise ValueError(f"{at}: {expected}, got {label!r}; mend the line.")
            if name not in articles:
                raise ValueError(f"{at}: the training part has no article {name!r}; take the line out.")
            if held_out(bunch.origins[articles[name]]):
                raise ValueError(f"{at}: article {name!r} is held out to measure on; take the line out.")
            found = next((stretch for stretch in bunch.segments[articles[name]] if stretch[:2] == span), None)
            if found is None or found[2] != was:
                there = "no such stretch" if found is None else f"label {found[2]!r}"
                expected = f"expected label {was!r} at {span} of {name!r}"
                raise ValueError(f"{at}: {expected}, found {there}; read the place again, or take the line out.")
            found[2] = label
    return bunch


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
