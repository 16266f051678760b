from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from imgclass.evaluation import Score, confusion_of


def rescored(evaluation, names, split, *, mended, broken):
    """Put the first mistakes of a split right, and turn the first right ones into mistakes."""
    table = evaluation.predictions.copy()
    rows = table["split"] == split
    wrong = table.index[rows & (table["label"] != table["predicted"])][:mended]
    right = table.index[rows & (table["label"] == table["predicted"])][:broken]
    table.loc[wrong, "predicted"] = table.loc[wrong, "label"]
    table.loc[right, "predicted"] = np.where(
        table.loc[right, "label"] == names[0], names[1], names[0]
    )
    index = pd.Index(names)
    labels, predicted = (
        index.get_indexer(pd.Index(table.loc[rows, name])).astype(np.int64)
        for name in ("label", "predicted")
    )
    score = Score(names, confusion_of(labels, predicted, len(names)), 0.5)
    return replace(evaluation, predictions=table, **{split: score})


@pytest.fixture
def variant(small_run):
    """Make runs on the same images as `small_run` (320 of 400 val images right)."""

    def make(name, *, mended=0, broken=0, seconds=2.0, split="val"):
        evaluation = rescored(
            small_run.evaluation, small_run.class_names, split, mended=mended, broken=broken
        )
        return replace(
            small_run,
            path=small_run.path.parent / "runs" / name,
            record=replace(small_run.record, id=name, seconds=seconds),
            history=replace(small_run.history, seconds=seconds),
            kept_evaluation=evaluation,
        )

    (small_run.path.parent / "runs").mkdir()
    return make
