"""A run: the whole outcome of one experiment as one value, and its directory on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imgclass.data.manifest import Manifest
from imgclass.diagnosis.diagnosis import Diagnosis
from imgclass.evaluation import Evaluation
from imgclass.experiment import Experiment
from imgclass.training.history import History


@dataclass(frozen=True, slots=True)
class Run:
    """One experiment's whole outcome.

    Attributes:
        path: The run's directory.
        data: Root of the data set that it was trained on.
        experiment: What was run, with every default filled in.
        manifest: Which images, classes and splits.
        history: What happened, epoch by epoch.
        evaluation: Clean scores on every split, and every prediction.
        diagnosis: What they say, and the next experiment.
        environment: Versions, processor and seed, as they were.
    """

    path: Path
    data: Path
    experiment: Experiment
    manifest: Manifest
    history: History
    evaluation: Evaluation
    diagnosis: Diagnosis
    environment: Mapping[str, str]
