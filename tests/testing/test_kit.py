import os
import random
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import keras
import pytest
from keras import layers

from imgclass import ArchitectureInfo, architectures, described
from imgclass.errors import UsageError
from imgclass.models.reload_check import ReloadCheck, reload_check
from imgclass.testing import ConformanceError, architecture_checks, check_architecture

pytestmark = pytest.mark.keras

# The suite runs every check on one network of each kind, and on its siblings the checks that only
# look at one model. `IMGCLASS_CHECK_ALL=1 pytest tests/models tests/testing` runs every check on
# every built-in, in about twenty minutes.
WHOLLY = ("cnn", "resnet", "vgg16")
BRIEFLY = ("vgg19", "wide_resnet", "efficientnet_lite0")
BRIEF = ("gives_probabilities", "preprocesses_inside_the_model", "has_a_flat_graph")
ALL = tuple(
    name for name in architectures if architectures.origin(name).distribution == "imgclass-keras"
)


def checks_in_suite():
    everything = os.environ.get("IMGCLASS_CHECK_ALL") == "1"
    for name in ALL if everything else (*WHOLLY, *BRIEFLY):
        for check in architecture_checks(architectures[name]):
            if everything or name in WHOLLY or check.name in BRIEF:
                yield pytest.param(check, id=f"{name}-{check}")


LOADER = """
import json, os, sys
from imgclass.models.reload_check import _answer
channel = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    print(json.dumps(_answer(json.loads(line))), file=channel, flush=True)
"""


@pytest.fixture(scope="module")
def loader():
    """Another process that loads one model after the other: importing Keras takes most of it."""
    places = os.pathsep.join(place or "." for place in sys.path)
    with subprocess.Popen(
        [sys.executable, "-c", LOADER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": places, "CUDA_VISIBLE_DEVICES": "-1"},
    ) as child:
        yield child
        child.kill()


@pytest.fixture(autouse=True)
def _one_loader(request, monkeypatch):
    """Let the checks of all tests ask the same other process."""

    @contextmanager
    def ask():
        child = request.getfixturevalue("loader")
        one_job = SimpleNamespace(write=child.stdin.write, close=child.stdin.flush)
        yield ReloadCheck(
            SimpleNamespace(
                stdin=one_job,
                stdout=SimpleNamespace(read=child.stdout.readline),
                kill=child.kill,
            )
        )

    monkeypatch.setattr("imgclass.testing.learning.reload_check", ask)


@pytest.mark.parametrize("check", list(checks_in_suite()))
def test_a_built_in_keeps_the_contract(check):
    check()


def small(
    spec,
    num_classes,
    *,
    preprocess=True,
    nested=False,
    activation="softmax",
    compiled=False,
    dtype=None,
    deaf_to=(),
    swapped=False,
):
    """A network that keeps every promise, except those that the arguments break."""
    knobs = {
        "depth": spec.depth or 1,
        "width": spec.width or 8,
        "dropout": spec.dropout,
        "l2": spec.l2,
    } | dict.fromkeys(deaf_to, 1)
    if "dropout" in deaf_to:
        knobs["dropout"] = 0.5
    height, width, channels = spec.input_shape()
    penalty = keras.regularizers.L2(knobs["l2"]) if knobs["l2"] else None
    images = layers.Input((width, height, channels) if swapped else (height, width, channels))
    features = layers.Rescaling(1 / 255)(images) if preprocess else images
    features = layers.Flatten()(features)
    for _ in range(knobs["depth"]):
        dense = layers.Dense(
            knobs["width"], activation="relu", kernel_regularizer=penalty, dtype=dtype
        )
        features = (keras.Sequential([dense]) if nested else dense)(features)
    features = layers.Dropout(knobs["dropout"])(features)
    logits = layers.Dense(num_classes, dtype=dtype)(features)
    model = keras.Model(images, layers.Activation(activation, dtype="float32")(logits))
    if compiled:
        model.compile()
    return model


class Unsaved(layers.Layer):
    """A layer that is not registered with Keras."""

    def call(self, inputs):
        return inputs


def unsaved(spec, num_classes):
    images = layers.Input(spec.input_shape())
    features = layers.Flatten()(Unsaved()(layers.Rescaling(1 / 255)(images)))
    return keras.Model(
        images,
        layers.Dense(num_classes, activation="softmax", dtype="float32")(layers.Dense(8)(features)),
    )


def frozen(spec, num_classes):
    model = small(spec, num_classes)
    model.trainable = False
    return model


def seeds(spec, num_classes):
    random.seed(0)
    return small(spec, num_classes)


def sets_precision(spec, num_classes):
    keras.config.set_dtype_policy("mixed_bfloat16")
    return small(spec, num_classes)


INFO = ArchitectureInfo("One dense layer.", depth=1, width=8)
NO_KNOBS = ArchitectureInfo("One dense layer.", knobs=())


def broken_by(builder, info=INFO, *, only=""):
    broken = []
    for check in architecture_checks(described(info)(builder)):
        if only and check.name != only:
            continue
        try:
            check()
        except ConformanceError:
            broken.append(check.name)
    return broken


def variant(**changes):
    return lambda spec, num_classes: small(spec, num_classes, **changes)


def test_a_network_that_keeps_every_promise_passes(monkeypatch):
    # In a process of its own, as for an author.
    monkeypatch.setattr("imgclass.testing.learning.reload_check", reload_check)
    assert broken_by(variant()) == []


@pytest.mark.parametrize(
    ("builder", "promise"),
    [
        (variant(compiled=True), "builds_an_uncompiled_model"),
        (variant(swapped=True), "has_the_shapes_it_is_asked_for"),
        (variant(activation="sigmoid"), "gives_probabilities"),
        (variant(preprocess=False), "preprocesses_inside_the_model"),
        (variant(nested=True), "has_a_flat_graph"),
        (seeds, "leaves_global_state_alone"),
        (sets_precision, "leaves_global_state_alone"),
        (variant(deaf_to=["depth"]), "more_depth_is_more_layers"),
        (variant(deaf_to=["width"]), "more_width_is_more_weights"),
        (variant(deaf_to=["dropout"]), "more_dropout_is_more_dropout"),
        (variant(deaf_to=["l2"]), "more_l2_is_more_penalty"),
        (frozen, "lowers_the_loss_of_a_batch"),
        (variant(dtype="float32"), "works_in_mixed_precision"),
    ],
)
def test_a_broken_promise_is_named(builder, promise):
    policy = keras.config.dtype_policy()
    try:
        assert broken_by(builder, only=promise) == [promise]
    finally:
        keras.config.set_dtype_policy(policy)


def test_a_layer_that_cannot_be_read_again_is_named():
    assert broken_by(unsaved, NO_KNOBS) == ["saves_and_loads"]


def test_knobs_that_are_not_claimed_are_not_checked():
    names = [check.name for check in architecture_checks(described(NO_KNOBS)(variant()))]
    assert not [name for name in names if name.startswith("more_")]


def test_all_broken_promises_are_named_at_once():
    with pytest.raises(ConformanceError, match=r"(?s)2 promise\(s\).*raw values.*models inside"):
        check_architecture(described(NO_KNOBS)(variant(preprocess=False, nested=True)))


def test_an_expected_failure_is_no_error():
    check_architecture(
        described(NO_KNOBS)(variant(nested=True)),
        expected_failures={"has_a_flat_graph": "its block is a model of its own"},
    )


def test_an_expected_failure_that_does_not_happen_is_named():
    with pytest.raises(ConformanceError, match=r"expected to fail \(no reason\); it passes"):
        check_architecture(
            described(NO_KNOBS)(variant()), expected_failures={"has_a_flat_graph": "no reason"}
        )


def test_an_expected_failure_of_an_unknown_check_is_refused():
    with pytest.raises(UsageError, match="received no_such_check"):
        architecture_checks(variant(), expected_failures={"no_such_check": "a reason"})
