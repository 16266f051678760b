"""Measure how long each phase of a training takes, by a few of its steps."""

import logging
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import keras

from imgclass.features import Part, learning_part
from imgclass.flows.flow import Flows
from imgclass.training.class_weights import weights_in_order
from imgclass.training.config import TrainingConfig
from imgclass.training.fast_kernels import fast_kernels
from imgclass.training.hardware import choose_compilation
from imgclass.training.memory_failures import explaining_memory
from imgclass.training.plan import plan_training
from imgclass.training.recipe import make_loss, make_metrics
from imgclass.training.speed import Speed

# Seconds of steps, and how many at least and at most. The fastest counts: others were disturbed.
LONG_ENOUGH, FEWEST, MOST = 1.5, 3, 20


def measure_speeds(config: TrainingConfig, model: keras.Model, flows: Flows) -> Iterator[Speed]:
    """Yield the speed of each phase of a training, measured when it is asked for.

    The model learns a little: give one that is not needed afterwards.

    Args:
        config: Resolved; with `head_epochs` there are two phases.
        model: As for `Trainer.fit`.
        flows: Of a few images of the data set; two batches or more of train images.
    """
    logging.getLogger("tensorflow").addFilter(_says_more_than_retracing)
    plan = plan_training(config, model, flows, callbacks=())
    for phase, optimizer in zip(plan.phases, plan.optimizers, strict=True):
        phase.begin()
        with explaining_memory(flows.train_augmented.batch_size):
            yield _measured(config, optimizer, model, flows)


def _says_more_than_retracing(record: logging.LogRecord) -> bool:
    """Return False for TensorFlow's warning of many compiled models: here each has its reason."""
    return "tf.function retracing" not in str(record.msg)


def _measured(config: TrainingConfig, optimizer: object, model: keras.Model, flows: Flows) -> Speed:
    flows.features.clear()
    times = [time.perf_counter()]
    part = learning_part(model, flows, epochs=1, check=lambda: times.append(time.perf_counter()))
    flow, seconds = (
        part.flows.train_augmented,
        [after - before for before, after in pairwise(times)],
    )
    whole = max(1, len(flow.paths) // flow.batch_size)  # batches; the last one may be smaller
    images = min(flow.batch_size, len(flow.paths))
    frozen = min(seconds[-len(flow) :][:whole]) / images if seconds else 0.0
    learner = _compiled(part, config, optimizer, flows)
    with fast_kernels(learner):
        began = time.perf_counter()
        flow.start_epoch(0)
        learner.train_on_batch(*flow[0])
        learner.test_on_batch(*flow[0])
        start = time.perf_counter() - began
        step = _fastest(lambda index: learner.train_on_batch(*flow[index % whole]))
        scoring = _fastest(lambda index: learner.test_on_batch(*flow[index % whole]))
    return Speed(frozen, step / images, scoring / images, start + sum(seconds[:1]))


def _compiled(part: Part, config: TrainingConfig, optimizer: object, flows: Flows) -> keras.Model:
    learner = keras.Model(part.model.input, part.model.output)
    labels = flows.train_augmented.labels
    weights = weights_in_order(config.class_weights, flows.class_names, labels)
    learner.compile(
        optimizer=optimizer,
        loss=make_loss(config, class_weights=weights),
        metrics=make_metrics(config),
        jit_compile=choose_compilation(),
    )
    return learner


def _fastest(act: Callable[[int], object]) -> float:
    """Return the least time of some calls of `act`, which is told their number from 0."""
    seconds: list[float] = []
    while len(seconds) < FEWEST or (len(seconds) < MOST and sum(seconds) < LONG_ENOUGH):
        began = time.perf_counter()
        act(len(seconds))
        seconds.append(time.perf_counter() - began)
    return min(seconds)
