"""The features for the last phase of a training, computed before its first one."""

from collections.abc import Callable

import keras

from imgclass.features import learning_part
from imgclass.flows.flow import Flows
from imgclass.training.phases import Phase


def keep_inner_features(
    model: keras.Model,
    flows: Flows,
    last: Phase,
    *,
    shows_progress: bool = False,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Compute the features for the last of two phases, and keep them in `flows.features`.

    Those for the first phase, in which more layers are frozen, are then computed from these and not
    again from the images: two passes of the frozen layers become one.

    Args:
        model: As for `Trainer.fit`; which layers learn is afterwards as before.
        flows: As for `Trainer.fit`.
        last: The last phase.
        shows_progress: Whether to show a bar on standard error.
        check: Called after each batch; an error that it raises ends the computation.
    """
    before = {id(layer): layer.trainable for layer in model.layers}
    try:
        last.begin()
        learning_part(model, flows, epochs=last.epochs, shows_progress=shows_progress, check=check)
    finally:
        for layer in model.layers:
            layer.trainable = before[id(layer)]
