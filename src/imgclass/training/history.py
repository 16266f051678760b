"""What happened epoch by epoch, as a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import nan
from typing import TYPE_CHECKING, Literal

from imgclass.errors import TrainingError, UsageError
from imgclass.formatting import count, duration, percent
from imgclass.training.curves import Curves, draw

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training images.

    Figures on the training images are means over the epoch's batches while the weights change, with
    dropout and augmentation on: not those of a clean pass.

    Attributes:
        loss: Cross-entropy on the training images, in nats, without label smoothing or penalties.
        accuracy: On the training images, in 0-1.
        val_loss: Cross-entropy on the validation images after the epoch, in nats.
        val_accuracy: On the validation images after the epoch, in 0-1.
        learning_rate: At its end.
        seconds: Wall time, validation included.
        objective: What is minimised: the loss with label smoothing, or your own, and penalties.
        val_objective: The same on the validation images.
        phase: The training's phase that it belongs to, from 1.
        metrics: Your own by Keras's names, those on the validation images as `val_...`.
    """

    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float
    objective: float = nan
    val_objective: float = nan
    phase: int = 1
    metrics: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, repr=False)
class History:
    """Every whole epoch of one training, and which of them the weights are from.

    Attributes:
        epochs: In order.
        best_epoch: Position in `epochs` of the weights that were kept, from 0; None if no epoch
            was completed: the weights are the initial ones.
        stopped_early: Whether training ended before its last epoch, without an error.
        seconds: Wall time of fitting, with compilation and the features of frozen layers.

    Example:
        >>> epoch = Epoch(1.2, 0.5, 1.0, 0.6, 1e-3, 2.0)
        >>> history = History(epochs=(epoch,), best_epoch=0, stopped_early=False, seconds=2.5)
        >>> history
        <History: 1 epoch, val accuracy 60.0 % in epoch 1, 2.5 s>
        >>> history.to_frame().loc[1, "val_accuracy"]
        np.float64(0.6)
    """

    epochs: tuple[Epoch, ...]
    best_epoch: int | None
    stopped_early: bool
    seconds: float

    @property
    def best(self) -> Epoch:
        """The epoch whose weights were kept.

        Raises:
            TrainingError: There is none.
        """
        if self.best_epoch is None:
            raise TrainingError(
                "Expected an epoch whose weights were kept; none was whole, and the weights are "
                "those that training began with. Ask `history.best_epoch is None` first."
            )
        return self.epochs[self.best_epoch]

    @property
    def last_phase(self) -> int:
        """Position in `epochs` where the last phase began, from 0."""
        phases = [epoch.phase for epoch in self.epochs]
        return phases.index(phases[-1]) if phases else 0

    def to_frame(self) -> "pd.DataFrame":
        """Return a table with a row per epoch, numbered from 1, and your own metrics last."""
        import pandas as pd

        names = [f.name for f in fields(Epoch) if f.name != "metrics"]
        rows = [
            {name: getattr(epoch, name) for name in names} | dict(epoch.metrics)
            for epoch in self.epochs
        ]
        columns = dict.fromkeys([*names, *(name for row in rows for name in row)])
        index = pd.RangeIndex(1, len(rows) + 1, name="epoch")
        return pd.DataFrame(rows, index=index, columns=list(columns))

    def curves(self, figure: Literal["accuracy", "loss"]) -> Curves:
        """Return the accuracy in percent, or the loss, of each epoch.

        Raises:
            UsageError: Another figure, or no epoch.
        """
        if figure not in ("accuracy", "loss"):
            raise UsageError(f"Expected figure to be accuracy or loss; received {figure!r}.")
        if not self.epochs:
            raise UsageError("Expected at least one whole epoch to draw; the history has none.")
        scale, title = (100, "Accuracy in %") if figure == "accuracy" else (1, "Loss")
        train, val = (
            [scale * getattr(epoch, name) for epoch in self.epochs]
            for name in (figure, f"val_{figure}")
        )
        return Curves(title, train, val, self.best_epoch)

    def plot(
        self, figure: Literal["accuracy", "loss"] = "accuracy", *, ax: "Axes | None" = None
    ) -> "Axes":
        """Draw train and val by epoch; the vertical line is the epoch whose weights were kept.

        Args:
            figure: `accuracy` or `loss`.
            ax: Where to draw; a new figure if not given.

        Raises:
            UsageError: Another figure, or no epoch to draw.
        """
        curves = self.curves(figure)
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure(layout="constrained").add_subplot()
        draw(curves, ax)
        ax.set_title(curves.title)
        ax.legend(frameon=False)
        return ax

    def __repr__(self) -> str:
        facts = [count(len(self.epochs), "epoch")]
        if self.best_epoch is not None:
            accuracy = percent(self.best.val_accuracy)
            facts.append(f"val accuracy {accuracy} in epoch {self.best_epoch + 1}")
        return f"<History: {', '.join([*facts, duration(self.seconds)])}>"
