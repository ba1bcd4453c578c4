import numpy as np
import pytest
from sklearn.base import clone

from framing import Frame, FrameClassifier
from framing.axes import AXES, Axis, FrameAxes, frame_tone

WEATHER = Axis("weather", low=("rain", "storm", "wet"), high=("sunshine", "sunny", "dry"))
WET, DRY = "The storm brought floods and rain.", "A bright, sunny and dry day."


def test_bias_has_the_sign_of_the_end_that_a_text_leans_to():
    values = FrameAxes([WEATHER]).fit_transform([WET, DRY])
    assert values[0, 0] < 0 < values[1, 0]


def test_intensity_is_high_on_the_axis_whichever_the_side():
    low, high, away = FrameAxes([WEATHER]).fit_transform([WET, DRY, "The committee adopted its agenda."])[:, 1]
    assert min(low, high) > away


def test_swapping_the_ends_turns_the_bias_alone():
    turned = Axis("turned", low=WEATHER.high, high=WEATHER.low)
    values = FrameAxes([WEATHER, turned]).fit_transform([WET, DRY])
    assert values[:, 1] == pytest.approx(-values[:, 0])
    assert values[:, 3] == pytest.approx(values[:, 2])


def test_a_text_without_a_known_word_is_nowhere():
    assert FrameAxes().fit_transform(["", "qqzzx", "\ud800"]).tolist() == [[0.0] * 2 * len(AXES)] * 3


def test_columns_are_named():
    assert FrameAxes([WEATHER]).get_feature_names_out().tolist() == ["bias_weather", "intensity_weather"]


def test_each_bundled_axis_places_its_own_words():
    for axis in AXES:
        low, high = FrameAxes([axis]).fit_transform([" ".join(axis.low), " ".join(axis.high)])[:, 0]
        assert low < high, axis.name


def test_it_is_an_ordinary_transformer():
    model = clone(FrameAxes([WEATHER]))
    assert model.fit([WET]).n_features_out_ == 2
    assert np.isfinite(model.transform([WET])).all()


def test_wrong_axes_are_refused():
    with pytest.raises(TypeError, match="sequence of Axis objects"):
        FrameAxes(["weather"]).fit([WET])
    with pytest.raises(ValueError, match="'odd' has no known word among qqzzx"):
        FrameAxes([Axis("odd", ("qqzzx",), ("dry",))]).fit([WET])


def test_tone_is_that_of_the_sentences_with_the_frame():
    frames = FrameClassifier([
        Frame("sport", seeds=("football", "match", "striker", "league")),
        Frame("weather", seeds=("rain", "storm", "forecast", "temperatures")),
    ])  # fmt: skip
    text = "The striker had an excellent, wonderful match in the league. The storm and rain were a terrible disaster."
    sport, weather = frame_tone([text], frames)[0]
    assert sport > 0.5
    assert weather < -0.5


def test_texts_without_evaluating_words_have_no_tone():
    assert not frame_tone(["", "The meeting is on Monday."]).any()
