"""Checks that a model can be used: it learns, can be saved, and works in half precision."""

from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np

from imgclass.entry_points import LOCAL, Origin
from imgclass.io.fs import FileSystem
from imgclass.models.model_file import describe_model, save_model
from imgclass.models.plain import plain_copy
from imgclass.models.reload_check import reload_check
from imgclass.testing.contract import expect_probabilities
from imgclass.testing.subject import NUM_CLASSES, Subject, expect

# The share that a step should take off the loss, by the gradient. MobileNetV2's gradient has length
# 320: at a rate of 1e-3, a step would have to take off a hundred times the loss.
FALL = 0.01
# For sums of a float32 softmax over bfloat16 logits.
SUM_TOLERANCE = 1e-4


def lowers_the_loss_of_a_batch(subject: Subject) -> None:
    """One small step down a batch's gradient lowers its loss."""
    model = subject.build()
    # A rate of 1 moves each weight by its gradient. Two eager steps are faster than tracing.
    model.compile(
        optimizer=keras.optimizers.SGD(1.0),
        loss="sparse_categorical_crossentropy",
        run_eagerly=True,
    )
    start = [keras.ops.convert_to_numpy(variable) for variable in model.variables]
    before = float(model.train_on_batch(*subject.images()))
    gradient = [
        value - keras.ops.convert_to_numpy(variable) if variable.trainable else np.zeros(1)
        for variable, value in zip(model.variables, start, strict=True)
    ]
    slope = sum(float((part**2).sum()) for part in gradient)
    expect(
        0 < slope < np.inf, f"Expected weights that learn; the square of their gradient is {slope}."
    )
    # Random seeds are reset, too, so that dropout drops the same values.
    for variable, value, part in zip(model.variables, start, gradient, strict=True):
        variable.assign(value - FALL * before / slope * part if variable.trainable else value)
    after = float(model.train_on_batch(*subject.images()))
    expect(
        np.isfinite([before, after]).all() and after < before,
        f"Expected a lower loss after one step; received {before:.6g}, then {after:.6g}.",
    )


def saves_and_loads(subject: Subject) -> None:
    """Saved to a `.keras` file, it predicts the same in another process.

    Every training checks this, too. Classes that a plugin registers must be importable.
    """
    model = plain_copy(subject.model())
    name = getattr(subject.builder, "__name__", "architecture")
    metadata = describe_model(
        model,
        class_names=tuple(map(str, range(NUM_CLASSES))),
        image_size=subject.spec().input_shape()[:2],
        resize="stretch",
        tta=False,
        architecture=name,
        origin=Origin(LOCAL, "", name),
    )
    with TemporaryDirectory() as folder, reload_check() as check:
        path = Path(folder) / "model.keras"
        save_model(model, path, metadata, files=FileSystem())
        check.begin(path, model)
        check.require_same(model)


def works_in_mixed_precision(subject: Subject) -> None:
    """With `mixed_bfloat16`, its layers compute in bfloat16 and its output is float32."""
    model = subject.build(precision="mixed_bfloat16")
    halves = [la for la in model.layers if la.weights and la.compute_dtype == "bfloat16"]
    expect(halves, "Expected layers that follow Keras's dtype policy; all compute in float32.")
    images, _ = subject.images()
    expect_probabilities(model(images, training=False), tolerance=SUM_TOLERANCE)
