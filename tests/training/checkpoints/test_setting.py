"""The setting of a training changes with the model, the images and the callbacks."""

from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.keras


@pytest.fixture
def describe(make_flows, make_model):
    from imgclass.training.checkpoints.setting import describe_setting

    def describe(flows=None, model=None, callbacks=()):
        return describe_setting(model or make_model(), flows or make_flows(), callbacks)

    return describe


def differing(before, now):
    return sorted(name for name in before | now if before.get(name) != now.get(name))


def test_the_same_is_described_alike_however_many_models_were_built_before(describe, make_model):
    first = describe()
    for seed in range(3):
        make_model(seed=seed)
    assert describe() == first


def test_looking_at_the_first_batch_leaves_the_flow_at_its_first_epoch(describe, make_flows):
    flows = make_flows()
    for epoch in (0, 4):
        flows.train_augmented.start_epoch(epoch)
    describe(flows)
    assert flows.train_augmented.started == [4, 0]


def change_a_pixel(flows):
    flows.train_augmented.images[0, 0, 0, 0] += 1


def change_a_val_pixel(flows):
    flows.val.images[0, 0, 0, 0] += 1


def swap_labels(flows):
    flows.train_augmented.labels = 1 - flows.train_augmented.labels


def swap_late_labels(flows):
    flows.val.labels[-1] = 1 - flows.val.labels[-1]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (change_a_pixel, ["first training batch"]),
        (change_a_val_pixel, ["first validation batch"]),
        (swap_labels, ["first training batch", "labels"]),
        (swap_late_labels, ["labels"]),
    ],
)
def test_other_images_or_labels_are_noticed(describe, make_flows, change, names):
    flows = make_flows()
    change(flows)
    assert differing(describe().data, describe(flows).data) == names


def test_other_numbers_of_images_are_noticed(describe, make_flows):
    assert "training images" in differing(describe().data, describe(make_flows(train=24)).data)
    assert "validation images" in differing(describe().data, describe(make_flows(val=8)).data)


def test_other_classes_and_sizes_are_noticed(describe, make_flows):
    flows = replace(make_flows(), class_names=("light", "dark"), image_size=(9, 8))
    assert differing(describe().data, describe(flows).data) == ["classes", "image size"]


def test_another_batch_size_is_noticed(describe, make_flows):
    flows = make_flows()
    flows.train_augmented.batch_size = 4
    names = differing(describe().data, describe(flows).data)
    assert names == ["batch size", "first training batch"]


def test_labels_and_images_of_any_layout_are_described_by_their_values(describe, make_flows):
    flows = make_flows()
    flows.train_augmented.images = np.asfortranarray(flows.train_augmented.images)
    assert describe(flows) == describe()


@pytest.mark.parametrize("knobs", [{"dropout": 0.5}, {"num_classes": 3}, {"l2": 0.01}])
def test_another_model_is_noticed(describe, make_model, knobs):
    assert differing(describe().model, describe(model=make_model(**knobs)).model)


def test_other_weights_of_the_same_model_make_no_difference(describe, make_model):
    assert describe(model=make_model(seed=5)).model == describe().model


def test_another_precision_is_noticed(describe):
    from imgclass import ModelSpec, architectures
    from imgclass.training.hardware import building

    with building(precision="mixed_bfloat16", seed=0):
        short = architectures["cnn"](ModelSpec(image_size=(8, 8), depth=1, width=4), 2)
    assert "precision" in differing(describe().model, describe(model=short).model)


def test_versions_of_all_computing_packages_are_known(describe):
    versions = describe().versions
    assert {"keras", "numpy", "backend"} < set(versions)
    assert all(versions.values())


def test_callbacks_are_counted_from_one(describe):
    import keras

    callbacks = [keras.callbacks.TerminateOnNaN(), keras.callbacks.EarlyStopping(patience=2)]
    said = describe(callbacks=callbacks).callbacks
    assert said["callback 1, TerminateOnNaN"] == "given"
    assert said["callback 2, EarlyStopping(patience)"] == "2"
