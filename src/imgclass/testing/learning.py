"""Checks of what a model is for: it learns, it survives a file, it works in half precision."""

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

# By what share of the loss the gradient says that a step will lower it. Short enough for it to be
# right about deep networks of normalized layers, too: at a rate of 1e-3 MobileNetV2's gradient, of
# length 320, promises a hundred times the whole loss.
FALL = 0.01
# A softmax in float32 over logits in bfloat16 sums to 1 as ever.
SUM_TOLERANCE = 1e-4


def lowers_the_loss_of_a_batch(subject: Subject) -> None:
    """One small step down the gradient of a batch lowers that batch's loss."""
    model = subject.build()
    # At a rate of 1, plain SGD moves each weight by its gradient. Eagerly: two steps are over
    # before a graph would have been traced.
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
    expect(0 < slope < np.inf, f"Expected weights that learn; their gradient squared is {slope}.")
    # What does not learn starts anew, random seeds included, so that dropout leaves out the same.
    for variable, value, part in zip(model.variables, start, gradient, strict=True):
        variable.assign(value - FALL * before / slope * part if variable.trainable else value)
    after = float(model.train_on_batch(*subject.images()))
    expect(
        np.isfinite([before, after]).all() and after < before,
        f"Expected a lower loss after one step; received {before:.6g}, then {after:.6g}.",
    )


def saves_and_loads(subject: Subject) -> None:
    """Written to a `.keras` file, another process reads it and predicts the same.

    Every training asks for this before its first epoch. What a plugin registers has to be in a
    module that can be imported.
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
    """Under `mixed_bfloat16` its layers compute in bfloat16 and its output is float32."""
    model = subject.build(precision="mixed_bfloat16")
    halves = [la for la in model.layers if la.weights and la.compute_dtype == "bfloat16"]
    expect(halves, "Expected layers that follow Keras's dtype policy; all compute in float32.")
    images, _ = subject.images()
    expect_probabilities(model(images, training=False), tolerance=SUM_TOLERANCE)
