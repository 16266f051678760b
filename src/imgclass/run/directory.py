"""A run's directory while it is made: claimed first, filled as things happen, then closed."""

import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from imgclass.data.manifest import Manifest, write_manifest
from imgclass.diagnosis.diagnosis import Diagnosis
from imgclass.errors import MachineError
from imgclass.evaluation import Evaluation
from imgclass.experiment import Experiment
from imgclass.io.fs import FileSystem
from imgclass.io.os_errors import machine_errors
from imgclass.models.metadata import ModelMetadata
from imgclass.models.model_file import save_model
from imgclass.run import history_file, scores_file
from imgclass.run import record as record_file
from imgclass.run.record import Resumption, RunRecord, Stage, Status, history_of
from imgclass.serialization import dump_json
from imgclass.training.checkpoints.folder import CheckpointFolder
from imgclass.training.history import Epoch, History

RUNS = Path("runs")
LOCK = ".lock"
CHECKPOINTS = "checkpoints"
MODEL, EXPERIMENT, MANIFEST, DIAGNOSIS = (
    "model.keras",
    "experiment.json",
    "manifest.csv",
    "diagnosis.json",
)

# Written from the scores by whoever shows a run.
REPORT = "report.html"
SCORES = (scores_file.SCORES, scores_file.PREDICTIONS, scores_file.PROBABILITIES)
NONE: Mapping[str, Any] = MappingProxyType({})

OWN = {record_file.FILE, history_file.FILE, EXPERIMENT, MANIFEST}

# Every write of every run; tests put one here that fails.
FILES = FileSystem()

# Bytes that must be free before a run begins: tables, and the model of a small network.
LEAST_FREE = 32 * 2**20
# Files of a model's size that lie in the directory at once: the best so far, and the next two
# steps of writing a better one; and of four in each of three checkpoints, one of which is being
# written: the weights, the best ones, and two values of the optimizer for each.
COPIES = 3 + 4 * 3


class RunDirectory:
    """A run that is being made. Whatever is written in it is there whole or not at all.

    Attributes:
        path: The directory, absolute.
        record: What `run.json` says.
        epochs: Those that were finished so far.
    """

    def __init__(self, path: Path, record: RunRecord) -> None:
        self.path = path
        self.record = record
        self.epochs: list[Epoch] = []

    @property
    def history(self) -> History:
        """What happened so far."""
        return history_of(self.record, self.epochs)

    @property
    def has_model(self) -> bool:
        """Whether anything was trained that is worth keeping."""
        return (self.path / MODEL).exists()

    @property
    def is_scored(self) -> bool:
        """Whether scores and a diagnosis are there."""
        return (self.path / DIAGNOSIS).exists()

    @property
    def checkpoints(self) -> CheckpointFolder:
        """From which its training can be gone on with."""
        return CheckpointFolder(self.path / CHECKPOINTS, files=FILES)

    def update(self, **changes: Any) -> None:
        """Change fields of the record, and write it."""
        self.record = replace(self.record, **changes)
        self._write(record_file.FILE, self.record)

    def begin(self, stage: Stage, **known: Any) -> None:
        """Say what the run does now, and in the same breath what the stage before made known."""
        self.update(stage=stage, **known)

    def end(self, status: Status, reason: str = "", advice: Mapping[str, Any] = NONE) -> None:
        """Close the run; nothing is written after it but what makes up for a failed stage."""
        before = self.record
        stage = "done" if status == "finished" else before.stage
        try:
            self.update(status=status, stage=stage, reason=reason, ended=now(), advice=dict(advice))
        except MachineError:
            self.record = before  # it has not ended yet: what is written next says how it did
            raise

    def keep_experiment(self, experiment: Experiment, manifest: Manifest) -> None:
        """Write what is run, and on which images."""
        self._write(EXPERIMENT, experiment)
        table = io.StringIO()
        write_manifest(table, manifest.samples)
        self._write(MANIFEST, table.getvalue())

    def go_on(self, experiment: Experiment, *, data: str, resumption: Resumption | None) -> None:
        """Open a run again that had ended.

        Args:
            experiment: What it goes on with.
            data: Where its data set lies now.
            resumption: What of the experiment is another than before; None where nothing is.
        """
        # Noted first and forgotten last, so that a kill between loses neither note nor advice.
        if resumption is not None and resumption not in self.record.resumptions[-1:]:
            self.update(resumptions=(*self.record.resumptions, resumption))
        self._write(EXPERIMENT, experiment)
        self.update(status="running", stage="training", reason="", ended="", data=data, advice={})

    def rewind(self, epochs: Sequence[Epoch]) -> None:
        """Go back to a history."""
        self.epochs = list(epochs)
        self._write(history_file.FILE, history_file.format_history(self.epochs))

    def forget_scores(self) -> None:
        """Remove the scores of a model that will be another."""
        for name in (*SCORES, DIAGNOSIS, REPORT):
            self.remove(name)

    def keep_epoch(self, epoch: Epoch) -> None:
        """Add an epoch to the history."""
        self.epochs.append(epoch)
        self._write(history_file.FILE, history_file.format_history(self.epochs))

    def keep_model(self, model: Any, metadata: ModelMetadata, *, name: str = MODEL) -> None:
        """Write a plain model in the place of the one that is there."""
        with machine_errors(self.path / name):
            save_model(model, self.path / name, metadata, files=FILES)

    def remove(self, name: str) -> None:
        """Remove a file that was needed on the way only."""
        with machine_errors(self.path / name):
            FILES.unlink(str(self.path / name))

    def keep_evaluation(self, evaluation: Evaluation) -> None:
        """Write scores, predictions and probabilities; the scores last, as they name the others."""
        for name, content in scores_file.format_evaluation(evaluation).items():
            self._write(name, content)

    def keep_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Write what the scores mean."""
        self._write(DIAGNOSIS, diagnosis)

    def require_room(self, copies_of: int = 0) -> None:
        """Refuse a disk that has no room for what will be written.

        Args:
            copies_of: Bytes of the model's file, once that is known.

        Raises:
            MachineError: There is too little room.
        """
        with machine_errors(self.path):
            free = FILES.call(shutil.disk_usage, self.path).free
        needed = LEAST_FREE + COPIES * copies_of
        if free < needed:
            raise MachineError(
                f"Expected {needed / 2**20:,.0f} MB free for the run in {self.path}; there are "
                f"{free / 2**20:,.0f} MB. Free some, or choose another disk (--run-dir)."
            )

    def _write(self, name: str, content: object) -> None:
        if isinstance(content, bytes):
            data = content
        elif isinstance(content, str):
            data = content.encode("utf-8", "surrogateescape")
        else:
            data = dump_json(content).encode()
        with machine_errors(self.path / name):
            FILES.write_whole(str(self.path / name), data)


def now() -> str:
    """Return the time in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
