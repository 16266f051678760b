import numpy as np
import pytest
from scipy import ndimage

from imgclass.flows.borders import fold


@pytest.mark.parametrize("side", [1, 2, 3, 8])
@pytest.mark.parametrize("fill_mode", ["nearest", "reflect", "wrap"])
def test_a_folded_place_holds_what_scipy_reads_outside(fill_mode, side):
    values = np.random.default_rng(side).uniform(0, 255, side)
    outside = np.linspace(-4 * side, 5 * side, 1001)
    folded = outside.copy()
    fold(folded, side, fill_mode=fill_mode)
    assert folded.min() >= 0
    assert folded.max() <= side - 1
    read = ndimage.map_coordinates(values, outside[None], order=1, mode=fill_mode)
    assert np.interp(folded, np.arange(side), values) == pytest.approx(read, abs=1e-9)


@pytest.mark.parametrize("fill_mode", ["nearest", "reflect", "wrap", "constant"])
def test_places_inside_stay_where_they_are(fill_mode):
    inside = np.linspace(0, 6, 61)
    folded = inside.copy()
    fold(folded, 7, fill_mode=fill_mode)
    assert folded == pytest.approx(inside, abs=1e-12)
