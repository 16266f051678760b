"""From a resolved TrainingConfig to Keras's optimizer, schedule, loss and metrics."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import keras

from imgclass.training.config import TrainingConfig
from imgclass.training.keras_object import KerasObject
from imgclass.training.layer_rates import LayerRates
from imgclass.training.muon import Muon
from imgclass.training.names import USUAL_METRICS
from imgclass.training.weight_averages import WarmAverages
from imgclass.training.weighted_loss import ClassWeightedLoss

MOMENTUM = 0.9
# Large steps would undo what the backbone has learned; a tenth of the rate is usual (Girshick
# et al., *Rich Feature Hierarchies*, 2014).
FINE_TUNING_STEP = 10
# Share of the steps in which a schedule climbs. One cycle: airbench's (Smith and Topin,
# *Super-Convergence*, 2017, climb for about a third). Cosine (Loshchilov and Hutter, *SGDR*, 2017):
# the usual 5 of about 100 epochs (Goyal et al., *Accurate, Large Minibatch SGD*, 2017).
WARM_UP = {"one_cycle": 0.2, "cosine": 0.05}


def make_optimizer(config: TrainingConfig, *, total_steps: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of `config` for `total_steps` batches."""
    if isinstance(config.optimizer, KerasObject):
        return config.optimizer.build()
    rate = make_schedule(config, total_steps=total_steps)
    optimizer = _class_of(config.optimizer or "adam")
    options: dict[str, Any] = {}
    if config.optimizer == "sgd":
        options |= {"momentum": MOMENTUM, "nesterov": True}
    if config.ema is not None:
        options |= {"use_ema": True, "ema_momentum": config.ema}
    # None, where Keras has it, saves a multiplication by one in each step.
    is_none = _default(optimizer, "weight_decay") is None and not config.weight_decay
    decay = None if is_none else config.weight_decay
    made = _extended(optimizer, config)(rate, weight_decay=decay, **options)
    if config.layer_decay != 1:
        made.layer_decay = config.layer_decay
    return made


def make_schedule(
    config: TrainingConfig, *, total_steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the learning rate of `config`, or its schedule over the steps.

    A schedule climbs linearly and falls along a cosine; no step's rate is zero.
    """
    peak = config.learning_rate
    assert peak is not None
    if config.schedule == "constant":
        return peak
    climb = max(1, round(WARM_UP[config.schedule] * total_steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=peak / (climb + 1),
        decay_steps=max(1, total_steps - climb),
        warmup_target=peak,
        warmup_steps=climb,
    )


def make_loss(config: TrainingConfig, *, class_weights: Sequence[float] | None = None) -> Any:
    """Return the user's loss, or the cross-entropy of smoothed targets; weighted by class."""
    if class_weights is None and config.loss is None:
        return keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing or 0.0)
    if class_weights is None:
        return _built(config.loss, keras.losses.get)
    if config.loss is None:
        smoothed = partial(
            keras.losses.categorical_crossentropy, label_smoothing=config.label_smoothing or 0.0
        )
        return ClassWeightedLoss(smoothed, class_weights)
    return ClassWeightedLoss(keras.losses.get(config.loss), class_weights)


def make_metrics(config: TrainingConfig) -> list[Any]:
    """Return the accuracy, the plain cross-entropy in nats, and the user's own metrics."""
    own = (metric for metric in config.metrics if metric not in USUAL_METRICS)
    return [
        "accuracy",
        keras.metrics.CategoricalCrossentropy(name="categorical_crossentropy"),
        *(_built(metric, _metric_of) for metric in own),
    ]


def make_metrics_variables(model: keras.Model) -> None:
    """Make the variables of a compiled model's metrics, which Keras makes in the first step."""
    classes = model.output_shape[-1]
    labels = keras.ops.one_hot([0, classes - 1], classes)
    model.compute_metrics(None, labels, labels)
    model.reset_metrics()


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


def _extended(optimizer: Any, config: TrainingConfig) -> Any:
    """Return an optimizer's class with what `config` adds to it.

    With PyTorch, Keras has faster versions of its own classes, but not of such classes.
    """
    added = {WarmAverages: config.ema is not None, LayerRates: config.layer_decay != 1}
    bases = (*(base for base, is_asked_for in added.items() if is_asked_for), optimizer)
    return optimizer if len(bases) == 1 else type(optimizer.__name__, bases, {})


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
