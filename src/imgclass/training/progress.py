"""A training's progress on the terminal: a bar with a forecast, and a line per epoch."""

from datetime import datetime

import keras
from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from imgclass.training.logs import ACCURACY, CROSS_ENTROPY, VAL, Logs
from imgclass.training.pace import Pace


class Progress(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Shows a bar over all epochs, and a line for each; without a terminal, only the lines.

    Both end with the images trained on per second and, from the first half minute on, with a
    forecast of the end, which early stopping may undercut.

    `with progress.bar:` shows the bar, and removes it even when training fails.
    """

    def __init__(
        self, *, epochs: int, steps: int, batch_size: int, console: Console | None = None
    ) -> None:
        super().__init__()
        self.epochs, self.steps, self.batch_size = epochs, steps, batch_size
        self.pace = Pace(total=epochs * steps)
        self.epoch = 0
        self.console = console or Console(stderr=True)
        self.bar = Bar(
            TextColumn("training"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  loss {task.fields[loss]:.3f}"),
            TextColumn("{task.fields[pace]}"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.task = self.bar.add_task("training", total=epochs * steps, loss=float("nan"), pace="")

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Move the bar to the epoch: a resumed training skips some."""
        del logs
        self.epoch = epoch
        self.pace.begin_epoch()
        self.bar.update(self.task, completed=epoch * self.steps)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Move the bar."""
        done = self.epoch * self.steps + batch + 1
        self.pace.step(done)
        loss = (logs or {}).get(CROSS_ENTROPY, float("nan"))
        self.bar.update(self.task, completed=done, loss=loss, pace=self._pace())

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the epoch's line."""
        self.pace.end_epoch()
        logs = logs or {}
        self.console.print(
            f"epoch {epoch + 1:>{len(str(self.epochs))}}/{self.epochs}"
            f"  loss {logs[CROSS_ENTROPY]:.3f}  accuracy {logs[ACCURACY]:.3f}"
            f"  val loss {logs[VAL + CROSS_ENTROPY]:.3f}"
            f"  val accuracy {logs[VAL + ACCURACY]:.3f}  {self._pace()}".rstrip(),
            highlight=False,
            soft_wrap=True,  # one line per epoch, even on a narrow terminal
        )

    def _pace(self) -> str:
        speed = self.pace.steps_per_second
        words = [f"{speed * self.batch_size:,.0f} images/s"] if speed is not None else []
        is_ending = bool(getattr(self.model, "stop_training", False))
        if self.pace.done < self.pace.total and not is_ending:
            words.append(self.pace.forecast(datetime.now().astimezone()))
        return "  ".join(filter(None, words))
