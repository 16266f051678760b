"""Job: what the stages of a run pass on, and how a training tells the run about its epochs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from imgclass.experiment import Experiment
from imgclass.models.metadata import ModelMetadata
from imgclass.run.directory import RunDirectory
from imgclass.run.record import Resumption
from imgclass.training.history import Epoch

if TYPE_CHECKING:
    from imgclass.flows import Flows


@dataclass(slots=True)
class Job:
    """What the stages of a run pass on.

    Attributes:
        directory: The run's directory.
        experiment: The experiment, resolved.
        flows: The batches.
        plain: The model that is kept and scored: float32, not compiled.
        metadata: The metadata of its file; None if the file is not written again.
        best_epoch: Position in the history of the weights in `plain`; None at first.
        resumption: What differs from before in a continued run; None if nothing does.
    """

    directory: RunDirectory
    experiment: Experiment
    flows: "Flows"
    plain: Any
    metadata: ModelMetadata | None = None
    best_epoch: int | None = None
    resumption: Resumption | None = None

    def resumed(self, epochs: Sequence[Epoch], best_epoch: int | None, best: Any | None) -> None:
        """Bring the directory to the point where training continues; the Trainer calls this."""
        data = str(self.flows.root.absolute())
        noted = self.resumption and replace(self.resumption, after=len(epochs))
        self.directory.go_on(self.experiment, data=data, resumption=noted)
        # In this order, the history always has the model's epoch, even if the process is killed.
        self.directory.forget_scores()
        if best is not None:
            self.keep(best, best_epoch)
        self.best_epoch = best_epoch
        self.directory.update(best_epoch=best_epoch)
        self.directory.rewind(epochs)

    def epoch_ended(self, epoch: Epoch, best: Any | None) -> None:
        """Keep an epoch, and the model if it is the best so far; the Trainer calls this."""
        # In this order, the history always has the model's epoch, even if the process is killed.
        self.directory.keep_epoch(epoch)
        if best is not None:
            self.best_epoch = len(self.directory.epochs) - 1
            self.keep(best, self.best_epoch)
        self.directory.update(best_epoch=self.best_epoch)

    def keep(self, model: Any, epoch: int | None) -> None:
        """Write the weights of the model in training as a plain model.

        Args:
            model: The model in training.
            epoch: Position in the history of its weights; None if their epoch was not completed.
        """
        assert self.metadata is not None
        self.plain.set_weights(model.get_weights())
        self.directory.keep_model(self.plain, replace(self.metadata, epoch=epoch))

    def has_kept(self, model: Any) -> bool:
        """Return whether the model in training has the weights that are kept."""
        return self.best_epoch is not None and all(
            map(np.array_equal, self.plain.get_weights(), model.get_weights())
        )
