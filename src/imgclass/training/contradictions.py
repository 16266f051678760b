"""Contradictions in a recipe: settings that are fine alone and make no sense together."""

from math import inf
from typing import TYPE_CHECKING

from imgclass.errors import UsageError
from imgclass.training.keras_object import KerasObject

if TYPE_CHECKING:
    from imgclass.training.config import TrainingConfig

LABEL_SMOOTHING = 0.1
# Always in Keras's logs.
TAKEN_NAMES = ("loss", "accuracy", "categorical_crossentropy")


def require_consistent(config: "TrainingConfig") -> None:
    """Refuse a recipe whose settings contradict each other, by an error that names both."""
    _require_phases(config)
    _require_own_rate(config)
    _require_one_rate(config)
    _require_one_use_of_smoothing(config)
    _require_weighable_loss(config)
    _require_distinct_metrics(config)


def _require_phases(config: "TrainingConfig") -> None:
    if not config.head_epochs < (config.epochs or inf):
        raise UsageError(
            f"Expected 0 <= head_epochs < epochs={config.epochs}, since they are the first epochs; "
            f"received head_epochs={config.head_epochs}."
        )
    rate = config.fine_tune_rate
    if not config.head_epochs and (config.unfreeze is not None or rate is not None):
        raise UsageError(
            f"Expected head_epochs >= 1 (--head-epochs) beside unfreeze and fine_tune_rate, "
            f"which say what follows them; received unfreeze={config.unfreeze!r}, "
            f"fine_tune_rate={rate} and head_epochs=0."
        )


def _require_own_rate(config: "TrainingConfig") -> None:
    """Refuse settings that an optimizer object decides itself."""
    optimizer = config.optimizer
    if not isinstance(optimizer, KerasObject):
        return
    beside = {
        "learning_rate": config.learning_rate is not None,
        "weight_decay": config.weight_decay != 0,
        "schedule": config.schedule != "one_cycle",
        "find_rate": bool(config.find_rate),
        "ema": config.ema is not None,
        "layer_decay": config.layer_decay != 1,
    }
    if given := [name for name, is_given in beside.items() if is_given]:
        received = ", ".join(f"{name}={getattr(config, name)!r}" for name in given)
        raise UsageError(
            f"Expected an optimizer object alone, since it has its own learning rate, schedule, "
            f"weight decay and averages; received {received} beside {optimizer}. Set them where "
            f"the object is made, or name the optimizer, as in optimizer='adam'."
        )
    if config.head_epochs and config.fine_tune_rate is None and optimizer.learning_rate is None:
        raise UsageError(
            f"Expected fine_tune_rate beside head_epochs={config.head_epochs} and an optimizer "
            f"whose learning rate is a schedule, since a tenth of it is no number; received "
            f"fine_tune_rate=None beside {optimizer}."
        )


def _require_one_rate(config: "TrainingConfig") -> None:
    if config.find_rate and config.learning_rate is not None:
        raise UsageError(
            f"Expected find_rate (--find-rate) or learning_rate (--learning-rate); received both, "
            f"find_rate=True and learning_rate={config.learning_rate:g}. Leave one out."
        )


def _require_weighable_loss(config: "TrainingConfig") -> None:
    if config.class_weights is not None and isinstance(config.loss, KerasObject):
        raise UsageError(
            f"Expected class_weights beside the name of a loss, or none; received "
            f"class_weights={config.class_weights!r} beside the object {config.loss}, which may "
            f"give one number for all images. Weigh the images in the loss itself."
        )


def _require_one_use_of_smoothing(config: "TrainingConfig") -> None:
    if config.loss is not None and config.label_smoothing not in (None, 0, LABEL_SMOOTHING):
        raise UsageError(
            f"Expected label_smoothing beside loss=None, whose targets it smooths; received "
            f"label_smoothing={config.label_smoothing} beside loss={config.loss!r}. Smooth in the "
            f"loss, as in keras.losses.CategoricalCrossentropy(label_smoothing=...)."
        )


def _require_distinct_metrics(config: "TrainingConfig") -> None:
    taken = set(TAKEN_NAMES)
    for metric in config.metrics:
        name = metric.log_name if isinstance(metric, KerasObject) else metric
        if name in taken and metric not in TAKEN_NAMES:
            raise UsageError(
                f"Expected metrics of different names, and none called "
                f"{', '.join(TAKEN_NAMES)}, which are always measured; received a further "
                f"{name!r}. Give it another name=... where it is made."
            )
        taken.add(name)
