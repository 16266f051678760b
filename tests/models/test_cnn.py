import pytest

from imgclass import ModelSpec, architectures

pytestmark = pytest.mark.keras


@pytest.mark.parametrize(
    ("depth", "width", "expected"),
    [
        (3, 32, [32, 32, 96, 96, 128, 128]),
        (1, 8, [8, 8]),
        (5, 8, [8, 8, 24, 24, 32, 32, 32, 32, 32, 32]),
    ],
)
def test_later_stages_have_more_filters_up_to_four_times_the_first(depth, width, expected):
    model = architectures["cnn"](ModelSpec(image_size=(32, 32), depth=depth, width=width), 10)
    assert [layer.filters for layer in model.layers if hasattr(layer, "filters")] == expected


def test_every_stage_halves_the_image_down_to_one_pixel():
    model = architectures["cnn"](ModelSpec(image_size=(8, 8), depth=5, width=4), 10)
    sides = [model.get_layer(f"stage{stage}_act2").output.shape[1] for stage in range(1, 6)]
    assert sides == [4, 2, 1, 1, 1]
