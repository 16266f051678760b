"""A run as one self-contained HTML page, in the order of a reader's questions.

How good is it? Can I trust the number? What does it get wrong, and why? What next? How was it made?
"""

import os
from pathlib import Path

from imgclass.data.manifest import SPLITS, Manifest
from imgclass.errors import UsageError
from imgclass.evaluation import ClassScore, Comparison, Score
from imgclass.evaluation.matrix import most_confused, shown_matrix
from imgclass.io.untrusted_files import exists, read_bytes
from imgclass.report.axis import axis_for
from imgclass.report.beside import NOTHING, Beside
from imgclass.report.charts import HEIGHT, WIDTH, learning_curves
from imgclass.report.datauri import data_uri
from imgclass.report.mistakes import mistakes_of
from imgclass.report.next_step import how_to_run
from imgclass.report.page_file import write_page
from imgclass.report.settings import grouped_settings
from imgclass.report.templates import page_template
from imgclass.report.trust import checks_of, headline
from imgclass.run import Run, compare
from imgclass.run.directory import LEARNING_RATE

PNG, LARGEST_PICTURE = b"\x89PNG", 2**20  # how a PNG file begins; bytes
PAIRS = 200  # rows; the filter shows those of a class
TONES = {"good_enough": "good"} | dict.fromkeys(
    (
        "optimisation_failure",
        "class_order",
        "no_signal",
        "constant_images",
        "leak",
        "mode_defect",
        "majority_baseline",
    ),
    "bad",
)


def render_html(run: Run, *, parent: Run | None = None, beside: Beside = NOTHING) -> str:
    """Return the report of a run as one HTML page that needs no other file and no network.

    The images of its mistakes are read from `run.data`; a note replaces a missing one. The same run
    gives the same page.

    Args:
        run: What to report on.
        parent: The run whose recommendation it follows; the two are compared on the val images
            that both were scored on.
        beside: What else is known: a learning curve of its data, the runs that led to it.

    Raises:
        RunError: The run was not scored or diagnosed.

    Example:
        >>> render_html(Run.load("runs/none"))
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    evaluation = run.evaluation
    target = run.diagnosis.target_accuracy
    suggestions = run.diagnosis.recommendations
    calibration = evaluation.calibration()
    main_split, main_score = headline(evaluation)
    template = page_template(
        "report",
        how_to_run=how_to_run,
        most_confused=most_confused,
        shown_matrix=shown_matrix,
        weakest_first=_weakest_first,
    )
    return template.render(
        run=run,
        run_name=run.path.name or Path.cwd().name,
        beside=beside,
        verdict=run.diagnosis.verdict,
        evaluation=evaluation,
        main_split=main_split,
        main_score=main_score,
        checks=checks_of(run, calibration),
        calibration=calibration,
        parent=parent,
        comparison=_comparison(run, parent),
        next_step=suggestions[0] if suggestions else None,
        alternatives=suggestions[1:],
        tone=TONES.get(run.diagnosis.verdict.name, "open"),
        target=target,
        axis=axis_for(evaluation.scores.values(), target),
        curves=learning_curves(run.history, target),
        rate_search=_rate_search(run),
        chart_size=(WIDTH, HEIGHT),
        mistakes=mistakes_of(run),
        settings=grouped_settings(run.experiment),
        class_counts=_class_counts(run.manifest),
        pairs_shown=PAIRS,
    )


def write_report(
    run: Run,
    path: str | os.PathLike[str] | None = None,
    *,
    parent: Run | None = None,
    beside: Beside = NOTHING,
) -> Path:
    """Write the report of a run, whole or not at all, and return its path.

    Args:
        run: What to report on.
        path: The file, which is replaced; `report.html` in the run's directory if not given.
        parent: The run whose recommendation it follows, to compare with.
        beside: What else is known, as for `render_html`.

    Raises:
        MachineError: The file cannot be written; an older one is unchanged.

    Example:
        >>> write_report(Run.load("runs/none"))
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    target = Path(path) if path is not None else run.path / "report.html"
    return write_page(target, render_html(run, parent=parent, beside=beside))


def _comparison(run: Run, parent: Run | None) -> Comparison | None:
    if parent is None or parent.kept_evaluation is None:
        return None
    try:
        return compare(parent, run)
    except UsageError:  # they have no val image in common
        return None


def _rate_search(run: Run) -> str:
    """Return the picture of the search for the learning rate as a data URI; empty without one."""
    path = run.path / LEARNING_RATE
    if not exists(path):
        return ""
    try:
        png = read_bytes(path, limit=LARGEST_PICTURE)
    except OSError:  # the run may be a stranger's
        return ""
    return data_uri("image/png", png) if png.startswith(PNG) else ""


def _weakest_first(score: Score) -> list[ClassScore]:
    """Return each class's figures, lowest F1 first, without an F1 last."""
    return sorted(score.per_class, key=lambda row: 2.0 if row.f1 is None else row.f1)


def _class_counts(manifest: Manifest) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return each class with its number of images in train, val and test."""
    columns = [manifest.class_counts(split) for split in SPLITS]
    return tuple((name, tuple(c[name] for c in columns)) for name in manifest.class_names)
