import shutil

import pytest

from imgclass.data.dataset.differences import manifest_differences
from imgclass.data.dataset.image_folder import ImageFolder, open_again


@pytest.fixture
def photos(tmp_path, png):
    for rank, label in enumerate(("ant", "bee")):
        (tmp_path / label).mkdir()
        for i in range(12):
            (tmp_path / label / f"{i}.png").write_bytes(png(256 * rank + i))
    (tmp_path / "bee" / "broken.png").write_bytes(b"")
    return tmp_path


def differences(known, root):
    return list(manifest_differences(known, open_again(root, known).manifest))


def test_images_keep_the_splits_that_they_had(photos):
    for seed in range(3):
        known = ImageFolder.open(photos, seed=seed).manifest
        again = open_again(photos, known)
        assert again.manifest == known
        assert [item.source for item in again.left_out.quarantined] == ["bee/broken.png"]


def test_what_was_added_changed_and_removed_is_found(photos, png):
    known = ImageFolder.open(photos).manifest
    (photos / "ant" / "new.png").write_bytes(png(999))
    (photos / "ant" / "1.png").write_bytes(png(998))
    (photos / "bee" / "2.png").unlink()
    assert differences(known, photos) == [
        "1 image new ('ant/new.png')",
        "1 image gone ('bee/2.png')",
        "1 image with other bytes ('ant/1.png')",
    ]


def test_a_class_that_is_gone_is_a_difference_and_no_other_error(photos):
    known = ImageFolder.open(photos).manifest
    shutil.rmtree(photos / "bee")
    [gone] = differences(known, photos)
    assert gone.startswith("12 images gone")


def test_a_tree_with_splits_is_opened_as_ever(desk):
    from imgclass.data.organize.organizer import DatasetOrganizer

    folder = DatasetOrganizer(val=6, test=6).organize(desk.labels, desk.images, desk.root)
    assert open_again(desk.root, folder.manifest) == folder
