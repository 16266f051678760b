import math
from base64 import b64decode
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from imgclass.report.charts import HEIGHT, WIDTH, learning_curves
from imgclass.training.curves import DARK, LIGHT
from imgclass.training.history import Epoch, History


def history(*losses):
    epochs = tuple(Epoch(loss, 0.5, loss, 0.5, 1e-3, 1.0) for loss in losses)
    return History(epochs, best_epoch=len(epochs) - 1, stopped_early=False, seconds=1.0)


def picture(uri):
    return Image.open(BytesIO(b64decode(uri.removeprefix("data:image/png;base64,"))))


def colours(uri):
    return {
        f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in picture(uri).convert("RGB").getcolors(1 << 20)
    }


def test_a_chart_is_drawn_at_twice_its_size_on_the_page():
    accuracy, loss = learning_curves(history(2.0, 1.0), 0.95)
    assert {picture(c.light).size for c in (accuracy, loss)} == {(2 * WIDTH, 2 * HEIGHT)}


def test_light_and_dark_charts_have_the_colours_of_their_pages():
    accuracy, _ = learning_curves(history(2.0, 1.0), 0.95)
    assert {LIGHT.surface, LIGHT.val, LIGHT.target} <= colours(accuracy.light)
    assert {DARK.surface, DARK.val, DARK.target} <= colours(accuracy.dark)


def test_only_the_accuracies_show_the_target():
    _, loss = learning_curves(history(2.0, 1.0), 0.95)
    assert LIGHT.target not in colours(loss.light)


@pytest.mark.parametrize(
    "losses",
    [
        (1.0,),
        (math.nan,),
        (2.0, math.inf, 1.0),
        (math.nan, math.nan),
        (0.0, 0.0),
        tuple(range(1, 500)),
    ],
)
def test_every_history_can_be_drawn(losses):
    accuracy, loss = learning_curves(history(*losses), 0.95)
    assert picture(accuracy.light).size == picture(loss.dark).size


def test_the_same_history_gives_the_same_bytes():
    assert learning_curves(history(2.0, 1.0), 0.9) == learning_curves(history(2.0, 1.0), 0.9)


def test_the_alternative_text_says_what_the_curves_show():
    accuracy, loss = learning_curves(history(2.0, 1.0), 0.95)
    assert "kept epoch 2: training 2.000 to 1.000, validation 2.000 to 1.000" in loss.alt
    assert "training 50.0 % to 50.0 %" in accuracy.alt


def test_drawing_leaves_no_figure_and_no_setting_behind():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    learning_curves(history(2.0, 1.0), 0.95)
    assert dict(mpl.rcParams) == before


def test_a_training_that_ended_in_its_first_epoch_has_no_curves():
    nothing = History((), None, stopped_early=False, seconds=1.0)
    assert learning_curves(nothing, 0.95) == ()


def test_a_training_of_which_no_epoch_was_kept_is_drawn_without_a_mark():
    diverged = replace(history(float("nan")), best_epoch=None)
    accuracy, _ = learning_curves(diverged, 0.95)
    assert "from the first to the last" in accuracy.alt
