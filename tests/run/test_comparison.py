from dataclasses import replace

import numpy as np
import pytest

import imgclass
from imgclass.errors import RunError, UsageError


@pytest.fixture
def better_run(small_run):
    """The run with 30 of the 80 mistakes on val put right, and 10 mistakes added."""
    table = small_run.evaluation.predictions.copy()
    val = table["split"] == "val"
    wrong = table.index[val & (table["label"] != table["predicted"])][:30]
    right = table.index[val & (table["label"] == table["predicted"])][:10]
    table.loc[wrong, "predicted"] = table.loc[wrong, "label"]
    table.loc[right, "predicted"] = np.where(table.loc[right, "label"] == "01", "NA", "01")
    evaluation = replace(small_run.evaluation, predictions=table)
    return replace(small_run, path=small_run.path.parent / "better", kept_evaluation=evaluation)


def test_two_runs_are_compared_image_by_image(small_run, better_run):
    comparison = imgclass.compare(small_run, better_run)
    assert (comparison.better, comparison.worse, comparison.n) == (30, 10, 400)
    assert comparison.is_significant
    low, high = small_run.evaluation.val.interval
    assert low < better_run.evaluation.val.accuracy < high + 0.05
    reverse = imgclass.compare(better_run, small_run)
    assert (reverse.better, reverse.worse) == (10, 30)


def test_runs_are_compared_from_their_directories(small_run, keep_run):
    path = keep_run(small_run)
    assert imgclass.compare(path, str(path)).p_value == 1.0


def test_evaluations_are_compared_by_path(small_run, better_run):
    comparison = imgclass.compare(small_run.evaluation, better_run, split="val")
    assert (comparison.better, comparison.worse) == (30, 10)


def test_images_of_another_data_set_are_matched_by_their_content(small_run, better_run):
    def moved(path):
        return f"elsewhere/{path}"

    samples = tuple(replace(s, path=moved(s.path)) for s in better_run.manifest.samples[5:])
    table = better_run.evaluation.predictions
    table = table.assign(path=table["path"].map(moved))
    other = replace(
        better_run,
        manifest=replace(better_run.manifest, samples=samples),
        kept_evaluation=replace(better_run.evaluation, predictions=table),
    )
    comparison = imgclass.compare(small_run, other)
    assert (comparison.better, comparison.worse, comparison.left_out) == (30, 10, 0)


def test_runs_without_a_common_image_are_refused(small_run):
    table = small_run.evaluation.predictions.assign(path=lambda rows: "other/" + rows["path"])
    other = replace(small_run.evaluation, predictions=table)
    with pytest.raises(UsageError, match="none in common"):
        imgclass.compare(small_run, other)


def test_a_run_that_was_not_scored_is_refused_with_how_to_score_it(small_run):
    with pytest.raises(RunError, match="no scores"):
        imgclass.compare(small_run, replace(small_run, kept_evaluation=None))
