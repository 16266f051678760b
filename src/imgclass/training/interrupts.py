"""Ctrl-C and the system's request to end: heard at once, answered at the end of a batch."""

import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import Any, Self

from imgclass.errors import InterruptedRunError, TerminatedError

NOTE = "\nStopping after this batch; press Ctrl-C again to stop at once.\n"


class Interrupts:
    """Hears Ctrl-C (SIGINT) and SIGTERM within `with`, and raises where it is asked.

    A second Ctrl-C raises KeyboardInterrupt at once. A second SIGTERM changes nothing: some tools
    send it to a process and to its group, so that it comes twice. A signal that somebody else
    handles, or that is ignored, is left to them; in a thread that is not the main one nothing is
    heard, since Python allows it there only.

    Attributes:
        received: The signal that came first; None where none did.

    Example:
        >>> interrupts = Interrupts()
        >>> with interrupts:
        ...     signal.raise_signal(signal.SIGINT)
        ...     interrupts.raise_if_received("after batch 7")
        Traceback (most recent call last):
        imgclass.errors.InterruptedRunError: Stopped by Ctrl-C after batch 7.
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
        """Raise the error of the signal that came, if one did.

        Args:
            where: In which epoch, after which batch.

        Raises:
            InterruptedRunError: Ctrl-C.
            TerminatedError: SIGTERM.
        """
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
                # This may run in the middle of a write, within which another one is an error.
                with suppress(RuntimeError):
                    sys.stderr.write(NOTE)
        self.received = self.received or number
