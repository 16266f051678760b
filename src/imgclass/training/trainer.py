"""Trainer: a model and flows to a trained model and a History."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from imgclass.errors import CheckpointError
from imgclass.flows.flow import Flows
from imgclass.training.checkpoints.compatibility import state_to_resume, warn_of_differences
from imgclass.training.checkpoints.folder import CheckpointFolder
from imgclass.training.checkpoints.setting import describe_setting
from imgclass.training.checkpoints.state import Place, TrainingState
from imgclass.training.config import TrainingConfig
from imgclass.training.history import History
from imgclass.training.plan import plan_training, require_fit, require_flows
from imgclass.training.rate_finder import find_learning_rate, with_rate
from imgclass.training.rate_test import RateTest
from imgclass.training.session import run_training
from imgclass.training.user_callbacks import as_callbacks
from imgclass.training.watch import Watch


@dataclass(frozen=True, slots=True)
class Trainer:
    """Trains models by one recipe.

    Attributes:
        config: The recipe.
        callbacks: One `keras.callbacks.Callback` of your own, or several, called after the
            trainer's. They see all phases as one training; `model.stop_training` ends all of it.
        progress: Whether to show a bar and a line per epoch on standard error.

    Raises:
        UsageError: Something in `callbacks` is not a callback.

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

        Of equal val accuracies, the one with the lower val loss is better. A callback that puts
        other weights into the model at the end, as EarlyStopping may, has the last word.

        After an error the model has the weights of its best complete epoch. If there is none, it
        keeps its current ones, or after a DivergedError its initial ones.

        Args:
            model: From raw RGB 0-255 to `len(flows.class_names)` probabilities.
            flows: What `open_flows` returned.
            checkpoints: A new folder, from which `resume` continues. A checkpoint is written when
                training begins, after each epoch, and every few minutes within a longer one. None
                for no checkpoints.
            watch: Is told of every complete epoch.

        Raises:
            CheckpointError: `checkpoints` has some of an earlier training.
            DatasetError: An image could not be read; the message names it.
            DivergedError: A loss or a weight is not finite; the message names the epoch and, in
                training, the batch and its images.
            InterruptedRunError: Ctrl-C, at the end of the batch; a second one raises
                KeyboardInterrupt at once. SIGTERM raises a TerminatedError.
            MachineError: There is not enough memory, or no space for a checkpoint.
            TrainingError: The flows are empty, or the model does not match them.
            UsageError: `flows` are not flows, the model has no backbone or no layer that
                `unfreeze` names, or a callback cannot work in this training.
        """
        folder = _folder(checkpoints)
        if folder is not None and folder.has_any:
            raise CheckpointError(
                f"Expected a new folder for checkpoints; {folder.path} has those of an earlier "
                f"training. Continue that training (Trainer.resume), or name another folder."
            )
        config, callbacks = self._checked(model, flows), as_callbacks(self.callbacks)
        config = self._with_rate(config, model, flows)
        plan = plan_training(config, model, flows, callbacks=callbacks)
        assert config.epochs is not None
        state = TrainingState(
            config=config,
            setting=describe_setting(model, flows, callbacks),
            place=Place(epoch=0, phase=1, phase_start=0, phase_end=config.epochs),
            planned_epochs=config.epochs,
        )
        return run_training(
            plan,
            model,
            flows,
            state,
            callbacks=callbacks,
            folder=folder,
            watch=watch,
            shows_progress=self.progress,
        )

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
        """Continue a training from its newest complete checkpoint, as if it had never stopped.

        On the same machine with the same packages, the final weights, history, early stopping and
        learning rate are those of an uninterrupted training, to the last bit (except with
        TensorFlow on a graphics card, whose kernels add numbers in varying order).

        A finished training continues if `config.epochs` is larger than before: at the same rate
        if that is constant, otherwise in a new phase that begins with the best weights.

        Args:
            model: Built like the one that the training began with; its weights do not matter.
            flows: What `open_flows` returns for the same data.
            checkpoints: The folder that was given to `fit`.
            changed: Fields of `config` that differ on purpose, such as `learning_rate` after a
                DivergedError.
            other_versions: Whether to continue with other versions of packages.
            watch: Is told where the training continues, and of every complete epoch.

        Returns:
            The history of the whole training.

        Raises:
            CheckpointError: No checkpoint is complete, or the data, model, recipe, callbacks or
                packages differ; the message names what differs.
            ImgclassError: As for `fit`.
        """
        folder = _folder(checkpoints)
        assert folder is not None
        config, callbacks = self._checked(model, flows), as_callbacks(self.callbacks)
        before = folder.newest()
        if config.find_rate and (found := before.state.config.learning_rate) is not None:
            config = with_rate(config, found)
        if before.state.config.batch_size != config.batch_size:
            before = folder.newest_whole_epoch()  # an epoch has other batches now
        setting = describe_setting(model, flows, callbacks)
        state = state_to_resume(
            before.state, config, setting, changed=changed, other_versions=other_versions
        )
        plan = plan_training(config, model, flows, callbacks=callbacks, before=state)
        warn_of_differences(before, setting)
        return run_training(
            plan,
            model,
            flows,
            state,
            callbacks=callbacks,
            folder=folder,
            watch=watch,
            shows_progress=self.progress,
            before=before,
        )

    def find_learning_rate(self, model: keras.Model, flows: Flows) -> RateTest:
        """Measure which learning rate suits `model`, in at most 100 steps at ever higher rates.

        This is the learning-rate range test (Smith, *Cyclical Learning Rates for Training Neural
        Networks*, 2017) from 1e-7 to 10, or with `muon` from 1e-4. It ends when the smoothed loss
        is four times the best, and suggests a tenth of the rate at which that was lowest. The
        model's weights and the flows' order are as before afterwards, bit for bit.

        Args:
            model: As for `fit`; what `head_epochs` freezes is frozen.
            flows: What `open_flows` returned.

        Raises:
            TrainingError: The first loss is not finite, the flows are empty, or the model does not
                match them.
            ImgclassError: As for `fit`.
        """
        config = self._checked(model, flows)
        return find_learning_rate(config, model, flows, shows_progress=self.progress)

    def _with_rate(
        self, config: TrainingConfig, model: keras.Model, flows: Flows
    ) -> TrainingConfig:
        """Return the recipe with its learning rate found, if it asks for that."""
        if not config.find_rate:
            return config
        return with_rate(config, self.find_learning_rate(model, flows).suggestion)

    def _checked(self, model: keras.Model, flows: Flows) -> TrainingConfig:
        """Refuse flows and a model that do not match, and return the recipe filled in."""
        require_flows(flows)
        require_fit(model, flows)
        return self.config.resolve(num_images=len(flows.train_augmented.paths))


def _folder(
    checkpoints: CheckpointFolder | str | os.PathLike[str] | None,
) -> CheckpointFolder | None:
    if checkpoints is None or isinstance(checkpoints, CheckpointFolder):
        return checkpoints
    return CheckpointFolder(Path(checkpoints).absolute())
