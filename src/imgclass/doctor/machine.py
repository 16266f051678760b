"""What Python and Keras run on, found out in a child so that Keras stays out of this process."""

import platform
from dataclasses import dataclass

from imgclass.doctor.child import ask
from imgclass.training.backend import Backend, chosen_backend, find_backend_fault

LIMIT = 120.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What models are trained with here.

    Attributes:
        python: Python's version.
        keras: Keras's version; empty where it does not start.
        backend: Keras's backend, such as `tensorflow`, or what it is told to take.
        backend_source: Where it is told: `KERAS_BACKEND`, the path of a `keras.json`, or
            `Keras's default`.
        devices: The graphics cards or TPUs that the backend computes on, or the processor.
        precision: What `--precision auto` gives.
        precision_reason: Why that one.
        compilation: What Keras's `compile` is given as `jit_compile`.
        compilation_reason: Why that.
        cause: Why Keras does not start; empty where it does.
        remedy: What to do then.
    """

    python: str
    keras: str = ""
    backend: str = ""
    backend_source: str = ""
    devices: tuple[str, ...] = ()
    precision: str = ""
    precision_reason: str = ""
    compilation: str | bool = ""
    compilation_reason: str = ""
    cause: str = ""
    remedy: str = ""


def describe_machine() -> Machine:
    """Start Keras in a child and return what it runs on.

    Where its backend is not installed, or none, it is not started.
    """
    chosen = chosen_backend()
    fault, remedy = find_backend_fault(chosen)
    if fault:
        return _broken(chosen, fault.rstrip("."), remedy)
    outcome = ask("imgclass.doctor.probe", "machine", limit=LIMIT)
    if outcome.answer is None:
        ended = "did not start in time" if outcome.timed_out else f"ended ({outcome.exit_code})"
    elif "fault" in outcome.answer:
        ended = f"does not start ({outcome.answer['fault']})"
    else:
        facts = outcome.answer | {"devices": tuple(outcome.answer["devices"])}
        return Machine(platform.python_version(), backend_source=chosen.source, **facts)
    return _broken(
        chosen,
        f"Keras on {chosen.name} {ended}",
        f"See why with python -c 'import keras'; install {chosen.name} or imgclass-keras again.",
    )


def _broken(chosen: Backend, cause: str, remedy: str) -> Machine:
    return Machine(
        platform.python_version(),
        backend=chosen.name,
        backend_source=chosen.source,
        cause=cause,
        remedy=remedy,
    )
