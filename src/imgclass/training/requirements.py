"""What is checked before a training begins: the flows, the model, and whether they fit."""

from typing import Any

import keras

from imgclass.errors import TrainingError, UsageError
from imgclass.flows.flow import Flows

NEEDED = ("paths", "labels", "batch_size", "__len__", "__getitem__", "start_epoch")


def require_flows(flows: Flows) -> None:
    """Refuse flows that could not be trained on.

    Raises:
        UsageError: One is no flow.
        TrainingError: One is empty.
    """
    for name in ("train_augmented", "val"):
        flow = getattr(flows, name, None)
        lacking = [each for each in NEEDED if not hasattr(flow, each)]
        if lacking or not isinstance(flow, keras.utils.PyDataset):
            lack = f" without {', '.join(lacking)}" if lacking else ""
            raise UsageError(
                f"Expected flows.{name} to be a keras.utils.PyDataset with paths, labels, "
                f"batch_size and start_epoch(), as open_flows() gives it; see imgclass.flows.Flow; "
                f"received {type(flow).__name__}{lack}. Give open_flows() the folder, or write a "
                f"PyDataset with these around your data."
            )
        if not len(flow):
            raise TrainingError(
                f"Expected at least one batch of {name} images; received none. Training on nothing "
                f"would end in silent success."
            )


def require_fit(model: Any, flows: Flows) -> None:
    """Refuse a model whose input or output is not that of the flows.

    Raises:
        TrainingError: It is.
    """
    expected = (*flows.image_size, 3), len(flows.class_names)
    received = tuple(model.input_shape[1:]), model.output_shape[-1]
    if expected != received:
        raise TrainingError(
            f"Expected a model from images of {expected[0]} to {expected[1]} classes; received "
            f"one from {received[0]} to {received[1]}. Build it with the flows' image_size and "
            f"len(class_names)."
        )
