"""A run's directory while the run is made: filled step by step, then closed."""

import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
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
from imgclass.run import heat_maps_file, history_file, scores_file
from imgclass.run import record as record_file
from imgclass.run.heat_maps_file import HeatMaps
from imgclass.run.record import Resumption, RunRecord, Stage, Status, history_of
from imgclass.serialization import dump_json, to_plain
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

REPORT = "report.html"
LEARNING_RATE = "learning_rate.png"
SCORES = (scores_file.SCORES, scores_file.PREDICTIONS, scores_file.PROBABILITIES)
NONE: Mapping[str, Any] = MappingProxyType({})

OWN = {record_file.FILE, history_file.FILE, EXPERIMENT, MANIFEST}

# Writes all files of runs; tests replace it by one that fails.
FILES = FileSystem()

# Bytes that must be free before a run begins: tables and the model of a small network.
LEAST_FREE = 32 * 2**20
# Files of the model's size at once: the best model and two more while a better one replaces it;
# three checkpoints (one being written) of four each: the weights, the best weights, and two values
# of the optimizer for each weight.
COPIES = 3 + 4 * 3


class RunDirectory:
    """The directory of a run that is being made; each file is written whole or not at all."""

    def __init__(self, path: Path, record: RunRecord) -> None:
        self.path = path
        self.record = record
        self.epochs: list[Epoch] = []
        self._stage_began = perf_counter()

    @property
    def history(self) -> History:
        """The history so far."""
        return history_of(self.record, self.epochs)

    @property
    def has_model(self) -> bool:
        """Whether there is a trained model."""
        return (self.path / MODEL).exists()

    @property
    def is_scored(self) -> bool:
        """Whether there are scores and a diagnosis."""
        return (self.path / DIAGNOSIS).exists()

    @property
    def checkpoints(self) -> CheckpointFolder:
        """The checkpoints from which training can be resumed."""
        return CheckpointFolder(self.path / CHECKPOINTS, files=FILES)

    def update(self, **changes: Any) -> None:
        """Change fields of the record, and write it."""
        self.record = replace(self.record, **changes)
        self._write(record_file.FILE, self.record)

    def begin(self, stage: Stage, **known: Any) -> None:
        """Write the stage that begins now, and fields known from the one before."""
        self.update(stage=stage, stage_seconds=self._stage_seconds(), **known)

    def _stage_seconds(self) -> dict[str, float]:
        """Return the stages' times with that of the present one, which ends now."""
        now, before = perf_counter(), self.record.stage_seconds
        spent, self._stage_began = now - self._stage_began, now
        stage = self.record.stage
        return {**before, stage: round(before.get(stage, 0.0) + spent, 3)}

    def end(self, status: Status, reason: str = "", advice: Mapping[str, Any] = NONE) -> None:
        """Close the run; only a repeated stage writes to it later."""
        before = self.record
        stage = "done" if status == "finished" else before.stage
        try:
            self.update(
                status=status,
                stage=stage,
                reason=reason,
                ended=now(),
                advice=dict(advice),
                stage_seconds=self._stage_seconds(),
            )
        except MachineError:
            self.record = before  # not written; the next attempt will write it
            raise

    def keep_experiment(self, experiment: Experiment, manifest: Manifest) -> None:
        """Write the experiment and its images."""
        self._write(EXPERIMENT, experiment)
        table = io.StringIO()
        write_manifest(table, manifest.samples)
        self._write(MANIFEST, table.getvalue())

    def go_on(self, experiment: Experiment, *, data: str, resumption: Resumption | None) -> None:
        """Set an ended run to running; `resumption` is None if the experiment is unchanged."""
        # The note first, the advice last: a kill in between loses neither.
        if resumption is not None and resumption not in self.record.resumptions[-1:]:
            self.update(resumptions=(*self.record.resumptions, resumption))
        self._write(EXPERIMENT, experiment)
        self.update(status="running", stage="training", reason="", ended="", data=data, advice={})

    def keep_picture(self, name: str, png: bytes) -> None:
        """Write a picture."""
        self._write(name, png)

    def rewind(self, epochs: Sequence[Epoch]) -> None:
        """Replace the history by an earlier one."""
        self.epochs = list(epochs)
        self._write(history_file.FILE, history_file.format_history(self.epochs))

    def forget_scores(self) -> None:
        """Remove what was made from a model that will be replaced."""
        for name in (*SCORES, heat_maps_file.FILE, DIAGNOSIS, REPORT):
            self.remove(name)

    def keep_epoch(self, epoch: Epoch) -> None:
        """Add an epoch to the history."""
        self.epochs.append(epoch)
        self._write(history_file.FILE, history_file.format_history(self.epochs))

    def keep_model(self, model: Any, metadata: ModelMetadata, *, name: str = MODEL) -> None:
        """Write a plain model, replacing an older one."""
        with machine_errors(self.path / name):
            save_model(model, self.path / name, metadata, files=FILES)

    def remove(self, name: str) -> None:
        """Remove a file."""
        with machine_errors(self.path / name):
            FILES.unlink(str(self.path / name))

    def keep_evaluation(self, evaluation: Evaluation) -> None:
        """Write predictions, probabilities, and last the scores, which name the others."""
        for name, content in scores_file.format_evaluation(evaluation).items():
            self._write(name, content)

    def keep_heat_maps(self, maps: HeatMaps) -> None:
        """Write where the network saw what it took its surest mistakes for."""
        # On one line: indented, each of its numbers would have a line.
        text = json.dumps(to_plain(maps), separators=(",", ":"))
        self._write(heat_maps_file.FILE, f"{text}\n")

    def keep_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Write the diagnosis."""
        self._write(DIAGNOSIS, diagnosis)

    def require_room(self, copies_of: int = 0) -> None:
        """Refuse a disk too full for a run whose model takes `copies_of` bytes; 0 if unknown."""
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
