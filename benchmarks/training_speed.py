"""Images a second that `cnn` trains at, with Keras's batch normalisation and with the fused kernel.

    python benchmarks/training_speed.py [--batch-size 256] [--width 32] [--turns 7]

Both train on one batch of noise, 32 x 32, in turns; a figure is the median of its turns. Beside
them stands how much of the machine's rate of convolution the training keeps: a 3 x 3 convolution of
128 channels at 16 x 16, forward, in the same precision.
"""

import argparse
import time
from contextlib import nullcontext
from statistics import median
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from pipelines import describe_machine

from imgclass import ModelSpec, architectures
from imgclass.training.muon import Muon
from imgclass.training.normalization import fused_normalization

IMAGE_SIZE, CLASSES, STEPS = (32, 32), 10, 4


def main() -> None:
    """Take turns, and print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--turns", type=int, default=7)
    arguments = parser.parse_args()
    print(describe_machine())
    rng = np.random.default_rng(0)
    batch = (
        rng.integers(0, 256, (arguments.batch_size, *IMAGE_SIZE, 3)).astype(np.float32),
        np.eye(CLASSES, dtype=np.float32)[rng.integers(0, CLASSES, arguments.batch_size)],
    )
    models = [trained(batch, arguments.width, fused=fused) for fused in (False, True)]
    turns = [
        (*(images_a_second(model, batch) for model in models), convolution_rate())
        for _ in range(arguments.turns)
    ]
    plain, fused, convolution = map(median, zip(*turns, strict=True))
    share = fused * 3 * forward_operations(models[1]) / convolution
    print(f"Keras's batch normalisation {plain:8,.0f} images/s")
    print(f"the fused kernel            {fused:8,.0f} images/s  {fused / plain:.2f}x")
    print(
        f"a convolution alone         {convolution / 1e9:8,.0f} GFLOP/s, of which {share:.0%} kept"
    )
    print(f"turns: {[tuple(round(figure) for figure in turn[:2]) for turn in turns]}")


def trained(batch: Any, width: int, *, fused: bool) -> keras.Model:
    """Return a model whose step is compiled, with or without the fused kernel."""
    model = architectures["cnn"](ModelSpec(image_size=IMAGE_SIZE, width=width), CLASSES)
    model.compile(Muon(1e-3), "categorical_crossentropy", jit_compile=False)
    with fused_normalization(model) if fused else nullcontext():
        model.train_on_batch(*batch)
    return model


def images_a_second(model: keras.Model, batch: Any) -> float:
    """Return the rate of a few training steps."""
    started = time.perf_counter()
    for _ in range(STEPS):
        model.train_on_batch(*batch)
    return STEPS * len(batch[0]) / (time.perf_counter() - started)


def convolution_rate() -> float:
    """Return the operations a second of one large convolution."""
    size, channels, n = 16, 128, 256
    images, kernel = tf.ones((n, size, size, channels)), tf.ones((3, 3, channels, channels))
    tf.nn.conv2d(images, kernel, 1, "SAME")
    started = time.perf_counter()
    for _ in range(STEPS):
        tf.nn.conv2d(images, kernel, 1, "SAME").numpy()
    operations = 2 * n * size**2 * 9 * channels**2
    return STEPS * operations / (time.perf_counter() - started)


def forward_operations(model: keras.Model) -> int:
    """Return the multiplications and additions of the convolutions for one image."""
    convolutions = (layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    return sum(
        2 * int(np.prod(layer.kernel.shape)) * int(np.prod(layer.output.shape[1:3]))
        for layer in convolutions
    )


if __name__ == "__main__":
    main()
