"""What trainings leave behind in one process: `python benchmarks/memory.py`.

The same model is trained again and again on the same small images, by `Trainer` and by plain Keras
(`compile` and `fit`), each in a process of its own. Printed are the memory of the process (RSS)
after the first trainings and after the last, what one more costs, and the highest. The first ones
are left out of the growth: TensorFlow still fills its pools in them.
"""

import gc
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

TRAININGS, SETTLED = 20, 5
EPOCHS, IMAGES, SIDE, CLASSES, BATCH_SIZE = 2, 512, 32, 10, 32
KINDS = ("plain Keras", "Trainer")
MIB = 2**20


def main() -> None:
    """Print the memory of both, and what they come to beside each other."""
    measured = {kind: measure(kind) for kind in KINDS}
    print(f"{TRAININGS} trainings        after {SETTLED}   after {TRAININGS}   each      peak")
    growth = {}
    for kind, (sizes, peak) in measured.items():
        growth[kind] = (sizes[-1] - sizes[SETTLED - 1]) / (TRAININGS - SETTLED)
        print(
            f"{kind:18} {sizes[SETTLED - 1]:7.0f} MiB {sizes[-1]:7.0f} MiB "
            f"{growth[kind]:5.1f} MiB {peak:5.0f} MiB"
        )
    plain, ours = (measured[kind][1] for kind in KINDS)
    print(f"growth, ratio {growth['Trainer'] / growth['plain Keras']:.2f}")
    print(f"peak, ratio   {ours / plain:.2f}")


def measure(kind: str) -> tuple[list[float], float]:
    """Return the memory after each training and the highest, in MiB, of a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, kind],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    sizes, peak = json.loads(done.stdout.splitlines()[-1])
    return sizes, peak


def train_repeatedly(kind: str) -> None:
    """Print the memory after each training and the highest, in MiB, as JSON."""
    flows, sizes = make_flows(), []
    for _ in range(TRAININGS):
        train_once(kind, flows)
        gc.collect()
        sizes.append(resident())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([sizes, peak]))


def train_once(kind: str, flows: Any) -> None:
    """Build a model and train it."""
    import keras

    from imgclass import ModelSpec, Trainer, TrainingConfig, architectures
    from imgclass.training.hardware import building, choose_compilation
    from imgclass.training.recipe import filled_in, make_loss, make_metrics, make_optimizer

    config = TrainingConfig(epochs=EPOCHS, precision="float32", batch_size=BATCH_SIZE)
    with building(precision="float32", seed=0):
        spec = ModelSpec(image_size=(SIDE, SIDE), depth=2, width=16)
        model: keras.Model = architectures.get("cnn")(spec, CLASSES)
    if kind == "Trainer":
        Trainer(config, progress=False).fit(model, flows)
        return
    config = filled_in(config, num_images=IMAGES)
    model.compile(
        make_optimizer(config, total_steps=EPOCHS * len(flows.fit)),
        loss=make_loss(config),
        metrics=make_metrics(config),
        jit_compile=choose_compilation(),
    )
    model.fit(flows.fit, validation_data=flows.val, epochs=EPOCHS, shuffle=False, verbose=0)


def make_flows() -> Any:
    """Return flows over random images in memory."""
    import numpy as np

    from imgclass.flows.augmentation import Augmentation
    from imgclass.flows.cached import CachedFlow
    from imgclass.flows.flow import Flows

    rng = np.random.default_rng(0)

    def flow(n: int, augmentation: Augmentation | None = None) -> CachedFlow:
        return CachedFlow(
            rng.integers(0, 256, (n, SIDE, SIDE, 3), dtype=np.uint8),
            np.arange(n) % CLASSES,
            paths=[Path(f"{i}.png") for i in range(n)],
            num_classes=CLASSES,
            batch_size=BATCH_SIZE,
            augmentation=augmentation,
        )

    names = tuple(f"class {i}" for i in range(CLASSES))
    fit, val = flow(IMAGES, Augmentation()), flow(IMAGES // 4)
    return Flows(fit, fit, val, None, names, (SIDE, SIDE), Path("data"))


def resident() -> float:
    """Return the memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


if __name__ == "__main__":
    train_repeatedly(sys.argv[1]) if sys.argv[1:] else main()
