"""Multi-class image classification on Keras: organize, train, diagnose, know what to try next.

Names resolve on first use (PEP 562): `import imgclass` loads neither Keras nor pandas.
"""

from typing import TYPE_CHECKING

from imgclass.lazy import lazy_names

if TYPE_CHECKING:
    from imgclass.data.dataset.image_folder import ImageFolder
    from imgclass.data.manifest import Manifest, Sample
    from imgclass.data.organize.organizer import DatasetOrganizer
    from imgclass.diagnosis import (
        Diagnoser,
        Diagnosis,
        Evidence,
        Finding,
        Recommendation,
        diagnose,
    )
    from imgclass.errors import ImgclassError
    from imgclass.evaluation import Comparison, Evaluation, Score, evaluate
    from imgclass.execution import diagnose_run, evaluate_run, resume_run, run_experiment
    from imgclass.execution.exporting import export
    from imgclass.experiment import Experiment
    from imgclass.flows import Augmentation, Flows, open_flows
    from imgclass.improvement import Improvement, improve, run_experiments
    from imgclass.label_errors import LabelErrors, find_label_errors
    from imgclass.learning_curves import LearningCurve, learning_curve
    from imgclass.models import Architecture, ArchitectureInfo, ModelSpec, architectures, described
    from imgclass.report import render_html, write_report
    from imgclass.report.model_card import render_model_card, write_model_card
    from imgclass.run import Run, RunList, RunSummary, compare, runs
    from imgclass.run.board import Leaderboard
    from imgclass.run.leaderboard import leaderboard
    from imgclass.serving import Classifier, Prediction, Predictions
    from imgclass.serving.export import ExportedModel
    from imgclass.training import History, Trainer, TrainingConfig
    from imgclass.training.rate_test import RateTest

_HOMES = {
    "Architecture": "models",
    "ArchitectureInfo": "models",
    "Augmentation": "flows",
    "Classifier": "serving",
    "Comparison": "evaluation",
    "DatasetOrganizer": "data.organize.organizer",
    "Diagnoser": "diagnosis",
    "Diagnosis": "diagnosis",
    "Evaluation": "evaluation",
    "Evidence": "diagnosis",
    "Experiment": "experiment",
    "ExportedModel": "serving.export",
    "Finding": "diagnosis",
    "Flows": "flows",
    "History": "training",
    "ImageFolder": "data.dataset.image_folder",
    "ImgclassError": "errors",
    "Improvement": "improvement",
    "LabelErrors": "label_errors",
    "Leaderboard": "run.board",
    "LearningCurve": "learning_curves",
    "Manifest": "data.manifest",
    "ModelSpec": "models",
    "Prediction": "serving",
    "Predictions": "serving",
    "RateTest": "training.rate_test",
    "Recommendation": "diagnosis",
    "Run": "run",
    "RunList": "run",
    "RunSummary": "run",
    "Sample": "data.manifest",
    "Score": "evaluation",
    "Trainer": "training",
    "TrainingConfig": "training",
    "architectures": "models",
    "compare": "run",
    "described": "models",
    "diagnose": "diagnosis",
    "diagnose_run": "execution",
    "evaluate": "evaluation",
    "evaluate_run": "execution",
    "export": "execution.exporting",
    "find_label_errors": "label_errors",
    "leaderboard": "run.leaderboard",
    "improve": "improvement",
    "learning_curve": "learning_curves",
    "open_flows": "flows",
    "render_html": "report",
    "render_model_card": "report.model_card",
    "resume_run": "execution",
    "run_experiment": "execution",
    "run_experiments": "improvement",
    "runs": "run",
    "write_model_card": "report.model_card",
    "write_report": "report",
}

__all__ = [  # spelled out for type checkers; a test holds it equal to _HOMES
    "Architecture",
    "ArchitectureInfo",
    "Augmentation",
    "Classifier",
    "Comparison",
    "DatasetOrganizer",
    "Diagnoser",
    "Diagnosis",
    "Evaluation",
    "Evidence",
    "Experiment",
    "ExportedModel",
    "Finding",
    "Flows",
    "History",
    "ImageFolder",
    "ImgclassError",
    "Improvement",
    "LabelErrors",
    "Leaderboard",
    "LearningCurve",
    "Manifest",
    "ModelSpec",
    "Prediction",
    "Predictions",
    "RateTest",
    "Recommendation",
    "Run",
    "RunList",
    "RunSummary",
    "Sample",
    "Score",
    "Trainer",
    "TrainingConfig",
    "architectures",
    "compare",
    "described",
    "diagnose",
    "diagnose_run",
    "evaluate",
    "evaluate_run",
    "export",
    "find_label_errors",
    "improve",
    "leaderboard",
    "learning_curve",
    "open_flows",
    "render_html",
    "render_model_card",
    "resume_run",
    "run_experiment",
    "run_experiments",
    "runs",
    "write_model_card",
    "write_report",
]


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
