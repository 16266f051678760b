import matplotlib as mpl
import pytest

from imgclass.training.rate_test import RateTest, smoothed

RATES = tuple(10.0 ** (i / 10 - 5) for i in range(60))
# Falls until a rate of 0.1, then diverges.
TEST = RateTest(RATES, tuple(2 - i / 40 if i < 40 else 1 + (i - 40) for i in range(60)))


def test_the_smoothed_loss_is_an_average_without_a_bias_to_zero():
    assert smoothed([1.0] * 9) == pytest.approx([1.0] * 9)
    assert smoothed([1.0, 2.0]) == pytest.approx([1.0, (0.09 + 0.2) / 0.19])


def test_the_suggestion_is_a_tenth_of_the_rate_of_the_lowest_smoothed_loss():
    lowest = TEST.rates[TEST.smoothed.index(min(TEST.smoothed))]
    assert lowest == pytest.approx(0.1, rel=1)
    assert TEST.suggestion == pytest.approx(lowest / 10, rel=0.05)
    assert str(TEST.suggestion) == f"{TEST.suggestion:.2g}"


def test_the_table_has_a_row_a_step():
    frame = TEST.to_frame()
    assert list(frame) == ["rate", "loss", "smoothed"]
    assert (frame.index[0], len(frame)) == (1, 60)


def test_the_plot_marks_the_suggestion():
    mpl.use("agg")
    axes = TEST.plot()
    assert axes.get_xscale() == "log"
    assert f"{TEST.suggestion:g}" in axes.get_xlabel()
    assert [*axes.lines[-1].get_xdata()] == [TEST.suggestion] * 2
    mpl.pyplot.close(axes.figure)


def test_the_picture_is_a_png_and_always_the_same():
    assert TEST.picture().startswith(b"\x89PNG")
    assert TEST.picture() == TEST.picture()


@pytest.mark.parametrize("losses", [(1.0,), (2.0, 2.0), (0.0, 0.0, 0.0)])
def test_a_test_that_ended_at_once_or_never_fell_can_be_drawn(losses):
    assert RateTest(RATES[: len(losses)], losses).picture()
