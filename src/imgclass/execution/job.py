"""Job: what the stages of a run pass on, and what a training tells the run."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from imgclass.experiment import Experiment
from imgclass.models.metadata import ModelMetadata
from imgclass.run.directory import RunDirectory
from imgclass.run.record import Resumption
from imgclass.training.history import Epoch
from imgclass.training.save_pace import SavePace

if TYPE_CHECKING:
    from imgclass.flows import Flows
    from imgclass.models.reload_check import ReloadCheck

UNTRAINED = ".untrained.keras"


@dataclass(slots=True)
class Job:
    """What the stages of a run pass on.

    Attributes:
        directory: Of the run.
        experiment: Resolved.
        flows: The batches.
        plain: The model that is kept and scored: float32, not compiled.
        metadata: Of its file; None if the file is not written again.
        best_epoch: Epoch of the weights in `plain`, from 0; None at first.
        resumption: What a continued run changed; None if nothing.
        check: The other process that tries to load the untrained model; None if that was done.
        unsaved: The best epoch so far, from 0, if its model is not written yet; otherwise None.
    """

    directory: RunDirectory
    experiment: Experiment
    flows: "Flows"
    plain: Any
    metadata: ModelMetadata | None = None
    best_epoch: int | None = None
    resumption: Resumption | None = None
    check: "ReloadCheck | None" = None
    unsaved: int | None = None
    pace: SavePace = field(default_factory=SavePace)

    def ready(self) -> None:
        """Require that the model can be loaded again, before it learns; the Trainer calls this."""
        if self.check is not None:
            self.check.require_same(self.plain)
            self.check = None
            self.directory.remove(UNTRAINED)

    def resumed(self, epochs: Sequence[Epoch], best_epoch: int | None, best: Any | None) -> None:
        """Bring the directory to where training continues; the Trainer calls this."""
        data = str(self.flows.root.absolute())
        noted = self.resumption and replace(self.resumption, after=len(epochs))
        self.directory.go_on(self.experiment, data=data, resumption=noted)
        # In this order the history has the model's epoch, even after a kill.
        self.directory.forget_scores()
        if best is not None:
            self.keep(best, best_epoch)
        self.best_epoch = best_epoch
        self.directory.update(best_epoch=best_epoch)
        self.directory.rewind(epochs)

    def epoch_ended(self, epoch: Epoch, best: Any | None) -> None:
        """Keep an epoch, and the model if it is the best so far; the Trainer calls this.

        After very short epochs the model is written now and then, and at the end.
        """
        # In this order the history has the model's epoch, even after a kill.
        self.directory.keep_epoch(epoch)
        if best is None:
            return
        self.unsaved = len(self.directory.epochs) - 1
        if self.pace.is_due:
            self.keep(best, self.unsaved)
            self.best_epoch = self.unsaved
            self.directory.update(best_epoch=self.best_epoch)
            self.unsaved = None

    def keep_unsaved(self, model: Any) -> None:
        """Write a model that ended with the best weights, or with those of a first epoch."""
        if self.unsaved is not None:
            self.keep(model, self.unsaved)
            self.best_epoch, self.unsaved = self.unsaved, None
            self.directory.update(best_epoch=self.best_epoch)
        elif self.best_epoch is None:
            self.keep(model, None)

    def keep(self, model: Any, epoch: int | None) -> None:
        """Write a model's weights as a plain model; `epoch` is None if theirs was not completed."""
        assert self.metadata is not None
        with self.pace.saving():
            self.plain.set_weights(model.get_weights())
            self.directory.keep_model(self.plain, replace(self.metadata, epoch=epoch))

    def has_kept(self, model: Any) -> bool:
        """Return whether a model has the weights that are kept."""
        return self.best_epoch is not None and all(
            map(np.array_equal, self.plain.get_weights(), model.get_weights())
        )
