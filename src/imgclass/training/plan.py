"""From a recipe, a model and its data to what a training will do, phase by phase."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from imgclass.flows.flow import Flows
from imgclass.training.callback_rules import Setting, require_usable
from imgclass.training.checkpoints.state import TrainingState
from imgclass.training.config import TrainingConfig
from imgclass.training.keras_object import KerasObject
from imgclass.training.phases import Phase, plan_phases
from imgclass.training.recipe import at_rate, make_optimizer


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What will be done.

    Attributes:
        phases: The phases.
        optimizers: One for each of them.
    """

    phases: tuple[Phase, ...]
    optimizers: tuple[Any, ...]

    def unfreeze(self) -> None:
        """Let everything learn again that the phases froze, so that the model can begin anew."""
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
    """Decide everything that can be decided, and refuse what can be refused, before training.

    Args:
        config: The recipe, filled in.
        model: What will be trained.
        flows: What it will be trained on.
        callbacks: The user's own.
        before: What is gone on from; None begins.

    Raises:
        UsageError: The model has no backbone, or no layer of it that `unfreeze` names, or a
            callback could not do here what it is for.
    """
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
    setting = Setting(optimizers, is_own_object=is_own_object, goes_on=before is not None)
    require_usable(callbacks, setting)
    return TrainingPlan(phases, optimizers)


def _scaling(optimizer: Any, model: Any) -> Any:
    """Return what scales the loss where the model's float16 needs it.

    Keras does so by itself, but saves the settings without it, and then cannot load the file.
    """
    kind = keras.optimizers.LossScaleOptimizer
    needs_it = model.dtype_policy.name == "mixed_float16" and not isinstance(optimizer, kind)
    return kind(optimizer) if needs_it else optimizer
