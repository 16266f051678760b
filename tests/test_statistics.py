import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2

from imgclass.statistics import (
    difference_interval,
    holm_adjusted,
    images_to_settle,
    mcnemar_p_value,
    paired_difference_interval,
    wilson_interval,
)

RUNS = 4_000


@pytest.mark.parametrize(
    ("successes", "n"), [(0, 1), (1, 1), (0, 10), (81, 263), (2000, 2500), (45_000, 45_000)]
)
def test_the_wilson_interval_is_scipys(successes, n):
    expected = binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson_interval(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "interval"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((10, 10), (0, 10), (0.6075, 1.0000)),
    ],
)
def test_the_interval_of_a_difference_is_newcombes_table(a, b, interval):
    assert difference_interval(a, b) == pytest.approx(interval, abs=5e-5)


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_the_wilson_interval_holds_the_share_and_stays_in_range(n, share):
    successes = round(share * n)
    low, high = wilson_interval(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    assert low < high


@given(st.integers(1, 10**5), st.floats(0, 1), st.integers(1, 10**5), st.floats(0, 1))
def test_swapping_two_proportions_mirrors_the_interval(n_a, a, n_b, b):
    first, second = (round(a * n_a), n_a), (round(b * n_b), n_b)
    low, high = difference_interval(first, second)
    assert difference_interval(second, first) == pytest.approx((-high, -low), abs=1e-12)


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 10), (11, 10), (float("nan"), 10)])
def test_counts_that_cannot_be_are_refused(successes, n):
    with pytest.raises(ValueError, match="Expected 0 <= successes <= n"):
        wilson_interval(successes, n)


@pytest.mark.parametrize(("share", "n"), [(0.80, 2_500), (0.95, 180), (0.5, 50), (0.98, 100)])
def test_the_wilson_interval_covers_about_95_in_100(share, n):
    draws = np.random.default_rng(0).binomial(n, share, RUNS)
    covered = [low <= share <= high for low, high in (wilson_interval(int(k), n) for k in draws)]
    assert 0.925 <= np.mean(covered) <= 0.98


@pytest.mark.parametrize(
    ("a", "b"),
    [((0.948, 45_000), (0.806, 2_500)), ((0.9, 200), (0.8, 100)), ((0.8, 50), (0.8, 50))],
)
def test_the_interval_of_a_difference_covers_about_95_in_100(a, b):
    generator = np.random.default_rng(0)
    firsts, seconds = (generator.binomial(n, share, RUNS) for share, n in (a, b))
    intervals = (
        difference_interval((int(i), a[1]), (int(j), b[1]))
        for i, j in zip(firsts, seconds, strict=True)
    )
    covered = [low <= a[0] - b[0] <= high for low, high in intervals]
    assert 0.935 <= np.mean(covered) <= 0.97


@given(st.integers(0, 1_000), st.integers(1, 999), st.integers(0, 10**6))
def test_so_many_images_or_more_settle_the_question(accuracy, threshold, more):
    needed = images_to_settle(accuracy / 1_000, threshold / 1_000)
    if accuracy == threshold:
        assert needed is None
        return
    n = needed + more
    low, high = wilson_interval(accuracy / 1_000 * n, n)
    assert high <= threshold / 1_000 + 1e-12 or low >= threshold / 1_000 - 1e-12


@pytest.mark.parametrize(("accuracy", "threshold"), [(0.80, 0.81), (0.90, 0.93), (0.5, 0.4)])
def test_one_image_in_fifty_less_does_not_settle_it(accuracy, threshold):
    n = int(0.98 * images_to_settle(accuracy, threshold))
    low, high = wilson_interval(accuracy * n, n)
    assert low < threshold < high


@pytest.mark.parametrize(
    ("accuracy", "threshold"), [(0.8, 0.8), (0.8, 1.0), (0.8, 0.0), (0.8, 1.5)]
)
def test_some_questions_no_number_of_images_settles(accuracy, threshold):
    assert images_to_settle(accuracy, threshold) is None


@pytest.mark.parametrize(("better", "worse"), [(0, 0), (1, 0), (6, 3), (12, 12), (20, 4), (0, 24)])
def test_few_images_that_differ_are_tested_exactly(better, worse):
    n = better + worse
    expected = binomtest(better, n).pvalue if n else 1.0
    assert mcnemar_p_value(better, worse) == pytest.approx(expected)


@pytest.mark.parametrize(("better", "worse"), [(60, 30), (13, 12), (25, 0), (1000, 1100), (50, 50)])
def test_many_images_that_differ_are_tested_by_the_corrected_chi_square(better, worse):
    statistic = max(0, abs(better - worse) - 1) ** 2 / (better + worse)
    assert mcnemar_p_value(better, worse) == pytest.approx(chi2(1).sf(statistic))
    exact = binomtest(better, better + worse).pvalue
    assert mcnemar_p_value(better, worse) == pytest.approx(exact, abs=0.01)


def test_equally_good_models_are_told_apart_in_at_most_one_of_twenty_cases():
    generator = np.random.default_rng(0)
    for differing in (10, 24, 90):
        better = generator.binomial(differing, 0.5, RUNS)
        p_values = [mcnemar_p_value(int(b), int(differing - b)) for b in better]
        assert np.mean(np.asarray(p_values) < 0.05) <= 0.055


def test_the_interval_of_a_paired_difference_covers_about_95_in_100():
    generator = np.random.default_rng(0)
    cells = generator.multinomial(500, (0.05, 0.03, 0.92), RUNS)
    intervals = [paired_difference_interval(int(b), int(c), 500) for b, c, _ in cells]
    assert 0.935 <= np.mean([low <= 0.02 <= high for low, high in intervals]) <= 0.97


@pytest.mark.parametrize("counts", [(0, 0, 0), (3, 3, 5), (-1, 0, 5)])
def test_counts_of_pairs_that_cannot_be_are_refused(counts):
    with pytest.raises(ValueError, match="better"):
        paired_difference_interval(*counts)
    if min(counts) < 0:
        with pytest.raises(ValueError, match="counts of images"):
            mcnemar_p_value(*counts[:2])


def test_holms_correction_is_the_one_worked_by_hand():
    assert holm_adjusted((0.01, 0.04, 0.03, 0.005)) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm_adjusted((0.5, 0.9)) == (1.0, 1.0)
    assert holm_adjusted(()) == ()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holms_correction_keeps_the_order_and_lies_between_none_and_bonferronis(p_values):
    adjusted = holm_adjusted(p_values)
    for p, corrected in zip(p_values, adjusted, strict=True):
        assert p <= corrected <= min(1.0, len(p_values) * p)
    places = sorted(range(len(p_values)), key=lambda i: p_values[i])
    assert [adjusted[i] for i in places] == sorted(adjusted)


def test_a_larger_family_of_tests_is_corrected_for_more():
    assert holm_adjusted((0.01, 0.02), family=3) == pytest.approx((0.03, 0.04))


@pytest.mark.parametrize(("p_values", "family"), [((1.1,), None), ((-0.1,), None), ((0.1, 0.2), 1)])
def test_what_is_no_family_of_p_values_is_refused(p_values, family):
    with pytest.raises(ValueError, match="Expected p-values in 0-1"):
        holm_adjusted(p_values, family=family)
