"""A run as a model card: one Markdown file in the format of the Hugging Face Hub."""

import os
from pathlib import Path

from imgclass.errors import UnsafeError, UsageError
from imgclass.formatting import count, shown_value
from imgclass.io.untrusted_files import exists
from imgclass.report.model_card.data import data_section
from imgclass.report.model_card.front_matter import UNKNOWN, front_matter
from imgclass.report.model_card.limits import limits_section
from imgclass.report.model_card.markdown import plain
from imgclass.report.model_card.scores import score_sections
from imgclass.report.model_card.training import training_section
from imgclass.report.model_card.usage import usage_section
from imgclass.report.page_file import write_page
from imgclass.run import Run

MODEL_CARD = "MODEL_CARD.md"
LONGEST = 100  # characters of the licence and of the data set's name


def render_model_card(run: Run, *, licence: str = "", dataset: str = "") -> str:
    """Return the model card of a run, in the format of the Hugging Face Hub.

    It has the results with their intervals, the data, what the model confuses, its limits, how it
    was trained and how to use it; no path of this machine and no file name of an image.

    Args:
        run: What to describe.
        licence: Of the model, such as `apache-2.0`; `unknown` is written if it is empty.
        dataset: The name of the data set on the Hub, if it is there.

    Raises:
        RunError: The run was not scored.
        UsageError: The licence or the data set is no short line of text.

    Example:
        >>> render_model_card(Run.load("runs/none"))
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    for name, value in (("licence", licence), ("dataset", dataset)):
        if len(value) > LONGEST or not (value.isprintable() and value == value.strip()):
            raise UsageError(
                f"Expected {name} as a line of at most {LONGEST} characters; received "
                f"{shown_value(value)}."
            )
    parts = (
        front_matter(run, licence=licence, dataset=dataset),
        f"# {plain(run.path.name)}",
        _what_it_is(run, licence),
        data_section(run, dataset=dataset),
        *score_sections(run),
        limits_section(run),
        training_section(run),
        usage_section(run),
    )
    return "\n\n".join(parts) + "\n"


def write_model_card(
    run: Run,
    path: str | os.PathLike[str] | None = None,
    *,
    licence: str = "",
    dataset: str = "",
    force: bool = False,
) -> Path:
    """Write the model card of a run, whole or not at all, and return its path.

    Args:
        run: What to describe.
        path: The file; `MODEL_CARD.md` in the run's directory if not given.
        licence: Of the model, such as `apache-2.0`; `unknown` is written if it is empty.
        dataset: The name of the data set on the Hub, if it is there.
        force: Whether a file that is there is replaced; its author may have completed it.

    Raises:
        RunError: The run was not scored.
        UsageError: The licence or the data set is no short line of text.
        UnsafeError: The file is there already.
        MachineError: It cannot be written.

    Example:
        >>> write_model_card(Run.load("runs/none"))
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    target = Path(path) if path is not None else run.path / MODEL_CARD
    card = render_model_card(run, licence=licence, dataset=dataset)
    if exists(target) and not force:
        raise UnsafeError(
            f"Expected a new file for the model card; {target} is there already, and may have been "
            f"completed by hand. Name another (--out), or replace it (--force)."
        )
    return write_page(target, card)


def _what_it_is(run: Run, licence: str) -> str:
    classes = count(len(run.class_names), "class", "classes")
    score = run.evaluation.test or run.evaluation.val
    split = "test" if run.evaluation.test else "val"
    named = (
        f"Licence: {plain(licence)}."
        if licence and licence != UNKNOWN
        else "Licence: unknown; its author has named none."
    )
    return (
        f"An image classifier: it says to which of {classes} an image belongs. It classifies "
        f"{score} of {score.n:,} {split} images correctly. Trained with "
        f"imgclass on Keras. {named}"
    )
