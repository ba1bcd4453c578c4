"""Learning from labels of one's own: reading, splitting by article, fitting, the model's folder, the command line."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import framing
from framing.annotations import Annotated, read_annotations, write_annotations
from framing.cli import main
from framing.workbench import Labels, labels_from, read_labels, split_rows, task_of, train

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
FACTS = ["The council met on {}.", "The vote took place on {}.", "Officials opened the road on {}.", "Rain fell on {}."]
VIEWS = ["The {} plan is a shameful disgrace.", "Nobody should trust the {} fools.", "What an awful {} mess."]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
COLOURS = ["red", "green", "blue", "yellow", "white", "black"]


def rows():
    """Sentences, labels and articles, four sentences an article."""
    out = []
    for number, (day, colour) in enumerate(zip(DAYS, COLOURS, strict=True)):
        out += [(text.format(day), "fact", f"article {number}") for text in FACTS[:2]]
        out += [(text.format(colour), "opinion", f"article {number}") for text in VIEWS[:2]]
    return out


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "labels.csv"
    lines = [f'"{text}",{label},{article}' for text, label, article in rows()]
    file.write_text("\n".join(["text,label,article", *lines]) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def corpus():
    return read_annotations(DATASETS)[:8]


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_a_table_gives_texts_labels_and_articles(table):
    labels = read_labels([table], "opinion")
    assert labels.X[2] == "The red plan is a shameful disgrace."
    assert labels.y[2] == "opinion"
    assert labels.articles == [f"article {number}" for number in range(6)]


def test_labels_that_are_numbers_are_numbers(tmp_path):
    file = tmp_path / "labels.tsv"
    file.write_text("text\tlabel\tsplit\na\t1\ttrain\nb\t0\ttest\n", encoding="utf-8")
    labels = read_labels([file], "bias")
    assert labels.y.tolist() == [1, 0]
    assert labels.splits.tolist() == ["train", "test"]


def test_a_sentence_that_stands_twice_is_one_article(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("text,label\nsame,1\nother,0\nsame,1\n", encoding="utf-8")
    groups = read_labels([file], "bias").groups
    assert groups[0] == groups[2] != groups[1]


@pytest.mark.parametrize(
    ("content", "task", "message"),
    [
        ("text\na\n", "bias", "it lacks label"),
        ("text,label\na,\n", "bias", "line 2: a text or its label is missing"),
        ("text,label\n", "bias", "no labelled text"),
        ("text,label,split\na,1,validation\n", "bias", "Got 'validation' instead"),
        ("text,label\na,1\n", "statements", "statements needs annotated articles"),
        ("text,label\na,1\n", "tone", "task must be one of"),
    ],
)
def test_a_table_that_will_not_do_says_why(tmp_path, content, task, message):
    file = tmp_path / "labels.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_labels([file], task)


def test_tables_and_articles_are_not_mixed(table):
    with pytest.raises(ValueError, match="cannot be mixed"):
        read_labels([table, DATASETS], "opinion")


def test_sentences_are_opinion_where_most_of_them_is():
    text = "The plan is a disgrace. It was passed on Monday, sadly."
    segments = [[0, 23, "source_opinion"], [24, 48, "author_fact"], [48, 55, "author_opinion"]]
    assert labels_from([Annotated(text=text, statements=segments)], "opinion").y.tolist() == ["opinion", "fact"]


def test_splits_belong_to_articles_even_where_some_are_left_out():
    docs = [
        Annotated(text="Nothing is labelled here.", meta={"split": "train"}),
        Annotated(text="Rain fell.", loaded=[], meta={"split": "test"}),
    ]
    assert labels_from(docs, "loaded").splits.tolist() == ["test"]


def test_an_article_in_two_splits_is_refused():
    docs = [Annotated(id="a", text=f"Rain fell {n}.", loaded=[], meta={"split": n}) for n in ("train", "test")]
    with pytest.raises(ValueError, match="Article 'a' stands in two splits, train and test"):
        labels_from(docs, "loaded")


def test_an_unknown_inventory_asks_for_a_codebook():
    with pytest.raises(ValueError, match="give its frames as a codebook"):
        labels_from([Annotated(text="Rain fell.", frames={"mine": ["cost"]})], "frames", inventory="mine")


def test_the_sample_corpus_has_labels_for_every_task(corpus):
    for task in ("attribution", "statements", "frames", "bias", "loaded", "opinion"):
        assert set(labels_from(corpus, task).splits.tolist()) <= {"train", "dev", "test"}


def test_no_article_is_on_both_sides(table):
    labels = read_labels([table], "opinion")
    side = split_rows(labels, seed=4, test_share=0.5)
    learned, judged = (set(labels.groups[side == name].tolist()) for name in ("train", "test"))
    assert (len(learned), len(judged), learned & judged) == (3, 3, set())


def test_the_seed_decides_what_is_kept(table):
    labels = read_labels([table], "opinion")
    first, again, other = (split_rows(labels, seed=seed).tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_given_splits_are_kept(corpus):
    labels = labels_from(corpus, "statements")
    side = split_rows(labels, judge="dev")
    assert np.array_equal(side == "test", labels.splits == "dev")
    assert not (side[labels.splits == "test"] == "train").any()


def test_one_article_is_too_few():
    labels = labels_from([Annotated(text="Rain fell.", loaded=[])], "loaded")
    with pytest.raises(ValueError, match="at least two articles"):
        split_rows(labels)


def test_training_gives_a_model_its_scores_and_a_curve(table):
    trained = train(read_labels([table], "opinion"), seed=1, test_share=0.34)
    assert trained.model.predict(["The pink plan is a shameful disgrace."]).tolist() == ["opinion"]
    assert trained.evaluation.score == 1.0
    assert [point.articles for point in trained.curve] == [0, 1, 2, 4]
    assert trained.before is not None


def test_the_bundled_model_is_left_out_where_its_classes_are_others(tmp_path):
    file = tmp_path / "labels.csv"
    lines = [f'"{text}",{label}s,{article}' for text, label, article in rows()]
    file.write_text("\n".join(["text,label,article", *lines]), encoding="utf-8")
    trained = train(read_labels([file], "opinion"), curve=())
    assert trained.before is None
    assert [point.articles for point in trained.curve] == [5]


def test_too_few_articles_for_both_classes_leave_a_gap_in_the_curve():
    text = {"opinion": "The plan is a disgrace for all of us", "fact": "The vote took place on Monday at noon"}
    docs = [
        Annotated(id=n, text=f"{text[kind]}, {n}.", statements=[[0, 30, f"author_{kind}"]],
                  meta={"split": "test" if n > 3 else "train"})
        for n, kind in enumerate(["fact", "opinion", "fact", "opinion", "fact", "opinion"])
    ]  # fmt: skip
    trained = train(labels_from(docs, "opinion"), curve=(0.25,))
    assert "too few to learn from" in trained.render()


def test_a_text_is_not_both_learned_and_judged_by(table):
    labels = read_labels([table], "opinion")
    texts = [text + " It was said again and again." for text in labels.X]
    doubled = Labels("opinion", texts, labels.y, labels.groups, labels.splits)
    with pytest.raises(ValueError, match="stand both in what is learned"):
        train(doubled, test=doubled)


def test_the_same_seed_gives_the_same_bytes(table, tmp_path):
    for name in ("one", "two"):
        train(read_labels([table], "opinion"), seed=5, curve=()).save(tmp_path / name)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_statements_learned_twice_are_the_same_bytes(corpus, tmp_path):
    labels = labels_from(corpus[:4], "statements")
    for name in ("one", "two"):
        train(labels, test=labels_from(corpus[4:5], "statements"), curve=()).save(tmp_path / name)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_the_folder_holds_the_model_its_scores_and_its_card(table, tmp_path):
    trained = train(read_labels([table], "opinion"), seed=5)
    trained.save(tmp_path / "m", data=[{"name": "own sentences", "licence": "CC0-1.0"}], licence="MIT", limits="Tiny.")
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_bytes())
    card = (tmp_path / "m" / "CARD.md").read_text(encoding="utf-8")
    assert manifest["scores"]["unseen_articles"]["score"] == round(trained.evaluation.score, 4)
    assert (manifest["seed"], manifest["licence"]) == (5, "MIT")
    for words in ("- own sentences (CC0-1.0)", "Seed: 5.", "Tiny.", "Learning curve", "## Limits"):
        assert words in card
    texts = [text for text, *_ in rows()]
    assert np.array_equal(framing.load(tmp_path / "m").predict_proba(texts), trained.model.predict_proba(texts))


def test_frames_of_ones_own_are_learned(tmp_path):
    mine = [framing.Frame("cost", seeds=("tax", "price")), framing.Frame("risk", seeds=("danger", "threat"))]
    docs = [
        Annotated(id=n, text=f"{word} number {n} was on the agenda.", frames={"mine": [name]})
        for n, (word, name) in enumerate([("Tax", "cost"), ("Danger", "risk")] * 4)
    ]
    trained = train(labels_from(docs, "frames", inventory="mine", frames=mine), curve=())
    assert trained.evaluation.classes == ("cost", "risk")
    trained.save(tmp_path / "m")
    assert [frame.name for frame in framing.load(tmp_path / "m").frames] == ["cost", "risk"]


def test_the_commands_take_frames_of_ones_own(tmp_path, capsys):
    docs = [
        Annotated(id=n, text=f"{word} number {n} was on the agenda.", frames={"mine": [name]})
        for n, (word, name) in enumerate([("Tax", "cost"), ("Danger", "risk")] * 4)
    ]
    gold, book, folder = (str(tmp_path / name) for name in ("gold.jsonl", "book.json", "model"))
    write_annotations(docs, gold)
    frames = [{"name": "cost", "seeds": ["tax", "price"]}, {"name": "risk", "seeds": ["danger", "threat"]}]
    Path(book).write_text(json.dumps({"frames": frames}), encoding="utf-8")
    assert main(["train", "frames", gold, "--out", folder, "--inventory", "mine", "--codebook", book]) == 0
    capsys.readouterr()
    assert main(["evaluate", folder, gold, "--inventory", "mine", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["classes"]) == {"cost", "risk"}


def test_a_model_tells_its_task():
    assert task_of(framing.BiasClassifier()) == "bias"
    with pytest.raises(TypeError, match="Got int instead"):
        task_of(3)


def test_the_commands_train_and_evaluate(table, tmp_path, capsys):
    folder = str(tmp_path / "m")
    assert main(["train", "opinion", str(table), "--out", folder, "--seed", "1", "--test-share", "0.34"]) == 0
    shown = capsys.readouterr().out
    for words in ("Learning curve", "95% interval", "Confusion", "Calibration"):
        assert words in shown
    assert main(["evaluate", folder, str(table), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["task"], record["score"], record["articles"]) == ("opinion", 1.0, 6)


def test_the_command_judges_a_bundled_model(corpus, tmp_path, capsys):
    write_annotations(corpus[:2], tmp_path / "gold.jsonl")
    assert main(["evaluate", "bundled", str(tmp_path / "gold.jsonl"), "--task", "attribution", "--errors", "1"]) == 0
    assert re.search(r"relation F1 0\.\d\d \(95% interval", capsys.readouterr().out)


def test_the_command_judges_by_one_split(table, tmp_path, capsys):
    file = tmp_path / "split.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    parts = ["train"] * 20 + ["test"] * 4
    file.write_text(
        "\n".join([lines[0] + ",split", *(f"{a},{b}" for a, b in zip(lines[1:], parts, strict=True))]), encoding="utf-8"
    )
    assert main(["evaluate", "bundled", str(file), "--task", "opinion", "--split", "test", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["articles"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "bundled", "LABELS"], "needs --task"),
        (["evaluate", "bundled", "LABELS", "--task", "opinion", "--tier", "accurate"], "--tier is for"),
        (["evaluate", "bundled", "LABELS", "--task", "opinion", "--split", "dev"], "no labelled text"),
        (["evaluate", "nowhere", "LABELS"], "nowhere"),
        (["train", "opinion", "LABELS", "--out", "x", "--test-share", "2"], "test_share must be between 0 and 1"),
        (["train", "frames", "LABELS", "--out", "x", "--codebook", "LABELS"], "must be JSON as"),
    ],
)
def test_what_the_commands_cannot_do_they_say(table, capsys, arguments, message):
    assert main([str(table) if word == "LABELS" else word for word in arguments]) == 2
    assert message in capsys.readouterr().err
