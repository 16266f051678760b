"""The part of a model card on how the model was made: settings, time, machine."""

from collections.abc import Iterator

from imgclass.formatting import count, duration, setting
from imgclass.report.model_card.markdown import LONGEST_SENTENCE, bullets, plain, section, table
from imgclass.report.settings import grouped_settings
from imgclass.run import Run

LONGEST_VALUE = 200  # characters
MINE = {"weights"}  # the path of a weights file says where the author keeps files


def training_section(run: Run) -> str:
    """Return the section."""
    settings = [
        (plain(each.name.replace("_", " ")), plain(_shown(each.name, each.value), LONGEST_VALUE))
        for group in grouped_settings(run.experiment)
        for each in group.settings
        if each.value not in (None, ())
    ]
    return section(
        "Training",
        bullets(_facts(run)),
        "<details><summary>All settings</summary>",
        table(("setting", "value"), settings),
        "</details>",
    )


def _facts(run: Run) -> Iterator[str]:
    done, best = len(run.history.epochs), run.history.best_epoch
    kept = "" if best is None else f"; the weights are those of epoch {best + 1}"
    seconds = duration(run.history.seconds)
    yield (
        f"Architecture {plain(run.experiment.architecture)}, {count(done, 'epoch')} in "
        f"{seconds}{kept}."
    )
    yield from (plain(choice, LONGEST_SENTENCE) for choice in run.record.choices)
    if run.environment:
        known = ", ".join(
            f"{plain(name)} {plain(value)}" for name, value in sorted(run.environment.items())
        )
        yield f"Made with: {known}."


def _shown(name: str, value: object) -> str:
    text = setting(value)
    return text.replace("\\", "/").rpartition("/")[2] if name in MINE else text
