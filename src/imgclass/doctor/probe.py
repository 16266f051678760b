"""The child process of `doctor`: it imports plugins or starts Keras, and says what happened.

python -m imgclass.doctor.probe ANSWER LIMIT GROUP DISTRIBUTION:NAME ...
python -m imgclass.doctor.probe ANSWER LIMIT machine
"""

import json
import os
import sys
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from threading import Timer
from typing import Any

from imgclass.diagnosis.diagnoser import diagnoser_rules
from imgclass.distributions import BUILT_IN
from imgclass.doctor.child import LATE
from imgclass.errors import PluginError, PluginWarning
from imgclass.global_state import changed, observe
from imgclass.models import architectures
from imgclass.models.spec import ModelSpec
from imgclass.registry import Registry

NUM_CLASSES = 3
SMALLEST_SIDE = 32
QUOTED = 80  # characters of what a plugin prints
QUOTED_FAULT = 300  # characters of Keras's error at start


def main(words: list[str]) -> None:
    """Write the answer as JSON; standard output is a file that `_printed` reads."""
    answer, limit, subject, *names = words
    warnings.simplefilter("ignore", PluginWarning)  # they are about other plugins
    if subject != "machine":
        _import_what_plugins_use(subject)
    alarm = Timer(float(limit), os._exit, [LATE])
    alarm.daemon = True
    alarm.start()
    facts = _machine() if subject == "machine" else [_tried(subject, name) for name in names]
    Path(answer).write_text(json.dumps(facts), encoding="utf-8")
    os._exit(0)  # unlike sys.exit, it waits for no thread or exit handler of a plugin


def _import_what_plugins_use(group: str) -> None:
    """Import what changes global state itself, so that no plugin is blamed."""
    import numpy as np

    np.random.default_rng()
    if group == architectures.group:
        import imgclass.models.builder  # noqa: F401 - imported for what it changes
        from imgclass.training.backend import load_keras_quietly

        load_keras_quietly()


def _tried(group: str, name: str) -> dict[str, Any]:
    """Import one plugin; build it, small, if it is another package's architecture."""
    registry: Registry[Any, Any] = {r.group: r for r in (architectures, diagnoser_rules)}[group]
    before, printed, start = observe(), os.lseek(1, 0, os.SEEK_END), time.perf_counter()
    fault, remedy, effects = "", "", []
    try:
        _ = registry[name]
        seconds = time.perf_counter() - start
        effects = [f"changes {what}" for what in changed(before, observe())] + _printed(printed)
        if group == architectures.group and registry.origin(name).distribution != BUILT_IN:
            _build(name)
    except PluginError as error:
        seconds = time.perf_counter() - start
        fault, remedy, effects = error.fault, error.remedy, []
    return {"seconds": seconds, "fault": fault, "remedy": remedy, "effects": effects}


def _build(name: str) -> None:
    from imgclass.models.builder import build_model

    info = architectures.info(name)
    side = max(info.minimum_size, SMALLEST_SIDE)
    spec = ModelSpec(image_size=(side, side), depth=info.depth, width=info.width)
    build_model(name, spec, num_classes=NUM_CLASSES)


def _printed(since: int) -> list[str]:
    """Quote what Python or C printed since a position in the file of standard output."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.lseek(1, since, os.SEEK_SET)
    with os.fdopen(os.dup(1), "rb") as output:
        text = " ".join(output.read().decode("utf-8", "replace").split())
    return [f"prints {text[:QUOTED]!r}"] if text else []


def _machine() -> dict[str, Any]:
    from imgclass.training.backend import load_keras_quietly

    try:
        load_keras_quietly()
    except Exception as error:  # noqa: BLE001 - a backend may fail in any way
        words = " ".join(f"{type(error).__name__}: {error}".split())
        return {"fault": f"does not start ({words[:QUOTED_FAULT]})"}
    import keras

    from imgclass.training.hardware import describe_compute

    return {"keras": keras.version(), **asdict(describe_compute())}


if __name__ == "__main__":
    main(sys.argv[1:])
