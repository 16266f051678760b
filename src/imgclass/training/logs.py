"""The names in Keras's logs that a training reads."""

from collections.abc import Mapping
from typing import Any

Logs = dict[str, Any] | None

OBJECTIVE = "loss"
ACCURACY = "accuracy"
CROSS_ENTROPY = "categorical_crossentropy"
VAL = "val_"

# What each of them, on the training images and on the validation images, is to an `Epoch`.
FIELDS: Mapping[str, str] = {
    CROSS_ENTROPY: "loss",
    ACCURACY: "accuracy",
    OBJECTIVE: "objective",
    VAL + CROSS_ENTROPY: "val_loss",
    VAL + ACCURACY: "val_accuracy",
    VAL + OBJECTIVE: "val_objective",
}
