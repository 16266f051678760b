"""A training's progress on the terminal: a bar with the time left, and a line per epoch."""

import keras
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from imgclass.training.logs import ACCURACY, CROSS_ENTROPY, VAL, Logs


class Progress(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Shows a bar over all epochs, and a line for each; without a terminal, only the lines.

    `with progress.bar:` shows the bar, and removes it even when training fails.
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
        """Move the bar to the epoch: a resumed training skips some."""
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
            soft_wrap=True,  # one line per epoch, even on a narrow terminal
        )
