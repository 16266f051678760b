from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imgclass.diagnosis import Diagnosis, Finding
from imgclass.diagnosis.changes import with_spec, with_training
from imgclass.evaluation import Comparison
from imgclass.experiment import Experiment
from imgclass.improvement.lineage import FORMAT, Idea, Lineage, Step


@pytest.fixture
def parent(small_run):
    """A finished run of one epoch, with 2 s of fitting, 1.5 of them in it, and 3 s beside."""
    stages = {"preparing": 1.0, "training": 2.0, "evaluating": 2.0}
    return replace(small_run, record=replace(small_run.record, stage_seconds=stages))


@pytest.fixture
def advised():
    """Give a run a diagnosis with just these recommendations."""

    def give(run, *recommendations):
        verdict = Finding("high_variance", 0.5, "It is so.", (), recommendations=recommendations)
        return replace(run, kept_diagnosis=Diagnosis(0.95, 0.02, (verdict,)))

    return give


@pytest.fixture
def longer():
    """Recommend other epochs."""
    return lambda run, epochs: with_training(run.experiment, "More steps.", epochs=epochs)


@pytest.fixture
def deeper():
    """Recommend another depth."""
    return lambda run, depth: with_spec(run.experiment, "More room.", depth=depth)


@pytest.fixture
def lineage(parent, longer, deeper):
    """A start, a change that was kept, and one that was rejected."""
    kept, rejected = longer(parent, 2), deeper(parent, 3)
    return Lineage(
        FORMAT,
        str(Path("data").absolute()),
        0.95,
        Experiment(),
        steps=(
            Step("00", is_chosen=True, verdict="start", val_accuracy=0.6, val_interval=(0.5, 0.7)),
            Step(
                "01",
                parent="00",
                ideas=(Idea("still_improving", kept),),
                is_chosen=True,
                verdict="kept",
                observed=Comparison(60, 30, 5, 5),
                val_accuracy=0.85,
                val_interval=(0.8, 0.9),
                seconds=12.5,
            ),
            Step(
                "02",
                parent="01",
                ideas=(Idea("high_bias", rejected, "02-short-1", 0.7, 3.0),),
                is_chosen=True,
                verdict="rejected",
                observed=Comparison(84, 1, 1, 14),
                val_accuracy=0.85,
                val_interval=(0.8, 0.9),
            ),
        ),
        seconds=40.0,
    )


@pytest.fixture
def scored():
    """Give a run a val accuracy: so many of its 400 val images, the same first, are right."""

    def give(run, right):
        table = run.evaluation.predictions
        val = (table["split"] == "val").to_numpy()
        order = np.cumsum(val) - 1
        other = table["label"].map({"01": "NA", "NA": "01"})
        predicted = table["predicted"].where(~val, table["label"].where(order < right, other))
        table = table.assign(predicted=predicted)
        rows = table[val]
        confusion = pd.crosstab(rows["label"], rows["predicted"]).reindex(
            index=run.class_names, columns=run.class_names, fill_value=0
        )
        score = replace(
            run.evaluation.val,
            confusion=tuple(tuple(map(int, row)) for row in confusion.to_numpy()),
        )
        return replace(run, kept_evaluation=replace(run.evaluation, val=score, predictions=table))

    return give
