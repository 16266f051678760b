"""A learning rate for each layer: smaller for the lower ones."""

from collections.abc import Sequence
from typing import Any

from keras import ops


class LayerRates:
    """Makes a Keras optimizer train lower layers at lower rates; put it before its class.

    A layer's rate is `learning_rate * layer_decay ** depth`, and so is its weight decay; `depth`
    counts the trained layers with a kernel above it, from 0 at the top. A normalisation belongs to
    the layer before it.

    Sources: Howard and Ruder, *Universal Language Model Fine-tuning*, 2018 (where it is called
    discriminative fine-tuning); Clark et al., *ELECTRA*, 2020.
    """

    layer_decay: float = 1.0
    weight_decay: float | None
    _get_variable_index: Any
    assign_sub: Any

    def build(self, variables: Sequence[Any]) -> None:
        """Make the optimizer's own variables."""
        super().build(variables)  # type: ignore[misc]  # the optimizer's
        self._shares = shares_by_depth(variables, self.layer_decay)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Decay a variable's weights and update them, both at its layer's rate."""
        rate = ops.cast(learning_rate, variable.dtype)
        rate *= self._shares[self._get_variable_index(variable)]
        if self.weight_decay:
            self.assign_sub(variable, variable * self.weight_decay * rate)
        super().update_step(gradient, variable, rate)  # type: ignore[misc]  # the optimizer's

    def _apply_weight_decay(self, variables: Any) -> None:
        """Do nothing: Keras would decay all layers at one rate."""


def shares_by_depth(variables: Sequence[Any], decay: float) -> tuple[float, ...]:
    """Return `decay ** depth` for each variable of a model, lowest layer first.

    Example:
        >>> import keras
        >>> kernel, bias = keras.Variable([[1.0]]), keras.Variable([1.0])
        >>> shares_by_depth([kernel, bias, kernel, bias], 0.5)
        (0.5, 0.5, 1.0, 1.0)
    """
    shares, depth = [], 0
    for variable in reversed(variables):
        shares.append(decay**depth)
        depth += len(variable.shape) > 1
    return tuple(reversed(shares))
