"""A loss in which images count by their class."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops


class ClassWeightedLoss(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """The mean over the images of `loss`, each times the sum over classes of weight * target.

    With one-hot targets that is the weight of the image's class; an image that MixUp made of two
    classes counts with the mix of their weights.

    Args:
        loss: Returns one number an image, of shape `(batch,)`, from targets and probabilities of
            shape `(batch, classes)`.
        weights: One a class.
    """

    def __init__(self, loss: Callable[[Any, Any], Any], weights: Sequence[float]) -> None:
        super().__init__(name="class_weighted_loss")
        self.loss, self.weights = loss, tuple(weights)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the weighted loss of each image, of shape `(batch,)`."""
        weights = ops.sum(y_true * ops.convert_to_tensor(self.weights, y_true.dtype), axis=-1)
        return self.loss(y_true, y_pred) * weights
