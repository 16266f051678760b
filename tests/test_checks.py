from pathlib import Path

import numpy as np
import pytest

from imgclass.checks import either, flag, number, one_of, optional, pixels, several, text, whole
from imgclass.errors import UsageError
from imgclass.formatting import shown_value
from imgclass.validation import checked

NAN, INF = float("nan"), float("inf")
SHARE = number(at_least=0, below=1)
UNITS = several(whole(1), "whole numbers >= 1")


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (whole(1), 0),
        (whole(1), 2.0),
        (whole(1), True),
        (whole(1), "2"),
        (whole(1), None),
        (whole(1), np.float64(2)),
        (SHARE, 1),
        (SHARE, -0.1),
        (SHARE, NAN),
        (SHARE, True),
        (SHARE, "0.5"),
        (SHARE, np.bool_(0)),
        (SHARE, 10**400),
        (number(above=0), 0),
        (number(above=0), INF),
        (number(at_most=5), 5.1),
        (one_of(("avg", "max")), "mean"),
        (one_of(("avg", "max")), ["avg"]),
        (one_of((0, 1)), True),
        (one_of((0, 1)), 1.0),
        (flag(), 1),
        (flag(), "yes"),
        (text("a name"), ""),
        (text("a name"), b"bytes"),
        (UNITS, 3),
        (UNITS, "34"),
        (UNITS, [3, 0]),
        (pixels(), 0),
        (pixels(), "32"),
        (pixels(), (32, 32, 3)),
        (pixels(), (32.0, 32)),
        (pixels(), None),
        (either(text("a name"), whole(1)), 0),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_does(check, value):
    with pytest.raises(UsageError) as caught:
        checked("knob", value, check)
    assert (
        str(caught.value)
        == f"Expected knob to be {check.expected}; received knob={shown_value(value)}."
    )


@pytest.mark.parametrize(
    ("check", "value", "clean"),
    [
        (whole(0), 0, 0),
        (whole(1), np.uint8(7), 7),
        (SHARE, 0, 0.0),
        (SHARE, np.float32(0.5), 0.5),
        (number(keep_whole=True), np.int64(3), 3),
        (number(keep_whole=True), 3.0, 3.0),
        (number(at_most=5), 5, 5.0),
        (one_of(("avg", "max")), np.str_("avg"), "avg"),
        (one_of((0, 1)), np.int64(1), 1),
        (flag(), np.bool_(1), True),
        (text("a path"), Path("a") / "b.h5", str(Path("a") / "b.h5")),
        (optional(whole(1)), None, None),
        (optional(whole(1)), 2, 2),
        (UNITS, [np.int64(64), 32], (64, 32)),
        (pixels(), np.int64(224), (224, 224)),
        (pixels(), [32, 48], (32, 48)),
        (either(text("a name"), whole(1)), 5, 5),
    ],
)
def test_a_value_that_fits_becomes_pythons_own(check, value, clean):
    found = checked("knob", value, check)
    assert found == clean
    assert type(found) is type(clean)


@pytest.mark.parametrize(
    ("check", "value", "text"),
    [
        (whole(0), 0, "0"),
        (SHARE, 1e-5, "1e-05"),
        (optional(whole(1)), None, None),
        (one_of(("avg", "max")), "max", "max"),
        (text("a path"), "my weights.h5", "my weights.h5"),
        (UNITS, (64, 32), "64,32"),
        (UNITS, (64, 64), "64,64"),
        (UNITS, (), None),
        (pixels(), (32, 32), "32"),
        (pixels(), (48, 32), "48,32"),
        (either(whole(1), text("a name")), 30, "30"),
        (either(whole(1), text("a name")), "block5", "block5"),
        (either(whole(1), text("a name")), "30", None),  # it would be read as a number
    ],
)
def test_a_value_is_written_as_a_text_that_means_the_same_or_not_at_all(check, value, text):
    assert check.text(value) == text
    if text is not None:
        assert check.clean(check.parse(text)) == value
