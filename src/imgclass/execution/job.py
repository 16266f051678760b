"""Job: what the stages of one run hand on, and how the run is told of a training."""

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
    """What the stages of one run hand on.

    Attributes:
        directory: Where everything is kept.
        experiment: With every default filled in.
        flows: The batches.
        plain: The model as it is kept and scored: float32, not compiled.
        metadata: What its file says of itself; None where it is not written again.
        best_epoch: Position in the history of the weights that `plain` has; None at first.
        resumption: What is another where the run goes on; None where nothing is.
    """

    directory: RunDirectory
    experiment: Experiment
    flows: "Flows"
    plain: Any
    metadata: ModelMetadata | None = None
    best_epoch: int | None = None
    resumption: Resumption | None = None

    def resumed(self, epochs: Sequence[Epoch], best_epoch: int | None, best: Any | None) -> None:
        """Bring the directory to where the training goes on; the Trainer calls this."""
        data = str(self.flows.root.absolute())
        noted = self.resumption and replace(self.resumption, after=len(epochs))
        self.directory.go_on(self.experiment, data=data, resumption=noted)
        # In this order, whatever ends the process between, the history has the model's epoch.
        self.directory.forget_scores()
        if best is not None:
            self.keep(best, best_epoch)
        self.best_epoch = best_epoch
        self.directory.update(best_epoch=best_epoch)
        self.directory.rewind(epochs)

    def epoch_ended(self, epoch: Epoch, best: Any | None) -> None:
        """Keep an epoch, and the model where it is the best so far; the Trainer calls this."""
        # In this order, whatever ends the process between, the history has the model's epoch.
        self.directory.keep_epoch(epoch)
        if best is not None:
            self.best_epoch = len(self.directory.epochs) - 1
            self.keep(best, self.best_epoch)
        self.directory.update(best_epoch=self.best_epoch)

    def keep(self, model: Any, epoch: int | None) -> None:
        """Write the weights of the model in training as a plain model.

        Args:
            model: The model in training.
            epoch: Position in the history of its weights; None where they are of no whole epoch.
        """
        assert self.metadata is not None
        self.plain.set_weights(model.get_weights())
        self.directory.keep_model(self.plain, replace(self.metadata, epoch=epoch))

    def has_kept(self, model: Any) -> bool:
        """Return whether the weights of the model in training are those that are kept."""
        return self.best_epoch is not None and all(
            map(np.array_equal, self.plain.get_weights(), model.get_weights())
        )
