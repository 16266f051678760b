"""Images a second that a network trains at: by Keras's own operations, and by faster kernels.

    python benchmarks/training_speed.py [--architecture cnn] [--batch-size 256] [--width 32]
        [--turns 7] [--precision float32]

All train on one batch of noise, 32 x 32, in turns; a figure is the median of its turns. Beside them
stands how much of the machine's rate of convolution the training keeps: a 3 x 3 convolution of 128
channels at 16 x 16, forward, in the same precision, which is the one that a training would choose.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from statistics import median
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from pipelines import describe_machine

from imgclass import ModelSpec, TrainingConfig, architectures
from imgclass.training.fast_kernels import fast_kernels
from imgclass.training.hardware import building, choose_precision
from imgclass.training.normalization import fused_normalization
from imgclass.training.recipe import make_optimizer

IMAGE_SIZE, CLASSES, STEPS = (32, 32), 10, 4


def main() -> None:
    """Take turns, and print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--architecture", default="cnn", choices=architectures)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--width", type=int, help="filters of the first stage, or units of a head")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--precision", default="auto")
    arguments = parser.parse_args()
    print(describe_machine())
    precision = choose_precision(arguments.precision)
    rng = np.random.default_rng(0)
    batch = (
        rng.integers(0, 256, (arguments.batch_size, *IMAGE_SIZE, 3)).astype(np.float32),
        np.eye(CLASSES, dtype=np.float32)[rng.integers(0, CLASSES, arguments.batch_size)],
    )
    ways = {
        "Keras's own operations": nullcontext,
        "fused batch normalisation": fused_normalization,
        "packed convolutions, too": fast_kernels,
    }
    with building(precision=precision, seed=0):
        spec = ModelSpec(image_size=IMAGE_SIZE, width=arguments.width, weights="random")
        models = [trained(arguments.architecture, spec, batch, way) for way in ways.values()]
    dtype = models[0].layers[-2].compute_dtype
    turns = [
        (*(images_a_second(model, batch) for model in models), convolution_rate(dtype))
        for _ in range(arguments.turns)
    ]
    *rates, convolution = map(median, zip(*turns, strict=True))
    for name, rate in zip(ways, rates, strict=True):
        print(f"{name:26} {rate:8,.0f} images/s  {rate / rates[0]:.2f}x")
    share = rates[-1] * 3 * forward_operations(models[0]) / convolution
    print(
        f"a convolution in {dtype:9} {convolution / 1e9:8,.0f} GFLOP/s, of which {share:.0%} kept"
    )
    print(f"turns: {[tuple(round(figure) for figure in turn[:-1]) for turn in turns]}")


def trained(
    architecture: str, spec: ModelSpec, batch: Any, way: Callable[..., AbstractContextManager]
) -> keras.Model:
    """Return a model whose step is compiled in a context that chooses its kernels."""
    model = architectures[architecture](spec, CLASSES)
    optimizer = architectures.info(architecture).optimizer
    config = TrainingConfig(optimizer=optimizer, learning_rate=1e-3, schedule="constant")
    made = make_optimizer(config, total_steps=1)
    model.compile(made, "categorical_crossentropy", jit_compile=False)
    with way(model):
        model.train_on_batch(*batch)
    return model


def images_a_second(model: keras.Model, batch: Any) -> float:
    """Return the rate of a few training steps."""
    started = time.perf_counter()
    for _ in range(STEPS):
        model.train_on_batch(*batch)
    return STEPS * len(batch[0]) / (time.perf_counter() - started)


def convolution_rate(dtype: str) -> float:
    """Return the operations a second of one large convolution."""
    size, channels, n = 16, 128, 256
    images = tf.ones((n, size, size, channels), dtype)
    kernel = tf.ones((3, 3, channels, channels), dtype)
    tf.nn.conv2d(images, kernel, 1, "SAME")
    started = time.perf_counter()
    for _ in range(STEPS):
        tf.nn.conv2d(images, kernel, 1, "SAME")[0, 0, 0, 0].numpy()
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
