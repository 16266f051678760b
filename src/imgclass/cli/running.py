"""What the verbs that train share: an experiment run, reported, and told."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgclass.cli.output import table
from imgclass.cli.results import diagnosis_text, finding_payload
from imgclass.text import percent, percent_range

if TYPE_CHECKING:
    from imgclass.evaluation import Score
    from imgclass.experiment import Experiment
    from imgclass.run import Run


def run_and_report(
    data: Path, experiment: "Experiment", *, run_dir: Path | None, target_accuracy: float = 0.95
) -> "Run":
    """Run an experiment and write its report beside it."""
    from imgclass.data.folder import ImageFolder
    from imgclass.diagnosis import Diagnoser
    from imgclass.models import architectures as registry
    from imgclass.pipeline import run_experiment
    from imgclass.report import write_report
    from imgclass.training.quiet import load_keras_quietly

    folder = ImageFolder.open(data)
    registry.origin(experiment.architecture)  # a name that is wrong is said before the wait
    load_keras_quietly()
    diagnoser = Diagnoser(target_accuracy=target_accuracy)
    run = run_experiment(folder, experiment, run_dir=run_dir, diagnoser=diagnoser)
    write_report(run)
    return run


def run_payload(run: "Run") -> dict[str, Any]:
    """Return what is said of a run as one JSON object."""
    scores = dict.fromkeys(("train", "val", "test")) | run.evaluation.scores
    return {
        "run_dir": str(run.path),
        "architecture": run.experiment.architecture,
        "epochs": len(run.history.epochs),
        "seconds": run.history.seconds,
        **{split: score and _score_payload(score) for split, score in scores.items()},
        "findings": [finding_payload(finding) for finding in run.diagnosis.findings],
        "report": str(run.path / "report.html"),
    }


def _score_payload(score: "Score") -> dict[str, Any]:
    return {"accuracy": score.accuracy, "interval": list(score.interval), "n": score.n}


def run_text(run: "Run") -> str:
    """Return what is said of a run to people."""
    rows = [("split", "images", "accuracy", "95 % interval")]
    for split, score in run.evaluation.scores.items():
        interval = percent_range(score.interval)
        rows.append((split, f"{score.n:,}", percent(score.accuracy), interval))
    trained = f"{len(run.history.epochs)} epochs in {run.history.seconds:.0f} s"
    return "\n\n".join(
        (
            f"{run.experiment.architecture}, {trained}",
            table(rows),
            diagnosis_text(run.diagnosis),
            f"run     {run.path}\nreport  {run.path / 'report.html'}",
        )
    )
