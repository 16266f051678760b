"""What Python and Keras run on, found out in a child so that Keras stays out of this process."""

import platform
from dataclasses import dataclass

from imgclass.doctor.child import ask

LIMIT = 120.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What models are trained with here.

    Attributes:
        python: Python's version.
        keras: Keras's version; empty where it does not start.
        backend: Keras's backend, such as `tensorflow`.
        devices: What the backend computes on, such as `cpu:0`.
        precision: What `--precision auto` gives.
        processor: The accelerator's or the processor's name.
        cause: Why Keras does not start; empty where it does.
        remedy: What to do then.
    """

    python: str
    keras: str = ""
    backend: str = ""
    devices: tuple[str, ...] = ()
    precision: str = ""
    processor: str = ""
    cause: str = ""
    remedy: str = ""


def describe_machine() -> Machine:
    """Start Keras in a child and return what it runs on."""
    outcome = ask("imgclass.doctor.probe", "machine", limit=LIMIT)
    python = platform.python_version()
    if outcome.answer is None:
        ended = "did not start in time" if outcome.timed_out else f"ended ({outcome.exit_code})"
        return Machine(
            python,
            cause=f"Keras {ended}",
            remedy="See why with python -c 'import keras'; install imgclass-keras again.",
        )
    answer = outcome.answer
    return Machine(python, **(answer | {"devices": tuple(answer["devices"])}))
