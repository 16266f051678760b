import pytest

from imgclass.data.manifest import Manifest, Sample
from imgclass.errors import DatasetError, UsageError
from imgclass.flows.image_size import choose_image_size, median_image_size


def manifest(*sizes: tuple[int, int], split="train") -> Manifest:
    return Manifest(
        ("a",),
        tuple(
            Sample(f"{split}/a/{i}.png", "a", split, "0" * 64, width, height, f"{i}.png")
            for i, (height, width) in enumerate(sizes)
        ),
    )


@pytest.mark.parametrize(
    ("sizes", "median"),
    [
        ([(32, 32)], (32, 32)),
        ([(10, 50), (20, 40), (30, 30)], (20, 40)),
        ([(10, 10), (12, 14)], (10, 10)),
        ([(375, 500)], (224, 224)),
        ([(100, 500)], (100, 224)),
    ],
)
def test_the_size_is_the_median_of_each_side_up_to_224(sizes, median):
    assert median_image_size(manifest(*sizes)) == median


def test_only_training_images_count():
    train, val = manifest((8, 8)), manifest((100, 100), (100, 100), split="val")
    assert median_image_size(Manifest(("a",), train.samples + val.samples)) == (8, 8)


def test_no_training_images_have_no_size():
    with pytest.raises(DatasetError, match="training images"):
        median_image_size(manifest((8, 8), split="val"))


@pytest.mark.parametrize(
    ("asked", "chosen"), [(16, (16, 16)), ((8, 9), (8, 9)), ([8, 9], (8, 9)), (None, (5, 6))]
)
def test_a_size_that_is_asked_for_is_taken(asked, chosen):
    assert choose_image_size(asked, manifest((5, 6))) == chosen


@pytest.mark.parametrize("asked", [0, -1, (0, 8), (8, 0), 8.5, "8", (8, 8, 3)])
def test_what_is_no_size_in_whole_pixels_is_refused(asked):
    with pytest.raises(UsageError, match="image_size"):
        choose_image_size(asked, manifest((5, 6)))
