"""A run and its diagnosis as JSON, and as text."""

from typing import TYPE_CHECKING, Any

from imgclass.cli.output import shown_path, table
from imgclass.formatting import percent, percent_range, shortened

if TYPE_CHECKING:
    from imgclass.diagnosis import Diagnosis, Finding
    from imgclass.evaluation import Score
    from imgclass.run import Run


def run_payload(run: "Run") -> dict[str, Any]:
    """Return a run as `train --json` prints it."""
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


def run_text(run: "Run") -> str:
    """Return a run as text."""
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


def diagnosis_payload(diagnosis: "Diagnosis") -> dict[str, Any]:
    """Return a diagnosis as `diagnose --json` prints it."""
    from imgclass.serialization import to_plain

    recommendation = diagnosis.recommendation
    return {
        "findings": [finding_payload(finding) for finding in diagnosis.findings],
        "recommendation": recommendation
        and {
            "changes": list(recommendation.changes),
            "experiment": to_plain(recommendation.experiment),
            "lever": recommendation.lever,
            "expected": to_plain(recommendation.expected),
            "seconds": recommendation.seconds,
            "falsifier": recommendation.falsifier,
        },
        "not_judged": list(diagnosis.not_judged),
    }


def finding_payload(finding: "Finding") -> dict[str, Any]:
    """Return one finding as `diagnose --json` and `train --json` print it."""
    return {
        "name": finding.name,
        "gap": finding.gap and finding.gap.value,
        "interval": finding.gap and list(finding.gap.interval),
        "advice": list(finding.advice),
    }


def diagnosis_text(diagnosis: "Diagnosis") -> str:
    """Return a diagnosis as text."""
    paragraphs = []
    for finding in diagnosis.findings:
        advice = "".join(f"\n  - {sentence}" for sentence in finding.advice)
        paragraphs.append(f"{finding.name}: {finding.explanation}{advice}")
    if recommendation := diagnosis.recommendation:
        changes = ", ".join(recommendation.changes)
        outlook = recommendation.outlook and f"\n{recommendation.outlook}"
        paragraphs.append(f"Next experiment: {changes}. {recommendation.reason}{outlook}")
    paragraphs += [f"Not judged: {sentence}" for sentence in diagnosis.not_judged]
    return "\n\n".join(map(shortened, paragraphs))


def _score_payload(score: "Score") -> dict[str, Any]:
    return {"accuracy": score.accuracy, "interval": list(score.interval), "n": score.n}


def _score_row(name: str, score: "Score") -> tuple[str, ...]:
    return name, f"{score.n:,}", percent(score.accuracy), percent_range(score.interval)
