"""Ctrl-C and SIGTERM: noted when they come, raised as errors at the end of a batch."""

import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import Any, Self

import keras

from imgclass.errors import InterruptedRunError, TerminatedError
from imgclass.training.logs import Logs

NOTE = "\nStopping after this batch; press Ctrl-C again to stop at once.\n"


class Interrupts:
    """Notes Ctrl-C (SIGINT) and SIGTERM inside `with`, and raises them when asked.

    A second Ctrl-C raises KeyboardInterrupt at once. A second SIGTERM changes nothing: some tools
    send it to a process and to its group. Signals that are ignored or have another handler are left
    alone, and so are all outside the main thread, where Python allows no handlers.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._is_pressed = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
            for number, handler in usual.items():
                if signal.getsignal(number) is handler:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def raise_if_received(self, where: str = "") -> None:
        """Raise the error for the first signal, if any; its message ends in `where`."""
        if self.received == signal.SIGINT:
            raise InterruptedRunError(f"Stopped by Ctrl-C {where}".rstrip() + ".")
        if self.received is not None:
            what = "Stopped since the system told the process to end (SIGTERM)"
            raise TerminatedError(f"{what} {where}".rstrip() + ".")

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        if number == signal.SIGINT:
            if self._is_pressed:
                raise KeyboardInterrupt
            self._is_pressed = True
            if sys.stderr is not None and sys.stderr.isatty():
                # Python forbids a write within another, which the signal may have interrupted.
                with suppress(RuntimeError):
                    sys.stderr.write(NOTE)
        self.received = self.received or number


class AnswerInterrupts(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Ends training with an error after the batch in which a signal came."""

    def __init__(self, interrupts: Interrupts) -> None:
        super().__init__()
        self.interrupts = interrupts
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note the epoch for the message, and raise if a signal came."""
        del logs
        self.epoch = epoch
        self.interrupts.raise_if_received(f"before epoch {epoch + 1}")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Raise if a signal came."""
        del logs
        self.interrupts.raise_if_received(f"in epoch {self.epoch + 1}, after batch {batch + 1}")

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Raise if a signal came in the validation."""
        del batch, logs
        self.interrupts.raise_if_received(f"in the validation of epoch {self.epoch + 1}")
