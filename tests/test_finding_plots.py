from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import framing
from framing import plots
from framing.exceptions import MissingExtraError

figure = pytest.importorskip("matplotlib.figure", reason="plots need matplotlib")

NAN = float("nan")


@pytest.fixture
def ax():
    return figure.Figure().subplots()


def rows(names, *values):
    return pd.DataFrame([dict(zip(names.split(), row, strict=True)) for row in values])


def yticks(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def markers(ax):
    """Place, value, low, high and whether it is filled, of every marker with or without an interval."""
    found = []
    for container in ax.containers:
        line, _, bars = container.lines
        low, high = (bars[0].get_segments()[0][:, 0] if bars else (NAN, NAN))
        filled = line.get_markerfacecolor() == line.get_color()
        found.append((line.get_ydata()[0], line.get_xdata()[0], low, high, filled))
    return sorted(found)


def remarks(ax):
    return [text.get_text() for text in ax.texts]


@pytest.fixture
def units():
    """Two outlets, the first with 30 in 100 and the second with 10; some articles are labelled."""
    table = pd.DataFrame({"article": np.arange(200), "outlet": np.repeat(["Tide", "Echo"], 100)})
    table["loaded"] = np.arange(200) % 10 < np.where(table["outlet"] == "Tide", 3, 1)
    table["human"] = table["loaded"].astype(float).where(table["article"] % 4 == 0)
    return table


class TestPrevalence:
    def test_methods_stand_side_by_side(self, units, ax):
        table = framing.prevalence(units, "human", of="loaded", by="outlet", method=["naive", "ppi"])
        assert plots.prevalence(table, ax=ax) is ax
        assert yticks(ax) == ["Echo", "Tide"]
        drawn = markers(ax)
        assert [place for place, *_ in drawn] == pytest.approx([-0.175, 0.175, 0.825, 1.175])
        assert [value for _, value, *_ in drawn[::2]] == pytest.approx([10, 30])
        assert [filled for *_, filled in drawn] == [False, True, False, True]
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["counted (naive)", "prediction-powered"]

    def test_intervals_are_those_of_the_table(self, units, ax):
        table = framing.prevalence(units, of="loaded", method="naive", confidence=0.9)
        plots.prevalence(table, ax=ax)
        assert markers(ax)[0][1:4] == pytest.approx(tuple(100 * table.loc[0, ["share", "low", "high"]]))
        assert ax.get_xlabel() == "share of the units (%), with 90% intervals"

    def test_rows_without_estimate_say_so(self, units, ax):
        units["human"] = units["human"].where(units["outlet"] == "Tide")
        plots.prevalence(framing.prevalence(units, "human", of="loaded", by="outlet"), ax=ax)
        assert yticks(ax) == ["Echo", "Tide"]
        assert remarks(ax) == ["no estimate"]

    def test_readings_and_groups_name_the_lines(self, ax):
        table = rows("outlet year reading method share low high", ["A", 2025, "x", "ppi", 0.1, 0, 0.2],
                     ["A", 2025, "y", "ppi", 0.1, 0, 0.2])  # fmt: skip
        plots.prevalence(table, ax=ax)
        assert yticks(ax) == ["x, A, 2025", "y, A, 2025"]

    def test_weights_are_in_the_label(self, units, ax):
        units["words"] = 5
        plots.prevalence(framing.prevalence(units, of="loaded", method="naive", size="words"), ax=ax)
        assert "weighted by words" in ax.get_xlabel()


class TestCompare:
    def test_those_that_hold_are_filled(self, ax):
        table = rows("reading a b difference low high p_adjusted", ["x", "A", "B", 0.2, 0.1, 0.3, 0.0001],
                     ["x", "A", "C", 0.1, -0.1, 0.3, 0.4], ["x", "B", "C", 0.1, NAN, NAN, NAN])  # fmt: skip
        assert plots.compare(table, ax=ax) is ax
        assert yticks(ax) == ["A − B", "A − C", "B − C"]
        assert [filled for *_, filled in markers(ax)] == [True, False, False]
        assert markers(ax)[0][1:4] == pytest.approx((20, 10, 30))
        assert remarks(ax)[:2] == ["p < 0.001", "p = 0.400"]

    def test_scores_are_no_percentages(self, units, ax):
        units["loaded"] = units["loaded"].astype(float) * 7
        plots.compare(framing.compare(units, by="outlet", of="loaded", scores=True), ax=ax)
        assert markers(ax)[0][1] == pytest.approx(-1.4)
        assert ax.get_xlabel().startswith("difference of mean scores")

    def test_several_readings_are_named(self, ax):
        names = "reading a b difference low high p_adjusted"
        plots.compare(rows(names, *([x, "A", "B", 0, 0, 0, 1] for x in "xy")), ax=ax)
        assert yticks(ax) == ["x: A − B", "y: A − B"]


class TestKeyness:
    NAMES = "voice group word log_odds z p_adjusted per_1000"

    def test_of_two_groups_the_second_goes_left(self, ax):
        table = rows(self.NAMES, ["either", "A", "crane", 2.0, 4.0, 0.001, 3.0],
                     ["either", "B", "goal", 1.0, 1.0, 0.3, 2.5])  # fmt: skip
        plots.keyness(table, ax=ax)
        assert yticks(ax) == ["crane", "goal"]
        assert [value for _, value, *_ in markers(ax)] == [2, -1]
        assert markers(ax)[0][2:] == pytest.approx((2 - 0.98, 2 + 0.98, True))
        assert remarks(ax) == ["A", "3.0", "B", "2.5", "per 1,000"]

    def test_most_words_of_each_group(self, ax):
        table = rows(self.NAMES, *(["either", g, w, 1.0, 1.0, 0.3, 2.5] for g in (1, 2, 3) for w in "abc"))
        plots.keyness(table, most=2, ax=ax)
        assert yticks(ax) == ["a", "b"] * 3
        assert {value for _, value, *_ in markers(ax)} == {1.0}

    def test_voices_name_the_blocks(self, ax):
        table = rows(self.NAMES, *([v, "A", "w", 0.0, 0.0, 1.0, 2.5] for v in ("author", "source")))
        plots.keyness(table, ax=ax)
        assert remarks(ax)[:3:2] == ["A, author", "A, source"]


class TestSources:
    def test_bars_are_cut_where_the_named_end(self, ax):
        table = rows("speaker share share_low share_high named", ["Voss", 0.4, 0.3, 0.5, 0.75],
                     ["some", 0.1, NAN, NAN, 0])  # fmt: skip
        assert plots.sources(table, ax=ax) is ax
        assert yticks(ax) == ["Voss", "some"]
        assert [bar.get_width() for bar in ax.patches] == pytest.approx([30, 0, 10, 10])
        assert ax.get_xlabel() == "share of all attributions (%), with 95% intervals"

    def test_names_may_be_unknown(self, ax):
        plots.sources(rows("speaker share share_low share_high named", ["Voss", 0.4, 0.3, 0.5, NAN]), ax=ax)
        assert [bar.get_width() for bar in ax.patches] == [40]
        assert ax.get_legend() is None

    def test_a_name_with_dollars_is_no_formula(self, ax):
        table = rows("speaker share share_low share_high named", ["$4m to $_{", 0.4, 0.3, 0.5, 1])
        plots.sources(table, ax=ax).figure.draw_without_rendering()
        assert yticks(ax) == [r"\$4m to \$_{"]


class TestValidate:
    NAMES = "reading by group labels alpha alpha_low alpha_high warning"

    def test_groups_that_differ_are_marked(self, ax):
        table = rows(self.NAMES, ["kind", "", "", 1200, 0.7, 0.6, 0.8, ""],
                     ["kind", "outlet", "A", 20, 0.7, 0.6, 0.8, "labels 20, in articles 3: too few to judge"],
                     ["kind", "outlet", "B", 1180, 0.5, 0.4, 0.6, "read worse than the rest: 30% wrong"])  # fmt: skip
        assert plots.validate(table, ax=ax) is ax
        assert yticks(ax) == ["kind", "A", "B"]
        assert [container.lines[0].get_marker() for container in ax.containers] == ["o", "o", "^"]
        assert [filled for *_, filled in markers(ax)] == [True, False, True]
        assert remarks(ax) == ["1,200", "20", "1,180", "labels"]

    def test_another_score(self, units, ax):
        plots.validate(framing.validate(units, "human", of="loaded", by="outlet"), score="macro_f1", ax=ax)
        assert [value for _, value, *_ in markers(ax)] == [1, 1, 1]
        with pytest.raises(ValueError, match="'alpha' or 'macro_f1'"):
            plots.validate(pd.DataFrame(), score="right", ax=ax)


def test_labels_needed_has_a_line_for_each_method(ax):
    plan = framing.labels_needed([0.03, 0.05], share=0.2, sensitivity=0.8, specificity=0.95)
    assert plots.labels_needed(plan, ax=ax) is ax
    gold, ppi = ax.lines
    assert gold.get_xdata().tolist() == plan.loc[plan["method"] == "gold", "labels"].tolist()
    assert ppi.get_ydata().tolist() == pytest.approx([3, 5])


def test_a_plan_that_no_number_of_labels_meets(ax):
    plan = framing.labels_needed(0.001, share=0.2, sensitivity=0.8, specificity=0.95, units=50)
    with pytest.raises(ValueError, match="ask for a wider one"):
        plots.labels_needed(plan, ax=ax)


class TestMatchStories:
    TABLE = rows("story similarity closest", [0, NAN, NAN], [0, 0.5, 0.5], [1, NAN, 0.1], [2, NAN, 0.1])

    def test_those_that_joined_are_told_from_those_that_opened(self, ax):
        assert plots.match_stories(self.TABLE, bins=10, ax=ax) is ax
        heights = [bar.get_height() for bar in ax.patches]
        assert (sum(heights[:10]), sum(heights[10:])) == (1, 2)
        assert heights[5] == 1
        assert ax.get_title(loc="left") == "4 articles in 3 stories; 1 share no name with any"

    def test_the_threshold_is_drawn(self, ax):
        table = self.TABLE.copy()
        table.attrs["similarity"] = 0.3
        plots.match_stories(table, ax=ax)
        assert [line.get_xdata()[0] for line in ax.lines] == [0.3]


class TestRegress:
    NAMES = "method term estimate low high"

    def test_terms_but_the_intercept(self, ax):
        table = rows(self.NAMES, ["dsl", "intercept", 0.5, 0.4, 0.6], ["dsl", "outlet B", 0.2, 0.1, 0.3])
        table.attrs = {"model": "linear", "bases": {"outlet": "A"}}
        assert plots.regress(table, ax=ax) is ax
        assert yticks(ax) == ["outlet B"]
        assert markers(ax)[0][1:4] == pytest.approx((20, 10, 30))
        assert ax.get_ylabel() == "against outlet A"

    def test_log_odds_stay(self, ax):
        table = rows(self.NAMES, ["dsl", "intercept", 0.5, 0.4, 0.6], ["dsl", "outlet B", 0.2, 0.1, 0.3])
        table.attrs = {"model": "logistic"}
        plots.regress(table, intercept=True, ax=ax)
        assert [value for _, value, *_ in markers(ax)] == [0.5, 0.2]
        assert ax.get_xlabel().startswith("log odds")

    def test_an_intercept_alone_is_not_drawn(self, ax):
        with pytest.raises(ValueError, match="intercept=True"):
            plots.regress(rows(self.NAMES, ["dsl", "intercept", 0.5, 0.4, 0.6]), ax=ax)


DRAWN = ["compare", "keyness", "labels_needed", "match_stories", "prevalence", "regress", "sources", "validate"]


@pytest.mark.parametrize("name", DRAWN)
class TestEach:
    def test_refuses_what_is_no_table(self, name, ax):
        with pytest.raises(TypeError, match=rf"the table that framing\.{name} returns\. Got list"):
            getattr(plots, name)([], ax=ax)

    def test_refuses_another_table(self, name, ax):
        with pytest.raises(ValueError, match=rf"framing\.{name} returns\. The column '\w+' is missing"):
            getattr(plots, name)(pd.DataFrame({"other": [1]}), ax=ax)

    def test_names_the_extra_without_matplotlib(self, name, units, record, monkeypatch):
        docs = [record | {"id": k, "meta": {"outlet": "AB"[k % 2]}} for k in range(4)]
        table = {
            "compare": lambda: framing.compare(units, by="outlet", of="loaded"),
            "keyness": lambda: framing.keyness(docs, by="outlet"),
            "labels_needed": lambda: framing.labels_needed(0.1, share=0.2, sensitivity=0.8, specificity=0.9),
            "match_stories": lambda: framing.match_stories(docs),
            "prevalence": lambda: framing.prevalence(units, of="loaded", method="naive"),
            "regress": lambda: framing.regress(units, "human", of="loaded", on="outlet"),
            "sources": lambda: framing.sources(docs),
            "validate": lambda: framing.validate(units, "human", of="loaded"),
        }[name]()
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(MissingExtraError, match=r"newsframing\[notebook\]"):
            getattr(plots, name)(table)


def test_empty_tables_are_refused(ax):
    with pytest.raises(ValueError, match=r"framing\.sources is empty"):
        plots.sources(framing.sources([]), ax=ax)


def test_a_new_figure_grows_with_its_rows():
    names = "reading a b difference low high p_adjusted"
    few, many = (plots.compare(rows(names, *[["x", k, "B", 0, 0, 0, 1] for k in range(n)])) for n in (2, 40))
    assert many.figure.get_figheight() - few.figure.get_figheight() == pytest.approx(38 * 0.3)
