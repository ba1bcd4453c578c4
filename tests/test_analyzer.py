"""The whole path from text to record, on the bundled models."""

import json
import random
from itertools import pairwise

import jsonschema
import numpy as np
import pytest

import framing
from framing.datasets import load_sample
from framing.record import LABELS, load_schema

AIRSTRIP = "border-airstrip"


@pytest.fixture(scope="module")
def sample():
    return load_sample()


@pytest.fixture(scope="module")
def airstrip(sample):
    return framing.analyze(sample.texts[sample.ids.index(AIRSTRIP)])


def check(doc):
    """What holds of every record, whatever the text."""
    record = doc.to_dict()
    jsonschema.validate(record, load_schema())
    text = record["text"]
    for places in (record["sentences"], record["statements"]):
        assert all(0 <= row["start"] < row["end"] <= len(text) for row in places)
        assert all(a["end"] <= b["start"] for a, b in pairwise(places))
    for row in record["statements"]:
        assert sum(row["probability"].values()) == pytest.approx(1, abs=1e-9)
        assert max(row["probability"], key=row["probability"].get) == f"{row['voice']}_{row['kind']}"
        sentence = record["sentences"][row["sentence"]]
        assert sentence["start"] <= row["start"]
        assert row["end"] <= sentence["end"]
        assert sentence["role"] != "boilerplate"
        assert (row["attribution"] is None) or row["voice"] == "source"
        assert all(row["start"] <= s < e <= row["end"] for s, e in row["hedges"])
        assert all(row["start"] <= s < e <= row["end"] for s, e, _ in row["loaded"])
    for row in record["attributions"]:
        assert row["content"]
        assert all(0 <= s < e <= len(text) for part in ("source", "cue", "content") for s, e in row[part])
        assert row["speaker"] is None or row["speaker"] in text
        assert (row["source_type"] == "unspecified") == (not row["source"])
    shares = record["summary"]["share"].values()
    assert sum(shares) == pytest.approx(1 if record["statements"] else 0, abs=1e-3)
    return record


def test_every_sample_article_gives_a_valid_record(sample):
    for text, title in zip(sample.texts, sample.titles, strict=True):
        record = check(framing.analyze(text, title=title))
        assert record["statements"]
        assert record["text"] == text


def test_page_furniture_is_not_read(airstrip):
    roles = {s.text: s.role for s in airstrip.sentences}
    assert roles["Tolmar Extends Airstrip Near Karsavian Border"] == "title"
    assert roles["Leave a Reply"] == "boilerplate"
    assert [role for text, role in roles.items() if text.startswith("Facebook")] == ["boilerplate"]
    assert not any("email" in s.text.lower() for s in airstrip.statements)


def test_who_says_what(airstrip):
    found = {a.source: (a.cue, a.content) for a in airstrip.attributions if a.source}
    cue, content = found["Defense ministry officials"]
    assert cue == "say"
    assert content.startswith("the airstrip will serve rescue helicopters")
    assert found["Regional analysts"][0] == "believe"
    assert found["local reports"][0].lower().startswith("according to")


def test_a_source_that_is_left_out_is_left_out(airstrip):
    (seen,) = [a for a in airstrip.attributions if a.cue and "regarded as" in a.cue]
    assert seen.source is None
    assert seen.source_type == "unspecified"
    assert "a signal to Karsavia’s new government" in seen.content


def test_voice_and_kind(airstrip):
    label = {s.text: s.label for s in airstrip.statements}
    belief = next(text for text in label if "Tolmar wants to secure its supply routes" in text)
    assert label[belief] == "source_opinion"
    inference = next(text for text in label if "appears to be preparing" in text)
    assert label[inference] == "author_opinion"
    convoy = next(text for text in label if "two columns of vehicles" in text)
    assert label[convoy] == "author_fact"


def test_security_is_the_strongest_policy_frame(airstrip):
    scores = airstrip.frames["policy"]
    assert max(scores, key=scores.get) == "security_and_defense"
    assert scores["security_and_defense"] > 0.5


def test_a_frames_words_are_named(airstrip):
    words = airstrip.frames.explain("security_and_defense")
    assert {"army", "troops", "military"} & {w.text.lower() for w in words[:25]}
    assert all(airstrip.text[w.start : w.end] == w.text for w in words)


@pytest.mark.parametrize("by", ["voice", "source"])
def test_shares_of_voices_and_sources_add_up_to_a_frames_evidence(airstrip, by):
    shares = airstrip.frames.shares("security_and_defense", by=by)
    evidence = sum(part.value for part in airstrip.frames.explain("security_and_defense"))
    assert sum(shares.values()) == pytest.approx(evidence)
    known = {entry.speaker for entry in airstrip.attributions} | {"author", "source", "frame", "unspecified"}
    assert {"author"} < set(shares) <= known


def test_shares_are_by_voice_or_by_source(airstrip):
    with pytest.raises(ValueError, match="'by' parameter must be 'voice' or 'source'"):
        airstrip.frames.shares("security_and_defense", by="outlet")


def test_frames_by_voice_and_source(airstrip):
    record = airstrip.to_dict()
    assert set(record["frames"]["policy"]["by_voice"]) == {"author", "source"}
    speakers = {a.speaker for a in airstrip.attributions if a.speaker}
    assert set(record["frames"]["policy"]["by_source"]) <= speakers | {"unspecified"}


def test_the_record_survives_json(airstrip):
    assert framing.Analysis.from_json(airstrip.to_json()) == airstrip
    assert json.loads(airstrip.to_json())["schema_version"] == 1


def test_batches_and_processes_change_nothing(sample):
    articles = [{"id": i, "text": t, "title": h, "outlet": "x"} for i, t, h in
                zip(sample.ids, sample.texts, sample.titles, strict=True)]  # fmt: skip
    singly = [framing.analyze(a["text"], id=a["id"], title=a["title"]) for a in articles]
    for options in ({"batch_size": 3}, {"batch_size": 64}, {"n_jobs": 2, "batch_size": 5}):
        together = list(framing.analyze_many(articles, **options))
        assert [d.id for d in together] == sample.ids
        assert [d.statements for d in together] == [d.statements for d in singly]
        assert [d.attributions for d in together] == [d.attributions for d in singly]
        assert dict(together[0].meta) == {"title": articles[0]["title"], "outlet": "x"}


def test_a_title_that_the_text_lacks_is_kept():
    doc = framing.analyze("The pier shut on Monday.", title="Pier closed", meta={"outlet": "x"})
    assert doc.title == "Pier closed"
    assert dict(doc.meta) == {"title": "Pier closed", "outlet": "x"}


def test_analyze_many_is_lazy_and_keeps_the_order():
    def endless():
        number = 0
        while True:
            yield {"id": number, "text": f"Officials said {number} bridges were closed."}
            number += 1

    docs = framing.analyze_many(endless(), batch_size=4)
    assert [next(docs).id for _ in range(6)] == list(range(6))


@pytest.mark.parametrize("text", [None, 3, b"bytes", ["list"]])
def test_a_wrong_type_is_named(text):
    with pytest.raises(TypeError, match=rf"text must be a string\. Got {type(text).__name__} instead"):
        framing.analyze(text)


def test_analyze_many_names_what_is_wrong_with_an_article():
    with pytest.raises(TypeError, match="not one str"):
        framing.analyze_many("one text")
    with pytest.raises(framing.ArticleError, match="must have a 'text'"):
        list(framing.analyze_many([{"body": "no text here"}]))
    with pytest.raises(framing.ArticleError, match=r"must be a string\. Got NoneType"):
        list(framing.analyze_many([{"text": None}]))
    with pytest.raises(TypeError, match="Got float instead"):
        list(framing.analyze_many([float("nan")]))


def test_a_table_is_not_read_as_the_names_of_its_columns():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"text": ["It rained."], "outlet": ["Post"]})
    with pytest.raises(TypeError, match=r"not a table \(DataFrame\).*to_dict\('records'\)"):
        framing.analyze_many(table)
    (doc,) = framing.analyze_many(table.to_dict("records"))
    assert (doc.text, doc.meta["outlet"]) == ("It rained.", "Post")


@pytest.mark.parametrize("part", ["attribution", "opinion", "bias"])
def test_a_class_in_place_of_an_estimator_is_refused(part):
    with pytest.raises(TypeError, match=f"{part} must be an estimator, not the class OpinionClassifier"):
        framing.Analyzer(**{part: framing.OpinionClassifier})


def test_an_empty_text_has_an_empty_analysis():
    doc = framing.analyze("")
    record = check(doc)
    assert (record["sentences"], record["statements"], record["attributions"]) == ([], [], [])
    assert record["summary"]["words"] == 0
    assert record["bias"]["score"] == 0


MESSY = {
    "white space": " \n\t\u00a0\n ",
    "one word": "Flood",
    "no punctuation": "the minister said the dam is safe and nobody should worry about the water " * 30,
    "Arabic": "قال المتحدث إن المحادثات انتهت. وأضاف أن الاتفاق قريب.",
    "emoji": "🔥🔥 “We did it 🎉,” said Ana 🙂. 👩‍👩‍👧 cheered!",
    "NUL bytes": "The bridge\x00 is closed, police\x00 said.\n\n\x00",
    "unbalanced quotes": "“One said \"two ‘three said. ” ” « Four\n\n” said Mr. Five.",
    "lone surrogate": "Officials said \ud800 it was over.",
    "control and bidi": "\u202eOfficials\u202c said\u200b it was\x1b[31m over.",
    "markup left over": "<p>Police said <b>two men</b> were held.</p><script>alert(1)</script>",
    "carriage returns": "Title here\r\n\r\nPolice said two men were held.\r\nThey denied it.\r\n",
    "many newlines": "a\n" * 3000,
    "one long word": "x" * 100_000,
    "combining marks": "Ca\u0301fe\u0301 owners said prices rose. " * 5,
}


@pytest.mark.parametrize("kind", MESSY)
def test_messy_text_gets_an_answer(kind):
    record = check(framing.analyze(MESSY[kind]))
    assert record["text"] == MESSY[kind]


def test_the_attribution_in_text_without_punctuation_is_found():
    doc = framing.analyze("the minister said the dam is safe and nobody should worry")
    assert any(a.source and "minister" in a.source for a in doc.attributions)


def test_random_text_never_raises_and_keeps_its_offsets():
    generator = random.Random(11)
    words = ["said", "Mr.", "the dam", "according to", "analysts", "is seen as", "Reuters", "believe", "1.5", "é", "ع"]
    marks = ["“", "”", '"', "'", "’", " ", "\n", "\n\n", ".", ",", "-", ":", "(", ")", "😀", "\x00", "\u202e"]
    pieces = words + marks
    texts = ["".join(generator.choices(pieces, k=generator.randrange(80))) for _ in range(60)]
    for doc, text in zip(framing.analyze_many(texts), texts, strict=True):
        assert check(doc)["text"] == text


@pytest.fixture(scope="module")
def long_text():
    paragraph = (
        "The port authority said on Tuesday that two of its cranes would close in May. “We had no choice,” said "
        "Ada Quill, its head, who blamed rising costs.\n\nThe cranes stand at the northern quay, where grain ships "
        "used to unload before the new terminal opened. They were built in 1974 and repaired twice. Some forty people "
        "work there in two shifts. The quay itself will stay open for fishing boats and for the ferry that crosses the "
        "bay four times a day in summer and twice in winter. A footbridge joins it to the old town.\n\n"
    )
    return paragraph * 800


def test_a_long_text_is_read_whole_and_costs_as_much_a_character_as_a_short_one(long_text, cpu_seconds):
    record = framing.analyze(long_text).to_dict()
    assert len(record["statements"]) > 4_000
    assert all(long_text[r["start"] : r["end"]].strip() for r in record["statements"][::100])
    short = long_text[: len(long_text) // 8]
    costs = [cpu_seconds(lambda text=text: framing.analyze(text)) / len(text) for text in (short, long_text)]
    assert costs[1] < 2 * costs[0]


def test_longer_articles_than_the_limit_are_errors_that_say_what_to_do():
    analyzer = framing.Analyzer(max_length=40)
    assert analyzer.analyze("It rained. Critics called it a farce.").id is None
    with pytest.raises(framing.ArticleError, match=r"'a7' has 41 characters; at most 40 are read.*larger max_length"):
        analyzer.analyze("x" * 41, id="a7")
    with pytest.raises(framing.ArticleError, match="has 5,000,001 characters"):
        framing.analyze("word " * 1_000_000 + ".")


@pytest.mark.parametrize(("given", "error"), [(0, ValueError), ("40", TypeError), (1.5, TypeError)])
def test_the_limit_is_a_positive_integer(given, error):
    with pytest.raises(error):
        framing.Analyzer(max_length=given)


class Named:
    """Finds the first class likelier wherever something is called bad, the second one otherwise."""

    def __init__(self, *classes):
        self.classes_ = np.array(classes)

    def predict_proba(self, X):
        return np.array([[0.9, 0.1] if "bad" in text else [0.2, 0.8] for text in X])


@pytest.mark.parametrize("classes", [("opinion", "reporting"), ("comment", "fact"), ("opinion", "fact")])
def test_classes_of_ones_own_are_read_by_their_names(classes):
    doc = framing.Analyzer(opinion=Named(*classes)).analyze("Rain fell on Monday. The bridge is bad.")
    assert [statement.kind for statement in doc.statements] == ["fact", "opinion"]


def test_classes_that_name_neither_fact_nor_opinion_are_refused():
    with pytest.raises(framing.FramingError, match=r"'news', 'views' is 'opinion' can't be told\. Name them 'fact'"):
        framing.Analyzer(opinion=Named("news", "views")).analyze("Rain fell on Monday.")


class Loud:
    """A classifier of statements that calls everything with an exclamation mark an opinion."""

    classes_ = np.array(["fact", "opinion"])

    def predict_proba(self, texts):
        loud = np.array(["!" in text for text in texts], dtype=float)
        return np.column_stack([1 - loud, loud])


def test_a_swapped_opinion_model_decides_the_kind():
    text = "The dam was built in 1961! It is the worst dam in the country."
    doc = framing.Analyzer(opinion=Loud()).analyze(text)
    assert [s.kind for s in doc.statements] == ["opinion", "fact"]
    check(doc)


def test_a_swapped_bias_model_scores_the_sentences():
    doc = framing.Analyzer(bias=Loud()).analyze("It rained! It stopped.")
    assert [s.bias for s in doc.sentences] == [1.0, 0.0]


class Capitals:
    """An extractor for whom whoever is in capitals says the rest of the line."""

    def predict(self, texts):
        return [
            [framing.Attribution.from_spans(t, source=[(0, 3)], cue=[(3, 4)], content=[(5, len(t))])] for t in texts
        ]


def test_a_swapped_extractor_gives_the_attributions():
    doc = framing.Analyzer(attribution=Capitals()).analyze("BOB: the river rose by two metres overnight.")
    assert [(a.source, a.cue) for a in doc.attributions] == [("BOB", ":")]
    check(doc)


def test_swapped_frames_take_the_place_of_the_bundled():
    frames = [
        framing.Frame("cost", "What it costs and who pays.", ["price", "costs", "taxpayers", "budget"]),
        framing.Frame("risk", "What could go wrong.", ["danger", "threat", "safety", "disaster"]),
    ]
    analyzer = framing.Analyzer(frames={"mine": framing.FrameClassifier(frames)})
    doc = analyzer.analyze("The budget shows that taxpayers will bear the costs of the higher price.")
    assert list(doc.frames) == ["mine"]
    assert doc.frames["mine"]["cost"] > doc.frames["mine"]["risk"]


def test_a_part_without_its_method_is_refused():
    with pytest.raises(TypeError, match=r"opinion must have a method predict_proba\(texts\). Got str"):
        framing.Analyzer(opinion="my model")
    with pytest.raises(TypeError, match="frames must map inventory names"):
        framing.Analyzer(frames=[1])
    with pytest.raises(ValueError, match="tier must be one of 'default', 'accurate'"):
        framing.Analyzer(tier="turbo")


def test_a_saved_analyzer_is_loaded(tmp_path):
    framing.Analyzer().save(tmp_path / "model")
    text = "Critics fear that the dam will fail."
    assert framing.load(tmp_path / "model").analyze(text) == framing.analyze(text)
    with pytest.raises(framing.ModelError, match="No model at"):
        framing.load(tmp_path / "nothing")
    with pytest.raises(framing.FramingError, match="own opinion cannot be saved"):
        framing.Analyzer(opinion=Loud()).save(tmp_path / "other")


def test_words_and_shares_add_up(airstrip):
    summary = airstrip.summary()
    assert summary["words"] > 200
    assert set(summary["share"]) == set(LABELS)
