"""Features a second of a frozen EfficientNet-Lite0: as Keras computes them, and as imgclass does.

    python benchmarks/feature_speed.py [--side 224] [--batch-size 32] [--turns 5]

All compute on one batch of noise, in turns; a figure is the median of its turns, in images for each
second of processor time, which other programs disturb less than time on the clock. Speed does not
depend on the weights, so none need be installed.
"""

import argparse
import time
from statistics import median
from typing import Any

import numpy as np
from machine import describe_machine

from imgclass import ModelSpec, architectures
from imgclass.features.folding import folded
from imgclass.features.prefix import cuts, until
from imgclass.training.hardware import building

CLASSES, STEPS = 2, 4


def main() -> None:
    """Take turns, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    print(describe_machine(), flush=True)
    shape = (options.batch_size, options.side, options.side, 3)
    batch = np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)
    float32 = frozen_part(options.side, "float32")
    networks = {
        "Keras, float32": float32,
        "Keras, bfloat16": frozen_part(options.side, "bfloat16"),
        "folded, float32": folded(float32),
    }
    turns: dict[str, list[float]] = {name: [] for name in networks}
    for _ in range(options.turns):
        for name, network in networks.items():
            turns[name].append(images_a_second(network, batch))
    plain = median(turns["Keras, float32"])
    for name, figures in turns.items():
        print(
            f"{name:17}{median(figures):6.1f} images/s  {median(figures) / plain:.2f}x  turns: "
            f"{[round(figure, 1) for figure in figures]}"
        )


def frozen_part(side: int, precision: str) -> Any:
    """Return the network that computes features."""
    spec = ModelSpec(image_size=side, weights="random", trainable=False)
    with building(precision=precision, seed=0):
        model = architectures["efficientnet_lite0"](spec, CLASSES)
    return until(model, next(cuts(model)))


def images_a_second(network: Any, batch: Any) -> float:
    """Return the rate in images for a second of processor time, after the step that compiles."""
    network.predict_on_batch(batch)
    began = time.process_time()
    for _ in range(STEPS):
        network.predict_on_batch(batch)
    return STEPS * len(batch) / (time.process_time() - began)


if __name__ == "__main__":
    main()
