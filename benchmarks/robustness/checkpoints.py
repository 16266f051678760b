"""Kills during saves and trainings, damaged checkpoints, altered settings: what is gone on with."""

from benchmarks import crash_harness
from benchmarks.robustness import (
    alterations,
    bad_luck,
    damaged_checkpoints,
    kills_during_saves,
    resuming,
)
from benchmarks.robustness.resumable import write_data
from benchmarks.robustness.tiny_training import import_keras
from benchmarks.robustness.trials import Row


def prove(*, short: bool) -> list[Row]:
    """Try what needs no training first, then kills, alterations and bad luck."""
    import_keras()
    with crash_harness.scratch_folder() as scratch:
        rows = [
            kills_during_saves.prove(scratch, short=short),
            *damaged_checkpoints.prove(scratch, short=short),
        ]
        data = write_data(scratch / "home")
        outcomes = {}
        for setup, row, outcome in resuming.prove(data, scratch, short=short):
            rows.append(row)
            outcomes[setup] = outcome
        rows.append(alterations.prove(scratch, short=short))
        return rows + bad_luck.prove(data, scratch, outcomes, short=short)
