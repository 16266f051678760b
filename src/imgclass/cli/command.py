"""The command `imgclass`: its verbs, and how errors end it."""

import sys
from importlib import import_module
from typing import Annotated, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from imgclass.cli.options import with_settings
from imgclass.cli.output import fail, note_trace
from imgclass.cli.plain import print_plainly
from imgclass.cli.plugins import warnings_as_notes
from imgclass.errors import ImgclassError

BUG, USAGE, INTERRUPTED = 1, 2, 6
TYPER_INTERRUPTED = 130  # typer's code for a Ctrl-C inside a verb

# Each is a function in a module of its name, with `_` for `-`.
VERBS = (
    "organize",
    "audit",
    "architectures",
    "train",
    "improve",
    "runs",
    "evaluate",
    "diagnose",
    "compare",
    "learning-curve",
    "label-errors",
    "report",
    "predict",
    "export",
    "model-card",
    "demo",
    "doctor",
)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with 0, or with an error's code as in `imgclass.errors`."""
    words = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    print_plainly()
    with warnings_as_notes():
        sys.exit(_run(words, as_json="--json" in words))


def app(words: list[str]) -> typer.Typer:
    """Return the command line with the verb that `words` begin with, or with all verbs.

    One verb imports only what it needs; the list of all goes without the settings of `train`, which
    would import an experiment's values.
    """
    made = typer.Typer(
        name="imgclass",
        help="Classify images: organize them, train, read the diagnosis, know what to try next.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    made.callback(invoke_without_command=True)(_options)
    asked = next((word for word in words if not word.startswith("-")), None)
    for name in VERBS:
        if asked not in VERBS or name == asked:
            module = name.replace("-", "_")
            verb = getattr(import_module(f"imgclass.cli.{module}"), module)
            made.command()(with_settings(verb) if name == asked else verb)
    return made


def _run(words: list[str], *, as_json: bool) -> int:
    try:
        code: int = app(words)(words, prog_name="imgclass", standalone_mode=False) or 0
    except ImgclassError as error:
        return fail(type(error).__name__, _words(error), error.exit_code, as_json=as_json)
    except (KeyboardInterrupt, Abort):
        code = TYPER_INTERRUPTED
    except TyperException as error:
        command = getattr(getattr(error, "ctx", None), "command_path", "imgclass")
        said = error.format_message().rstrip(".")
        message = f"{said}{'' if said.endswith('?') else '.'} See `{command} --help`."
        return fail("UsageError", message, USAGE, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - a bug, too, ends in one message and a code
        note_trace()
        message = (
            f"{type(error).__name__}: {_words(error)} This is a bug in imgclass, or in a plugin or "
            f"callback; please report it."
        )
        return fail("Bug", message, BUG, as_json=as_json)
    if code == TYPER_INTERRUPTED:
        message = "Interrupted. Nothing was lost; give the same command to start again."
        return fail("Interrupted", message, INTERRUPTED, as_json=as_json)
    return code


def _words(error: Exception) -> str:
    """Return an error's message and its notes, which say what is kept, and where."""
    return "\n".join((str(error), *getattr(error, "__notes__", ())))


def _options(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        import importlib_metadata

        typer.echo(importlib_metadata.version("imgclass-keras"))
        raise typer.Exit
