"""From a resolved TrainingConfig to Keras's optimizer, schedule, loss and metrics."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras

from imgclass.training.config import TrainingConfig
from imgclass.training.keras_object import KerasObject
from imgclass.training.muon import Muon
from imgclass.training.names import USUAL_METRICS

MOMENTUM = 0.9
# Large steps would undo what the backbone has learned; a tenth of the rate is usual (Girshick
# et al., *Rich Feature Hierarchies*, 2014).
FINE_TUNING_STEP = 10
# Share of the steps in which one_cycle climbs: 0.2 is airbench's (Smith and Topin,
# *Super-Convergence*, 2017, climb for about a third).
WARM_UP = 0.2


def make_optimizer(config: TrainingConfig, *, total_steps: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of `config` for `total_steps` batches."""
    if isinstance(config.optimizer, KerasObject):
        return config.optimizer.build()
    rate = make_schedule(config, total_steps=total_steps)
    optimizer = _class_of(config.optimizer or "adam")
    options = {"momentum": MOMENTUM, "nesterov": True} if config.optimizer == "sgd" else {}
    # None, where Keras has it, saves a multiplication by one in each step.
    is_none = _default(optimizer, "weight_decay") is None and not config.weight_decay
    decay = None if is_none else config.weight_decay
    return optimizer(rate, weight_decay=decay, **options)


def make_schedule(
    config: TrainingConfig, *, total_steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the learning rate of `config`, or its schedule over the steps.

    `one_cycle` climbs linearly and falls along a cosine; no step's rate is zero.
    """
    peak = config.learning_rate
    assert peak is not None
    if config.schedule == "constant":
        return peak
    climb = max(1, round(WARM_UP * total_steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=peak / (climb + 1),
        decay_steps=max(1, total_steps - climb),
        warmup_target=peak,
        warmup_steps=climb,
    )


def make_loss(config: TrainingConfig) -> Any:
    """Return the user's loss, or the cross-entropy of smoothed targets."""
    if config.loss is None:
        return keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
    return _built(config.loss, keras.losses.get)


def make_metrics(config: TrainingConfig) -> list[Any]:
    """Return the accuracy, the plain cross-entropy in nats, and the user's own metrics."""
    own = (metric for metric in config.metrics if metric not in USUAL_METRICS)
    return [
        "accuracy",
        keras.metrics.CategoricalCrossentropy(name="categorical_crossentropy"),
        *(_built(metric, _metric_of) for metric in own),
    ]


def fine_tuning_rate(config: TrainingConfig) -> float:
    """Return the peak rate while a pretrained backbone learns, too."""
    if config.fine_tune_rate is not None:
        return config.fine_tune_rate
    optimizer = config.optimizer
    own = optimizer.learning_rate if isinstance(optimizer, KerasObject) else config.learning_rate
    assert own is not None
    return own / FINE_TUNING_STEP


def at_rate(config: TrainingConfig, learning_rate: float | None) -> TrainingConfig:
    """Return `config` at another rate: its peak, or its optimizer object's, which None leaves."""
    if learning_rate is not None and isinstance(config.optimizer, KerasObject):
        return replace(config, optimizer=config.optimizer.at_rate(learning_rate))
    return replace(config, learning_rate=learning_rate)


def _class_of(name: str) -> Any:
    ours: Mapping[str, Any] = {"adam": keras.optimizers.AdamW, "muon": Muon}
    known = {key.lower(): value for key, value in vars(keras.optimizers).items()}
    return ours.get(name) or known[name]


def _default(function: Any, name: str) -> Any:
    """Return a parameter's default; None if there is no such parameter."""
    parameter = inspect.signature(function).parameters.get(name)
    return None if parameter is None else parameter.default


def _built(value: Any, by_name: Any) -> Any:
    return value.build() if isinstance(value, KerasObject) else by_name(value)


def _metric_of(name: str) -> Any:
    # Keras's default gives a number per class; one is wanted.
    options = {"average": "macro"} if name == "f1_score" else {}
    # Keras's logs would call a second one auc_1.
    return type(keras.metrics.get(name))(name=name, **options)
