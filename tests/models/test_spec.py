from pathlib import Path

import numpy as np
import pytest

from imgclass.errors import UsageError
from imgclass.models.spec import ArchitectureInfo, ModelSpec, described

INFO = ArchitectureInfo("A CNN.", depth=3, width=64)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("image_size", (0, 32)),
        ("image_size", (32, -1)),
        ("image_size", (32, 32, 3)),
        ("depth", -1),
        ("width", 0),
        ("dropout_after", 0),
        ("dropout", 1.0),
        ("dropout", -0.1),
        ("l2", -1e-4),
        ("l2", float("inf")),
        ("image_size", "32"),
        ("image_size", 0),
        ("depth", 2.5),
        ("depth", True),
        ("dropout", "0.5"),
        ("dropout", float("nan")),
        ("weights", 7),
        ("weights", ""),
        ("trainable", 1),
        ("pooling", "mean"),
        ("head_units", 64),
        ("head_units", (64, 0)),
        ("head_units", "64"),
    ],
)
def test_a_value_of_another_type_or_out_of_range_is_refused_by_name(field, value):
    with pytest.raises(UsageError) as caught:
        ModelSpec(**{field: value})
    assert str(caught.value).startswith(f"Expected {field} to be ")
    assert f"received {field}={value!r}." in str(caught.value)


@pytest.mark.parametrize("size", [32, np.int64(32), (32, 32), [32, 32]])
def test_one_number_is_both_sides_of_an_image(size):
    assert ModelSpec(image_size=size) == ModelSpec(image_size=(32, 32))


def test_lists_numpys_numbers_and_paths_become_plain_values():
    spec = ModelSpec(
        depth=np.int64(3), dropout=np.float64(0.5), head_units=[64, 32], weights=Path("a.h5")
    )
    assert spec == ModelSpec(depth=3, dropout=0.5, head_units=(64, 32), weights="a.h5")
    assert (type(spec.depth), type(spec.dropout)) == (int, float)


def test_no_layers_of_a_head_are_a_choice():
    assert ModelSpec(head_units=()).head_units == ()


def test_the_input_shape_is_rgb_of_the_image_size():
    assert ModelSpec(image_size=(32, 48)).input_shape() == (32, 48, 3)


def test_a_depth_of_no_layers_is_refused_where_stages_are_counted():
    assert [ModelSpec(depth=depth).stages(3) for depth in (None, 2)] == [3, 2]
    with pytest.raises(UsageError, match=r"depth >= 1 .* received depth=0.*leave it out for 3"):
        ModelSpec(depth=0).stages(3)


@pytest.mark.parametrize("size", [None, (31, 32), (32, 31)])
def test_an_image_size_that_is_open_or_too_small_is_refused_with_a_remedy(size):
    with pytest.raises(UsageError, match=r"at least 32 .*--image-size 32"):
        ModelSpec(image_size=size).input_shape(minimum=32)


def test_a_description_is_attached_to_the_builder_itself():
    def build(spec, num_classes):
        return (spec, num_classes)

    assert described(INFO)(build) is build
    assert build.info is INFO


def test_an_image_size_that_fits_no_memory_is_refused():
    assert ModelSpec(image_size=4096).image_size == (4096, 4096)
    for size in (100_000, (4097, 4096), (10**90, 1)):
        with pytest.raises(UsageError, match="one image takes"):
            ModelSpec(image_size=size)
