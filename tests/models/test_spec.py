import pytest

from imgclass.errors import UsageError
from imgclass.models.spec import ArchitectureInfo, ModelSpec, described, filled_in

INFO = ArchitectureInfo("A CNN.", depth=3, width=64)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("image_size", (0, 32)),
        ("image_size", (32, -1)),
        ("image_size", (32, 32, 3)),
        ("depth", 0),
        ("width", 0),
        ("dropout_after", 0),
        ("dropout", 1.0),
        ("dropout", -0.1),
        ("l2", -1e-4),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(field, value):
    with pytest.raises(UsageError, match=field):
        ModelSpec(**{field: value})


def test_the_input_shape_is_rgb_of_the_image_size():
    assert ModelSpec(image_size=(32, 48)).input_shape() == (32, 48, 3)


@pytest.mark.parametrize("size", [None, (31, 32), (32, 31)])
def test_an_image_size_that_is_open_or_too_small_is_refused_with_a_remedy(size):
    with pytest.raises(UsageError, match=r"at least 32 .*--image-size 32"):
        ModelSpec(image_size=size).input_shape(minimum=32)


def test_what_a_spec_leaves_open_is_filled_in_by_the_architecture():
    spec = filled_in(ModelSpec(dropout=0.2), INFO)
    assert (spec.depth, spec.width, spec.dropout) == (3, 64, 0.2)


def test_what_a_spec_asks_for_is_kept():
    assert filled_in(ModelSpec(depth=1, width=8), INFO) == ModelSpec(depth=1, width=8)


def test_a_description_is_attached_to_the_builder_itself():
    def build(spec, num_classes):
        return (spec, num_classes)

    assert described(INFO)(build) is build
    assert build.info is INFO
