"""What annotated articles are used for: training data, choosing what to label, and the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

from framing import (
    AttributionExtractor,
    Frame,
    FrameClassifier,
    LoadedLanguageTagger,
    StatementClassifier,
    annotations,
    cli_annotate,
)
from framing.annotations import (
    Annotated,
    attribution_data,
    choose_next,
    frame_data,
    loaded_data,
    read_annotations,
    statement_data,
    write_annotations,
)
from framing.cli import main

SAMPLE = Path(__file__).resolve().parents[1] / "datasets"
SAID = "Engineers said the bridge is safe."
ENTRY = {"source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 33]]}
GOLD = Annotated(
    id="a",
    text=f"{SAID} The shameless mayor left.",
    attributions=[ENTRY, {"source": [[0, 9]]}],
    statements=[[0, 14, "frame"], [15, 34, "source_opinion"]],
    loaded=[[39, 48]],
    frames={"mine": ["cost"]},
)
BARE = Annotated(id="b", text="Rain fell.")


# Training data


def test_incomplete_attributions_and_unannotated_articles_are_left_out():
    X, y, groups = attribution_data([GOLD, BARE])
    assert [GOLD.text] == X
    assert [entry["cue"] for entry in y[0]] == [[[10, 14]]]
    assert groups.tolist() == ["a"]


def test_the_same_text_twice_is_one_group():
    twin = Annotated(id="z", text=GOLD.text, statements=[])
    assert statement_data([GOLD, twin, Annotated(text="x", statements=[])]).groups.tolist() == ["a", "a", "2"]


def test_loaded_spans_are_counted_from_their_sentence():
    X, y, groups = loaded_data([GOLD])
    assert X == [SAID, "The shameless mayor left."]
    assert [[X[n][start:end] for start, end in spans] for n, spans in enumerate(y)] == [[], ["shameless"]]
    assert groups.tolist() == ["a", "a"]


def test_frames_are_in_the_order_of_the_names():
    assert frame_data([BARE, GOLD], "mine", ["risk", "cost"]).y.tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="the frame 'cost'; names are"):
        frame_data([GOLD], "mine", ["risk"])


@pytest.mark.parametrize(
    "make", [attribution_data, statement_data, loaded_data, lambda docs: frame_data(docs, "mine", ["cost"])]
)
def test_nothing_to_learn_from_is_an_error(make):
    with pytest.raises(ValueError, match="there is nothing to learn from"):
        make([BARE])


def test_estimators_learn_from_it():
    other = Annotated(id="c", text="Moss said it rained.", attributions=[], frames={"mine": []}, loaded=[])
    X, y, _ = attribution_data([GOLD])
    assert AttributionExtractor().fit(X, y).predict(X)[0]
    X, y, _ = statement_data([GOLD])
    assert StatementClassifier().fit(X, y).predict(X)[0]
    X, y, _ = loaded_data([GOLD, other])
    assert len(LoadedLanguageTagger().fit(X, y).predict(X)) == 3
    X, y, _ = frame_data([GOLD, other], "mine", ["cost"])
    assert FrameClassifier([Frame("cost", "What it costs.", ["price"])]).fit(X, y).predict(X).shape == (2, 1)


# What to label next

POOL = [
    Annotated(id="rain", text="Rain fell on the coast on Monday."),
    Annotated(id="plan", text="Critics fear the plan may fail, aides reportedly said, but some hope it works."),
    Annotated(id="plan2", text="Critics fear the plan may fail, aides reportedly said, but some hope it works!"),
    Annotated(id="match", text="The striker scored twice before half-time, which some called luck."),
    Annotated(text=""),
]


def test_near_copies_of_what_was_chosen_come_late():
    order = [choice.article.id for choice in choose_next(POOL, 5)]
    assert {"plan", "plan2"} & set(order[:1])
    assert not {"plan", "plan2"} <= set(order[:2])


def test_what_is_labelled_is_not_new():
    (first, *_) = choose_next(POOL, 1)
    (other, *_) = choose_next(POOL, 1, labelled=[first.article])
    assert {first.article.id, other.article.id} != {"plan", "plan2"}
    assert other.nearest == first.article.id


def test_scores_are_rank_times_novelty_and_the_same_every_time():
    choices = choose_next(POOL, 9)
    assert len(choices) == len(POOL)
    assert sorted(choice.index for choice in choices) == list(range(len(POOL)))
    for choice in choices:
        assert choice.score == pytest.approx(choice.rank * choice.novelty, abs=1e-8)
    assert choices == choose_next(POOL, 9)
    assert np.argmin([choice.rank for choice in sorted(choices, key=lambda c: c.index)]) in (0, 4)


def test_choice_of_nothing():
    assert choose_next([], 3) == []
    with pytest.raises(ValueError, match="n must be at least 1"):
        choose_next(POOL, 0)


# The command line


def test_export_and_import_give_the_articles_back(tmp_path, capsys):
    write_annotations([GOLD, BARE], tmp_path / "gold.jsonl")
    assert main(["annotate", "export", str(tmp_path / "gold.jsonl"), str(tmp_path / "brat"), "--format", "brat"]) == 0
    assert main(["annotate", "import", str(tmp_path / "brat"), str(tmp_path / "back.jsonl")]) == 0
    assert (tmp_path / "back.jsonl").read_bytes() == (tmp_path / "gold.jsonl").read_bytes()
    assert "2 articles read from" in capsys.readouterr().err


def test_export_lets_the_models_annotate_only_what_nobody_did(tmp_path):
    write_annotations([GOLD, Annotated(id="n", text=SAID, meta={"k": 1})], tmp_path / "gold.jsonl")
    out = tmp_path / "drafts.jsonl"
    assert main(["annotate", "export", str(tmp_path / "gold.jsonl"), str(out), "--format", "jsonl", "--predict"]) == 0
    gold, draft = read_annotations(out)
    assert gold == GOLD
    assert draft.model
    assert draft.attributions[0] == ENTRY | {"speaker": "Engineers", "source_type": "expert", "named": False}
    assert (draft.id, draft.meta) == ("n", {"k": 1})


def test_import_takes_labels_and_layers(tmp_path, capsysbinary):
    (tmp_path / "a.txt").write_text("vile rain", encoding="utf-8")
    (tmp_path / "a.ann").write_text("T1\tNasty 0 4\tvile\nT2\tX 5 9\train\n", encoding="utf-8")
    command = ["annotate", "import", str(tmp_path), "-", "--label", "Nasty=Loaded", "--label", "X="]
    assert main([*command, "--layer", "attributions"]) == 0
    row = json.loads(capsysbinary.readouterr().out)
    assert (row["loaded"], row["attributions"]) == ([[0, 4]], [])
    assert main([*command, "--label", "wrong"]) == 2


def test_next_writes_the_chosen_articles_with_the_reasons(tmp_path, capsys):
    write_annotations(POOL, tmp_path / "pool.jsonl")
    write_annotations([GOLD], tmp_path / "gold.jsonl")
    command = ["annotate", "next", str(tmp_path / "pool.jsonl"), str(tmp_path / "out.jsonl"), "-n", "2"]
    assert main([*command, "--labelled", str(tmp_path / "gold.jsonl")]) == 0
    docs = read_annotations(tmp_path / "out.jsonl")
    assert len(docs) == 2
    assert docs[0].meta["choice"]["why"] in capsys.readouterr().err
    assert docs[0].meta["choice"]["score"] >= docs[1].meta["choice"]["score"]


def test_formats_and_layers_of_the_command_are_the_library_s():
    assert cli_annotate._FORMATS == annotations.FORMATS
    assert cli_annotate._LAYERS == annotations.LAYERS


def test_an_unknown_file_is_a_sentence(tmp_path, capsys):
    assert main(["annotate", "import", str(tmp_path / "nowhere"), "-"]) == 2
    assert "was not found" in capsys.readouterr().err


def test_the_sample_folder_has_its_frames():
    doc = read_annotations(SAMPLE)[0]
    assert doc.frames["narrative"] == ["conflict"]
    assert "security_and_defense" in doc.frames["policy"]
