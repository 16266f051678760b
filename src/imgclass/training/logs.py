"""Keras's logs of an epoch, and the `Epoch` that they describe."""

from collections.abc import Mapping
from math import nan
from typing import Any

import keras

from imgclass.training.history import Epoch

Logs = dict[str, Any] | None

OBJECTIVE = "loss"
ACCURACY = "accuracy"
CROSS_ENTROPY = "categorical_crossentropy"
VAL = "val_"

# Fields of `Epoch` by their names in the logs.
FIELDS: Mapping[str, str] = {
    CROSS_ENTROPY: "loss",
    ACCURACY: "accuracy",
    OBJECTIVE: "objective",
    VAL + CROSS_ENTROPY: "val_loss",
    VAL + ACCURACY: "val_accuracy",
    VAL + OBJECTIVE: "val_objective",
}


def read_epoch(logs: Logs, optimizer: Any, *, seconds: float, phase: int) -> Epoch:
    """Return the epoch that Keras's `logs` describe, with NaN for what they lack."""
    logs = logs or {}
    return Epoch(
        **{field: float(logs.get(name, nan)) for name, field in FIELDS.items()},
        learning_rate=_learning_rate(optimizer),
        seconds=seconds,
        phase=phase,
        metrics={
            name: float(value)
            for name, value in logs.items()
            if name not in FIELDS and isinstance(value, int | float)
        },
    )


def _learning_rate(optimizer: Any) -> float:
    """Return the next step's learning rate; NaN if several optimizers have one each."""
    try:
        return float(keras.ops.convert_to_numpy(getattr(optimizer, "learning_rate", nan)))
    except (TypeError, ValueError):
        return nan
