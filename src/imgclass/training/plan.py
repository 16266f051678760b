"""What a training will do, decided and checked before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from imgclass.errors import TrainingError, UsageError
from imgclass.flows.flow import Flows
from imgclass.training.checkpoints.state import TrainingState
from imgclass.training.class_weights import require_known_classes
from imgclass.training.config import TrainingConfig
from imgclass.training.keras_object import KerasObject
from imgclass.training.phases import Phase, plan_phases
from imgclass.training.recipe import at_rate, make_optimizer
from imgclass.training.user_callbacks import CallbackContext, require_usable

# What a flow must have beside PyDataset's names.
FLOW_NAMES = ("paths", "labels", "batch_size", "__len__", "__getitem__", "start_epoch")


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """The phases of a training, each with its optimizer."""

    phases: tuple[Phase, ...]
    optimizers: tuple[Any, ...]

    def unfreeze(self) -> None:
        """Unfreeze what the phases froze, so that the model can be trained again."""
        for phase in self.phases:
            for layer in (*phase.learning, *phase.frozen):
                layer.trainable = True


def plan_training(
    config: TrainingConfig,
    model: Any,
    flows: Flows,
    *,
    callbacks: Sequence[Any],
    before: TrainingState | None = None,
) -> TrainingPlan:
    """Return a training's phases and optimizers, and refuse what cannot work in it."""
    require_known_classes(config.class_weights, flows.class_names)
    phases = plan_phases(model, replace(config, epochs=before.planned_epochs) if before else config)
    for start, end in before.added if before else ():
        phases += (replace(phases[-1], epochs=end - start),)
    steps = len(flows.train_augmented)
    optimizers = tuple(
        _scaling(
            make_optimizer(at_rate(config, phase.learning_rate), total_steps=phase.epochs * steps),
            model,
        )
        for phase in phases
    )
    is_own_object = isinstance(config.optimizer, KerasObject)
    context = CallbackContext(
        optimizers,
        is_own_object,
        is_resumed=before is not None,
        has_own_loss=config.class_weights is not None,
    )
    require_usable(callbacks, context)
    return TrainingPlan(phases, optimizers)


def require_flows(flows: Flows) -> None:
    """Refuse flows that a model cannot be trained on: no PyDataset, or an empty one."""
    for name in ("train_augmented", "val"):
        flow = getattr(flows, name, None)
        lacking = [each for each in FLOW_NAMES if not hasattr(flow, each)]
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
                f"Expected at least one batch in flows.{name}; received none. Check that the "
                f"data set has images of this split."
            )


def require_fit(model: Any, flows: Flows) -> None:
    """Refuse a model whose input or output does not match the flows."""
    expected = (*flows.image_size, 3), len(flows.class_names)
    received = tuple(model.input_shape[1:]), model.output_shape[-1]
    if expected != received:
        raise TrainingError(
            f"Expected a model from images of {expected[0]} to {expected[1]} classes; received "
            f"one from {received[0]} to {received[1]}. Build it with the flows' image_size and "
            f"len(class_names)."
        )


def _scaling(optimizer: Any, model: Any) -> Any:
    """Return the optimizer, wrapped in one that scales the loss if the model computes in float16.

    Keras would wrap it by itself, but saves it without the wrapper and cannot load the file.
    """
    kind = keras.optimizers.LossScaleOptimizer
    needs_it = model.dtype_policy.name == "mixed_float16" and not isinstance(optimizer, kind)
    return kind(optimizer) if needs_it else optimizer
