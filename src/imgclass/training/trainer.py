"""Trainer: a model and flows to a trained model and a History."""

import contextlib
import os
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from imgclass.errors import CheckpointError, CheckpointWarning, DivergedError
from imgclass.flows.flow import Flows
from imgclass.training.averages import has_averages
from imgclass.training.best_weights import BestWeights
from imgclass.training.callbacks import AnswerInterrupts, OrderByEpoch
from imgclass.training.checkpoints.compatibility import differences, going_on
from imgclass.training.checkpoints.conditions import describe_setting
from imgclass.training.checkpoints.folder import Checkpoint, CheckpointFolder
from imgclass.training.checkpoints.recorder import Memory, SaveCheckpoints
from imgclass.training.checkpoints.state import Place, Setting, TrainingState
from imgclass.training.config import TrainingConfig
from imgclass.training.epoch_notes import EpochClock, EpochNotes
from imgclass.training.finite import FiniteTraining
from imgclass.training.history import History
from imgclass.training.interrupts import Interrupts
from imgclass.training.memory_failures import explaining_memory
from imgclass.training.one_training import OneTraining
from imgclass.training.phase_loop import Fitting
from imgclass.training.phases import rates_of
from imgclass.training.plan import TrainingPlan, plan_training
from imgclass.training.progress import Progress
from imgclass.training.recipe import filled_in
from imgclass.training.requirements import require_fit, require_flows
from imgclass.training.user_callbacks import as_callbacks, averaging, restored_epoch
from imgclass.training.watch import Watch


@dataclass(frozen=True, slots=True)
class Trainer:
    """Fits models by one recipe.

    Attributes:
        config: The recipe.
        callbacks: A `keras.callbacks.Callback` of your own, or several, called after the
            trainer's. The phases of a training are one to them, and what sets
            `model.stop_training` ends all of it.
        progress: Whether to show a bar and a line an epoch on standard error.

    Raises:
        UsageError: `callbacks` has something that is none.

    Example:
        >>> from imgclass import TrainingConfig
        >>> Trainer(TrainingConfig(epochs=2), progress=False).config.epochs
        2
    """

    config: TrainingConfig = TrainingConfig()
    callbacks: Sequence[keras.callbacks.Callback] | keras.callbacks.Callback = ()
    progress: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "callbacks", as_callbacks(self.callbacks))

    def fit(
        self,
        model: keras.Model,
        flows: Flows,
        *,
        checkpoints: CheckpointFolder | str | os.PathLike[str] | None = None,
        watch: Watch | None = None,
    ) -> History:
        """Train `model` on `flows.train_augmented`; leave it the best weights by `flows.val`.

        It is this, with errors instead of silence::

            for phase in phases:  # one, or the head's and the backbone's
                model.compile(optimizer, CategoricalCrossentropy(label_smoothing), metrics)
                model.fit(flows.train_augmented, validation_data=flows.val, epochs=epochs)
                model.set_weights(weights of the epoch with the best val_accuracy so far)

        Of equal val accuracies the lower val loss is better. A callback that gives the model other
        weights in the end, as EarlyStopping may, has the last word.

        An error leaves the model with the weights of its best whole epoch. Where there is none, it
        keeps what it has, and after a DivergedError it has what it began with.

        Args:
            model: A model from raw RGB 0-255 to `len(flows.class_names)` probabilities.
            flows: What `open_flows` gave.
            checkpoints: A new folder that gets a checkpoint when training begins, after each epoch
                and every few minutes within a longer one, for `resume`; None keeps none.
            watch: Is told of every whole epoch.

        Raises:
            CheckpointError: `checkpoints` has some of an earlier training.
            DatasetError: An image could not be read; the message names it.
            DivergedError: A loss or a weight is not finite; the message names the epoch, and the
                batch with its images where it was one.
            InterruptedRunError: Ctrl-C, at the end of the batch; a second one raises
                KeyboardInterrupt at once. After SIGTERM it is a TerminatedError.
            MachineError: There is not enough memory, or no room for a checkpoint.
            TrainingError: The flows are empty, or the model does not fit them.
            UsageError: The flows are none, the model has no backbone, or no layer of it that
                `unfreeze` names, or a callback could not do here what it is for.
        """
        folder = _folder(checkpoints)
        if folder is not None and folder.has_any:
            raise CheckpointError(
                f"Expected a new folder for checkpoints; {folder.path} has those of an earlier "
                f"training. Go on with that one (Trainer.resume), or name another folder."
            )
        config, callbacks = self._checked(model, flows), as_callbacks(self.callbacks)
        plan = plan_training(config, model, flows, callbacks=callbacks)
        assert config.epochs is not None
        state = TrainingState(
            config=config,
            setting=describe_setting(model, flows, callbacks),
            place=Place(epoch=0, phase=1, phase_start=0, phase_end=config.epochs),
            planned_epochs=config.epochs,
        )
        return self._train(plan, model, flows, state, folder=folder, watch=watch)

    def resume(
        self,
        model: keras.Model,
        flows: Flows,
        *,
        checkpoints: CheckpointFolder | str | os.PathLike[str],
        changed: Collection[str] = (),
        other_versions: bool = False,
        watch: Watch | None = None,
    ) -> History:
        """Go on with a training from the newest whole checkpoint, as if it had never ended.

        On the same machine with the same packages, weights, history, early stopping and learning
        rate are in the end those of a training that nothing disturbed, to the last bit. (Not so
        where TensorFlow computes on a graphics card, whose kernels add up in any order.)

        A training that is finished goes on from its end where `config.epochs` is larger: by the
        same rate where it is constant, and where its schedule has come to its end through a phase
        of its own, which begins with the best weights.

        Args:
            model: A model built as the one that the training began with; its weights do not
                matter.
            flows: What `open_flows` gives for the same data.
            checkpoints: The folder that `fit` was given.
            changed: Fields of `config` that are to be others from here on, such as
                `learning_rate` after a DivergedError.
            other_versions: Whether to go on with packages of other versions.
            watch: Is told where the training stands, and of every whole epoch.

        Returns:
            The history of the whole training.

        Raises:
            CheckpointError: No checkpoint is whole, or the data, the model, the recipe, the
                callbacks or the packages are others; the message names what differs.
            ImgclassError: As for `fit`.
        """
        folder = _folder(checkpoints)
        assert folder is not None
        config, callbacks = self._checked(model, flows), as_callbacks(self.callbacks)
        before = folder.newest()
        if before.state.config.batch_size != config.batch_size:
            before = folder.newest_whole_epoch()  # within an epoch, other batches were counted
        setting = describe_setting(model, flows, callbacks)
        state = going_on(
            before.state, config, setting, changed=changed, other_versions=other_versions
        )
        plan = plan_training(config, model, flows, callbacks=callbacks, before=state)
        _warn(before, setting)
        return self._train(plan, model, flows, state, folder=folder, watch=watch, before=before)

    def _checked(self, model: keras.Model, flows: Flows) -> TrainingConfig:
        """Refuse what does not fit together, and return the recipe filled in."""
        require_flows(flows)
        require_fit(model, flows)
        return filled_in(self.config, num_images=len(flows.train_augmented.paths))

    def _train(
        self,
        plan: TrainingPlan,
        model: keras.Model,
        flows: Flows,
        state: TrainingState,
        *,
        folder: CheckpointFolder | None,
        watch: Watch | None,
        before: Checkpoint | None = None,
    ) -> History:
        config, callbacks = state.config, as_callbacks(self.callbacks)
        are_averaged = has_averages(plan.optimizers)
        assert config.epochs is not None
        clock, best, interrupts = EpochClock(), BestWeights(config.patience), Interrupts()
        notes = EpochNotes(clock, best, watch, has_averages=are_averaged)
        saving = SaveCheckpoints(
            folder,
            state,
            Memory(clock, best, notes, callbacks),
            interrupts=interrupts,
            steps=len(flows.train_augmented),
            num_phases=len(plan.phases),
            # Keras puts the averages into the model where a pass ends, also one over a part.
            within_epochs=not are_averaged,
        )
        if before is not None:
            saving.go_on_from(before)
        shown = Progress(epochs=config.epochs, steps=len(flows.train_augmented))
        training = OneTraining(
            [
                OrderByEpoch(flows.train_augmented),
                clock,
                FiniteTraining(flows.train_augmented, clock, rates_of(config, plan.phases)),
                best,
                notes,
                *([shown] if self.progress else ()),
                *averaging(callbacks, plan.optimizers),
                *callbacks,
                saving,
                AnswerInterrupts(interrupts),
            ],
            best=best,
            model=model,
            epochs=config.epochs,
            steps=len(flows.train_augmented),
        )
        bar = shown.bar if self.progress else contextlib.nullcontext()
        try:
            with interrupts, bar, explaining_memory(flows.train_augmented.batch_size):
                is_short = Fitting(plan, config, model, flows, saving, training).run(watch)
                interrupts.raise_if_received()
        except BaseException as error:
            best.restore(or_first=isinstance(error, DivergedError))
            plan.unfreeze()
            raise
        kept = restored_epoch(callbacks)
        kept = best.epoch if kept is None else kept
        return History(
            epochs=tuple(notes.epochs),
            best_epoch=None if kept is None else kept - clock.first,
            stopped_early=is_short,
            seconds=saving.seconds,
        )


def _folder(
    checkpoints: CheckpointFolder | str | os.PathLike[str] | None,
) -> CheckpointFolder | None:
    if checkpoints is None or isinstance(checkpoints, CheckpointFolder):
        return checkpoints
    return CheckpointFolder(Path(checkpoints).absolute())


def _warn(before: Checkpoint, setting: Setting) -> None:
    """Say which checkpoints could not be used, and what of the machine is another."""
    messages = [
        f"A checkpoint could not be used, and is left as it is: {what}." for what in before.damaged
    ] + [
        f"Not the machine that the training began on: {what}. Last digits may differ."
        for what in differences(before.state.setting.machine, setting.machine)
    ]
    for message in messages:
        warnings.warn(message, CheckpointWarning, stacklevel=3)
