"""The child that `doctor` asks: what a plugin does when it is imported, and what Keras runs on.

python -m imgclass.doctor.probe plugins GROUP DISTRIBUTION:NAME ...
python -m imgclass.doctor.probe machine
"""

import json
import os
import sys
import time
import warnings
from dataclasses import asdict
from tempfile import TemporaryFile
from typing import IO, Any

from imgclass.diagnosis.diagnoser import diagnoser_rules
from imgclass.distributions import BUILT_IN
from imgclass.errors import PluginError, PluginWarning
from imgclass.global_state import changed, observe
from imgclass.models import architectures
from imgclass.models.spec import ArchitectureInfo, ModelSpec
from imgclass.registry import Registry

NUM_CLASSES = 3
SMALLEST_SIDE = 32
# What is quoted of a plugin's own output.
QUOTED = 80
# What is quoted of the error with which Keras does not start.
QUOTED_FAULT = 300


def main(words: list[str]) -> None:
    """Answer on the standard output that the process was started with; take it from everyone else.

    File descriptors 1 and 2 go to a file, so that what a plugin prints is seen whether Python or C
    prints it, and cannot be taken for an answer.
    """
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with TemporaryFile() as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
        warnings.simplefilter("ignore", PluginWarning)  # imgclass's own words are no plugin's
        subject, *rest = words
        if subject == "machine":
            _say(channel, "")
            _say(channel, json.dumps(_machine()))
        else:
            group, *claims = rest
            _start(group)
            _say(channel, "")
            _say(channel, json.dumps([_try(group, claim, printed) for claim in claims]))
    # Not sys.exit: a plugin may have left threads and exit handlers.
    os._exit(0)


def _say(channel: IO[str], line: str) -> None:
    channel.write(f"{line}\n")
    channel.flush()


def _start(group: str) -> None:
    """Import what a plugin may count on, so that it is not taken for the plugin's doing."""
    import numpy as np

    np.random.default_rng()
    if group == architectures.group:
        import imgclass.models.builder
        from imgclass.training.quiet import load_keras_quietly

        del imgclass
        load_keras_quietly()


def _try(group: str, claim: str, printed: IO[bytes]) -> dict[str, Any]:
    registry: Registry[Any, Any] = {r.group: r for r in (architectures, diagnoser_rules)}[group]
    before, start = observe(), time.perf_counter()
    seen = printed.seek(0, os.SEEK_END)
    try:
        described = registry.describe(claim)
    except PluginError as error:
        return _answer(start, error)
    seconds = time.perf_counter() - start
    effects = [f"changes {name}" for name in changed(before, observe())]
    effects += _printed(printed, since=seen)
    if group == architectures.group and described.origin.distribution != BUILT_IN:
        try:
            _build(claim, described.info)
        except PluginError as error:
            return _answer(start, error)
    return {"seconds": seconds, "fault": "", "remedy": "", "effects": effects}


def _build(claim: str, info: ArchitectureInfo) -> None:
    from imgclass.models.builder import build_model

    side = max(info.minimum_size, SMALLEST_SIDE)
    spec = ModelSpec(image_size=(side, side), depth=info.depth, width=info.width)
    build_model(claim, spec, num_classes=NUM_CLASSES)


def _answer(start: float, error: PluginError) -> dict[str, Any]:
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "fault": error.fault, "remedy": error.remedy, "effects": []}


def _printed(printed: IO[bytes], *, since: int) -> list[str]:
    sys.stdout.flush()
    sys.stderr.flush()
    printed.seek(since)
    text = " ".join(printed.read().decode("utf-8", "replace").split())
    return [f"prints {text[:QUOTED]!r}"] if text else []


def _machine() -> dict[str, Any]:
    from imgclass.training.quiet import load_keras_quietly

    try:
        load_keras_quietly()
    except Exception as error:  # noqa: BLE001 - a backend's import may fail in any way
        words = " ".join(f"{type(error).__name__}: {error}".split())
        return {"fault": words[:QUOTED_FAULT]}
    import keras

    from imgclass.training.hardware import describe_compute

    return {"keras": keras.version(), **asdict(describe_compute())}


if __name__ == "__main__":
    main(sys.argv[1:])
