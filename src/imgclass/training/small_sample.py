"""Train a network on a few images alone, and see whether it learns them by heart."""

import time
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from imgclass.training.defaults import ADAM_RATE
from imgclass.training.hardware import choose_compilation

BATCH_SIZE = 32
# As many passes as a small sample may need, those after which one that has learned nothing more is
# hopeless, and the seconds that an answer is worth.
MOST_EPOCHS, PATIENCE, MOST_SECONDS = 200, 25, 120.0
ENOUGH = 0.95


def learn_by_heart(
    model: keras.Model, images: npt.NDArray[Any], labels: npt.NDArray[Any], *, seed: int
) -> int:
    """Return how many of these images a model gets right after training on them.

    It is trained at Adam's usual rate, until it knows nearly all, learns no more, or time is up.

    Args:
        model: With new weights; not needed afterwards.
        images: `(n, height, width, 3)`.
        labels: `(n, classes)`.
        seed: Of the order of the images.
    """
    model.compile(
        keras.optimizers.Adam(ADAM_RATE),
        "categorical_crossentropy",
        jit_compile=choose_compilation(),
    )
    truth, ends = labels.argmax(axis=1), time.monotonic() + MOST_SECONDS
    random, best, improved = np.random.default_rng(seed), 0, 0
    parts = np.array_split(images, -(-len(images) // BATCH_SIZE))
    for epoch in range(MOST_EPOCHS):
        shuffled = random.permutation(len(images))
        for first in range(0, len(images), BATCH_SIZE):
            rows = shuffled[first : first + BATCH_SIZE]
            model.train_on_batch(images[rows], labels[rows])
        predicted = np.concatenate([model.predict_on_batch(part) for part in parts])
        correct = int((predicted.argmax(axis=1) == truth).sum())
        if correct > best:
            best, improved = correct, epoch
        is_hopeless = epoch - improved >= PATIENCE or time.monotonic() > ends
        if best >= ENOUGH * len(images) or is_hopeless:
            break
    return best
