"""The learning-rate range test: a model learns for some steps, each at a higher rate."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import isfinite
from typing import Any

import keras

from imgclass.errors import TrainingError
from imgclass.features import learning_part
from imgclass.flows.flow import Batch, Flow, Flows
from imgclass.training.checkpoints.arrays import assign, named, random_states, set_random_states
from imgclass.training.class_weights import weights_in_order
from imgclass.training.config import TrainingConfig
from imgclass.training.fast_kernels import fast_kernels
from imgclass.training.hardware import choose_compilation
from imgclass.training.keras_object import KerasObject
from imgclass.training.memory_failures import explaining_memory
from imgclass.training.optimizers import single_optimizers
from imgclass.training.plan import TrainingPlan, plan_training
from imgclass.training.rate_test import RateTest, smoothed
from imgclass.training.recipe import at_rate, make_loss

# Steps, lowest and highest rate, and how far above the best loss the test ends: those of fastai
# (Howard and Gugger, 2020). A step of Muon has the same length at the same rate, whatever the
# gradient, so that fewer rates make sense.
STEPS = 100
USUAL_RANGE, MUON_RANGE = (1e-7, 10.0), (1e-4, 10.0)
DIVERGED = 4.0


def find_learning_rate(
    config: TrainingConfig, model: keras.Model, flows: Flows, *, shows_progress: bool = False
) -> RateTest:
    """Run the test in the first phase of `config`, a resolved recipe, and undo all of it.

    The model gets back its weights and its random states, and the flow its first epoch.
    """
    lowest, highest = MUON_RANGE if config.optimizer == "muon" else USUAL_RANGE
    plan = plan_training(_at_constant_rate(config, lowest), model, flows, callbacks=())
    phase = plan.phases[0]
    rates: list[float] = []
    losses: list[float] = []
    with (
        _unchanged(model, flows.train_augmented),
        _frozen_as_in(plan),
        explaining_memory(flows.train_augmented.batch_size),
    ):
        part = learning_part(model, flows, epochs=phase.epochs, shows_progress=shows_progress)
        # It has the same layers, and is compiled in their model's place.
        learner = keras.Model(part.model.input, part.model.output)
        weights = weights_in_order(
            config.class_weights, flows.class_names, flows.train_augmented.labels
        )
        learner.compile(
            optimizer=plan.optimizers[0],
            loss=make_loss(config, class_weights=weights),
            jit_compile=choose_compilation(),
        )
        with fast_kernels(learner):
            for step, batch in enumerate(_batches(part.flows.train_augmented)):
                rate = lowest * (highest / lowest) ** (step / (STEPS - 1))
                loss = _learn(learner, batch, rate)
                if not isfinite(loss):
                    break
                rates.append(rate)
                losses.append(loss)
                if _has_diverged(losses):
                    break
    if not losses:
        raise TrainingError(
            f"Expected a finite loss of the untrained model; received another at the lowest "
            f"learning rate, {lowest:g}. Look at the model's layers and at the first images."
        )
    return RateTest(tuple(rates), tuple(losses))


def with_rate(config: TrainingConfig, rate: float) -> TrainingConfig:
    """Return `config` with a rate that was found for it."""
    return replace(config, find_rate=None, learning_rate=rate)


def _at_constant_rate(config: TrainingConfig, rate: float) -> TrainingConfig:
    config = replace(config, find_rate=None)
    if isinstance(config.optimizer, KerasObject):
        return at_rate(config, rate)
    return replace(config, learning_rate=rate, schedule="constant", ema=None)


def _batches(flow: Flow) -> Iterator[Batch]:
    """Yield a batch for each step, epoch after epoch, without the smaller last one of an epoch."""
    whole = max(1, len(flow.paths) // flow.batch_size)
    for step in range(STEPS):
        if step % whole == 0:
            flow.start_epoch(step // whole)
        yield flow[step % whole]


def _learn(learner: keras.Model, batch: Batch, rate: float) -> float:
    """Take a step at a rate, and return the loss before it."""
    for single in single_optimizers([learner.optimizer]):
        single.learning_rate = rate
    learner.reset_metrics()
    return float(learner.train_on_batch(*batch, return_dict=True)["loss"])


def _has_diverged(losses: Sequence[float]) -> bool:
    values = smoothed(losses)
    return values[-1] > DIVERGED * min(values)


@contextmanager
def _frozen_as_in(plan: TrainingPlan) -> Iterator[None]:
    """Freeze what the first phase freezes."""
    try:
        plan.phases[0].begin()
        yield
    finally:
        plan.unfreeze()


@contextmanager
def _unchanged(model: keras.Model, flow: Any) -> Iterator[None]:
    """Give back to a model its variables, to PyTorch its random states, to a flow its epoch 0."""
    values = named(model.variables, "model") | random_states()
    before = {name: value.copy() for name, value in values.items()}  # PyTorch's share memory
    try:
        yield
    finally:
        assign(model.variables, before, "model")
        set_random_states(before)
        flow.start_epoch(0)
