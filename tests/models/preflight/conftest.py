import copy
import json
import zipfile
from types import SimpleNamespace

import h5py
import numpy as np
import pytest


def layer(
    name, kind="Dense", *, module="keras.layers", takes=None, args=None, kwargs=None, **config
):
    """Return a layer as Keras describes it, called once with the output of another."""
    node = {"args": args if args is not None else [tensor(takes)], "kwargs": kwargs or {}}
    return {
        "module": module,
        "class_name": kind,
        "config": {"name": name, **config},
        "registered_name": None,
        "name": name,
        "inbound_nodes": [node] if takes or args is not None else [],
    }


def tensor(name, call=0, shape=(None, 8, 8, 3)):
    """Return the output of a layer's call as Keras describes it."""
    config = {"shape": list(shape), "dtype": "float32", "keras_history": [name, call, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def dense(name, takes, units=2, **config):
    """Return a Dense layer."""
    settings = {"units": units, "activation": "linear", "use_bias": True, **config}
    return layer(name, "Dense", takes=takes, **settings)


def image(shape=(None, 8, 8, 3), name="image"):
    """Return an input layer."""
    settings = {"batch_shape": list(shape), "dtype": "float32", "sparse": False, "ragged": False}
    return layer(name, "InputLayer", **settings, optional=False)


def model(*layers, name="model", output=None, first=None):
    """Return a Functional model of layers, the last of which gives its output."""
    layers = [first or image(), *layers]
    # Keras counts the calls of a Functional model from 1.
    call = int(layers[-1]["class_name"] == "Functional")
    config = {
        "name": name,
        "trainable": True,
        "layers": layers,
        "input_layers": [layers[0]["name"], 0, 0],
        "output_layers": output or [layers[-1]["name"], call, 0],
    }
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
        "build_config": {"input_shape": None},
    }


def sequential(*layers, name="model"):
    """Return a Sequential model of layers."""
    inner = [{k: v for k, v in x.items() if k not in ("name", "inbound_nodes")} for x in layers]
    config = {"name": name, "trainable": True, "layers": inner}
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": config,
        "registered_name": None,
    }


def called(item, name, takes, shape=(None, 8, 8, 3)):
    """Return a model as a layer of another."""
    item = copy.deepcopy(item)
    item["config"]["name"] = item["name"] = name
    item["inbound_nodes"] = [{"args": [tensor(takes, shape=shape)], "kwargs": {}}]
    return item


def weights(path, *arrays):
    """Write arrays as Keras would."""
    with h5py.File(path, "w") as file:
        for number, array in enumerate(arrays):
            group = file.create_group(f"layers/dense_{number}/vars")
            group.attrs["name"] = f"dense_{number}"
            group["0"] = array
    return path


def keras_file(path, config, *, values=1_000, members=None, compression=zipfile.ZIP_STORED):
    """Write a `.keras` file with a configuration and this many weights."""
    held = weights(path.with_name("weights.h5"), np.zeros(values, np.float32)).read_bytes()
    parts = {"metadata.json": "{}", "config.json": config, "model.weights.h5": held}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in (parts | (members or {})).items():
            text = data if isinstance(data, str | bytes) else json.dumps(data)
            archive.writestr(name, text)
    return path


@pytest.fixture
def make():
    """Functions that make configurations and files."""
    return SimpleNamespace(
        **{
            f.__name__: f
            for f in (layer, tensor, dense, image, model, sequential, called, weights, keras_file)
        }
    )
