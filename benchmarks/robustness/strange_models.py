"""The parts that hostile model files are put together from: layers, configurations, archives."""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
SIZE = 8  # pixels, height and width, of the good run's images
IMAGE = "image"  # the name of the input
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attack is written.

    Attributes:
        folder: What the stranger sent; it is the working directory when it is loaded, too.
        outside: Files that are no business of the stranger's.
        good: The directory of a good run.
        marker: A file that is there afterwards where code of the stranger ran.
    """

    folder: Path
    outside: Path
    good: Path
    marker: Path

    @property
    def model(self) -> Path:
        """The model file of the attack."""
        return self.folder / "model.keras"

    @property
    def secret(self) -> Path:
        """A text outside."""
        return self.outside / "secret.txt"

    @property
    def code(self) -> str:
        """Python code that leaves the marker."""
        return f"open({str(self.marker)!r}, 'w').write('ran')"

    def member(self, name: str) -> bytes:
        """Return a member of the good model's archive."""
        with zipfile.ZipFile(self.good / "model.keras") as archive:
            return archive.read(name)

    @property
    def config(self) -> Plain:
        """The good model's configuration, to be changed."""
        plain: Plain = json.loads(self.member(CONFIG))
        return plain

    def write(
        self,
        config: Plain | bytes | None = None,
        *,
        weights: bytes | None = None,
        metadata: Plain | None = None,
    ) -> Path:
        """Write a model file in which the rest is the good model's, and return its path."""
        plain = json.dumps(config) if isinstance(config, dict) else config
        members = {
            METADATA: self.member(METADATA) if metadata is None else json.dumps(metadata).encode(),
            CONFIG: self.member(CONFIG) if plain is None else plain,
            WEIGHTS: self.member(WEIGHTS) if weights is None else weights,
        }
        with zipfile.ZipFile(self.model, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return self.model


# Whether Keras alone runs an attack's code: as it loads by default, or only without its safe mode.
Runs = Literal["", "safe", "unsafe"]


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile file, or run directory.

    Attributes:
        write: Writes it, and returns its path: a run where that is a folder with a `run.json`.
        name: What it is; the function's own name by default.
        says: What the refusal must name; nothing in particular by default.
        runs: How Keras alone runs its code, so that a check that misses it would be seen.
    """

    write: Callable[[Place], Path]
    name: str = ""
    says: str = ""
    runs: Runs = ""

    def __str__(self) -> str:
        return self.name or self.write.__name__.replace("_", " ").strip()


@dataclass(frozen=True, slots=True)
class Pickled:
    """Runs code when it is unpickled."""

    code: str

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return exec, (self.code,)


def tensor(name: str = IMAGE, shape: Sequence[int | None] = (None, SIZE, SIZE, 3)) -> Plain:
    """Return what stands for the output of a layer's first call, among a node's arguments."""
    history = {"shape": list(shape), "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": history}


def node(*args: Any, **kwargs: Any) -> list[Plain]:
    """Return one call of a layer."""
    return [{"args": list(args), "kwargs": kwargs}]


def layer(
    kind: str,
    config: Plain | None = None,
    *,
    module: str | None = "keras.layers",
    name: str = "strange",
    nodes: list[Plain] | None = None,
) -> Plain:
    """Return a layer of a functional model, called with the image unless `nodes` says otherwise."""
    return {
        "module": module,
        "class_name": kind,
        "config": {"name": name, "trainable": True, "dtype": "float32", **(config or {})},
        "registered_name": None,
        "name": name,
        "inbound_nodes": node(tensor()) if nodes is None else nodes,
    }


def ordinary(made: Any, *, nodes: list[Plain] | None = None, **changed: Any) -> Plain:
    """Return a layer as Keras writes it, with every setting, some of them changed.

    Args:
        made: A layer of Keras.
        nodes: How it is called; with the image by default.
        **changed: Settings that Keras itself would not take.
    """
    import keras

    plain: Plain = keras.saving.serialize_keras_object(made)
    config = plain["config"] | {"name": "strange"} | changed
    nodes = node(tensor()) if nodes is None else nodes
    return plain | {"config": config, "name": "strange", "inbound_nodes": nodes}


def function(name: str, module: str) -> Plain:
    """Return what names a function, or a class that is called as if it were one."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def image_input(shape: Sequence[int | None] = (None, SIZE, SIZE, 3)) -> Plain:
    """Return an input layer."""
    config = {"batch_shape": list(shape), "sparse": False, "ragged": False}
    return layer("InputLayer", config, name=IMAGE, nodes=[])


def model(*layers: Plain, name: str = "strange_model", given: Plain | None = None) -> Plain:
    """Return a functional model of these layers, which gives the output of the last one."""
    first, last = given or image_input(), layers[-1]
    # As an output, the first call of a model that is a layer has number 1.
    call = int(last["class_name"] == "Functional")
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": {
            "name": name,
            "trainable": True,
            "layers": [first, *layers],
            "input_layers": [[IMAGE, 0, 0]],
            "output_layers": [[last["name"], call, 0]],
        },
        "registered_name": "Functional",
    }


def as_layer(inner: Plain, *, nodes: list[Plain] | None = None) -> Plain:
    """Return a model as a layer of another one."""
    shape = {"input_shape": [None, SIZE, SIZE, 3]}
    nodes = node(tensor()) if nodes is None else nodes
    name = inner["config"]["name"]
    return inner | {"name": name, "inbound_nodes": nodes, "build_config": shape}


def flatten() -> Plain:
    """Return a harmless layer."""
    return layer("Flatten", {"data_format": "channels_last"}, name="flat")


def sequential(*layers: Plain) -> Plain:
    """Return a model in which each layer gets what the one before gives."""
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "sequential", "trainable": True, "layers": [image_input(), *layers]},
        "registered_name": "Sequential",
        "build_config": {"input_shape": [None, SIZE, SIZE, 3]},
    }


def an_image() -> Any:
    """Return an image as the good run takes it."""
    return np.zeros((SIZE, SIZE, 3), "uint8")
