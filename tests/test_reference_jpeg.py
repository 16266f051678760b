"""What compression costs is measured by compressing the images once more."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgclass import DatasetOrganizer

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def study(monkeypatch):
    from importlib import import_module

    monkeypatch.syspath_prepend(str(EXAMPLES))
    return import_module("reference_jpeg")


def picture(seed=0, size=(32, 32)):
    """Return soft spots, none so bright or dark that colours would be cut off."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(90, 166, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def as_jpeg(image):
    file = BytesIO()
    image.save(file, "JPEG", quality=75)
    return Image.open(file)


def test_on_the_same_blocks_a_second_compression_changes_next_to_nothing(study):
    file = as_jpeg(picture())
    image = file.convert("RGB")
    same = study.decibels(image, study.compress(image, file, 0))
    moved = study.decibels(image, study.compress(image, file, study.SHIFT))
    assert same > moved + 10


def test_an_image_compressed_again_is_as_large_and_lies_where_it_lay(study):
    file = as_jpeg(picture())
    image = file.convert("RGB")
    again = study.compress(image, file, study.SHIFT)
    assert again.size == image.size
    assert study.decibels(image, again) > 25


def test_equal_images_are_99_decibels_apart_and_a_difference_of_one_is_48(study):
    grey = Image.new("RGB", (4, 4), (7, 7, 7))
    assert study.decibels(grey, grey) == 99
    assert study.decibels(grey, Image.new("RGB", (4, 4), (8, 8, 8))) == pytest.approx(
        48.13, abs=0.01
    )


def test_images_compressed_again_stay_in_their_splits(study, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    rows = ["id,label"]
    for i in range(20):
        picture(i).save(images / f"{i}.jpg", quality=75)
        rows.append(f"{i},{('cat', 'dog')[i % 2]}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    organizer = DatasetOrganizer(val=0.2, test=0.2)
    folder = organizer.organize(tmp_path / "labels.csv", images, tmp_path / "data")
    again, ratio = study.compressed_again(folder, 2, tmp_path / "again")
    assert 20 < ratio < 60

    def places(data):
        return {(Path(s.path).stem, s.label, s.split) for s in data.manifest.samples}

    assert places(again) == places(folder)


def test_a_compression_costs_the_mean_of_what_each_seed_lost(study):
    files = [[True] * 4, [True, True, True, False]]
    again = [[True, True, False, False], [True, True, False, False]]
    lines = study.report(1, [files, again]).splitlines()
    assert lines[1].split()[5] == "0.8750"
    assert lines[2].startswith("compressed 1 time more     0.5000")
    assert lines[3] == "compression 1 more costs  +0.3750 (each seed: +0.5000, +0.2500)"
