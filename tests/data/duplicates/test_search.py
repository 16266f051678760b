import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from imgclass.data.duplicates.fingerprints import fingerprint
from imgclass.data.duplicates.pairs import DuplicatePair, Duplicates, label_conflicts
from imgclass.data.duplicates.search import find_duplicates

SIZES = (32, pytest.param(200, marks=pytest.mark.thorough))


def shifted(image, by):
    padded = np.pad(np.asarray(image), ((by, by), (by, by), (0, 0)), "edge")
    return Image.fromarray(padded[2 * by :, 2 * by :])


def cropped(image, share):
    margin = round(image.width * share)
    box = (margin, margin, image.width - margin, image.height - margin)
    return image.crop(box).resize(image.size, Image.Resampling.BILINEAR)


def encoded(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


CHANGES = {
    "jpeg": lambda image: encoded(image, 75),
    "shift": lambda image: shifted(image, image.width // 32),
    "crop": lambda image: cropped(image, 0.04),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    "contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.7),
    "smaller": lambda image: image.resize((image.width * 3 // 4, image.height * 3 // 4)),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


def prints(images):
    return np.stack([fingerprint(np.asarray(image)) for image in images])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_and_no_other_pair(pictures, size, change):
    originals = pictures(200, size)
    copies = [CHANGES[change](image) for image in originals[:50]]
    found = find_duplicates(prints(originals + copies))
    pairs = {(pair.a, pair.b) for pair in found.pairs}
    assert pairs == {(i, 200 + i) for i in range(50)}
    assert all(pair.is_mirrored == (change == "mirrored") for pair in found.pairs)


def test_equal_files_are_paired_with_the_first_and_come_first(pictures):
    images = prints(pictures(5, 32))
    again = np.concatenate([images, images[[1, 1]], prints([encoded(pictures(1, 32)[0], 60)])])
    hashes = ["a", "b", "c", "d", "e", "b", "b", "f"]
    found = find_duplicates(again, hashes=hashes)
    exact = [(pair.a, pair.b, pair.distance) for pair in found.pairs if pair.is_exact]
    assert exact == [(1, 5, 0.0), (1, 6, 0.0)]
    assert [(pair.a, pair.b) for pair in found.pairs[2:]] == [(0, 7)]
    assert found.groups == ((0, 7), (1, 5, 6))


def test_files_without_a_hash_are_no_duplicates_of_each_other():
    nothing = np.zeros((3, 16, 16, 3), np.uint8)
    assert find_duplicates(nothing, hashes=["", "", ""]) == Duplicates((), ())


def test_blank_pictures_are_duplicates_only_where_their_bytes_are_equal():
    blank = np.stack([np.full((16, 16, 3), grey, np.uint8) for grey in (10, 200, 200)])
    assert find_duplicates(blank, hashes=["a", "b", "c"]).pairs == ()
    assert len(find_duplicates(blank, hashes=["a", "b", "b"]).pairs) == 1


def test_many_equal_pictures_in_different_files_are_one_group_of_few_pairs(pictures):
    images = np.repeat(prints(pictures(1, 32)), 500, axis=0)
    found = find_duplicates(images, hashes=[str(i) for i in range(500)])
    assert len(found.pairs) == 499
    assert found.groups == (tuple(range(500)),)


def test_pairs_are_ranked_by_distance(pictures):
    originals = pictures(20, 32)
    copies = [encoded(image, 10 + 4 * i) for i, image in enumerate(originals)]
    distances = [pair.distance for pair in find_duplicates(prints(originals + copies)).pairs]
    assert distances == sorted(distances)


def test_a_tighter_threshold_gives_the_closer_pairs_only(pictures):
    originals = pictures(20, 32)
    copies = [encoded(image, 10 + 4 * i) for i, image in enumerate(originals)]
    images = prints(originals + copies)
    every = find_duplicates(images).pairs
    middle = every[len(every) // 2].distance
    fewer = find_duplicates(images, threshold=middle).pairs
    assert fewer == tuple(pair for pair in every if pair.distance <= middle)


def test_a_burst_longer_than_the_largest_group_is_cut_at_its_loosest_links(pictures):
    corners = [np.asarray(image, float) for image in pictures(3, 32)]
    waves = np.linspace(0, 6, 400)[:, None, None, None]
    burst = corners[0] + np.sin(waves) * (corners[1] - 128) + np.cos(waves) * (corners[2] - 128)
    burst = np.clip(burst / 2 + 40, 0, 255).astype(np.uint8)
    found = find_duplicates(prints(burst))
    assert max(map(len, found.groups)) <= 100
    assert found.set_aside > 0


def test_no_images_have_no_duplicates():
    assert find_duplicates(np.zeros((0, 16, 16, 3), np.uint8)) == Duplicates((), ())


def test_pairs_with_different_labels_are_label_errors():
    same, other = DuplicatePair(0, 1, 0.01), DuplicatePair(1, 2, 0.02)
    assert label_conflicts(Duplicates((same, other), ((0, 1, 2),)), ["a", "a", "b"]) == (other,)


def test_the_order_of_images_has_no_say(pictures):
    originals = pictures(300, 32)
    images = originals + [encoded(image, 60) for image in originals[:80]]
    order = np.random.default_rng(0).permutation(len(images))
    straight = find_duplicates(prints(images))
    shuffled = find_duplicates(prints([images[i] for i in order]))
    assert {frozenset((p.a, p.b)) for p in straight.pairs} == {
        frozenset((int(order[p.a]), int(order[p.b]))) for p in shuffled.pairs
    }


def test_without_fingerprints_only_equal_files_are_found():
    found = find_duplicates(None, hashes=["a", "b", "a", ""])
    assert [(pair.a, pair.b, pair.is_exact) for pair in found.pairs] == [(0, 2, True)]
    assert found.groups == ((0, 2),)
