"""Options that several verbs have, and those that are made from the settings of an experiment."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer

from imgclass.errors import UsageError

Verb = TypeVar("Verb", bound=Callable[..., None])

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

RunArgument = Annotated[Path, typer.Argument(help="A run directory, as `train` makes it.")]

Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Load the model without checking it: it may run its author's code.",
    ),
]


def with_settings(verb: Verb) -> Verb:
    """Give a verb an option for each setting of an experiment, in the place of `**settings`.

    A verb without `**settings` is returned as it is.
    """
    signature = inspect.signature(verb, eval_str=True)
    fixed = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    if len(fixed) == len(signature.parameters):
        return verb
    first = [p for p in fixed if p.kind is not p.KEYWORD_ONLY]
    parameters = [*first, *_settings_as_parameters(), *fixed[len(first) :]]
    verb.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return verb


def settings_asked_for(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that were given as options, by their dotted names.

    Raises:
        UsageError: An option has a text of the wrong kind.

    Example:
        >>> settings_asked_for({"depth": 4, "image_size": "32,48", "tta": None})
        {'spec.image_size': (32, 48), 'spec.depth': 4}
    """
    return {
        name: known.read(value) if isinstance(value, str) else value
        for name, known in _settings().items()
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


def _settings() -> Mapping[str, Any]:
    from imgclass.experiment import Experiment
    from imgclass.settings import settings_of

    return settings_of(Experiment)


def _parameter(name: str) -> str:
    """Return what the parameter of a setting is called: the last part of its dotted name."""
    return name.rpartition(".")[2]


def _settings_as_parameters() -> list[inspect.Parameter]:
    parameters = []
    for name, known in _settings().items():
        is_choice = known.check.names and not known.metavar
        kind: Any = Literal[known.check.names] if is_choice else known.check.kind
        option = typer.Option(known.option, help=known.help, metavar=known.metavar)
        annotation = Annotated[kind | None, option]
        parameters.append(
            inspect.Parameter(
                _parameter(name),
                inspect.Parameter.KEYWORD_ONLY,
                default=None,
                annotation=annotation,
            )
        )
    return parameters
