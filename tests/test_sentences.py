import random
import subprocess
import sys

import pytest

from framing.sentences import split_sentences


def split(text):
    return [text[start:end] for start, end in split_sentences(text)]


def check_spans(text, spans, start=0, end=None):
    """Spans are trimmed, in order, apart, inside the range, and leave only white space out."""
    end = len(text) if end is None else end
    position = start
    for opening, close in spans:
        assert position <= opening < close <= end
        assert not text[opening].isspace()
        assert not text[close - 1].isspace()
        assert not text[position:opening].strip()
        position = close
    assert not text[position:end].strip()


# Sentences are joined with a blank and must come apart again just there.
@pytest.mark.parametrize(
    "sentences",
    [
        ["The pier was closed.", "Nobody was hurt.", "Why?", "No one knows!"],
        ["Mr. Vane met Mrs. Orlan and Dr. Kessel.", "They left."],
        ["Gov. Harlan Teague called Sen. Mara Lund, D-Calif., a liar.", "She laughed."],
        ["Rep. Ann Wedderby (R-Ala.) said no.", "Sen. Tom Orme (D-N.Y.) did not."],
        ["The U.S. Senate and U.N. envoys met at 9 a.m. Monday.", "It was short."],
        ["They landed in the U.S. on Monday.", "The envoy did not."],
        ["He lives in the U.S.", "His brother lives in Peru."],
        ["She left at 4 p.m.", "The others stayed."],
        ["He was born on Jan. 5 and died on Sept. 11.", "Few came."],
        ["It was No. 5 on the list.", "He said no.", "Nobody asked him twice."],
        ["J. K. Marsh and Robert P. McCall wrote to W.E.B. Dace.", "Nobody answered."],
        ["Ferrow Inc. and Lomas Corp. merged with Vane Bros. last year.", "It failed."],
        ["Shares rose 3.5 percent to $1.25.", "Bonds fell by .4 points."],
        ["It cost 4.25 per cent in 2024.", "2025 was worse."],
        ["Lt. Gen. Havel Brandt Jr. was there.", "So was Prof. Imani Kessel, Ph.D., of Port Lowell."],
        ["She ran the clinic on St. James St. for years.", "It closed."],
        ["They sell pens, paper, ink, etc. in the shop.", "Few buy."],
        ["He read the e.g. and the i.e. aloud.", "We wept."],
        ["The mayor of Ft. Renwick spoke.", "The crowd did not."],
        ["“It is done.”", "“Is it?”", "“It is.”"],
        ['"It is done," he said.', '"We can go."', "They went."],
        ["‘It is done.’", "She nodded.", "«C'est fini.»", "They left."],
        ["(He later denied it.)", "The board met.", "[It did not.]"],
        ["He called it “a plan.”", "She called it “theft!”", "They agreed."],
        ["''It is over,'' Mr. Dace said.", "''Go home.''"],
        ["The river was rising…", "The others had left.", "It was late..."],
        ["“I never … said that.”", "“You did.”"],
        ["iPhone sales fell.", "eBay shares rose."],
        ["Was it him?!", "It was.", "¿Por qué no?", "«Non!»"],
        ["He paid £5.", "€3 was returned.", "#SaveThePier trended.", "@pier_news said so."],
        ["Das ist gut.", "Österreich auch.", "Élan vital."],
    ],
    ids=lambda sentences: sentences[0][:30],
)
def test_sentences_come_apart(sentences):
    assert split(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    "sentence",
    [
        '"Stop!" he said.',
        "“Why now?” Mr. Smith asked.",
        "“Stop!” Ada Reyes shouted at the driver.",
        "‘Is it safe?’ the harbour master asked.",
        "“Who knows?” — that was all he said.",
        "The band Oh No! said it would play.",
        "He went to the bank . . . and never came back.",
        "Brandt wrote to J. Dace, R. Orme and L. Vane.",
        "Sen. Tom Orme, R-Ala., and Rep. Ann Wedderby, D-Wash., agreed.",
        "The vote was 5-4 (see No. 12, vol. 3, p. 44) on Feb. 3.",
        "Version 2.5.1 is at https://pier.example/a.b/c?d=e.f now.",
        "Write to ada.reyes@pier.example today.",
        "He is vice president of Vane & Co. in Port Elm, Ore., and of Lomas Ltd. in Peru.",
        "no capitals no stops just words that a page lost its marks from",
    ],
)
def test_one_sentence_stays_whole(sentence):
    assert split(sentence) == [sentence]


def test_closing_marks_belong_to_the_sentence_before():
    assert split("He said: “It is over.” Then he left.)  She stayed.") == [
        "He said: “It is over.”",
        "Then he left.)",
        "She stayed.",
    ]
    assert split("It ended.'' ''Not yet.''") == ["It ended.''", "''Not yet.''"]
    assert split('It ended. " The next day came.') == ['It ended. "', "The next day came."]


def test_missing_spaces():
    assert split("It ended.The next day came.Was it?It was.") == [
        "It ended.",
        "The next day came.",
        "Was it?",
        "It was.",
    ]
    assert split("It ended.“Really?”She nodded.") == ["It ended.", "“Really?”", "She nodded."]


def test_straight_mark_between_run_together_sentences_follows_the_count():
    assert split('"It ended."The next day came.') == ['"It ended."', "The next day came."]
    assert split('It ended."The next day came," she wrote.') == [
        "It ended.",
        '"The next day came," she wrote.',
    ]


def test_items_keep_their_numbers_and_bullets():
    assert split("1. Vote early. 2. Vote often.") == ["1. Vote early.", "2. Vote often."]
    assert split("• Bread is dear • Wine is not • Water is free") == [
        "• Bread is dear",
        "• Wine is not",
        "• Water is free",
    ]
    assert split("She named three: a. Bread. b. Wine.")[0] == "She named three: a. Bread."


def test_single_line_break_is_white_space_and_blank_line_ends_a_sentence():
    assert split("The pier\nwas closed. The\r\nboats left.") == [
        "The pier\nwas closed.",
        "The\r\nboats left.",
    ]
    assert split("No stop here\n \t\nThe pier was closed\n\n\nIt was late") == [
        "No stop here",
        "The pier was closed",
        "It was late",
    ]


def test_text_without_capitals_is_cut_at_its_stops():
    assert split("i went there. it was shut! why? nobody knew.") == [
        "i went there.",
        "it was shut!",
        "why?",
        "nobody knew.",
    ]


def test_zero_width_characters_hide_no_boundary():
    assert split("It ended.\u200b \ufeffThe next day came.") == [
        "It ended.\u200b",
        "\ufeffThe next day came.",
    ]


def test_only_the_range_is_read():
    text = "One is here. Two is here. Three is here."
    assert split_sentences(text, 13, 25) == [(13, 25)]
    assert split_sentences(text, 9, 30) == [(9, 12), (13, 25), (26, 30)]
    assert split_sentences(text, 25, 26) == []
    assert split_sentences(text, 0, 10**9) == split_sentences(text)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u2003\t"])
def test_blank_text_has_no_sentences(text):
    assert split_sentences(text) == []


@pytest.mark.parametrize("text", [None, b"bytes", 3, ["One."]])
def test_wrong_type_is_refused(text):
    with pytest.raises(TypeError, match=f"Got {type(text).__name__} instead"):
        split_sentences(text)


def test_any_text_is_covered_in_order():
    rng = random.Random(11)
    pieces = list(".!?…\"'“”‘’«»()[]•-—:;, \n\t\r\xa0\u200b\ufeff\u2028\U0001f600é漢ßاA9z\ud800")
    pieces += ["U.S.", "Mr.", " The ", "he said", "...", ". . .", "\n\n", "p.m.", "''", " 3.", "No. "]
    for _ in range(3000):
        text = "".join(rng.choices(pieces, k=rng.randint(0, 40)))
        start = rng.randint(0, len(text))
        end = rng.randint(start, len(text))
        check_spans(text, split_sentences(text))
        check_spans(text, split_sentences(text, start, end), start, end)


@pytest.mark.parametrize(
    "unit",
    [
        *("a", ".", ". ", '."', "• ", "\n", "\n ", 'ab."Ab', "A. ", ". ““““", "U.S. ", "? - ", "1. ", "( "),
        "a: 1. ",
    ],
    ids=repr,
)
def test_time_is_linear(unit, cpu_seconds):
    def seconds(n):
        text = unit * (n // len(unit))
        assert len(split_sentences(text)) <= n
        return cpu_seconds(lambda: split_sentences(text))

    assert seconds(200_000) < 20 * 8 * max(seconds(10_000), 2e-4)


def test_nltk_is_not_imported():
    code = "import sys; from framing.sentences import split_sentences; split_sentences('One. Two.')"
    code += "; print('nltk' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
