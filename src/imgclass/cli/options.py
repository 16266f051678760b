"""Options of several verbs, and those made from the settings of an experiment."""

import inspect
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from imgclass.errors import UsageError

if TYPE_CHECKING:
    from imgclass.settings import Option

Verb = TypeVar("Verb", bound=Callable[..., None])

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

RunArgument = Annotated[Path, typer.Argument(help="A run directory, as `train` makes it.")]


def _limit_pixels(context: typer.Context, text: str | None) -> None:
    """Set the most pixels of an image while the command runs, in child processes, too."""
    if text:
        context.with_resource(_pixels_limited_to(text))


@contextmanager
def _pixels_limited_to(text: str) -> Iterator[None]:
    from imgclass.images.limits import MAX_PIXELS, read_pixels

    read_pixels(text)
    before = os.environ.get(MAX_PIXELS, "")
    os.environ[MAX_PIXELS] = text
    try:
        yield
    finally:
        os.environ[MAX_PIXELS] = before  # empty is none


MaxPixels = Annotated[
    str | None,
    typer.Option(
        "--max-pixels",
        metavar="N",
        callback=_limit_pixels,
        help="The most pixels, width times height, that an image may have; 50M by default.",
    ),
]

Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Load the model without checking it: it may run its author's code.",
    ),
]

TargetAccuracy = Annotated[
    str | None,
    typer.Option(
        metavar="X|RUN",
        help="The val accuracy that is good enough, in 0-1: 0.95 by default. A run stands for "
        "its own.",
    ),
]


def with_settings(verb: Verb) -> Verb:
    """Replace a verb's `**settings`, if it has them, by an option for each setting."""
    signature = inspect.signature(verb, eval_str=True)
    fixed = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    if len(fixed) == len(signature.parameters):
        return verb
    first = [p for p in fixed if p.kind is not p.KEYWORD_ONLY]
    parameters = [*first, *_options_as_parameters(), *fixed[len(first) :]]
    verb.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # any function takes one
    return verb


def settings_asked_for(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that were given as options, by their dotted names.

    Example:
        >>> settings_asked_for({"depth": 4, "image_size": "32,48", "tta": None})
        {'spec.image_size': (32, 48), 'spec.depth': 4}
    """
    return {
        name: option.read(value) if isinstance(value, str) else value
        for name, option in _options().items()
        if (value := settings.get(_parameter(name))) is not None
    }


def share_of(text: str, *, option: str) -> float | int:
    """Return a fraction (`0.1`) as a float and a count (`2500`) as an int.

    Example:
        >>> share_of("0.1", option="--val"), share_of("2500", option="--val")
        (0.1, 2500)
    """
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        raise UsageError(
            f"Expected {option} as a fraction (0.1) or a count (2500); received {text!r}."
        ) from None


def target_accuracy_of(text: str | None) -> float | None:
    """Return the accuracy that `--target-accuracy` stands for: a number, or that of a run.

    Raises:
        UsageError: If it is no number above 0 and up to 1, and no directory.

    Example:
        >>> target_accuracy_of("0.9")
        0.9
    """
    if text is None:
        return None
    from imgclass.run import Run

    if Path(text).is_dir():
        return Run.load(Path(text)).evaluation.val.accuracy
    try:
        accuracy = float(text)
    except ValueError:
        accuracy = math.nan
    if 0 < accuracy <= 1:
        return accuracy
    raise UsageError(
        "Expected --target-accuracy as an accuracy above 0 and up to 1, such as 0.95, or as the "
        f"directory of a run whose val accuracy is to be reached; received {text!r}."
    )


def _options() -> "Mapping[str, Option]":
    from imgclass.experiment import Experiment
    from imgclass.settings import options_of

    return options_of(Experiment)


def _parameter(name: str) -> str:
    """Return the last part of the dotted name, which names the option's parameter."""
    return name.rpartition(".")[2]


def _options_as_parameters() -> Iterator[inspect.Parameter]:
    for name, option in _options().items():
        is_choice = option.check.names and not option.metavar
        kind: Any = Literal[option.check.names] if is_choice else option.check.kind
        shown = typer.Option(option.name, help=option.help, metavar=option.metavar)
        yield inspect.Parameter(
            _parameter(name),
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[kind | None, shown],
        )
