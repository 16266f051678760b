"""What the files of a run directory hold, whatever version wrote them."""

from dataclasses import dataclass

from imgclass.data.manifest import Manifest
from imgclass.diagnosis.diagnosis import Diagnosis
from imgclass.evaluation import Evaluation
from imgclass.experiment import Experiment
from imgclass.run.record import RunRecord
from imgclass.training.history import History


@dataclass(frozen=True, slots=True)
class RunContents:
    """What was read of a run; fields as in `Run`."""

    record: RunRecord
    experiment: Experiment
    manifest: Manifest
    history: History
    evaluation: Evaluation | None
    diagnosis: Diagnosis | None
