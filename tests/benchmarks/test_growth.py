"""What is not measured goes on from what is, and images have the shape that was asked for."""

import pytest
from PIL import Image


def test_the_straight_line_goes_through_the_last_two_measured_rows(benchmark):
    growth = benchmark("growth")
    costs = [growth.Cost(1, 2, 9, 100), growth.Cost(1, 2, 1, 100), growth.Cost(2, 2, 3, 150)]
    far = growth.extended((50, 100, 200), costs, 400)
    assert (far.opening, far.before, far.epoch) == (4, 2, 7)
    assert growth.line(400, far, "extrapolated").split()[-2:] == ["-", "extrapolated"]


def test_what_fell_by_chance_is_not_extended_below_what_was_measured(benchmark):
    growth = benchmark("growth")
    costs = [growth.Cost(1, 2, 1, 100), growth.Cost(1, 1, 3, 100)]
    assert growth.extended((100, 200), costs, 1_000).before == 1


def test_an_epoch_that_takes_four_times_as_long_for_twice_the_side_grows_by_its_square(benchmark):
    growth = benchmark("growth")
    costs = [growth.Cost(0, 0, 0.5, 0), growth.Cost(0, 0, 2.0, 0)]
    assert growth.exponent((32, 64), costs) == pytest.approx(2)


def test_every_class_is_in_train_and_val(benchmark, tmp_path):
    growth = benchmark("growth")
    growth.write_noise(growth.Task("cnn", 12, 3, 16), tmp_path)
    files = [*tmp_path.glob("*/*/*.jpg")]
    assert len([file for file in files if "train" in file.parts]) == 12
    assert {file.parent.name for file in (tmp_path / "val").rglob("*.jpg")} == {
        f"class-{index:04}" for index in range(3)
    }
    with Image.open(files[0]) as image:
        assert image.size == (16, 16)
