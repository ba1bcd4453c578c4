import numpy as np
import pytest

from framing.kinds import KINDS, embraces, find_loaded, kind_of, scare_quotes


def find(text, marked=(), author=True):
    words = text.split()
    found = find_loaded(words, [(0, len(words), author)], list(marked), np.full(len(words), 0.1))
    return [(" ".join(words[run.first : run.stop]), run.kind) for run in found]


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [
        ("thugs", "label"), ("Climate deniers", "label"), ("heartbreaking", "emotive"), ("hapless", "evaluative"),
        ("collateral damage", "euphemism"), ("so-called experts", "scare_quotes"), ("yet again", "presupposition"),
        ("all hell broke loose", "hyperbole"), ("fifth column", "exclusionary"),
    ],
)  # fmt: skip
def test_listed_wording_has_the_kind_of_its_list(phrase, kind):
    assert kind_of(phrase.split()) == kind


def test_a_word_in_no_list_has_the_kind_of_its_neighbours():
    assert kind_of(["thuggishly"]) in KINDS
    assert kind_of(["..."]) == "evaluative"


def test_short_quotations_in_the_author_s_voice_are_scare_quotes():
    words = "The “ reform ” of the “ Long Pier ” and “ a very long quotation ” began".split()
    assert scare_quotes(words, [(0, len(words))]) == [(2, 3)]
    assert scare_quotes(words, [(4, len(words))]) == []


def test_quotation_marks_in_a_source_s_voice_are_none():
    assert find("The “ reform ” began .") == [("reform", "scare_quotes")]
    assert find("The “ reform ” began .", author=False) == []


def test_a_marked_piece_of_a_phrase_stands_for_the_phrase():
    assert find("Some collateral damage .", [(1, 2, 0.5)]) == [("collateral damage", "euphemism")]


def test_phrases_are_found_where_the_model_marks_nothing():
    words = "They do not belong here".split()
    (run,) = find_loaded(words, [(0, 5, True)], [], np.array([0, 0.02, 0.01, 0.03, 0]))
    assert (run.first, run.stop, run.score, run.kind, run.statement) == (1, 4, 0.03, "exclusionary", 0)


def test_words_outside_all_statements_have_none():
    words = "Critics whined that it was late".split()
    (run,) = find_loaded(words, [(2, 6, False)], [(1, 2, 0.7)], np.zeros(6))
    assert (run.first, run.stop, run.statement) == (1, 2, None)


def test_embracing_words_stand_at_the_cue():
    assert embraces("As Voss correctly noted , it leaks".split(), 3, 3)
    assert embraces("Voss rightly called it a farce".split(), 1, 2)
    assert not embraces("Voss called it rightly made".split(), 1, 1)
    assert not embraces("It was not rightly called a farce".split(), 4, 4)
