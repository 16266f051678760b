from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from imgclass.flows import PRESETS, Augmentation, open_flows
from imgclass.flows.cached import CachedFlow

pytestmark = pytest.mark.keras

STRONG = Augmentation(rotation_range=30, zoom_range=0.2, horizontal_flip=True)
EVERYTHING = replace(PRESETS["strong"], rand_augment=2, erasing=0.5, mixup=0.4, cutmix=1.0)


def numbered(n: int, *, batch_size: int = 3, **options) -> CachedFlow:
    """A flow whose image `i` is filled with `i`."""
    images = np.arange(n, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
    return CachedFlow(
        images,
        np.arange(n) % 2,
        paths=[Path(f"{i}.png") for i in range(n)],
        num_classes=2,
        batch_size=batch_size,
        **options,
    )


def order(flow: CachedFlow) -> list[int]:
    return [int(image[0, 0, 0]) for index in range(len(flow)) for image in flow[index][0]]


def textured(augmentation: Augmentation = STRONG, **options) -> CachedFlow:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
    flow = numbered(20, augmentation=augmentation, **options)
    flow._images = images
    flow.start_epoch(0)
    return flow


def test_a_clean_flow_keeps_the_order_in_every_epoch():
    flow = numbered(10)
    flow.start_epoch(4)
    assert order(flow) == list(range(10))


def test_a_shuffled_epoch_has_every_image_once_with_its_label():
    flow = numbered(10, augmentation=Augmentation())
    assert sorted(order(flow)) == list(range(10))
    for images, labels in flow:
        assert (images[:, 0, 0, 0] % 2 == labels.argmax(axis=1)).all()


def test_every_epoch_has_its_own_order():
    flow = numbered(30, augmentation=Augmentation())
    orders = set()
    for epoch in range(10):
        flow.start_epoch(epoch)
        orders.add(tuple(order(flow)))
    assert len(orders) == 10


def test_keras_own_end_of_an_epoch_leads_where_start_epoch_leads(epoch_bytes):
    by_keras, by_number = textured(), textured()
    for epoch in range(4):
        by_number.start_epoch(epoch)
        assert epoch_bytes(by_keras) == epoch_bytes(by_number)
        by_keras.on_epoch_begin()
        by_keras.on_epoch_end()


@pytest.mark.parametrize("augmentation", [STRONG, EVERYTHING], ids=["strong", "everything"])
def test_a_batch_depends_neither_on_threads_nor_on_the_batches_before(augmentation, epoch_bytes):
    flow = textured(augmentation)
    alone = epoch_bytes(flow)
    backwards = [flow[index][0].tobytes() for index in reversed(range(len(flow)))][::-1]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda index: flow[index][0].tobytes(), range(len(flow))))
    assert backwards == together
    assert all(batch.startswith(images) for batch, images in zip(alone, together, strict=True))


def test_an_image_is_changed_alike_in_batches_of_any_size():
    unmixed = replace(EVERYTHING, mixup=0.0, cutmix=0.0)
    for augmentation in (STRONG, unmixed):
        small, large = (textured(augmentation, batch_size=size) for size in (3, 20))
        assert (np.concatenate([images for images, _ in small]) == large[0][0]).all()


def test_another_seed_changes_images_otherwise(epoch_bytes):
    assert epoch_bytes(textured(seed=1)) != epoch_bytes(textured(seed=2))


def test_labels_are_shares_of_the_classes_where_images_are_mixed():
    flow = textured(Augmentation(mixup=1.0))
    labels = np.concatenate([labels for _, labels in flow])
    assert labels.dtype == np.float32
    assert labels.sum(axis=1) == pytest.approx(1)
    assert ((labels > 0.01) & (labels < 0.99)).any()


def test_a_flow_says_whether_every_epoch_shows_each_image_once_and_unchanged():
    said = {
        (flow.is_augmented, flow.shows_every_image_once)
        for flow in (numbered(4), numbered(4, augmentation=Augmentation()))
    }
    assert said == {(False, True)}
    mixed = numbered(4, augmentation=Augmentation(mixup=0.2))
    assert (mixed.is_augmented, mixed.shows_every_image_once) == (True, True)
    balanced = numbered(4, augmentation=Augmentation(), sampling="balanced")
    assert (balanced.is_augmented, balanced.shows_every_image_once) == (False, False)


def test_a_batch_that_its_receiver_changes_does_not_change_the_cache():
    for augmentation in (None, Augmentation()):
        flow = numbered(4, augmentation=augmentation)
        before = order(flow)
        flow[0][0][...] = 99
        assert order(flow) == before


def test_a_batch_beyond_the_last_is_an_index_error():
    with pytest.raises(IndexError, match="below 4; received 4"):
        numbered(10)[4]


def test_the_files_of_a_batch_are_those_of_its_images():
    shuffled = {"augmentation": Augmentation()}
    for options in ({}, shuffled, shuffled | {"sampling": "balanced"}):
        flow = numbered(9, **options)
        for epoch in (0, 3):
            flow.start_epoch(epoch)
            for index in range(len(flow)):
                numbers = [int(image[0, 0, 0]) for image in flow[index][0]]
                assert flow.batch_paths(index) == tuple(Path(f"{i}.png") for i in numbers)


def test_fit_and_train_share_their_pixels(folder):
    flows = open_flows(folder)
    assert np.shares_memory(flows.train_augmented._images, flows.train._images)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_keras_fits_the_same_batches_with_any_number_of_workers(workers, epoch_bytes):
    seen = []

    flow = textured(EVERYTHING, batch_size=4)
    flow.workers = workers
    expected = []
    for epoch in range(2):
        flow.start_epoch(epoch)
        expected += epoch_bytes(flow)
    flow.start_epoch(0)

    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(2, activation="softmax"))
    model.compile(loss="categorical_crossentropy", run_eagerly=True)
    step = model.train_step

    def watched(batch):
        seen.append(b"".join(np.asarray(part).tobytes() for part in batch))
        return step(batch)

    model.train_step = watched
    model.fit(flow, epochs=2, shuffle=False, verbose=0)
    assert seen == expected
