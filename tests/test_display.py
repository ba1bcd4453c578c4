from __future__ import annotations

import io
import re
import unicodedata

import pytest

from framing.display import CODES, NAMES, render_text, shorten, visible, wants_color
from framing.record import LABELS

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def columns(line: str) -> int:
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in line
    )


def line_with(shown: str, words: str) -> str:
    (line,) = [line for line in shown.splitlines() if words in line]
    return line


@pytest.fixture
def shown(record):
    return render_text(record, color=False, width=100)


def test_every_label_has_a_code_and_a_name():
    assert tuple(CODES) == tuple(NAMES) == LABELS
    assert all(code == voice[0].upper() + kind[0].upper() for (voice, kind), code in zip(
        (label.split("_") for label in LABELS), CODES.values(), strict=True
    ))  # fmt: skip


def test_the_title_and_the_counts_come_first(shown):
    assert shown.splitlines()[:2] == [
        "Harbour board backs €40m crane 🏗️",
        "id harbour-1, 75 words, 8 sentences, 4 attributions",
    ]


def test_the_strip_shows_voices_and_opinion_from_first_word_to_last(record):
    lines = render_text(record, color=False, width=69).splitlines()[3:5]  # 60 columns of blocks
    assert [line[:9] for line in lines] == ["outlet   ", "sources  "]
    own, others = (line[9:].ljust(60) for line in lines)
    assert own[0] == "▁"
    assert own.replace(" ", "").strip("▁▇") == ""
    assert all((mine == " ") != (theirs == " ") for mine, theirs in zip(own, others, strict=True))
    assert others.rstrip()[-1] == "▇"  # the gift, a source's opinion, comes last


def test_the_strip_has_a_place_for_the_shortest_statement(record):
    record["statements"][1]["start"] = record["statements"][1]["end"] - 8
    own = render_text(record, color=False, width=60).splitlines()[3]
    assert own.startswith("outlet   ▁")


@pytest.mark.parametrize(
    ("words", "margin"),
    [
        ("voted 7-2", "AF     The"),
        ("“The old one", "SO  1  “The"),
        ("“and it may well", "SO~ 1    “and"),  # hedged, and indented behind the first
        ("but the plan", "AO!      but"),
        ("had offered", "SF  3    the"),
        ("Dock workers fear", "       Dock"),  # an attribution frame has no letters
        ("said Ida Voss", "         said"),
    ],
)
def test_each_statement_has_a_line_with_its_letters(shown, words, margin):
    assert line_with(shown.split("Who says what")[0], words).startswith(margin)


def test_sentences_come_in_order_and_whole(record, shown):
    body = shown.split("Who says what")[0].split("\n\n", 2)[2]
    body = re.sub(r"[‹›]", "", body)
    text = " ".join(line[7:].strip() for line in body.splitlines())
    text = re.sub(r"\s+", " ", re.sub(r"\[\d lines? of page furniture\]", "", text))
    expected = [
        record["text"][s["start"] : s["end"]] for s in record["sentences"] if s["role"] != "boilerplate"
    ]
    assert text.strip() == " ".join(expected)


def test_page_furniture_is_counted_and_not_shown(record, shown):
    assert "newsletter" not in shown
    assert shown.count("[1 line of page furniture]") == 2
    for sentence in record["sentences"][1:]:
        sentence["role"] = "boilerplate"
    record["statements"] = record["statements"][:1]
    assert "[7 lines of page furniture]" in render_text(record, color=False, width=100)


def test_loaded_words_are_marked_in_place_and_listed(shown):
    assert "the plan is ‹clearly› ‹the best› on the table." in shown
    assert "‹rusting disgrace› 0.90 SO, ‹gift› 0.70 SO, ‹the best› 0.60 AO, ‹clearly› 0.40 AO" in shown


def test_the_table_of_attributions(shown):
    rows = [re.split(r"\s{2,}", line.strip()) for line in shown.splitlines() if re.match(r"  \d  ", line)]
    assert rows[0] == ["1", "Ida Voss", "said", "official", "0.93", "“The old one is a rusting disgrace,…"]
    assert rows[1][3] == "(group)"  # brackets: not named
    assert rows[3][1:4] == ["(left out)", "is seen as", "(unspecified)"]
    assert "type): source not named" in shown.replace("\n  ", " ")


def test_frames_by_voice(shown):
    policy = shown.split("  policy\n")[1].split("  narrative\n")[0].splitlines()
    assert policy[0] == "    overall economic 0.83*, political 0.52*, capacity and resources 0.10"
    assert policy[1].startswith("    author  economic 0.80*,")
    assert policy[2].startswith("    source  economic 0.40,")


def test_the_summary_and_its_legend(shown):
    assert "AF reported fact 35%, AO author opinion 15%" in shown
    assert "anonymous 25%, hedged 12%; bias 0.22, author 0.18, source 0.27" in shown
    assert "models: attribution tagger 0.1, frames frames 0.1" in shown


@pytest.mark.parametrize("width", [60, 100])
def test_colour_adds_nothing_but_colour(record, width):
    plain = render_text(record, color=False, width=width)
    colored = render_text(record, color=True, width=width)
    assert "\x1b" not in plain
    assert ESCAPE.sub("", colored) == plain
    assert colored != plain


def test_emphasis_ends_with_each_line(record):
    start, end = next([s["start"], s["end"]] for s in record["statements"] if s["voice"] == "source")
    record["statements"][2]["loaded"] = [[start, end, 0.5]]
    for line in render_text(record, color=True, width=60).splitlines():
        codes = ESCAPE.findall(line)
        assert not codes or codes[-1] == "\x1b[0m"


@pytest.mark.parametrize("width", [1, 60, 67, 80, 200])
def test_no_line_is_wider_than_the_terminal(record, width):
    record["text"] = record["text"].replace("the builder", "界" * 11)
    for line in render_text(record, color=False, width=width).splitlines():
        assert columns(line) <= max(width, 60)


def test_an_empty_text(stub):
    shown = render_text(stub.analyze("").to_dict(), color=True, width=80)
    assert "(untitled)" in shown
    assert "no attributions" in shown
    assert "0 words, 0 sentences, 0 attributions" in shown


ATTACKS = [
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\r",
    "\x08",
    "\x00",
    "\u202e",
    "\u2066",
    "\ud800",
    "\x7f",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_an_article_reaches_the_terminal_as_a_command(stub, attack):
    record = stub.analyze(f"One {attack} line.", id=attack, title=f"T{attack}").to_dict()
    length = len(record["text"])
    record["statements"][0]["loaded"] = [[3, 5, 0.9]]
    record["attributions"] = [
        {
            "source": [[0, length]],
            "cue": [[0, length]],
            "content": [[0, length]],
            "quotation": "direct",
            "speaker": attack,
            "source_type": "person",
            "named": True,
            "probability": 0.5,
        }
    ]
    record["frames"][f"own{attack}"] = {
        "scores": {f"frame{attack}": 1.0}, "by_voice": {}, "by_source": {}
    }  # fmt: skip
    record["models"] = {attack: attack}
    shown = render_text(record, color=False, width=80)
    for char in attack:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs"):
            assert char not in shown
    assert shown.encode("utf-8")


def test_visible_keeps_what_scripts_and_emoji_need():
    assert visible("می\u200cخواهم 👩\u200d🚀 naïve") == "می\u200cخواهم 👩\u200d🚀 naïve"
    assert visible("a\u200b\ufeff\u00adb\u2028c\td") == "ab c d"


def test_blanks_around_what_vanishes_are_one_blank():
    assert visible("a \u200b b") == "a b"


@pytest.mark.parametrize(
    ("text", "size", "short"),
    [
        ("harbour", 7, "harbour"),
        ("harbour board", 8, "harbour…"),
        ("港湾委員会", 5, "港湾…"),
        ("", 3, ""),
        ("港湾", 2, "…"),
    ],
)
def test_shorten_counts_columns(text, size, short):
    assert shorten(text, size) == short


def test_time_is_linear_for_one_endless_word(stub, cpu_seconds):
    record = stub.analyze("界" * 200_000).to_dict()
    assert cpu_seconds(lambda: render_text(record, color=True, width=80)) < 5


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "stream", "wanted"),
    [
        ({}, Terminal(), True),
        ({"NO_COLOR": ""}, Terminal(), True),  # set but empty counts as unset
        ({"NO_COLOR": "1"}, Terminal(), False),
        ({"TERM": "dumb"}, Terminal(), False),
        ({}, io.StringIO(), False),
    ],
)
def test_colours_are_for_terminals_that_want_them(monkeypatch, environment, stream, wanted):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_color(stream) is wanted
