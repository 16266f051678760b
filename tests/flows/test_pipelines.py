import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from imgclass.data.manifest import SPLITS, Manifest
from imgclass.errors import DatasetError, UsageError
from imgclass.flows import PRESETS, Augmentation, open_flows


def without(manifest: Manifest, *, split: str, label: str | None = None) -> Manifest:
    kept = (s for s in manifest.samples if s.split != split or label not in (None, s.label))
    return replace(manifest, samples=tuple(kept))


@pytest.mark.parametrize(
    ("argument", "named"),
    [
        ({"batch_size": 0}, "batch_size=0"),
        ({"seed": -1}, "seed=-1"),
        ({"pipeline": "tf.data"}, "'tf.data'"),
        ({"image_size": 0}, "image_size"),
        ({"resize": "squeeze"}, "'squeeze'"),
        ({"batch_size": "64"}, "batch_size='64'"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"pipeline": "cahced"}, "Did you mean 'cached'?"),
        ({"image_size": (8, 8, 3)}, "image_size=(8, 8, 3)"),
        ({"augmentation": "lite"}, "Did you mean 'light'?"),
        ({"sampling": "balance"}, "Did you mean 'balanced'?"),
    ],
)
def test_an_argument_that_cannot_be_is_named(folder, argument, named):
    with pytest.raises(UsageError) as caught:
        open_flows(folder, **argument)
    assert named in str(caught.value)


@pytest.mark.parametrize("split", ["train", "val"])
def test_an_empty_split_is_refused(folder, split):
    empty = replace(folder, manifest=without(folder.manifest, split=split))
    with pytest.raises(DatasetError, match=f"none in {split}"):
        open_flows(empty)


def test_one_class_is_refused(make_folder):
    with pytest.raises(DatasetError, match=r"two classes or more; received 'cat'"):
        open_flows(make_folder(classes=("cat",)))


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_a_class_that_a_split_lacks_is_named(folder, split):
    lacking = replace(folder, manifest=without(folder.manifest, split=split, label="dog"))
    with pytest.raises(DatasetError, match=rf"{split} has no image of 'dog'"):
        open_flows(lacking)


@pytest.mark.keras
@pytest.mark.parametrize("pipeline", ["cached", "streamed", "generator"])
def test_without_test_images_there_is_no_test_flow(folder, pipeline):
    untested = replace(folder, manifest=without(folder.manifest, split="test"))
    assert open_flows(untested, pipeline=pipeline).test is None


@pytest.mark.keras
@pytest.mark.parametrize("pipeline", ["cached", "streamed", "generator"])
def test_an_augmentation_is_named_by_its_preset(folder, pipeline):
    named, given = (
        open_flows(folder, image_size=8, augmentation=augmentation, pipeline=pipeline, seed=3)
        for augmentation in ("flip", PRESETS["flip"])
    )
    assert named.image_size == (8, 8)
    assert (named.train_augmented[0][0] == given.train_augmented[0][0]).all()


@pytest.mark.keras
@pytest.mark.parametrize("pipeline", ["cached", "streamed", "generator"])
def test_a_folder_on_disk_is_opened_by_its_path(folder, pipeline):
    flows = open_flows(folder.root, pipeline=pipeline)
    assert flows.class_names == ("cat", "dog")
    assert flows.image_size == (8, 6)
    assert len(flows.train_augmented.paths) == len(flows.train.paths) == 8
    assert len(flows.val.paths) == len(flows.test.paths) == 4


@pytest.mark.keras
@pytest.mark.parametrize("resize", ["stretch", "crop"])
def test_both_pipelines_give_the_same_clean_images_in_the_same_order(make_folder, resize):
    folder = make_folder(counts=(5, 2, 2), size=(9, 14))
    cached, generator = (
        open_flows(folder, image_size=(6, 7), batch_size=3, pipeline=pipeline, resize=resize)
        for pipeline in ("cached", "generator")
    )
    for split in ("train", "val", "test"):
        ours, keras = getattr(cached, split), getattr(generator, split)
        assert ours.paths == keras.paths == folder.paths(split)
        assert (ours.labels == keras.labels).all()
        assert len(ours) == len(keras)
        for index in range(len(ours)):
            assert (ours[index][0] == keras[index][0]).all()
            assert (ours[index][1] == keras[index][1]).all()


@pytest.mark.keras
def test_streamed_batches_are_the_cached_ones(folder):
    cached, streamed = (
        open_flows(folder, augmentation="medium", pipeline=name, batch_size=4)
        for name in ("cached", "streamed")
    )
    for flow, other in zip(
        (cached.train_augmented, cached.val), (streamed.train_augmented, streamed.val), strict=True
    ):
        flow.start_epoch(3)
        other.start_epoch(3)
        for index in range(len(flow)):
            assert all(map(np.array_equal, flow[index], other[index]))


@pytest.mark.keras
@pytest.mark.parametrize("pipeline", ["cached", "streamed", "generator"])
@pytest.mark.parametrize("sampling", ["shuffled", "balanced"])
def test_both_pipelines_learn_in_the_same_order(folder, pipeline, sampling):
    options = {"batch_size": 3, "seed": 5, "sampling": sampling}
    flow = open_flows(folder, pipeline=pipeline, **options).train_augmented
    reference = open_flows(folder, **options).train_augmented
    for epoch in (0, 3):
        flow.start_epoch(epoch)
        reference.start_epoch(epoch)
        for index in range(len(flow)):
            assert (flow[index][0] == reference[index][0]).all()
            assert flow.batch_paths(index) == reference.batch_paths(index)


@pytest.mark.keras
@pytest.mark.parametrize("pipeline", ["cached", "streamed", "generator"])
def test_balanced_sampling_shows_a_small_class_as_often_as_a_large_one(folder, pipeline):
    few = [s for s in folder.manifest.samples if s.split == "train" and s.label == "dog"][1:]
    samples = tuple(s for s in folder.manifest.samples if s not in few)
    unequal = replace(folder, manifest=replace(folder.manifest, samples=samples))
    flows = open_flows(unequal, pipeline=pipeline, sampling="balanced")
    labels = np.concatenate([labels for _, labels in flows.train_augmented])
    assert sorted(labels.sum(axis=0)) == [2, 3]
    assert not flows.train_augmented.shows_every_image_once
    assert flows.train.shows_every_image_once
    assert len(flows.train.paths) == 5


@pytest.mark.keras
@pytest.mark.parametrize("pipeline", ["cached", "streamed", "generator"])
def test_flows_say_whether_images_are_changed(folder, pipeline):
    for preset, is_augmented in (("none", False), ("flip", True)):
        flows = open_flows(folder, augmentation=preset, pipeline=pipeline)
        assert flows.train_augmented.is_augmented == is_augmented
        clean = (flows.train, flows.val, flows.test)
        assert not any(flow.is_augmented for flow in clean)


@pytest.mark.keras
def test_what_only_one_pipeline_can_do_is_refused_by_the_other(folder):
    with pytest.raises(UsageError, match=r"'cached' .* for mixup, rand_augment, .*mixup=0\.2, "):
        open_flows(folder, augmentation="light,mixup=0.2,rand_augment=2", pipeline="generator")


def test_reading_an_augmentation_loads_neither_keras_nor_a_decoder():
    code = (
        "import sys, imgclass.flows as flows; flows.PRESETS, flows.Augmentation;"
        "assert not {'keras', 'tensorflow', 'PIL', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_opening_what_cannot_be_opened_loads_no_keras():
    code = (
        "import sys, imgclass.flows as flows\n"
        "try: flows.open_flows('no/such/folder')\n"
        "except ValueError: pass\n"
        "assert 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_is_no_attribute():
    import imgclass.flows

    with pytest.raises(AttributeError, match="no attribute 'open_flow'"):
        imgclass.flows.open_flow  # noqa: B018 - the look-up is what fails


@pytest.mark.keras
def test_what_is_no_augmentation_is_refused(folder):
    with pytest.raises(UsageError, match="received dict"):
        open_flows(folder, augmentation={"rotation_range": 10})


@pytest.mark.keras
def test_progress_counts_the_images_of_all_splits(folder):
    calls = []
    open_flows(folder, progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (16, 16)


@pytest.mark.keras
def test_batches_are_raw_rgb_in_bytes_with_one_hot_labels(folder):
    images, labels = open_flows(folder, batch_size=5, augmentation=Augmentation()).train_augmented[
        0
    ]
    assert (images.dtype, images.shape) == ("uint8", (5, 8, 6, 3))
    assert (labels.dtype, labels.shape) == ("float32", (5, 2))
    assert (labels.sum(axis=1) == 1).all()


def shifted(folder, **options) -> tuple[set[int], set[int]]:
    """Return by how many rows and columns one bright pixel moves, in 12 epochs."""
    picture = np.zeros((9, 15, 3), np.uint8)
    picture[4, 7] = 255
    for split in SPLITS:
        for path in folder.paths(split):
            Image.fromarray(picture).save(path)
    flow = open_flows(folder, image_size=(9, 15), seed=1, **options).train_augmented
    rows, columns = set(), set()
    for epoch in range(12):
        flow.start_epoch(epoch)
        for images, _ in flow:
            _, row, column = np.nonzero(images[..., 0] > 200)
            rows |= set((row - 4).tolist())
            columns |= set((column - 7).tolist())
    return rows, columns


BOTH_PIPELINES = [
    pytest.mark.keras,
    pytest.mark.parametrize("pipeline", ["cached", "streamed", "generator"]),
    pytest.mark.filterwarnings("ignore:Please import `affine_transform`"),
]


def in_both_pipelines(test):
    for mark in BOTH_PIPELINES:
        test = mark(test)
    return test


@in_both_pipelines
def test_width_shift_range_moves_images_left_and_right(folder, pipeline):
    augmentation = Augmentation(width_shift_range=3)
    moved = shifted(folder, augmentation=augmentation, pipeline=pipeline)
    assert moved == ({0}, {-2, -1, 0, 1, 2})


@in_both_pipelines
def test_height_shift_range_moves_images_up_and_down(folder, pipeline):
    augmentation = Augmentation(height_shift_range=3)
    moved = shifted(folder, augmentation=augmentation, pipeline=pipeline)
    assert moved == ({-2, -1, 0, 1, 2}, {0})


@in_both_pipelines
@pytest.mark.parametrize(
    ("word", "moved"),
    [
        ("width_shift_range", ({0}, {-3, -2, -1, 0, 1, 2, 3})),  # a fifth of 15
        ("height_shift_range", ({-2, -1, 0, 1, 2}, {0})),  # a fifth of 9
    ],
)
def test_a_fraction_is_one_of_the_side_that_the_word_names(folder, pipeline, word, moved):
    augmentation = Augmentation(**{word: 0.2}, interpolation_order=0)
    assert shifted(folder, augmentation=augmentation, pipeline=pipeline) == moved


@in_both_pipelines
def test_an_image_that_is_not_square_turns_and_zooms_about_its_centre(folder, pipeline):
    augmentation = Augmentation(rotation_range=90, zoom_range=0.2, shear_range=20)
    rows, columns = shifted(folder, augmentation=augmentation, pipeline=pipeline)
    assert (rows, columns) == ({0}, {0})


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore:Please import `affine_transform`")
def test_an_image_data_generator_of_ones_own_shifts_as_keras_does(folder):
    from keras._tf_keras.keras.preprocessing.image import ImageDataGenerator

    moved = shifted(folder, augmentation=ImageDataGenerator(height_shift_range=3))
    assert moved == ({0}, {-2, -1, 0, 1, 2})
