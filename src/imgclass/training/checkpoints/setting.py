"""The setting of a training, in words: its data, model, versions and machine."""

import json
import os
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import keras
import numpy as np

from imgclass.flows.flow import Flows
from imgclass.training.checkpoints.callback_states import options_of
from imgclass.training.checkpoints.state import Setting
from imgclass.training.environment import describe_environment

# What decides the computed values; Python's version does not.
COMPUTING = ("imgclass-keras", "keras", "numpy", "pillow", "scipy", "backend")
DIGITS = 12  # hexadecimal ones of a SHA-256, enough to tell two apart


def describe_setting(
    model: keras.Model, flows: Flows, callbacks: Sequence[keras.callbacks.Callback]
) -> Setting:
    """Describe a training's setting.

    A digest of the first batch stands for the images, their order and augmentation.
    """
    environment = describe_environment("float32")
    flows.train_augmented.start_epoch(0)
    return Setting(
        data={
            "classes": ", ".join(flows.class_names),
            "image size": " x ".join(map(str, flows.image_size)),
            "training images": f"{len(flows.train_augmented.paths):,}",
            "validation images": f"{len(flows.val.paths):,}",
            "labels": _digest(flows.train_augmented.labels, flows.val.labels),
            "batch size": str(flows.train_augmented.batch_size),
            "first training batch": _digest(*flows.train_augmented[0]),
            "first validation batch": _digest(*flows.val[0]),
        },
        model={
            "weights": f"{len(model.weights):,} arrays, {model.count_params():,} numbers",
            "layers": _digest_of_layers(model),
            "precision": model.dtype_policy.name,
        },
        versions={name: environment[name] for name in COMPUTING},
        machine={
            "platform": environment["platform"],
            "processor": environment["processor"],
            "processor cores": str(_cores()),
        },
        callbacks={
            f"callback {i}, {name}": value
            for i, callback in enumerate(callbacks, start=1)
            for name, value in options_of(callback).items()
        },
    )


def _digest(*arrays: Any) -> str:
    digest = sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:DIGITS]


def _digest_of_layers(model: keras.Model) -> str:
    """Return a digest of a model's configuration, without Keras's numbers in names."""
    described = json.dumps(model.get_config(), sort_keys=True, default=str)
    return sha256(re.sub(r'_\d+"', '"', described).encode()).hexdigest()[:DIGITS]


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
