from pathlib import Path

import numpy as np
import pytest

from imgclass.training.epoch_batches import RestOfEpoch, without_autotuning

pytestmark = pytest.mark.keras


@pytest.fixture
def flow():
    from imgclass.flows import PRESETS
    from imgclass.flows.cached import CachedFlow

    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 255, (10, 8, 8, 3), np.uint8), np.arange(10) % 2
    made = CachedFlow(
        images,
        labels,
        paths=[Path(f"{i}.png") for i in range(10)],
        num_classes=2,
        batch_size=4,
        augmentation=PRESETS["light"],
    )
    made.start_epoch(3)
    return made


@pytest.mark.parametrize("first", [0, 1, 2])
def test_it_has_the_batches_that_are_left_and_their_bits(flow, first):
    rest = RestOfEpoch(flow, first)
    assert len(rest) == 3 - first
    for i in range(len(rest)):
        for got, expected in zip(rest[i], flow[first + i], strict=True):
            assert got.tobytes() == expected.tobytes()


@pytest.mark.parametrize("index", [2, -1])
def test_an_index_outside_the_rest_is_an_error(flow, index):
    with pytest.raises(IndexError, match="Expected a batch below 2"):
        RestOfEpoch(flow, 1)[index]


def test_it_has_the_workers_of_the_flow(flow):
    flow.workers = 3
    assert RestOfEpoch(flow, 1).workers == 3


def test_batches_come_in_their_order_and_anew_in_each_epoch(make_flows):
    flow = make_flows(train=20).train
    batches = without_autotuning(flow)
    for _ in range(2):
        read = [images.numpy() for images, _ in batches]
        assert [len(images) for images in read] == [8, 8, 4]
        assert all(np.array_equal(images, flow[i][0]) for i, images in enumerate(read))
    assert batches.cardinality().numpy() == len(flow)


def test_tensorflow_tunes_nothing_whose_end_it_would_wait_for(make_flows):
    options = without_autotuning(make_flows().train).options()
    assert options.autotune.enabled is False


def test_a_flow_with_workers_of_its_own_is_left_to_keras(make_flows):
    flow = make_flows().train
    flow.workers = 2
    assert without_autotuning(flow) is flow
