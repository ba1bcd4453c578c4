import random
import textwrap

import pytest

from framing.article import Block, split_blocks
from framing.datasets import load_sample

FIRST = "A ferry carrying 140 passengers struck a pier in Port Elm early on Tuesday, the harbour office said."
SECOND = "Nine of them were hurt, and two were in serious condition, according to a doctor at the hospital."
THIRD = "The operator said that it was helping with the inquiry, and that its other boats would sail."
KINDS = {
    "title": {"headline"},
    "body": {"paragraph", "subhead"},
    "boilerplate": {
        *("byline", "dateline", "caption", "credit", "share", "related", "comment", "newsletter", "cookie"),
        *("navigation", "tags", "copyright", "advertisement", "other"),
    },
}


def page(*lines, gap="\n\n"):
    return gap.join(lines)


def roles(text, title=None):
    return [(block.role, block.kind, text[block.start : block.end]) for block in split_blocks(text, title)]


def body(text, title=None):
    return [part for role, _, part in roles(text, title) if role == "body"]


def check_blocks(text, blocks):
    """Blocks are trimmed, in order, apart and of known kinds, and leave only white space out."""
    position = 0
    for block in blocks:
        assert position <= block.start < block.end <= len(text)
        assert text[block.start : block.end].strip() == text[block.start : block.end]
        assert not text[position : block.start].strip()
        assert block.kind in KINDS[block.role]
        position = block.end
    assert not text[position:].strip()
    assert bool(blocks) == bool(text.strip())
    assert not blocks or any(block.role != "boilerplate" for block in blocks)


def test_page_with_everything():
    text = page(
        "WorldTop News",
        "Ferry Strikes Pier in Port Elm",
        "By Ada Reyes",
        "March 4, 2025",
        "Facebook\xa0X\xa0WhatsApp\xa0Print",
        "PORT ELM (Calder) - " + FIRST,
        "Advertisement",
        SECOND,
        "Read more: The night the lighthouse went dark",
        THIRD,
        "Related Articles",
        "Harbour Office Loses Its Last Boat",
        "Leave a Reply",
        "Your email address will not be published. Required fields are marked *",
        "© 2025 The Elm Courier. All rights reserved.",
        "Back to top button",
    )
    assert [(role, kind) for role, kind, _ in roles(text)] == [
        ("boilerplate", "navigation"),
        ("title", "headline"),
        ("boilerplate", "byline"),
        ("boilerplate", "dateline"),
        ("boilerplate", "share"),
        ("boilerplate", "dateline"),
        ("body", "paragraph"),
        ("boilerplate", "advertisement"),
        ("body", "paragraph"),
        ("boilerplate", "related"),
        ("body", "paragraph"),
        ("boilerplate", "related"),
        ("boilerplate", "related"),
        ("boilerplate", "comment"),
        ("boilerplate", "comment"),
        ("boilerplate", "copyright"),
        ("boilerplate", "navigation"),
    ]
    assert body(text) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize("gap", ["\n\n", "\n", "\r\n", "\r\n\r\n", "\n \t \n", "\u2029", "\r\r"])
def test_line_ends(gap):
    text = page("Ferry Strikes Pier in Port Elm", "By Ada Reyes", FIRST, SECOND, THIRD, "Share this", gap=gap)
    assert body(text) == [FIRST, SECOND, THIRD]
    assert roles(text)[0] == ("title", "headline", "Ferry Strikes Pier in Port Elm")
    assert roles(text)[-1][:2] == ("boilerplate", "share")


@pytest.mark.parametrize("width", [60, 72, 80])
def test_hard_wrapped_paragraphs_are_joined(width):
    paragraphs = [f"{FIRST} {SECOND}", f"{SECOND} {THIRD} {FIRST}", THIRD, f"{THIRD} {SECOND}"]
    wrapped = [textwrap.fill(paragraph, width) for paragraph in paragraphs]
    text = page("Ferry Strikes Pier in Port Elm", "By Ada Reyes\nMarch 4, 2025", *wrapped, "All rights reserved.")
    assert body(text) == wrapped
    assert [kind for _, kind, _ in roles(text)[:3]] == ["headline", "byline", "dateline"]


def test_hard_wrapped_without_blank_lines():
    wrapped = [textwrap.fill(text, 66) for text in (f"{FIRST} {SECOND} He fled.", f"{THIRD} {SECOND} It sank.")]
    assert body("\n".join(wrapped)) == wrapped


def test_broken_line_goes_on_in_small_letters():
    text = "A ferry carrying 140 people struck a pier early\non Tuesday, an officer said.\nNobody was hurt."
    assert len(split_blocks(text)) == 2


def test_lines_of_one_paragraph_each_stay_apart():
    assert body(page(FIRST[:-1] + "!", SECOND, FIRST, SECOND, gap="\n"))[1:] == [SECOND, FIRST, SECOND]
    assert body(page(FIRST, SECOND, THIRD, gap="\n")) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    "title",
    [
        "Ferry strikes pier in Port Elm",
        "FERRY STRIKES PIER IN PORT ELM, NINE HURT",
        "Why did the ferry strike the pier?",
        "‘It was like thunder’: ferry strikes pier in Port Elm",
        "Opinion | The ferry was never safe",
        "WATCH: Ferry strikes pier in Port Elm",
        "Ferry Strikes Pier in Port Elm.",
        "Ferry strikes pier; nine hurt, two seriously, as harbour office opens inquiry",
    ],
)
def test_title_is_found(title):
    for text in (page(title, FIRST, SECOND), page(title, "By Ada Reyes", FIRST, gap="\n")):
        assert roles(text)[0] == ("title", "headline", title)
        assert len(body(text)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        FIRST,
        page(FIRST, SECOND, THIRD),
        "He left.",
        page("He left.", "She stayed.", "They never met again."),
        page("Q: Why did you leave?", "A: I had to. The house was falling in, and nobody would pay for it."),
        "one long line of words that lost its capitals and its stops on the way from some page to here",
    ],
)
def test_text_without_title_has_none(text):
    assert {role for role, _, _ in roles(text)} == {"body"}


def test_given_title_is_found_behind_a_menu_and_in_other_marks():
    text = page("Home", "Elm Courier’s “best” pier", "Ferry trouble for the harbour", FIRST)
    found = roles(text, 'Elm Courier\'s "best" pier')
    assert found[1] == ("title", "headline", "Elm Courier’s “best” pier")
    assert found[0][:2] == ("boilerplate", "navigation")
    assert found[2][:2] == ("body", "subhead")


def test_given_title_on_one_line_with_the_body():
    text = f"Ferry Strikes Pier {FIRST} {SECOND}"
    assert roles(text, "Ferry Strikes Pier") == [
        ("title", "headline", "Ferry Strikes Pier"),
        ("body", "paragraph", f"{FIRST} {SECOND}"),
    ]
    assert len(split_blocks(text)) == 1


@pytest.mark.parametrize("title", ["A ferry", "A ferry carrying 140", "A"])
def test_given_title_that_only_opens_the_first_sentence_is_no_title(title):
    assert roles(page(FIRST, SECOND), title) == [("body", "paragraph", FIRST), ("body", "paragraph", SECOND)]


def test_given_title_that_is_not_there_changes_nothing():
    text = page("Ferry Strikes Pier in Port Elm", FIRST, SECOND)
    assert split_blocks(text, "Another headline altogether") == split_blocks(text)
    assert split_blocks(text, "") == split_blocks(text)


@pytest.mark.parametrize(
    "dateline",
    [
        "WASHINGTON —",
        "PORT ELM (Reuters) -",
        "BEIJING, March 3 (Xinhua) --",
        "LONDON/NEW YORK (Reuters) –",
        "FORT RENWICK, Ore. —",
        "HOLM FERROW, 24 February 2026 –",
        "ST. ELMO, the United States, Sept. 14 (Xinhua) --",
        "Port Elm (CNN) --",
        "(Reuters) -",
        "SÃO PAULO ―",
    ],
)
def test_dateline_is_cut_off_its_paragraph(dateline):
    text = page("Ferry Strikes Pier in Port Elm", f"{dateline} {FIRST}", SECOND)
    assert roles(text)[1:3] == [("boilerplate", "dateline", dateline), ("body", "paragraph", FIRST)]


@pytest.mark.parametrize(
    "opening",
    [
        "NASA — the agency — said",
        "Mr. Vane (R) - A senator - said",
        "EXCLUSIVE – Tom Vane said",
        "Vane — Tom — said",
    ],
)
def test_what_is_no_dateline_stays(opening):
    text = page("Ferry Strikes Pier in Port Elm", f"{opening} that {FIRST[0].lower()}{FIRST[1:]}", SECOND)
    assert len(body(text)) == 2


def test_bare_place_opens_early_paragraphs_only():
    text = page(FIRST, SECOND, THIRD, SECOND, "PORT ELM — " + THIRD)
    assert body(text)[-1] == "PORT ELM — " + THIRD


def test_reporters_in_brackets_are_cut_off_their_paragraph():
    text = page(FIRST, f"{SECOND} (Reporting by Ines Hall; Editing by Bo Lind)")
    assert roles(text)[1:] == [
        ("body", "paragraph", SECOND),
        ("boilerplate", "byline", "(Reporting by Ines Hall; Editing by Bo Lind)"),
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Advertisement", "advertisement"),
        ("- ADVERTISEMENT -", "advertisement"),
        ("Story continues below advertisement", "advertisement"),
        ("Article continues after this ad", "advertisement"),
        ("FILE PHOTO: A ferry at the pier on May 2, 2024. REUTERS/Ada Reyes/File Photo", "caption"),
        ("Pictured: The pier on the morning after the ferry struck it", "caption"),
        ("The pier at dusk. (Photo by Ada Reyes/Getty Images)", "caption"),
        ("Tom Vane sells coffee on the pier. Photograph: Ada Reyes/The Elm Courier", "caption"),
        ("Credit: Ada Reyes / Elm Pix", "credit"),
        ("Getty Images", "credit"),
        ("Read more: The night the lighthouse went dark", "related"),
        ("RELATED: Harbour office loses its last boat", "related"),
        ("Also read | Harbour office loses its last boat", "related"),
        ("Sign up for our free daily newsletter", "newsletter"),
        ("Get the latest harbour news straight to your inbox. Sign up here", "newsletter"),
        ("We use cookies to improve your experience. Accept all | Manage preferences", "cookie"),
        ("Share  Tweet  Email  Print", "share"),
        ("1.2k shares", "share"),
        ("Comments (214)", "comment"),
        ("Topics: Ferries · Port Elm · Harbours", "tags"),
        ("© 2025 The Elm Courier Ltd.", "copyright"),
        ("Updated 14:20 GMT, Thursday 6 March 2025", "dateline"),
        ("14:47", "dateline"),
        ("By Ada Reyes and Tom Vane, Harbour Correspondents", "byline"),
        ("Follow Ada Reyes on Twitter @adareyes.", "byline"),
        ("5 min read", "other"),
        ("CORRECTION: An earlier version of this article misstated the number of boats.", "other"),
        ("https://courier.example/ferry", "other"),
        ("* * *", "other"),
        ('<post id="7745"></post>', "other"),
    ],
)
def test_furniture_between_paragraphs(line, kind):
    text = page("Ferry Strikes Pier in Port Elm", FIRST, SECOND, line, THIRD, FIRST)
    assert roles(text)[3] == ("boilerplate", kind, line)
    assert body(text) == [FIRST, SECOND, THIRD, FIRST]


@pytest.mark.parametrize(
    "line",
    [
        "The minister said she would share the report, and that comments were welcome by email.",
        "He posted the photo on Facebook and Twitter, where it was shared by 40,000 people.",
        "Related companies have paid nothing for the use of the pier since the harbour office was founded.",
        "Subscribe to that theory, and you will find that the boats were never safe.",
        "By Friday the count was over, and Vane had lost the harbour by eleven votes to a man he had taught.",
        "A poll by Reuters/Ipsos put Vane two points ahead, though few in Port Elm believed a word of it.",
        "Sign here, the officer told him, and Vane signed the paper without a look at what it said.",
        "Copyright law is no help to the fishermen, whose songs a company had recorded.",
        "In a photo released by the police, Vane can be seen on the pier with a cup of coffee in his hand.",
        "Updated figures on Monday showed that the harbour had lost a third of its boats since the inquiry.",
        "VANE: I like to be accurate. The fishermen said that the pier had always been there.",
        "• About 430 people have been moved from their homes, the county council says",
        "“I was there,” said Ada Reyes, a reporter for The Elm Courier who covers the harbour. “I saw it.”",
        "Comment is free, the editor told the inquiry, but the minutes of the office are not.",
        "Ada Reyes is a reporter for The Elm Courier, and was on the pier on Tuesday.",
        "He will not publish.",
        "“Why?”",
        "Nobody was hurt.",
        "— Ada Reyes (@adareyes) March 4, 2025",
    ],
)
def test_body_between_paragraphs_stays(line):
    text = page("Ferry Strikes Pier in Port Elm", FIRST, line, SECOND, THIRD)
    assert body(text) == [FIRST, line, SECOND, THIRD]


def test_subheads_are_body():
    text = page("Ferry Strikes Pier in Port Elm", FIRST, "What happens next", SECOND, "‘LIKE THUNDER’", THIRD)
    assert [kind for _, kind, _ in roles(text)] == [
        *("headline", "paragraph", "subhead", "paragraph", "subhead", "paragraph")
    ]


def test_article_goes_on_after_links():
    text = page(
        FIRST,
        "Read next:",
        "Related Articles",
        "Harbour Office Loses Its Last Boat",
        SECOND,
        "Why it sank",
        THIRD,
    )
    assert body(text) == [FIRST, SECOND, "Why it sank", THIRD]


def test_headlines_behind_the_article_are_links():
    text = page(FIRST, SECOND, "Most Popular", "The Boats Are Fine", "I Let a Gull Plan My Day", "Opinion: Sink It")
    assert [kind for _, kind, _ in roles(text)] == ["paragraph"] * 2 + ["related"] * 4


def test_short_last_paragraphs_are_body():
    text = page(FIRST, SECOND, "Share this", "Nobody was hurt.", "Boats will sail again on Friday.")
    assert body(text) == [FIRST, SECOND, "Nobody was hurt.", "Boats will sail again on Friday."]


def test_readers_comments_are_no_body():
    text = page(
        FIRST,
        SECOND,
        THIRD,
        "Comments (2)",
        "Gull77, Bexcombe, 2 hours ago",
        "They always say that.",
        gap="\n",
    )
    assert body(text) == [FIRST, SECOND, THIRD]


def test_what_happened_a_year_ago_is_no_comment():
    text = page(FIRST, SECOND, "Comments (2)", "It happened a year ago.", "Few remember it.", THIRD)
    assert body(text) == [FIRST, SECOND, "It happened a year ago.", "Few remember it.", THIRD]


def test_caption_over_its_credit():
    text = page(
        "Ferry Strikes Pier in Port Elm",
        "The pier on Tuesday morning, seen from the east.\nGetty Images",
        FIRST,
    )
    assert [kind for _, kind, _ in roles(text)] == ["headline", "caption", "credit", "paragraph"]


def test_author_at_the_end_and_not_before():
    about = "Ada Reyes is a contributing writer at The Elm Courier."
    assert roles(page(FIRST, SECOND, about))[-1] == ("boilerplate", "byline", about)
    assert body(page(FIRST, about, SECOND)) == [FIRST, about, SECOND]


@pytest.mark.parametrize("text", ["Advertisement", page("Share", "Related Articles"), "***", "\u200b", "12:40"])
def test_something_is_always_left(text):
    assert all(role == "body" for role, _, _ in roles(text))


def test_other_languages_stay():
    german = "Am Montag wurde der Hafen geschlossen, teilte die Polizei mit."
    text = page(german, german, "Mehr dazu", german, german)
    assert body(text) == [german, german, "Mehr dazu", german, german]


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "\u2003"])
def test_blank_text_has_no_blocks(text):
    assert split_blocks(text) == []


@pytest.mark.parametrize("text", [None, b"bytes", 3, ["One."]])
def test_wrong_type_is_refused(text):
    with pytest.raises(TypeError, match=f"'text'.*Got {type(text).__name__} instead"):
        split_blocks(text)


def test_wrong_title_type_is_refused():
    with pytest.raises(TypeError, match="'title'"):
        split_blocks(FIRST, title=3)


def test_blocks_are_values():
    block = Block(0, 4, "body", "paragraph")
    assert block == Block(0, 4, "body", "paragraph")
    with pytest.raises(AttributeError):
        block.role = "title"


@pytest.mark.parametrize(
    ("articles", "least"), [(slice(16), 0.95), (slice(None), 0.91)], ids=["the untidy sixteen", "all"]
)
def test_sample_articles(articles, least):
    """Every paragraph is kept and nearly all furniture found, with the titles given and without."""
    sample = load_sample()
    for given in (False, True):
        found, furniture = 0, 0
        rows = list(zip(sample.texts, sample.titles, sample.structure, strict=True))[articles]
        for text, title, structure in rows:
            blocks = split_blocks(text, title if given else None)
            check_blocks(text, blocks)
            for start, end, role, _ in structure:
                roles_here = {b.role for b in blocks if b.start < end and start < b.end}
                if role == "boilerplate":
                    furniture += 1
                    found += roles_here == {role}
                else:
                    assert roles_here == {role}, text[start:end]
        assert found >= least * furniture


def test_any_text_is_covered_in_order():
    rng = random.Random(12)
    pieces = list(" .!?…\"'“”()[]|•-—:;,*<>\t\r\xa0\u200b\ufeff\u2028\x85\U0001f600é漢ßA9z\ud800")
    pieces += ["\n", "\n\n", "\r\n", " ", " "] * 4
    pieces += [
        "By Ada Reyes",
        "Advertisement",
        "Read more: ",
        "Related Articles",
        "Share",
        "(Reporting by A)",
    ]
    pieces += [
        FIRST,
        SECOND,
        "WASHINGTON — ",
        "the and of",
        "© 2025",
        "take our poll",
        "Email *",
        "2 hours ago",
    ]
    for _ in range(2000):
        text = "".join(rng.choices(pieces, k=rng.randint(0, 40)))
        title = rng.choice([None, text[: rng.randint(0, 30)], "By Ada Reyes", ""])
        check_blocks(text, split_blocks(text, title))


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "word ",
            "word\n",
            "\n",
            "\u200b\n",
            "<",
            "(",
            "Aa ",
            "Aa, ",
            "A",
            "12 May ",
            "By ",
            "share\n",
            "- ",
        ),
        *("take our poll\n", "photo by ", "He said no to it.\n", "“", "Comments (3)\n", "a: b\n", "A—", "a."),
        *("<>" * 300 + "x\n", "@." * 300 + "\n", "of editor " * 7 + "x\n", "By " + "of editor " * 6 + "x\n"),
        *("a wrapped line that is about fifty columns wide\n", "<" * 500 + "\n", "Aa " * 40 + "\n"),
    ],
    ids=lambda unit: repr(unit[:20]),
)
def test_time_is_linear(unit, cpu_seconds):
    def seconds(n):
        text = unit * (n // len(unit) + 1)
        assert bool(split_blocks(text)) == bool(text.strip())
        return cpu_seconds(lambda: split_blocks(text))

    assert seconds(160_000) < 20 * 8 * max(seconds(8_000), 3e-4)
