"""Who speaks, in which role, and whether the article says the name."""

from __future__ import annotations

import doctest
import random
from collections.abc import Callable
from typing import Any

import pytest

import framing.entities
import framing.names
import framing.roles
import framing.speakers
from framing.names import find_names, gazetteer
from framing.roles import stated_types
from framing.speakers import SourceReading, read_sources

TYPES = {
    "official", "expert", "organization", "media", "document", "person", "group", "public", "anonymous",
    "unspecified",
}  # fmt: skip


def attribution(text: str, source: str, cue: str, content: str = "", nth: int = 0) -> dict[str, Any]:
    """The attribution whose source and cue stand next to one another, found by their words."""
    at = -1
    for _ in range(nth + 1):
        candidates = [text.find(pair, at + 1) for pair in (f"{source} {cue}", f"{cue} {source}")]
        at = min(place for place in candidates if place >= 0)
    start = at if text.startswith(source, at) else at + len(cue) + 1
    other = at + len(source) + 1 if start == at else at
    spoken = text.find(content) if content else 0
    return {
        "source": [[start, start + len(source)]],
        "cue": [[other, other + len(cue)]],
        "content": [[spoken, spoken + len(content)]] if content else [],
    }


def read(text: str, *pairs: tuple[str, str] | tuple[str, str, str]) -> list[SourceReading]:
    rows = [attribution(text, *pair) for pair in pairs]
    rows.sort(key=lambda row: row["source"])
    return read_sources(text, rows)


def one(text: str, source: str, cue: str = "said") -> SourceReading:
    return read(text, (source, cue))[0]


def test_all_forms_of_a_name_lead_to_the_fullest() -> None:
    text = (
        "Desmond Tarrow said the mill would close. Mr. Tarrow added that wages were safe. "
        "“We tried,” Tarrow insisted. Desmond sighed and then TARROW shouted."
    )
    readings = read(
        text, ("Desmond Tarrow", "said"), ("Mr. Tarrow", "added"), ("Tarrow", "insisted"), ("TARROW", "shouted")
    )
    assert [reading.speaker for reading in readings] == ["Desmond Tarrow"] * 4
    assert all(reading.named for reading in readings)


def test_an_abbreviated_title_belongs_to_the_name_and_a_long_one_only_to_a_surname() -> None:
    text = "Gov. Ruth Ambler said no. Then Ambler relented. President Okoro said yes."
    assert one(text, "Ambler", "relented").speaker == "Gov. Ruth Ambler"
    assert one(text, "President Okoro").speaker == "President Okoro"
    text = "House Speaker Linda Farrow said little. Farrow smiled."
    assert one(text, "Farrow", "smiled") == SourceReading("Linda Farrow", "official", True)


def test_a_surname_of_two_people_means_the_one_who_speaks() -> None:
    text = (
        "Oscar Dell said the levy was fair. “It is small,” Dell said. Unlike Martha Dell’s proposal, it "
        "spares farms. Dell argued for a vote."
    )
    readings = read(text, ("Oscar Dell", "said"), ("Dell", "argued"))
    assert [reading.speaker for reading in readings] == ["Oscar Dell", "Oscar Dell"]


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("Rep. Helen Varga (R-Ohio) said the bill was dead.", "Rep. Helen Varga (R-Ohio)", "official"),
        ("Paul Imre, D-Ore., said the bill was dead.", "Paul Imre, D-Ore.,", "official"),
        ("Cllr Ann Pell said the bypass was a mistake.", "Cllr Ann Pell", "official"),
        ("Police Chief Nora Beck said two men fled.", "Police Chief Nora Beck", "official"),
        ("Anton Weiss, a political scientist at Calder University, said so.", "Anton Weiss", "expert"),
        ("Weather economist Ida Moss said so.", "Weather economist Ida Moss", "expert"),
        ("Brightwater Bank CEO Karl Lindt said so.", "Brightwater Bank CEO Karl Lindt", "organization"),
        ("Carol Pike, a spokeswoman for Brightwater Inc., said so.", "Carol Pike", "organization"),
        ("Carol Pike, a spokeswoman for the Justice Department, said so.", "Carol Pike", "official"),
        ("Carol Pike, who runs the Brightwater Institute, said so.", "Carol Pike", "expert"),
        ("The bank's chief executive, Karl Lindt, said so.", "Karl Lindt,", "organization"),
        ("CNN’s Dana Frost said so.", "CNN’s Dana Frost", "media"),
        ("Eric Holm of the Calder Times said so.", "Eric Holm of the Calder Times", "media"),
        ("Radio host Vince Marlow said so.", "Radio host Vince Marlow", "media"),
        ("Surgeon Joan Petty said so.", "Surgeon Joan Petty", "expert"),
        ("Joan Petty, a mother of three, said so.", "Joan Petty", "person"),
        ("Joan Petty, 41, said so.", "Joan Petty, 41,", "person"),
    ],
)
def test_the_role_beside_a_name_tells_the_type(text: str, source: str, expected: str) -> None:
    reading = read_sources(text, [{"source": [[text.find(source), text.find(source) + len(source)]]}])[0]
    assert reading.source_type == expected
    assert reading.named


@pytest.mark.parametrize(
    ("text", "source", "expected", "named"),
    [
        ("Two senior officials said so.", "Two senior officials", "official", False),
        ("A group of doctors said so.", "A group of doctors", "expert", False),
        ("Economists said so.", "Economists", "expert", False),
        ("A report said so.", "A report", "document", False),
        ("A report by the Calder Institute said so.", "A report by the Calder Institute", "document", True),
        ("Critics of the plan said so.", "Critics of the plan", "group", False),
        ("Many people said so.", "Many people", "public", False),
        ("Nearly 40 percent of voters said so.", "Nearly 40 percent of voters", "public", False),
        ("Sources close to the talks said so.", "Sources close to the talks", "anonymous", False),
        ("A witness said so.", "A witness", "person", False),
        ("Witnesses said so.", "Witnesses", "group", False),
        ("The newspaper said so.", "The newspaper", "media", False),
        ("A company spokesman said so.", "A company spokesman", "organization", False),
        ("A police spokesman said so.", "A police spokesman", "official", False),
        ("Republicans on the Senate Budget Committee said so.",
         "Republicans on the Senate Budget Committee", "official", False),
        ("The Calder Times said so.", "The Calder Times", "media", True),
        ("The Ministry of Health said so.", "The Ministry of Health", "official", True),
        ("Calder University said so.", "Calder University", "expert", True),
        ("Brightwater Corp said so.", "Brightwater Corp", "organization", True),
        ("The Ambler campaign said so.", "The Ambler campaign", "organization", True),
        ("France said so.", "France", "official", True),
    ],
)  # fmt: skip
def test_descriptions_and_bodies_have_types(text: str, source: str, expected: str, named: bool) -> None:
    reading = one(text, source)
    assert (reading.source_type, reading.named) == (expected, named)


def test_pronouns_follow_gender_and_speakers() -> None:
    text = (
        "Martha Quill warned that the dam might break. Thomas Reyes, an engineer, disagreed.\n\n"
        "“It has held for years,” he said. “And it will hold.”\n\n“That is luck,” she said."
    )
    readings = read(text, ("Martha Quill", "warned"), ("he", "said"), ("she", "said"))
    assert [reading.speaker for reading in readings] == ["Martha Quill", "Thomas Reyes", "Martha Quill"]
    assert readings[1].source_type == "expert"


def test_a_pronoun_does_not_mean_somebody_in_its_own_quotation() -> None:
    text = "Thomas Reyes was calm. “Peter Sands lied,” he said."
    assert read(text, ("he", "said", "“Peter Sands lied,”"))[0].speaker == "Thomas Reyes"


def test_a_pronoun_that_nobody_fits_stays_open() -> None:
    assert one("Thomas Reyes left early. “I never met him,” she said.", "she") == SourceReading(None, "person", False)


def test_it_and_they_mean_bodies_and_groups() -> None:
    text = (
        "Harbor Shipping Corp reported a loss. It blamed storms. Dockers marched on Monday. "
        "Union members said the firm had lied. They demanded an audit."
    )
    readings = read(
        text, ("Harbor Shipping Corp", "reported"), ("It", "blamed"), ("Union members", "said"), ("They", "demanded")
    )
    assert [reading.speaker for reading in readings] == [
        "Harbor Shipping Corp", "Harbor Shipping Corp", "Union members", "Union members",
    ]  # fmt: skip


def test_relative_pronouns_mean_what_they_follow() -> None:
    text = "The letter reached Mayor Ines Calloway, who called it a hoax."
    assert one(text, "who", "called").speaker == "Mayor Ines Calloway"
    text = "The plan angered residents of the valley, many of whom said they would sue."
    assert one(text, "many of whom") == SourceReading("residents of the valley", "group", False)


def test_acronyms_and_heads_of_bodies_are_linked() -> None:
    text = (
        "The Coastal Safety Agency closed two beaches. The CSA cited sewage. “Stay away,” the agency warned. "
        "The U.S. Maritime Court ruled against it. The Maritime Court found no malice."
    )
    assert one(text, "The CSA", "cited") == SourceReading("Coastal Safety Agency", "official", True)
    assert one(text, "the agency", "warned").speaker == "Coastal Safety Agency"
    assert one(text, "The Maritime Court", "found").speaker == "U.S. Maritime Court"


def test_definite_descriptions_find_the_one_they_describe() -> None:
    text = (
        "Sen. Paula Grange met union leader Boris Kent on Friday. “We are close,” the senator said. "
        "The union leader refused to comment."
    )
    assert one(text, "the senator").speaker == "Sen. Paula Grange"
    assert one(text, "The union leader", "refused").speaker == "Boris Kent"


def test_headlines_and_first_paragraphs_mean_whom_the_next_ones_name() -> None:
    text = (
        "Senator doubts the harbor plan\n\nA federal appeals court stopped the plan on Monday. "
        "Sen. Paula Grange had doubted it. The U.S. Court of Appeals for the Ninth Circuit gave no reasons."
    )
    assert one(text, "Senator", "doubts").speaker == "Sen. Paula Grange"
    assert one(text, "A federal appeals court", "stopped") == SourceReading(
        "U.S. Court of Appeals for the Ninth Circuit", "official", True
    )


def test_a_party_rules_out_the_other_partys_candidate() -> None:
    text = (
        "Republican nominee Ruth Ambler met Democratic nominee Paul Imre. Imre spoke first. "
        "“I differ,” the Republican nominee said."
    )
    assert one(text, "the Republican nominee").speaker == "Ruth Ambler"


def test_what_belongs_to_somebody_is_found_under_the_name() -> None:
    text = (
        "The Ambler campaign spent a million. Ruth Ambler smiled. Her campaign denied a debt. "
        "Her lawyer, Karl Lindt, agreed. “It is paid,” her lawyer said."
    )
    assert one(text, "Her campaign", "denied") == SourceReading("Ambler campaign", "organization", True)
    assert one(text, "her lawyer").speaker == "Karl Lindt"


def test_the_first_person_in_a_quotation_is_the_speaker() -> None:
    text = "“I doubt that the roof will hold,” Karl Lindt said."
    inner = {"source": [[1, 2]], "cue": [[3, 8]], "content": [[9, 33]]}
    outer = {"source": [[35, 45]], "cue": [[46, 50]], "content": [[0, 34]]}
    assert read_sources(text, [outer, inner])[1].speaker == "Karl Lindt"


def test_a_name_behind_a_participle_is_not_the_source() -> None:
    assert one("Senators supporting Ruth Ambler said so.", "Senators supporting Ruth Ambler") == SourceReading(
        "Senators supporting Ruth Ambler", "official", False
    )


def test_a_description_of_somebody_new_stands_for_itself() -> None:
    text = "Sen. Paula Grange left. “She never called,” a neighbor said."
    assert one(text, "a neighbor") == SourceReading("a neighbor", "person", False)


def test_two_people_are_one_speaker() -> None:
    text = "Sens. Amy Holt (D-Mont.) and Carl Voss (R-La.) said they would object."
    reading = one(text, "Sens. Amy Holt (D-Mont.) and Carl Voss (R-La.)")
    assert reading == SourceReading("Sens. Amy Holt (D-Mont.) and Carl Voss", "official", True)


def test_turns_of_an_interview() -> None:
    text = (
        "Host Gail Norris spoke with Gov. Hugh Palmer on Sunday.\n\nNORRIS: Why did you wait?\n\n"
        "PALMER: We had no money.\n\nSTONE: Did nobody ask?"
    )
    rows = []
    for name in ("NORRIS", "PALMER", "STONE"):
        start = text.index(name)
        end = start + len(name)
        line_end = text.find("\n", end) if "\n" in text[end:] else len(text)
        rows.append({"source": [[start, end]], "cue": [[end, end + 1]], "content": [[end + 2, line_end]]})
    assert read_sources(text, rows) == [
        SourceReading("Gail Norris", "media", True),
        SourceReading("Gov. Hugh Palmer", "official", True),
        SourceReading("STONE", "media", True),  # asks
    ]


def test_headings_in_capitals_name_those_whom_the_text_names() -> None:
    text = "Ambler Slams Bank Chief Over Lost Pensions: ‘Shame’\n\nGov. Ruth Ambler slammed a bank on Monday."
    assert one(text, "Ambler", "Slams").speaker == "Gov. Ruth Ambler"


def test_days_and_openers_are_not_names() -> None:
    text = "Yesterday Ruth Ambler smiled. On Monday Tom Lark said no. However, Critics stayed."
    names = find_names(text, [(0, len(text))]).names
    assert [text[name.start : name.end] for name in names] == ["Ruth Ambler", "Tom Lark"]


def test_no_source_and_no_words() -> None:
    text = "It was reportedly cold."
    rows: list[dict[str, Any]] = [{"source": [], "cue": [[7, 17]]}, {"cue": [[7, 17]]}, {"source": [[6, 7]]}]
    readings = read_sources(text, rows)
    assert readings[:2] == [SourceReading(None, "unspecified", False)] * 2
    assert readings[2].speaker is None
    assert read_sources(text, []) == []


def test_the_author_is_not_guessed() -> None:
    assert one("I think that the roof will fall.", "I", "think") == SourceReading(None, "media", False)


def test_names_outside_the_body_do_not_count() -> None:
    text = "Ruth Ambler sells lamps\nAmbler said the river rose.\n"
    row = {"source": [[24, 30]], "cue": [[31, 35]], "content": [[36, 50]]}
    assert read_sources(text, [row])[0].speaker == "Ruth Ambler"
    assert read_sources(text, [row], body=[(24, len(text))])[0].speaker == "Ambler"


def test_clitics_and_leading_prepositions_do_not_belong_to_the_name() -> None:
    text = "Tom Lark’s claim was denied. According to Tom Lark, it stands."
    assert one(text, "Tom Lark’s", "claim").speaker == "Tom Lark"
    at = text.index("According")
    assert read_sources(text, [{"source": [[at, at + 21]]}])[0].speaker == "Tom Lark"


MESSY = [
    "",
    " ",
    "“””",
    "Mr. Mr. Mr.",
    "Ⅻ ǅ 🙂 Ω. Ж: Ы",
    "HE SAID SHE SAID IT",
    "St. St. of of of the and and",
    "Jr., Sr. and III said",
    "the the the",
    "\u200b\u202eJane\u2028Roe\r\nsaid\x00",
    "Jane Roe (((((( said )))) – — ― ‘’ '' \"",
    "R-Ohio (D-Mont.) said [I-Vt.] who which whose of whom",
]


@pytest.mark.parametrize("text", MESSY)
def test_nothing_raises_and_speakers_are_substrings(text: str) -> None:
    rows = [
        {"source": [[start, start + size]], "cue": [[start, start + 1]], "content": [[0, start]]}
        for start in range(len(text) + 1)
        for size in (1, 3, 9, 40)
    ]
    rows += [{"source": [[-5, 3], [2, 1], [90, 95]], "cue": None, "content": [[5, 900]]}]
    for reading in read_sources(text, rows):
        assert reading.speaker is None or (reading.speaker and reading.speaker in text)
        assert reading.source_type in TYPES


def test_random_spans_of_an_article_never_raise() -> None:
    chooser = random.Random(7)
    words = (
        "Ada Lund, the Harrow Bank’s CEO, said he and Sen. Tom Lark (R-Ohio) of the Ministry of Health and "
        "Human Services told whom their agency which “polls” US U.S. 40 percent a number of officials\n\n"
    ).split(" ")
    for _ in range(60):
        text = " ".join(chooser.choices(words, k=60))
        places = [sorted(chooser.choices(range(len(text)), k=2)) for _ in range(20)]
        rows = [{"source": [place], "cue": [place], "content": [place]} for place in places]
        for reading in read_sources(text, rows):
            assert reading.speaker is None or reading.speaker in text
            assert reading.source_type in TYPES


def test_wrong_types_say_what_is_wanted() -> None:
    with pytest.raises(TypeError, match=r"text must be a string\. Got bytes"):
        read_sources(b"Ada said so.", [])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Got list at position 0"):
        read_sources("Ada said so.", [[[0, 3]]])  # type: ignore[list-item]


def test_the_cost_is_linear(cpu_seconds: Callable[..., float]) -> None:
    paragraph = (
        "Ada Lund, the mayor of Harrow, said the bridge was safe. Tom Lund disagreed. He said that the agency "
        "and the Harrow Times had found cracks. Officials said nothing.\n\n"
    )

    def cost(times: int) -> float:
        text = paragraph * times
        rows = []
        for shift in range(0, len(text), len(paragraph)):
            for source in ("Ada Lund", "Tom Lund", "He", "the agency", "Officials"):
                at = shift + paragraph.index(source)
                rows.append({"source": [[at, at + len(source)]], "cue": [], "content": []})
        return cpu_seconds(lambda: read_sources(text, rows))

    cost(10)
    assert cost(800) < 12 * cost(200) + 0.05


@pytest.mark.parametrize("unit", ["Ada Lund ", "Bank of ", "Bank and ", "Mr. ", "A.", "A'", "(", '" ', "\n", "the "])
def test_the_cost_is_linear_on_hostile_text(unit: str, cpu_seconds: Callable[..., float]) -> None:
    def cost(size: int) -> float:
        text = unit * (size // len(unit))
        rows = [{"source": [[at, at + 8]], "content": [[at + 8, at + 40]]} for at in range(0, len(text), 200)]
        return cpu_seconds(lambda: read_sources(text, [*rows, {"source": [[0, len(text)]]}]))

    cost(1_000)
    assert cost(80_000) < 12 * cost(20_000) + 0.1


def test_stated_types_do_not_ask_the_table_of_known_names() -> None:
    text = "Gov. Ruth Ambler met Karl Lindt, a geologist at Calder University. Vladimir Putin slept."
    assert dict(stated_types(text)) == {"ruth ambler": "official", "karl lindt": "expert"}


def test_the_tables_are_there() -> None:
    tables = gazetteer()
    assert (tables.given["ruth"], tables.given["thomas"]) == ("f", "m")
    assert (tables.places["norway"], tables.places["ohio"]) == ("country", "state")
    assert set(tables.people.values()) <= TYPES
    assert "smith" in tables.surnames


@pytest.mark.parametrize("module", [framing.names, framing.entities, framing.roles, framing.speakers])
def test_examples(module: Any) -> None:
    results = doctest.testmod(module)
    assert results.attempted
    assert not results.failed
