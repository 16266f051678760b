import os
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras._tf_keras.keras.preprocessing.image import ImageDataGenerator
from PIL import Image

from imgclass.errors import DatasetError, UsageError
from imgclass.flows import Augmentation, open_flows
from imgclass.flows.failures import raising_failures
from imgclass.flows.image_data_generator import without_random_changes
from imgclass.flows.sampling import epoch_order

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:Please import `affine_transform`"),
]

STRONG = Augmentation(rotation_range=30, zoom_range=0.2, horizontal_flip=True)


def open_generator_flows(folder, **options):
    return open_flows(folder, pipeline="generator", batch_size=3, **options)


@pytest.fixture
def flow(folder):
    """Training images that are changed strongly."""
    return open_generator_flows(folder, augmentation=STRONG).train_augmented


@pytest.fixture
def every_word() -> dict:
    """All random changes that a generator knows, one word each."""
    return {
        "rotation_range": 40,
        "width_shift_range": 0.3,
        "height_shift_range": 0.3,
        "zoom_range": 0.4,
        "shear_range": 30,
        "brightness_range": (0.3, 1.8),
        "channel_shift_range": 80,
        "horizontal_flip": True,
        "vertical_flip": True,
    }


def test_keras_own_end_of_an_epoch_leads_where_start_epoch_leads(folder, epoch_bytes):
    by_keras, by_number = (
        open_generator_flows(folder, augmentation=STRONG, seed=2).train_augmented for _ in range(2)
    )
    epochs = []
    for epoch in range(3):
        by_number.start_epoch(epoch)
        epochs.append(tuple(epoch_bytes(by_number)))
        assert epoch_bytes(by_keras) == list(epochs[-1])
        by_keras.on_epoch_begin()
        by_keras.on_epoch_end()
    assert len(set(epochs)) == 3


def test_a_batch_depends_neither_on_threads_nor_on_the_batches_before(flow):
    alone = [images.tobytes() for images, _ in flow]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda index: flow[index][0].tobytes(), range(len(flow)))) == alone


def test_numpys_global_generator_is_left_as_it_was(flow):
    np.random.seed(1)  # noqa: NPY002 - the global generator is what is watched
    expected = np.random.random(3)  # noqa: NPY002 - the global generator is what is watched
    np.random.seed(1)  # noqa: NPY002 - the global generator is what is watched
    for index in range(len(flow)):
        flow[index]
    assert (np.random.random(3) == expected).all()  # noqa: NPY002 - the global generator is what is watched


def test_numpys_global_state_is_untouched_at_every_instant(flow, epoch_bytes):  # R22
    before, seen, done = repr(np.random.get_state()), set(), threading.Event()  # noqa: NPY002 - watched

    def watch():
        while not done.is_set():
            seen.add(repr(np.random.get_state()))  # noqa: NPY002 - watched

    watcher = threading.Thread(target=watch)
    watcher.start()
    for epoch in range(10):
        flow.start_epoch(epoch)
        epoch_bytes(flow)
    done.set()
    watcher.join()
    assert seen == {before}


def test_a_users_subclass_draws_by_seed_epoch_and_batch(folder, epoch_bytes):
    class Own(ImageDataGenerator):
        def get_random_transform(self, img_shape, seed=None):
            return super().get_random_transform(img_shape, seed) | {"tx": np.random.randint(4)}  # noqa: NPY002 - a user's

    def open_own(seed):
        return open_flows(
            folder, augmentation=Own(rotation_range=9), seed=seed, batch_size=3
        ).train_augmented

    before = repr(np.random.get_state())  # noqa: NPY002 - watched
    assert epoch_bytes(open_own(1)) == epoch_bytes(open_own(1)) != epoch_bytes(open_own(2))
    assert repr(np.random.get_state()) == before  # noqa: NPY002 - watched


def test_nothing_is_printed(folder, capsys):
    open_generator_flows(folder)
    assert capsys.readouterr().out == ""


def test_escaped_class_directories_keep_the_order_of_the_class_names(make_folder):
    folder = make_folder(classes=("a/z", "b", "zebra"), directories={"a/z": "z%2Fz", "zebra": "a"})
    flow = open_generator_flows(folder).train
    labels = [folder.class_names.index(s.label) for s in folder.manifest.of("train")]
    assert flow.labels.tolist() == labels
    assert np.concatenate([y.argmax(axis=1) for _, y in flow]).tolist() == labels


def test_a_file_that_breaks_a_batch_is_named(folder):
    flows = open_generator_flows(folder)
    broken = flows.val.paths[2]
    broken.write_bytes(broken.read_bytes()[:40])
    with pytest.raises(DatasetError) as caught:
        flows.val[0]
    assert str(broken) in str(caught.value)
    assert str(flows.val.paths[0]) not in str(caught.value)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_breaks_training_is_named_and_not_tensorflows_graph(folder, workers):
    flow = open_flows(folder, pipeline="generator", batch_size=1).train_augmented
    flow.workers = workers
    broken = flow.paths[epoch_order(8, seed=0, epoch=0)[-1]]
    broken.write_bytes(b"no image")
    model = keras.Sequential([keras.Input((8, 6, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(2, activation="softmax"))
    model.compile(loss="categorical_crossentropy")
    with pytest.raises(DatasetError) as caught, raising_failures(flow):
        model.fit(flow, shuffle=False, verbose=0)
    assert str(broken) in str(caught.value)


def test_the_files_of_a_batch_are_those_of_its_images(folder):
    flow = open_generator_flows(folder, augmentation=Augmentation(), seed=3).train_augmented
    for epoch in (0, 2):
        flow.start_epoch(epoch)
        for index in range(len(flow)):
            files = flow.batch_paths(index)
            assert all(isinstance(file, Path) for file in files)
            on_disk = [np.asarray(Image.open(file)) for file in files]
            assert (flow[index][0] == np.stack(on_disk)).all()


def test_the_files_of_a_clean_batch_are_in_the_data_sets_order(folder):
    flow = open_generator_flows(folder).train
    assert sum(map(flow.batch_paths, range(len(flow))), ()) == flow.paths


def test_an_error_of_someone_else_is_left_alone(folder):
    flow = open_generator_flows(folder).train_augmented
    with pytest.raises(ZeroDivisionError), raising_failures(flow):
        raise ZeroDivisionError


def test_a_users_function_that_fails_is_not_blamed_on_a_file(folder):
    def broken(image):
        raise ZeroDivisionError(image.shape)

    with pytest.warns(UserWarning, match="preprocessing_function"):
        flows = open_flows(folder, augmentation=ImageDataGenerator(preprocessing_function=broken))
    with pytest.raises(ZeroDivisionError):
        flows.train[0]


@pytest.mark.parametrize("extension", ["webp", "gif"])
def test_a_file_whose_extension_keras_does_not_list_is_read(folder, extension):
    old = folder.paths("train")[0]
    new = old.with_suffix(f".{extension}")
    Image.new("RGB", (6, 8), (255, 255, 255)).save(new)
    first = replace(folder.manifest.samples[0], path=f"train/cat/{new.name}")
    manifest = replace(folder.manifest, samples=(first, *folder.manifest.samples[1:]))
    images, _ = open_generator_flows(replace(folder, manifest=manifest)).train[0]
    assert images[0].min() >= 250


def test_a_file_that_the_manifest_does_not_name_is_not_read(folder):
    Image.new("RGB", (6, 8)).save(folder.root / "val/dog/stray.png")
    flow = open_generator_flows(folder).val
    assert flow.paths == folder.paths("val")
    assert sum(len(images) for images, _ in flow) == 4


def test_a_fifo_is_named_and_not_waited_for(folder):
    file = folder.paths("train")[0]
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(DatasetError, match=r"1 are missing or not regular files: '.*0\.png'"):
        open_generator_flows(folder)


def test_a_missing_file_is_named(folder):
    file = folder.paths("test")[1]
    file.unlink()
    with pytest.raises(DatasetError, match=file.name):
        open_generator_flows(folder)


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_clean_images_are_those_of_the_other_pipeline(folder, resize):
    turned = folder.paths("train")[0]
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(turned).save(turned, exif=exif)
    options = {"image_size": (5, 9), "resize": resize}
    ours = open_flows(folder, pipeline="cached", batch_size=3, **options)
    keras_own = open_generator_flows(folder, **options)
    for split in ("train", "val", "test"):
        for (images, labels), (same, alike) in zip(
            getattr(keras_own, split), getattr(ours, split), strict=True
        ):
            assert images.dtype == np.float32
            assert (images == same).all()
            assert (labels == alike).all()


def test_a_generator_changes_an_image_as_flow_from_directory_does(folder):
    own = ImageDataGenerator(rotation_range=30, horizontal_flip=True)
    flow = open_flows(folder, augmentation=own, batch_size=8, seed=4).train_augmented
    images, _ = flow[0]
    assert len({image.tobytes() for image in images}) > 1
    names = [flow.paths[row] for row in epoch_order(8, seed=4, epoch=0)]
    np.random.seed(np.random.SeedSequence((4, 0, 0)).generate_state(4))  # noqa: NPY002 - Keras draws from it
    for name, image in zip(names, images, strict=True):
        loaded = keras.utils.img_to_array(keras.utils.load_img(name))
        assert (own.random_transform(loaded) == image).all()


def test_ones_own_generator_implies_this_pipeline(folder, epoch_bytes):
    own = ImageDataGenerator(rotation_range=40)
    flows = open_flows(folder, image_size=8, batch_size=3, augmentation=own, seed=4)
    described = open_generator_flows(
        folder, image_size=8, augmentation=Augmentation(rotation_range=40), seed=4
    )
    assert epoch_bytes(flows.train_augmented) == epoch_bytes(described.train_augmented)


def test_clean_passes_keep_a_generators_values_and_drop_its_random_changes(folder):
    with pytest.warns(UserWarning, match="sets rescale"):
        flows = open_flows(
            folder, augmentation=ImageDataGenerator(rotation_range=40, rescale=1 / 255)
        )
    plain = open_generator_flows(folder)
    for split in ("train", "val", "test"):
        raw = np.concatenate([images for images, _ in getattr(plain, split)])
        rescaled = np.concatenate([images for images, _ in getattr(flows, split)])
        assert rescaled == pytest.approx(raw / 255, abs=1e-6)


def test_statistics_that_a_generator_was_fitted_to_stay_for_clean_passes():
    own = ImageDataGenerator(featurewise_center=True, horizontal_flip=True)
    own.fit(np.full((2, 4, 4, 3), 7.0))
    clean = without_random_changes(own)
    assert clean.standardize(np.full((4, 4, 3), 7.0, np.float32)).max() == 0
    assert not clean.horizontal_flip
    assert own.horizontal_flip


def test_every_random_word_is_dropped_for_clean_passes(every_word):
    own = ImageDataGenerator(**every_word)
    image = np.random.default_rng(0).integers(0, 256, (6, 5, 3)).astype(np.float32)
    clean = without_random_changes(own)
    for seed in range(20):
        assert (clean.random_transform(image.copy(), seed=seed) == image).all()


def test_a_generator_without_fixed_changes_warns_of_nothing(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        open_flows(folder, augmentation=ImageDataGenerator(horizontal_flip=True))


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"validation_split": 0.2}, "validation_split=0.2"),
        ({"data_format": "channels_first"}, "data_format='channels_first'"),
    ],
)
def test_what_a_generator_must_not_ask_for_is_named(folder, words, named):
    with pytest.raises(UsageError) as caught:
        open_flows(folder, augmentation=ImageDataGenerator(**words))
    assert named in str(caught.value)
