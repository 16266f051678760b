"""Images a second that `cnn` trains at on a graphics card: whole trainings, and steps alone.

    KERAS_BACKEND=jax python benchmarks/gpu.py [--images 50000] [--batch-size 256] [--epochs 3]

The images are noise, uint8 in memory, 32 x 32 in ten classes. A whole training is what `Trainer`
does: every batch is sliced, cast, copied to the card and learnt from. Steps alone learn from one
batch that stays on the card, which is what the card could do if nothing else took time. The first
epoch and the first steps, in which the backend compiles, are left out.
"""

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import keras
import numpy as np

from imgclass import ModelSpec, Trainer, TrainingConfig, architectures
from imgclass.flows.flow import Flows
from imgclass.training.fast_kernels import fast_kernels
from imgclass.training.hardware import building, describe_compute
from imgclass.training.muon import Muon

IMAGE_SIZE, CLASSES = (32, 32), 10
TURNS = 5


class Noise(keras.utils.PyDataset):
    """Batches of noise from memory."""

    def __init__(self, n: int, batch_size: int) -> None:
        """Draw `n` images."""
        super().__init__()
        rng = np.random.default_rng(n)
        self.images = rng.integers(0, 256, (n, *IMAGE_SIZE, 3), dtype=np.uint8)
        self.labels = rng.integers(0, CLASSES, n)
        self.one_hot = np.eye(CLASSES, dtype=np.float32)[self.labels]
        self.paths = tuple(Path(f"{i}.png") for i in range(n))
        self.batch_size = batch_size

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(len(self.labels) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Return one batch."""
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.images[part].astype(np.float32), self.one_hot[part]

    def start_epoch(self, epoch: int) -> None:
        """Keep the order."""

    def batch_paths(self, index: int) -> tuple[Path, ...]:
        """Return the names of one batch."""
        return self.paths[index * self.batch_size : (index + 1) * self.batch_size]


def main() -> None:
    """Describe the machine, train, step, and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=50, help="of a turn")
    parser.add_argument("--precision", default="auto")
    arguments = parser.parse_args()
    if arguments.epochs < 2:  # noqa: PLR2004 - the first is left out
        parser.error("expected --epochs 2 or more, since the first is left out")
    compute = describe_compute(arguments.precision)
    print(f"Keras {keras.version()} on {compute.backend}: {', '.join(compute.devices)}")
    print(f"precision    {compute.precision} ({compute.precision_reason})")
    print(f"compilation  {compute.compilation} ({compute.compilation_reason})")
    n, batch_size = arguments.images, arguments.batch_size
    seconds = epoch_seconds(n, batch_size, arguments.epochs, arguments.precision)
    print(
        f"a whole training  {n / median(seconds[1:]):10,.0f} images/s  epochs: {rounded(seconds)}"
    )
    seconds = step_seconds(arguments.steps, batch_size, arguments.precision)
    rate = arguments.steps * batch_size / median(seconds)
    print(f"steps alone       {rate:10,.0f} images/s  turns: {rounded(seconds)}")


def make_model(precision: str) -> keras.Model:
    """Return the default `cnn`."""
    with building(precision=precision, seed=0):
        model: keras.Model = architectures["cnn"](ModelSpec(image_size=IMAGE_SIZE), CLASSES)
    return model


def epoch_seconds(n: int, batch_size: int, epochs: int, precision: str) -> list[float]:
    """Return what each epoch of a training took, in seconds."""
    fit, held_out = Noise(n, batch_size), Noise(batch_size, batch_size)
    names = tuple(map(str, range(CLASSES)))
    flows = Flows(fit, fit, held_out, None, names, IMAGE_SIZE, Path())
    config = TrainingConfig(epochs=epochs, optimizer="muon", batch_size=batch_size)
    seconds: list[float] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda *_: seconds.append(-time.perf_counter()),
        on_epoch_end=lambda *_: seconds.append(seconds.pop() + time.perf_counter()),
    )
    Trainer(config, callbacks=[clock], progress=False).fit(make_model(precision), flows)
    return seconds


def step_seconds(number: int, batch_size: int, precision: str) -> list[float]:
    """Return the seconds of turns of `number` steps on a batch that never leaves the card."""
    model, noise = make_model(precision), Noise(batch_size, batch_size)
    model.compile(
        Muon(1e-3), "categorical_crossentropy", jit_compile=describe_compute().compilation
    )
    batch = keras.tree.map_structure(keras.ops.convert_to_tensor, noise[0])
    with fast_kernels(model):
        model.train_on_batch(*batch)  # makes the variables of the model and the optimizer
        steps = STEPPERS[keras.config.backend()](model, batch)
        steps(3)
        seconds = []
        for _ in range(TURNS):
            started = time.perf_counter()
            steps(number)
            seconds.append(time.perf_counter() - started)
    return seconds


def tensorflow_steps(model: keras.Model, batch: Any) -> Callable[[int], None]:
    """Return a function that takes so many steps, and comes back when they are done."""
    import tensorflow as tf

    step = tf.function(model.train_step, jit_compile=model.jit_compile, reduce_retracing=True)

    def steps(number: int) -> None:
        for _ in range(number):
            logs = step(batch)
        float(logs["loss"])

    return steps


def jax_steps(model: keras.Model, batch: Any) -> Callable[[int], None]:
    """Return a function that takes so many steps, and comes back when they are done."""
    import jax

    step = jax.jit(model.train_step, donate_argnums=0)
    groups = (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )
    state = tuple([variable.value for variable in group] for group in groups)

    def steps(number: int) -> None:
        nonlocal state
        for _ in range(number):
            _, state = step(state, batch)
        jax.block_until_ready(state)

    return steps


def torch_steps(model: keras.Model, batch: Any) -> Callable[[int], None]:
    """Return a function that takes so many steps, and comes back when they are done."""

    def steps(number: int) -> None:
        for _ in range(number):
            logs = model.train_step(batch)
        float(logs["loss"])

    return steps


STEPPERS = {"tensorflow": tensorflow_steps, "jax": jax_steps, "torch": torch_steps}


def rounded(seconds: list[float]) -> str:
    """Return seconds as words."""
    return ", ".join(f"{value:.2f} s" for value in seconds)


if __name__ == "__main__":
    main()
