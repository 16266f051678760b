"""The fit finds the law that drew the points, and its intervals hold the truth as often as said."""

import numpy as np
import pytest

from imgclass.learning_curves.power_law import PowerLaw, fit_power_law

SIZES = [250, 500, 1000, 2000]
VAL = 1000


def drawn(law, random, *, sizes=SIZES, n=VAL):
    return [int(random.binomial(n, law.error(size))) for size in sizes]


def test_a_law_without_noise_is_found():
    law = PowerLaw(floor=0.04, scale=3.0, exponent=0.5)
    n = 10**7
    fit = fit_power_law(SIZES, [round(n * law.error(size)) for size in SIZES], [n] * 4)
    assert fit.law.floor == pytest.approx(0.04, abs=0.005)
    assert fit.law.exponent == pytest.approx(0.5, abs=0.03)
    assert fit.law.error(8000) == pytest.approx(law.error(8000), abs=0.001)


def test_the_interval_of_80_percent_holds_the_truth_about_so_often():
    random = np.random.default_rng(0)
    inside = []
    for trial in range(150):
        law = PowerLaw(random.uniform(0, 0.1), 1.0, random.uniform(0.25, 0.5))
        fit = fit_power_law(SIZES, drawn(law, random), [VAL] * 4, seed=trial)
        low, high = fit.interval(4000)
        inside.append(low <= law.error(4000) <= high)
    assert 0.68 <= np.mean(inside) <= 0.92


def test_a_gain_of_a_flat_curve_reaches_down_to_none():
    random = np.random.default_rng(0)
    flat = PowerLaw(floor=0.2, scale=0.0, exponent=0.5)
    for trial in range(20):
        fit = fit_power_law(SIZES, drawn(flat, random), [VAL] * 4, seed=trial)
        assert fit.gain_interval(2000, 4000)[0] < 1 / VAL


def test_intervals_are_wider_with_fewer_val_images_and_of_a_higher_level():
    def width(n, level=0.8):
        fit = fit_power_law(SIZES, [n * 30 // 100, n * 22 // 100, n * 17 // 100, n // 8], [n] * 4)
        low, high = fit.interval(4000, level=level)
        return high - low

    assert width(200) > width(1000) > width(5000)
    assert width(1000, level=0.95) > width(1000)


def test_trainings_that_scatter_more_than_val_explains_widen_the_interval():
    sizes, calm = SIZES * 2, [300, 223, 170, 132] * 2
    rough = [360, 170, 220, 90, 240, 276, 120, 174]
    (low, high), (lowest, highest) = (
        fit_power_law(sizes, mistakes, [VAL] * 8).interval(4000) for mistakes in (calm, rough)
    )
    assert highest - lowest > 1.5 * (high - low)


def test_points_that_follow_no_law_have_a_small_p_value_and_scatter_alone_does_not():
    sudden = fit_power_law(SIZES, [4000, 1600, 1490, 1500], [10_000] * 4)
    assert sudden.p_value < 0.001
    rough = fit_power_law(SIZES * 2, [360, 170, 220, 90, 240, 276, 120, 174], [VAL] * 8)
    assert rough.p_value > 0.05


@pytest.mark.parametrize("mistakes", [[0, 0, 0, 0], [1000] * 4, [10, 20, 30, 40], [5, 0, 0, 0]])
def test_curves_at_the_ends_or_that_fall_have_a_fit_within_0_to_1(mistakes):
    fit = fit_power_law(SIZES, mistakes, [VAL] * 4)
    low, high = fit.interval(8000)
    assert 0 <= low <= fit.law.error(8000) <= high <= 1
    assert fit.law.scale >= 0


def test_the_same_points_give_the_same_interval():
    one, other = (fit_power_law(SIZES, [300, 223, 170, 132], [VAL] * 4) for _ in range(2))
    assert one.interval(4000) == other.interval(4000)


def test_two_sizes_are_refused():
    with pytest.raises(ValueError, match="Expected three sizes or more"):
        fit_power_law([100, 100, 200], [30, 31, 20], [100] * 3)
