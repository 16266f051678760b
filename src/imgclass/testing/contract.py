"""Checks for every model: shapes, values, graph, and the side effects of building."""

import random
from typing import Any

import keras
import numpy as np

from imgclass.global_state import changed, kept_generators, observe
from imgclass.testing.subject import Subject, expect

# For sums of float32 probabilities of a few classes.
SUM_TOLERANCE = 1e-5
# A channel of 0-255 exceeds this unless it is scaled.
STILL_RAW = 200

GENERATORS = ("NumPy's random generator", "Python's random generator")


def builds_an_uncompiled_model(subject: Subject) -> None:
    """It returns a `keras.Model` that is not compiled."""
    model = subject.model()
    expect(isinstance(model, keras.Model), f"Expected a keras.Model; received {type(model)}.")
    expect(not model.compiled, "Expected an uncompiled model: the Trainer compiles it.")


def has_the_shapes_it_is_asked_for(subject: Subject) -> None:
    """It takes `(height, width, 3)` of the spec and returns one value per class."""
    height, width, _ = subject.spec().input_shape()
    for num_classes, size in ((2, (height, width)), (5, (width, height))):
        model = subject.build(num_classes=num_classes, image_size=size)
        shapes = (model.input_shape, model.output_shape)
        expected = ((None, *size, 3), (None, num_classes))
        expect(shapes == expected, f"Expected the shapes {expected}; received {shapes}.")


def gives_probabilities(subject: Subject) -> None:
    """For raw black, white and coloured images it returns float32 values that sum to 1."""
    images, _ = subject.images()
    images[0], images[1] = 0, 255
    expect_probabilities(subject.model()(images, training=False), tolerance=SUM_TOLERANCE)


def preprocesses_inside_the_model(subject: Subject) -> None:
    """The values that reach its first kernel are centred or scaled, not the raw 0-255."""
    model = subject.model()
    first = next((layer for layer in model.layers if _has_kernel(layer)), None)
    if first is None:
        return
    images, _ = subject.images()
    images[:, 0, 0], images[:, -1, -1] = 0, 255
    # In training mode, a batch normalisation of the input has an effect.
    before = keras.Model(model.input, first.input)
    reached = keras.ops.convert_to_numpy(before(images, training=True))
    expect(
        reached.min() < 0 or reached.max() < STILL_RAW,
        f"Expected preprocessing as layers inside the model; received raw values up to "
        f"{reached.max():.0f} at the first kernel, of the layer {first.name!r}.",
    )


def has_a_flat_graph(subject: Subject) -> None:
    """None of its layers is a model."""
    nested = [la.name for la in subject.model().layers if isinstance(la, keras.Model)]
    expect(not nested, f"Expected a flat graph; received models inside the model: {nested}.")


def leaves_global_state_alone(subject: Subject) -> None:
    """Building it changes no setting of the process and seeds no global generator."""
    before, ends = observe(), []
    with kept_generators():
        for seed in (1, 2):
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002 - the global generator is what is checked
            subject.builder(subject.spec(), 2)
            ends.append(observe())
    settings = [name for name in changed(before, ends[1]) if name not in GENERATORS]
    # Keras draws from Python's generator anyway; only a builder that seeds it leaves the same state
    # after two seeds.
    seeded = [name for name in GENERATORS if ends[0][name] == ends[1][name]]
    expect(
        not settings + seeded,
        f"Expected global state left alone; building changed {', '.join(settings + seeded)}.",
    )


def expect_probabilities(output: Any, *, tolerance: float) -> None:
    """Expect float32 values of 0 or more that sum to 1 in each row."""
    dtype = keras.backend.standardize_dtype(output.dtype)
    expect(dtype == "float32", f"Expected float32 probabilities; received {dtype}.")
    values = keras.ops.convert_to_numpy(output)
    expect(
        np.isfinite(values).all(), "Expected probabilities; received values that are not finite."
    )
    sums = values.sum(axis=-1)
    expect(
        values.min() >= 0 and np.abs(sums - 1).max() <= tolerance,
        f"Expected probabilities that sum to 1 (end in a softmax); received values from "
        f"{values.min():.3g} and sums from {sums.min():.6g} to {sums.max():.6g}.",
    )


def _has_kernel(layer: Any) -> bool:
    names = ("kernel", "depthwise_kernel", "pointwise_kernel")
    return any(getattr(layer, name, None) is not None for name in names)
