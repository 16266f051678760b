"""Keras variables to the named arrays of a checkpoint, and back."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from imgclass.errors import CheckpointError
from imgclass.training.checkpoints.tensors import Arrays
from imgclass.training.optimizers import single_optimizers


def named(variables: Iterable[Any], group: str) -> dict[str, npt.NDArray[Any]]:
    """Return the variables' values as `group/0`, `group/1` ...

    NumPy has no bfloat16; such values become float32, without loss.
    """
    values = {}
    for i, variable in enumerate(variables):
        array: npt.NDArray[Any] = np.asarray(keras.ops.convert_to_numpy(variable))
        is_short = array.dtype.name == "bfloat16"
        values[f"{group}/{i}"] = array.astype(np.float32) if is_short else array
    return values


def assign(variables: Sequence[Any], arrays: Arrays, group: str) -> None:
    """Set variables to what `named` returned, after checking all shapes."""
    found = [array for name, array in arrays.items() if name.startswith(f"{group}/")]
    shapes = [tuple(variable.shape) for variable in variables]
    if [array.shape for array in found] != shapes:
        raise CheckpointError(
            f"Expected {len(shapes)} arrays of the {group} in the checkpoint, of the shapes that "
            f"the {group} has now; received {len(found)}, or other shapes. Continue with the model "
            f"and the optimizer that the training began with."
        )
    for variable, value in zip(variables, found, strict=True):
        variable.assign(value)


def metric_variables(model: Any) -> list[Any]:
    """Return the variables in which a model's metrics accumulate."""
    return [variable for metric in model.metrics for variable in metric.variables]


def learning_rates(optimizer: Any) -> list[tuple[Any, float]]:
    """Return the optimizers whose learning rate is a number, with that number."""
    return [
        (single, float(keras.ops.convert_to_numpy(single.learning_rate)))
        for single in single_optimizers([optimizer])
        if isinstance(single.get_config().get("learning_rate"), float)
    ]


def are_finite(variables: Iterable[Any]) -> bool:
    """Return whether all numbers are finite."""
    floats = (variable for variable in variables if "float" in variable.dtype)
    return all(bool(keras.ops.all(keras.ops.isfinite(variable))) for variable in floats)


def random_states() -> dict[str, npt.NDArray[Any]]:
    """Return the states of PyTorch's generators, from which Keras's Dropout draws with PyTorch.

    With other backends it draws from variables of the model.
    """
    if keras.config.backend() != "torch":
        return {}
    import torch

    states = [torch.get_rng_state(), *torch.cuda.get_rng_state_all()]
    return {f"random/{i}": state.numpy() for i, state in enumerate(states)}


def set_random_states(arrays: Arrays) -> None:
    """Set PyTorch's generators; those of cards only if there are as many."""
    found = [array for name, array in arrays.items() if name.startswith("random/")]
    if keras.config.backend() != "torch" or not found:
        return
    import torch

    processor, *cards = [torch.from_numpy(array.copy()) for array in found]
    torch.set_rng_state(processor)
    if len(cards) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(cards)
