"""What Python and Keras run on; a child process starts Keras, to keep it out of this one."""

import platform
from dataclasses import dataclass, replace

from imgclass.doctor.child import ask
from imgclass.training.backend import chosen_backend, find_backend_fault

LIMIT = 120.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What trains models on this machine.

    Attributes:
        keras: Keras's version; empty if it does not start.
        backend: Keras's backend, or the one it is told to use.
        backend_source: `KERAS_BACKEND`, the path of a `keras.json`, or `Keras's default`.
        devices: Graphics cards, TPUs, or the processor.
        precision: What `--precision auto` means.
        compilation: What the Trainer gives to Keras's `compile` as `jit_compile`.
        cause: Why Keras does not start; empty if it does.
        remedy: What to do about it.
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
    """Start Keras in a child process, if its backend is installed; return what it runs on."""
    chosen = chosen_backend()
    fault, remedy = find_backend_fault(chosen)
    known = Machine(platform.python_version(), backend=chosen.name, backend_source=chosen.source)
    if fault:
        return replace(known, cause=fault.rstrip("."), remedy=remedy)
    facts = ask("imgclass.doctor.probe", "machine", limit=LIMIT)
    if "fault" in facts:
        cause = f"Keras on {chosen.name} {facts['fault'].removeprefix('it ')}"
        remedy = (
            f"See why: python -c 'import keras'. Install {chosen.name} or imgclass-keras again."
        )
        return replace(known, cause=cause, remedy=remedy)
    return replace(known, **facts | {"devices": tuple(facts["devices"])})
