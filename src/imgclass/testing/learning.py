"""Checks of what a model is for: it learns, it survives a file, it works in half precision."""

from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np

from imgclass.testing.contract import expect_probabilities
from imgclass.testing.subject import Subject, expect

LEARNING_RATE = 1e-3
# The same numbers through the same layers; a backend may still order its sums otherwise.
SAME = 1e-6
# A softmax in float32 over logits in bfloat16 sums to 1 as ever.
SUM_TOLERANCE = 1e-4


def lowers_the_loss_of_a_batch(subject: Subject) -> None:
    """One small step down the gradient of a batch lowers that batch's loss."""
    model = subject.build()
    images, labels = subject.images()
    # Plain SGD follows the gradient, so that a small step must go down. Eagerly: two steps are over
    # before a graph would have been traced.
    model.compile(
        optimizer=keras.optimizers.SGD(LEARNING_RATE),
        loss="sparse_categorical_crossentropy",
        run_eagerly=True,
    )
    before, after = (float(model.train_on_batch(images, labels)) for _ in range(2))
    expect(
        np.isfinite([before, after]).all() and after < before,
        f"Expected a lower loss after one step; received {before:.6g}, then {after:.6g}.",
    )


def saves_and_loads(subject: Subject) -> None:
    """Written to a `.keras` file and read again, it predicts the same."""
    model = subject.build()
    images, _ = subject.images()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        loaded = keras.models.load_model(path)
    expected, received = (
        keras.ops.convert_to_numpy(m(images, training=False)) for m in (model, loaded)
    )
    difference = float(np.abs(expected - received).max())
    expect(difference <= SAME, f"Expected equal predictions; they differ by {difference:.3g}.")


def works_in_mixed_precision(subject: Subject) -> None:
    """Under `mixed_bfloat16` its layers compute in bfloat16 and its output is float32."""
    model = subject.build(precision="mixed_bfloat16")
    halves = [la for la in model.layers if la.weights and la.compute_dtype == "bfloat16"]
    expect(halves, "Expected layers that follow Keras's dtype policy; all compute in float32.")
    images, _ = subject.images()
    expect_probabilities(model(images, training=False), tolerance=SUM_TOLERANCE)
