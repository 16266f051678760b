"""Where the time of a training goes: TensorFlow's profile of one epoch, by what is computed.

    python benchmarks/step_profile.py DATA [--width 80] [--weight-decay 0.03] [--augment light]
        [--batch-size 256]

DATA is trained on for two epochs, as `imgclass train` does, and the second one is profiled. Printed
are the shares of the time in which the two or more threads compute, added up over the steps of the
epoch; beside them the share of the epoch in which no thread computed a step, such as waiting for
images. Profiling costs a little: the rate of both epochs is printed.
"""

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import tensorflow as tf
from machine import describe_machine

from imgclass import Experiment, ImageFolder, ModelSpec, TrainingConfig, run_experiment
from imgclass.flows import preset_or_own

PROFILED = 1  # of the epochs, counted from 0: the first one compiles
MOST = 12  # kernels that are printed one by one
PICOSECONDS = 1e12
STEP_THREADS = re.compile(r"tf_Compute|^python$")
# Names of an operation, from the most telling one on.
PARTS = (
    ("convolution, backward", re.compile(r"Conv2DBackprop\w*$")),
    ("convolution, forward", re.compile(r"Conv2D\w*$")),
    ("batch normalisation", re.compile(r"norm", re.IGNORECASE)),
    ("activation", re.compile(r"_act|relu|gelu|silu", re.IGNORECASE)),
    ("pooling", re.compile(r"pool", re.IGNORECASE)),
    ("optimizer", re.compile(r"muon|optimizer|sgd|adam", re.IGNORECASE)),
)
# They contain others, or wait for them.
CONTAINERS = re.compile(r":(Partitioned|StatefulPartitioned|While|If|StatelessIf|IteratorGetNext)")


class Operation(NamedTuple):
    """One operation that a thread computed: its name, its type after a colon, and when, in s."""

    name: str
    begin: float
    end: float


def main() -> None:
    """Train, profile one epoch, and print where its time went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="an organized folder")
    parser.add_argument("--width", type=int)
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--augment", help="as of `imgclass train`")
    parser.add_argument("--batch-size", type=int)
    options = parser.parse_args()
    print(describe_machine(), flush=True)
    experiment = Experiment(
        architecture="cnn",
        spec=ModelSpec(width=options.width),
        training=TrainingConfig(
            epochs=PROFILED + 1,
            weight_decay=options.weight_decay,
            batch_size=options.batch_size,
        ),
        augmentation=preset_or_own(options.augment),
    )
    with tempfile.TemporaryDirectory() as scratch:
        profile = Profile(Path(scratch, "profile"))
        folder = ImageFolder.open(options.data)
        run = run_experiment(
            folder,
            experiment,
            run_dir=Path(scratch, "run"),
            callbacks=profile,
            progress=False,
        )
        for number, epoch in enumerate(run.history.epochs, start=1):
            print(f"epoch {number}: {folder.counts['train'] / epoch.seconds:,.0f} images/s")
        print_shares(list(operations(profile.folder)))


class Profile(keras.callbacks.Callback):
    """Writes the profile of the steps of one epoch, without those that score val."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self._is_open = False

    def on_epoch_begin(self, epoch: int, _: Any = None) -> None:
        """Begin, if it is that epoch."""
        if epoch == PROFILED:
            tf.profiler.experimental.start(str(self.folder))
            self._is_open = True

    def on_test_begin(self, _: Any = None) -> None:
        """End before val is scored."""
        if self._is_open:
            tf.profiler.experimental.stop()
            self._is_open = False


def operations(folder: Path) -> Iterator[Operation]:
    """Yield what each thread computed, from the profile that TensorFlow wrote into a folder."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    for file in folder.rglob("*.xplane.pb"):
        space = xplane_pb2.XSpace.FromString(file.read_bytes())
        for plane in space.planes:
            for line in plane.lines:
                if not STEP_THREADS.search(line.name):
                    continue
                for event in line.events:
                    name = plane.event_metadata[event.metadata_id].name
                    if ":" in name and "/" in name and not CONTAINERS.search(name):
                        begin = line.timestamp_ns / 1e9 + event.offset_ps / PICOSECONDS
                        yield Operation(name, begin, begin + event.duration_ps / PICOSECONDS)


def print_shares(seen: list[Operation]) -> None:
    """Print the parts and the kernels that take most, and how long nothing was computed."""
    whole = max(each.end for each in seen) - min(each.begin for each in seen)
    total = sum(each.end - each.begin for each in seen)
    busy = covered((each.begin, each.end) for each in seen)
    print(
        f"{whole:.2f} s, of which {1 - busy / whole:.1%} without an operation; "
        f"{total / busy:.2f} operations at once"
    )
    for title, of in (("by part", part_of), ("by kernel", kernel_of)):
        print(title)
        sums: Counter[str] = Counter()
        for each in seen:
            sums[of(each.name)] += each.end - each.begin  # type: ignore[assignment]  # seconds
        for name, seconds in sums.most_common(MOST):
            print(f"  {seconds / total:6.1%}  {name}")


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return how long at least one of the spans lasts.

    Example:
        >>> covered([(0, 2), (1, 3), (5, 6)])
        4.0
    """
    length, last = 0.0, float("-inf")
    for begin, end in sorted(spans):
        length += max(0.0, end - max(begin, last))
        last = max(last, end)
    return length


def part_of(name: str) -> str:
    """Return the part of the step that an operation belongs to."""
    return next((part for part, pattern in PARTS if pattern.search(name)), "everything else")


def kernel_of(name: str) -> str:
    """Return the type of an operation."""
    return name.rpartition(":")[2]


if __name__ == "__main__":
    main()
