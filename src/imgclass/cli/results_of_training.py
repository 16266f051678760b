"""What the verbs that train share: an experiment run, reported, and told."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgclass.cli.output import note, shown_path, table
from imgclass.cli.results import diagnosis_text, finding_payload
from imgclass.errors import InterruptedRunError
from imgclass.formatting import percent, percent_range

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgclass.evaluation import Score
    from imgclass.experiment import Experiment
    from imgclass.run import Run


def run_and_report(
    data: Path,
    experiment: "Experiment",
    *,
    run_dir: Path | None,
    target_accuracy: float = 0.95,
    parent: "Run | None" = None,
) -> "Run":
    """Run an experiment and write its report into the run."""
    from imgclass.diagnosis import Diagnoser
    from imgclass.execution import run_experiment

    return _reported(
        lambda: run_experiment(
            data,
            experiment,
            run_dir=run_dir,
            diagnoser=Diagnoser(target_accuracy=target_accuracy),
            parent=parent,
        )
    )


def resume_and_report(
    run: "Run",
    experiment: "Experiment",
    *,
    data: Path | None,
    target_accuracy: float = 0.95,
    other_versions: bool = False,
) -> "Run":
    """Go on with a run and write its report into it."""
    from imgclass.diagnosis import Diagnoser
    from imgclass.execution import resume_run
    from imgclass.execution.resumption import plan_course

    course = plan_course(run, experiment)
    for name, (before, now) in course.changes.items():
        note(f"going on with {name} {now!r}, which was {before!r}")
    return _reported(
        lambda: resume_run(
            run,
            experiment,
            data=data,
            diagnoser=Diagnoser(target_accuracy=target_accuracy),
            other_versions=other_versions,
        )
    )


def _reported(make: "Callable[[], Run]") -> "Run":
    from imgclass.report import write_report

    try:
        run = make()
    except KeyboardInterrupt as error:  # the second Ctrl-C; the verbs' own message knows no run
        raise InterruptedRunError(
            "\n".join(("Stopped at once.", *getattr(error, "__notes__", ())))
        ) from error
    write_report(run)
    return run


def run_payload(run: "Run") -> dict[str, Any]:
    """Return what is said of a run as one JSON object."""
    evaluation = run.evaluation
    scores = dict.fromkeys(("train", "val", "test")) | evaluation.scores
    return {
        "run_dir": str(run.path),
        "id": run.record.id,
        "status": run.status,
        "architecture": run.experiment.architecture,
        "epochs": len(run.history.epochs),
        "seconds": run.history.seconds,
        **{split: score and _score_payload(score) for split, score in scores.items()},
        "mirrored": {split: _score_payload(score) for split, score in evaluation.mirrored.items()},
        "findings": [finding_payload(finding) for finding in run.diagnosis.findings],
        "report": str(run.path / "report.html"),
    }


def _score_payload(score: "Score") -> dict[str, Any]:
    return {"accuracy": score.accuracy, "interval": list(score.interval), "n": score.n}


def run_text(run: "Run") -> str:
    """Return what is said of a run to people."""
    evaluation = run.evaluation
    rows: list[tuple[str, ...]] = [("split", "images", "accuracy", "95 % interval")]
    rows += [_score_row(split, score) for split, score in evaluation.scores.items()]
    rows += [
        _score_row(f"{split}, with mirror images", score)
        for split, score in evaluation.mirrored.items()
    ]
    trained = f"{len(run.history.epochs)} epochs in {run.history.seconds:.0f} s"
    return "\n\n".join(
        (
            f"{run.experiment.architecture}, {trained}",
            table(rows),
            diagnosis_text(run.diagnosis),
            f"run     {shown_path(run.path)}\nreport  {shown_path(run.path / 'report.html')}",
        )
    )


def _score_row(name: str, score: "Score") -> tuple[str, ...]:
    return name, f"{score.n:,}", percent(score.accuracy), percent_range(score.interval)
