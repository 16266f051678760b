"""A folder of hostile files, each beside what it would import, and files outside of it."""

import json
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from benchmarks.robustness.attacks import ATTACKS
from benchmarks.robustness.exported_names import naming_models
from benchmarks.robustness.model_mutation import damaged_config, damaged_weights
from benchmarks.robustness.refusing import CASES
from benchmarks.robustness.strange_models import CONFIG, SIZE, WEIGHTS, Place
from benchmarks.robustness.tiny_training import fresh_place, train, write_data


def write_corpus(scratch: Path, mutations: int, names: int) -> None:
    """Write a good run and every group of hostile files; `read_paths` tells where.

    Args:
        scratch: An empty folder.
        mutations: How many damaged configurations, and how many damaged weights.
        names: Every how manieth file that names something of Keras.
    """
    outside = scratch / "outside"
    outside.mkdir()
    with fresh_place(scratch) as place:
        path = train(write_data(scratch / "home").root, place, epochs=1)
        shutil.copytree(path, scratch / "good")
    _write_outside(outside, scratch)
    good = _place(scratch, "good-one")
    groups = {
        "good": iter((scratch / "good", scratch / "good" / "model.keras")),
        "attack": _attacks(scratch),
        "name": _names(scratch, names),
        "configuration": _configurations(scratch, mutations, good.member(CONFIG)),
        "weights": _weights(scratch, mutations, good.member(WEIGHTS)),
    }
    paths = {
        name: [str(path.relative_to(scratch)) for path in group] for name, group in groups.items()
    }
    (scratch / CASES).write_text(json.dumps(paths), "utf-8")


def _attacks(scratch: Path) -> Iterator[Path]:
    for number, attack in enumerate(ATTACKS):
        yield attack.write(_place(scratch, f"attack-{number}"))


def _names(scratch: Path, step: int) -> Iterator[Path]:
    for number, config in enumerate(islice(naming_models(), None, None, step)):
        yield _place(scratch, f"name-{number}").write(config)


def _configurations(scratch: Path, mutations: int, good: bytes) -> Iterator[Path]:
    for number in range(mutations):
        changed = damaged_config(number, good)
        yield _place(scratch, f"configuration-{number}").write(changed)


def _weights(scratch: Path, mutations: int, good: bytes) -> Iterator[Path]:
    for number in range(mutations):
        changed = damaged_weights(number, good)
        yield _place(scratch, f"weights-{number}").write(weights=changed)


def _place(scratch: Path, name: str) -> Place:
    folder = scratch / "cases" / name
    folder.mkdir(parents=True)
    return Place(folder, scratch / "outside", scratch / "good", scratch / "marker")


def _write_outside(outside: Path, scratch: Path) -> None:
    (outside / "secret.txt").write_text("secret\n" * 1000, "utf-8")
    shutil.copy(scratch / "good" / "model.keras", outside / "outside.keras")
    with h5py.File(outside / "outside.weights.h5", "w") as file:
        file.create_dataset("secret", data=np.zeros((64, 64), "f4"))
    _write_saved_model(outside / "saved_model", scratch / "marker")
    (scratch / "marker").unlink(missing_ok=True)


def _write_saved_model(path: Path, marker: Path) -> None:
    """Write a SavedModel which leaves the marker when it is loaded."""
    import tensorflow as tf
    from tensorflow.python.trackable.resource import TrackableResource

    class Marking(TrackableResource):  # type: ignore[misc]
        def _create_resource(self) -> Any:
            return tf.raw_ops.MutableHashTableV2(key_dtype=tf.string, value_dtype=tf.int64)

        def _initialize(self) -> None:
            tf.io.write_file(str(marker), "ran")

    class Module(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.marking = Marking()

        @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3])])  # type: ignore[misc]
        def serve(self, images: Any) -> Any:
            with tf.control_dependencies([self.marking.resource_handle]):
                return images * 1.0

    module = Module()
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.serve})
