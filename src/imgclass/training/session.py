"""One training, which `Trainer` has checked and planned, carried out from beginning to end."""

import contextlib
from collections.abc import Sequence

import keras

from imgclass.errors import DivergedError
from imgclass.flows.flow import Flows
from imgclass.training.best_weights import BestWeights
from imgclass.training.checkpoints.folder import Checkpoint, CheckpointFolder
from imgclass.training.checkpoints.parts import RecordedParts
from imgclass.training.checkpoints.recorder import SaveCheckpoints
from imgclass.training.checkpoints.state import TrainingState
from imgclass.training.epoch_notes import EpochClock, EpochNotes
from imgclass.training.finite import FiniteTraining
from imgclass.training.history import History
from imgclass.training.interrupts import AnswerInterrupts, Interrupts
from imgclass.training.memory_failures import explaining_memory
from imgclass.training.optimizers import has_averages
from imgclass.training.phase_loop import PhaseLoop, TrainingCallbacks
from imgclass.training.phases import rates_of
from imgclass.training.plan import TrainingPlan
from imgclass.training.progress import Progress
from imgclass.training.user_callbacks import averaging, restored_epoch
from imgclass.training.watch import Watch


def run_training(
    plan: TrainingPlan,
    model: keras.Model,
    flows: Flows,
    state: TrainingState,
    *,
    callbacks: Sequence[keras.callbacks.Callback],
    folder: CheckpointFolder | None,
    watch: Watch | None,
    shows_progress: bool,
    before: Checkpoint | None = None,
) -> History:
    """Train `model` by `plan`, leave it the best weights, and return the history.

    It begins at `state`, or continues there from the checkpoint `before`.
    """
    config, flow = state.config, flows.train_augmented
    are_averaged, steps = has_averages(plan.optimizers), len(flow)
    assert config.epochs is not None
    clock, best, interrupts = EpochClock(), BestWeights(config.patience), Interrupts()
    notes = EpochNotes(clock, best, watch, has_averages=are_averaged)
    saving = SaveCheckpoints(
        folder,
        state,
        RecordedParts(clock, best, notes, callbacks),
        interrupts=interrupts,
        steps=steps,
        num_phases=len(plan.phases),
        # Keras puts averages into the model after each pass, even over part of an epoch.
        within_epochs=not are_averaged,
    )
    if before is not None:
        saving.resume(before)
    shown = Progress(epochs=config.epochs, steps=steps, batch_size=flow.batch_size)
    all_callbacks = TrainingCallbacks(
        [
            clock,
            FiniteTraining(flow, clock, rates_of(config, plan.phases)),
            best,
            notes,
            *([shown] if shows_progress else ()),
            *averaging(callbacks, plan.optimizers),
            *callbacks,
            saving,
            AnswerInterrupts(interrupts),
        ],
        best=best,
        model=model,
        epochs=config.epochs,
        steps=steps,
    )
    bar = shown.bar if shows_progress else contextlib.nullcontext()
    try:
        with interrupts, bar, explaining_memory(flow.batch_size):
            loop = PhaseLoop(
                plan,
                config,
                model,
                flows,
                saving,
                all_callbacks,
                check=interrupts.raise_if_received,
                shows_progress=shows_progress,
            )
            is_short = loop.run(watch)
            interrupts.raise_if_received()
    except BaseException as error:
        best.restore(or_first=isinstance(error, DivergedError))
        plan.unfreeze()
        raise
    restored = restored_epoch(callbacks)
    kept = best.epoch if restored is None else restored
    return History(
        epochs=tuple(notes.epochs),
        best_epoch=None if kept is None else kept - clock.first,
        stopped_early=is_short,
        seconds=saving.seconds,
    )
