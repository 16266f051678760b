"""What runs an experiment: a command, or Python if the command line cannot say it."""

import shlex
from dataclasses import fields
from operator import attrgetter
from pathlib import PurePath
from typing import Any, Literal, NamedTuple

from imgclass.diagnosis.evidence import TARGET_ACCURACY
from imgclass.experiment import GROUPS, Experiment
from imgclass.settings import options_of
from imgclass.training.keras_object import KerasObject


class Instruction(NamedTuple):
    """A command or a script to copy; the pieces are its options or its lines."""

    language: Literal["shell", "python"]
    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it, ready to run."""
        return (" " if self.language == "shell" else "\n").join(self.pieces)


def how_to_run(
    experiment: Experiment, data: PurePath, *, target_accuracy: float = TARGET_ACCURACY
) -> Instruction:
    """Return how to run `experiment` on `data`.

    Of an absolute path only the last part is written: a report is shown to others, and the rest
    says where you keep your files.

    Example:
        >>> from imgclass import Experiment, ModelSpec
        >>> how_to_run(Experiment(spec=ModelSpec(depth=4)), PurePath("cifar10")).text
        'imgclass train cifar10 --depth 4'
    """
    folder = data.name if data.is_absolute() else str(data)
    options = _options(experiment)
    if options is None:
        return Instruction(
            "python", tuple(_python(experiment, folder, target_accuracy).split("\n"))
        )
    if target_accuracy != TARGET_ACCURACY:
        options.append(f"--target-accuracy {target_accuracy:g}")
    operand = f"./{folder}" if folder.startswith("-") else folder
    return Instruction("shell", (f"imgclass train {shlex.quote(operand)}", *options))


def _options(experiment: Experiment) -> list[str] | None:
    """Return the options of changed settings; None if one has no option."""
    options = []
    for name, option in options_of(Experiment).items():
        value = attrgetter(name)(experiment)
        if value != option.default:
            words = option.words(value)
            if words is None:
                return None
            options.append(shlex.join(words))
    return options


def _python(experiment: Experiment, folder: str, target_accuracy: float) -> str:
    call = _constructor(experiment, indent=4)
    if target_accuracy != TARGET_ACCURACY:
        call += f",\n    diagnoser=Diagnoser(target_accuracy={target_accuracy:g})"
    names = sorted(
        name
        for name in ("Augmentation", "Diagnoser", "Experiment", "ModelSpec", "TrainingConfig")
        if f"{name}(" in call
    )
    imports = [f"from imgclass import {', '.join([*names, 'run_experiment'])}"]
    objects = _objects_in((experiment.training.optimizer, experiment.training.loss))
    objects += _objects_in(tuple(experiment.training.metrics))
    if any(map(_is_of_keras, objects)):
        imports.insert(0, "import keras")
    if not all(map(_is_of_keras, objects)):
        imports.append("from imgclass.training.keras_object import KerasObject")
    if own := dict.fromkeys(name for part in objects for name in part.registered):
        imports.append(f"# Import the module that registers {', '.join(own)}, too.")
    lines = "\n".join(imports)
    return f"{lines}\n\nrun_experiment(\n    {folder!r},\n    {call},\n)"


def _constructor(value: Any, *, indent: int) -> str:
    """Return the Python call that makes a value."""
    standard = type(value)()
    pad = " " * (indent + 4)
    lines = []
    for field in fields(value):
        part = getattr(value, field.name)
        if part != getattr(standard, field.name):
            is_group = isinstance(part, GROUPS)
            text = _constructor(part, indent=indent + 4) if is_group else _literal(part)
            lines.append(f"{pad}{field.name}={text},\n")
    name = type(value).__name__
    return f"{name}(\n{''.join(lines)}{' ' * indent})" if lines else f"{name}()"


def _literal(value: Any) -> str:
    if isinstance(value, tuple) and _objects_in(value):
        return f"[{', '.join(map(_literal, value))}]"
    if not isinstance(value, KerasObject):
        return repr(value)
    if not _is_of_keras(value):
        return f"KerasObject({value.config!r})"
    made = value.described
    return f"{made['module']}.{made['class_name']}.from_config({made['config']!r})"


def _objects_in(value: Any) -> list[KerasObject]:
    parts = value if isinstance(value, tuple) else (value,)
    return [part for part in parts if isinstance(part, KerasObject)]


def _is_of_keras(value: KerasObject) -> bool:
    return str(value.described.get("module")).startswith("keras.")
