from __future__ import annotations

import copy
import sys

import pytest

from framing import plots
from framing.analysis import Analysis
from framing.exceptions import MissingExtraError

figure = pytest.importorskip("matplotlib.figure", reason="plots need matplotlib")


@pytest.fixture
def ax():
    return figure.Figure().subplots()


@pytest.fixture
def docs(record):
    return [Analysis(copy.deepcopy(record) | {"meta": {"outlet": name}}) for name in ("A", "A", "B")]


def test_frames_by_group_draws_means_of_each_group(docs, ax):
    assert plots.frames_by_group(docs, ax=ax, most=2) is ax
    assert [text.get_text() for text in ax.get_yticklabels()] == ["economic", "political"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["A", "B"]
    for container in ax.containers:
        assert container.lines[0].get_xdata().tolist() == pytest.approx([0.83, 0.52])


def test_a_group_of_one_has_no_interval(docs, ax):
    plots.frames_by_group(docs, ax=ax, most=2)
    assert [bool(container.lines[2]) for container in ax.containers] == [True, False]


def test_frames_can_be_chosen(docs, ax):
    plots.frames_by_group(docs, ax=ax, inventory="narrative", frames=["morality", "conflict"])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["morality", "conflict"]


def test_share_of_voice_fills_each_bar(docs, ax):
    assert plots.share_of_voice(docs, ax=ax) is ax
    widths = [[bar.get_width() for bar in container] for container in ax.containers]
    assert widths == [pytest.approx([share] * 2) for share in (0.35, 0.15, 0.1, 0.4)]


def test_opinion_along_has_a_line_for_each_voice(docs, ax):
    assert plots.opinion_along(docs, steps=4, ax=ax) is ax
    author, source = (line.get_ydata() for line in ax.lines)
    assert author[0] == pytest.approx(0.1)  # the title and the vote are facts
    assert source[3] == pytest.approx((0.1 * 6 + 0.9 * 5) / 11, abs=0.1)  # the discount, then the gift
    assert len(ax.collections) == 2  # bands


def test_one_article_has_no_bands(docs, ax):
    plots.opinion_along(docs[:1], ax=ax)
    assert len(ax.collections) == 0


def test_reliability_compares_probability_and_share(ax):
    assert plots.reliability([0, 0, 1, 1], [0.1, 0.3, 0.8, 0.6], n_bins=2, ax=ax) is ax
    assert ax.collections[0].get_offsets().tolist() == [pytest.approx([0.2, 0]), pytest.approx([0.7, 1])]


def test_two_reliabilities_share_one_diagonal(ax):
    for label in ("a", "b"):
        plots.reliability([0, 1], [0.2, 0.9], label=label, ax=ax)
    assert [line.get_label() for line in ax.lines] == ["_diagonal", "a", "b"]


def test_learning_curve_draws_means_and_a_band(ax):
    assert plots.learning_curve([10, 20], [[0.5, 0.7], [0.6, 0.8]], label="mine", ax=ax) is ax
    assert ax.lines[0].get_ydata().tolist() == pytest.approx([0.6, 0.7])
    assert len(ax.collections) == 1


def test_learning_curve_of_single_scores_has_no_band(ax):
    plots.learning_curve([10, 20], [0.5, 0.6], ax=ax)
    assert len(ax.collections) == 0
    assert ax.get_legend() is None


def test_without_axes_there_is_a_new_figure():
    axes = plots.learning_curve([1], [0.5])
    assert axes.figure.axes == [axes]


@pytest.mark.parametrize("draw", [plots.frames_by_group, plots.share_of_voice])
def test_a_field_that_no_article_has(docs, ax, draw):
    with pytest.raises(ValueError, match="No article has the input field 'country'"):
        draw(docs, by="country", ax=ax)


def test_wrong_arguments(docs, ax):
    with pytest.raises(TypeError, match="put it in a list"):
        plots.share_of_voice(docs[0], ax=ax)
    with pytest.raises(TypeError, match="Got dict instead"):
        plots.opinion_along([{}], ax=ax)
    with pytest.raises(ValueError, match="needs the inventory 'mine'"):
        plots.frames_by_group(docs, inventory="mine", ax=ax)
    with pytest.raises(ValueError, match="must be 1 or more"):
        plots.opinion_along(docs, steps=0, ax=ax)
    with pytest.raises(ValueError, match="at least one article"):
        plots.opinion_along([], ax=ax)
    with pytest.raises(ValueError, match="a row for each of 2 sizes"):
        plots.learning_curve([1, 2], [[1.0]], ax=ax)


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"newsframing\[notebook\]"):
        plots.learning_curve([1], [0.5])
