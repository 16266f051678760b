"""What the files of a model in training say of its optimizer: nothing that needs imgclass."""

import weakref
from typing import Any

import keras

PACKAGE = "imgclass"


def leave_own_optimizer_out_of_files(model: keras.Model) -> None:
    """Let what is saved of `model` name no optimizer of imgclass's own.

    A file that names one could be read where imgclass was imported only. Without it the file loads
    anywhere, as a model that is not compiled. Any other optimizer is saved as ever.
    """
    if not has_own_optimizer(model.optimizer):
        return
    known = weakref.ref(model)  # nothing shall keep a model that is not needed any more

    def get_compile_config() -> dict[str, Any]:
        model = known()
        if model is None or has_own_optimizer(model.optimizer):
            return {}
        settings: dict[str, Any] = type(model).get_compile_config(model)
        return settings

    # Not by assignment, which Keras watches for what is to be saved.
    vars(model)["get_compile_config"] = get_compile_config


def has_own_optimizer(optimizer: Any) -> bool:
    """Return whether `optimizer`, or the one that it scales the loss for, is imgclass's own.

    Example:
        >>> from imgclass.training.muon import Muon
        >>> has_own_optimizer(Muon()), has_own_optimizer(keras.optimizers.SGD())
        (True, False)
        >>> has_own_optimizer(keras.optimizers.LossScaleOptimizer(Muon()))
        True
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    return str(keras.saving.get_registered_name(type(inner))).startswith(f"{PACKAGE}>")
