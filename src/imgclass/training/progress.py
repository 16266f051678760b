"""What training shows: a bar with the time left, and one line an epoch."""

import keras
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from imgclass.training.logs import ACCURACY, CROSS_ENTROPY, VAL, Logs


class Progress(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """A bar over all batches of all epochs; only the lines where there is no terminal.

    The bar is shown inside `with progress.bar:`, which also takes it away when training fails.

    Args:
        epochs: How many there will be.
        steps: Batches an epoch.
        console: Where to write; standard error when not given.
    """

    def __init__(self, *, epochs: int, steps: int, console: Console | None = None) -> None:
        super().__init__()
        self.epochs, self.steps = epochs, steps
        self.console = console or Console(stderr=True)
        self.bar = Bar(
            TextColumn("training"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  loss {task.fields[loss]:.3f}"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.task = self.bar.add_task("training", total=epochs * steps, loss=float("nan"))

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Move the bar to where the epoch begins: those before it may have been left out."""
        del logs
        self.bar.update(self.task, completed=epoch * self.steps)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Move the bar."""
        del batch
        loss = (logs or {}).get(CROSS_ENTROPY, float("nan"))
        self.bar.update(self.task, advance=1, loss=loss)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the epoch's line."""
        logs = logs or {}
        self.console.print(
            f"epoch {epoch + 1:>{len(str(self.epochs))}}/{self.epochs}"
            f"  loss {logs[CROSS_ENTROPY]:.3f}  accuracy {logs[ACCURACY]:.3f}"
            f"  val loss {logs[VAL + CROSS_ENTROPY]:.3f}"
            f"  val accuracy {logs[VAL + ACCURACY]:.3f}",
            highlight=False,
            soft_wrap=True,  # one line an epoch, however wide the terminal is
        )
