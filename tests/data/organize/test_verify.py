import os
import shutil
from dataclasses import replace

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.verify import require_unchanged
from imgclass.errors import DatasetError


@pytest.fixture
def opened(folder):
    return ImageFolder.open(folder)


def flip(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def test_what_is_as_it_was_passes(opened):
    require_unchanged(opened)


def test_a_folder_that_was_moved_or_copied_passes(opened, tmp_path):
    copy = shutil.copytree(opened.root, tmp_path / "copy")
    require_unchanged(replace(opened, root=copy))


def test_one_bit_that_is_another_is_named(opened):
    flip(opened.root / opened.manifest.samples[5].path)
    with pytest.raises(DatasetError, match=r"has other bytes.*or train anew") as raised:
        require_unchanged(opened)
    assert opened.manifest.samples[5].path in str(raised.value)
    assert opened.manifest.samples[4].path not in str(raised.value)


def test_images_that_changed_places_are_named(opened):
    paths = [opened.root / opened.manifest.samples[i].path for i in (0, 1)]
    for path, data in zip(paths, [path.read_bytes() for path in reversed(paths)], strict=True):
        path.write_bytes(data)
    with pytest.raises(DatasetError, match=r"/0\.png has other bytes.*/10\.png has other bytes"):
        require_unchanged(opened)


@pytest.mark.skipif(os.name == "nt", reason="there are no FIFOs")
@pytest.mark.parametrize("make", [None, os.mkfifo, os.mkdir])
def test_an_image_that_cannot_be_read_is_named_and_not_waited_for(opened, make):
    path = opened.root / opened.manifest.samples[3].path
    path.unlink()
    if make:
        make(path)
    with pytest.raises(DatasetError, match=r"cannot be read \(.+\)") as raised:
        require_unchanged(opened)
    assert opened.manifest.samples[3].path in str(raised.value)


def test_many_are_named_shortly_in_the_manifests_order(opened):
    for sample in opened.manifest.samples:
        flip(opened.root / sample.path)
    with pytest.raises(DatasetError) as raised:
        require_unchanged(opened)
    said = str(raised.value)
    first = opened.manifest.samples[0].path
    assert f"{first} has other bytes" in said
    assert len(said) < 2000
