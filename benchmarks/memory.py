"""What trainings leave behind in one process: `python benchmarks/memory.py`.

The same model is trained again and again on the same small images: by plain Keras (`compile` and
`fit`) and by `Trainer`; and by plain Keras with `predict` over the images, `save` and `load_model`
after it, and by `run_experiment`, whose model predicts. Each is in a process of its own. Printed
are the memory of the process (RSS) after the first trainings and after the last, what one more
costs, and the highest. The first ones are left out of the growth: TensorFlow still fills its pools
in them.
"""

import gc
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

TRAININGS, SETTLED = 20, 5
EPOCHS, IMAGES, SIDE, CLASSES, BATCH_SIZE = 2, 512, 32, 10, 32
PAIRS = (("plain Keras", "Trainer"), ("plain Keras, scored, saved", "run_experiment"))
MIB = 2**20


def main() -> None:
    """Print the memory of each, and what the two of a pair come to beside each other."""
    for pair in PAIRS:
        (plain, plain_peak), (ours, our_peak) = (_measured(kind) for kind in pair)
        print(f"  growth, ratio {ours / plain:.2f}; peak, ratio {our_peak / plain_peak:.2f}")


def _measured(kind: str) -> tuple[float, float]:
    sizes, peak = measure(kind)
    growth = (sizes[-1] - sizes[SETTLED - 1]) / (TRAININGS - SETTLED)
    print(
        f"{kind:27} {sizes[SETTLED - 1]:5.0f} MiB after {SETTLED}, {sizes[-1]:5.0f} after "
        f"{TRAININGS}; each {growth:5.1f}, peak {peak:5.0f}"
    )
    return growth, peak


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
    sizes = []
    with TemporaryDirectory() as place:
        train = _trainings(kind, Path(place))
        for number in range(TRAININGS):
            train(number)
            gc.collect()
            sizes.append(resident())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([sizes, peak]))


def _trainings(kind: str, place: Path) -> Callable[[int], None]:
    """Return what trains once, the how manyth time given."""
    from imgclass import ModelSpec, Trainer, TrainingConfig, architectures
    from imgclass.training.hardware import building

    config = TrainingConfig(epochs=EPOCHS, precision="float32", batch_size=BATCH_SIZE)
    spec = ModelSpec(image_size=(SIDE, SIDE), depth=2, width=16)
    if kind == "run_experiment":
        return _runs(config, spec, place)
    flows = make_flows()

    def train(number: int) -> None:
        with building(precision="float32", seed=0):
            model = architectures["cnn"](spec, CLASSES)
        if kind == "Trainer":
            Trainer(config, progress=False).fit(model, flows)
            return
        _fit(model, flows, config)
        if kind != "plain Keras":
            _use(model, flows, place / f"{number}.keras")

    return train


def _fit(model: Any, flows: Any, config: Any) -> None:
    from imgclass.training.hardware import choose_compilation
    from imgclass.training.recipe import make_loss, make_metrics, make_optimizer

    config = config.resolve(num_images=IMAGES)
    model.compile(
        make_optimizer(config, total_steps=EPOCHS * len(flows.train_augmented)),
        loss=make_loss(config),
        metrics=make_metrics(config),
        jit_compile=choose_compilation(),
    )
    model.fit(
        flows.train_augmented, validation_data=flows.val, epochs=EPOCHS, shuffle=False, verbose=0
    )


def _use(model: Any, flows: Any, path: Path) -> None:
    """Do with plain Keras what a run does after the training."""
    import keras

    model.optimizer, model.compiled = None, False
    model.save(path)
    for flow in (flows.train, flows.val):
        model.predict(flow, verbose=0)
    images, _ = flows.val[0]
    keras.saving.load_model(path).predict(images[:1], verbose=0)


def _runs(config: Any, spec: Any, place: Path) -> Callable[[int], None]:
    from imgclass import Experiment, run_experiment

    flows = make_flows()
    for split, flow in (("train", flows.train), ("val", flows.val)):
        for batch in range(len(flow)):
            for row, (image, label) in enumerate(zip(*flow[batch], strict=True)):
                path = place / "data" / split / str(label.argmax()) / f"{batch}-{row}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(image).save(path)
    experiment = Experiment(spec=spec, training=config, augmentation="none")

    def train(number: int) -> None:
        run = run_experiment(
            place / "data", experiment, run_dir=place / f"run-{number}", progress=False
        )
        run.predict(next((place / "data").rglob("*.png")))

    return train


def make_flows() -> Any:
    """Return flows over random images in memory."""
    import numpy as np

    from imgclass.flows import Augmentation
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
