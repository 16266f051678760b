import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import imgclass
from imgclass.errors import RunError, UsageError
from imgclass.evaluation.comparison import LUCK
from imgclass.run.test_looks import read_looks
from imgclass.statistics import holm_adjusted, mcnemar_p_value


def elsewhere(run, *, keep=None, salt=0):
    """The run on images of other paths; without `keep`, of other content, too."""
    samples = tuple(
        replace(
            sample,
            path=f"elsewhere/{sample.path}",
            sha256=sample.sha256 if i in (keep or ()) else f"{10**9 * (salt + 1) + i:064x}",
        )
        for i, sample in enumerate(run.manifest.samples)
    )
    table = run.evaluation.predictions
    table = table.assign(path="elsewhere/" + table["path"])
    return replace(
        run,
        manifest=replace(run.manifest, samples=samples),
        kept_evaluation=replace(run.evaluation, predictions=table),
    )


def test_runs_are_ranked_by_val_accuracy_and_tested_against_the_best(variant):
    runs = [variant("bad", broken=40), variant("good", mended=30), variant("usual")]
    board = imgclass.leaderboard(runs)
    assert [run.name for run in board] == ["good", "usual", "bad"]
    assert [run.rank for run in board] == [1, 2, 3]
    assert board.best.comparison is None
    assert [(run.comparison.better, run.comparison.worse) for run in board.runs[1:]] == [
        (0, 30),
        (0, 70),
    ]
    assert board.best.accuracy == pytest.approx(350 / 400)
    assert board.best.interval[0] < board.best.accuracy < board.best.interval[1]


def test_runs_that_are_not_told_apart_from_the_best_share_its_rank(variant):
    board = imgclass.leaderboard([variant("b", broken=5), variant("a", broken=2)])
    assert [(run.name, run.rank) for run in board] == [("a", 1), ("b", 1)]
    assert [run.name for run in board.first] == ["a", "b"]


def test_the_rank_after_a_tie_counts_all_that_are_better(variant):
    runs = [variant("a", mended=2), variant("b"), variant("c", broken=60)]
    assert [run.rank for run in imgclass.leaderboard(runs)] == [1, 1, 3]


def test_p_values_are_corrected_for_all_pairs_since_the_best_was_found_by_looking(variant):
    runs = [variant("a", mended=8), variant("b"), variant("c", broken=1)]
    best, second, third = imgclass.leaderboard(runs)
    assert best.p_value is None
    assert third.p_value == pytest.approx(3 * third.comparison.p_value)
    assert second.p_value == pytest.approx(2 * second.comparison.p_value)
    assert second.comparison.is_significant
    pair = imgclass.leaderboard(runs[:2])
    assert pair.runs[1].p_value == pair.runs[1].comparison.p_value


def test_of_ten_equal_runs_one_is_called_worse_in_at_most_five_percent_of_boards():
    rng = np.random.default_rng(0)
    k, boards = 10, 400
    of_all_pairs = of_the_others_only = 0
    for _ in range(boards):
        right = rng.random((k, 500)) < 0.8
        best = right.sum(axis=1).argmax()
        p_values = [
            mcnemar_p_value(int((run & ~right[best]).sum()), int((right[best] & ~run).sum()))
            for run in np.delete(right, best, axis=0)
        ]
        of_all_pairs += min(holm_adjusted(p_values, family=k * (k - 1) // 2)) < LUCK
        of_the_others_only += min(holm_adjusted(p_values)) < LUCK
    assert of_all_pairs / boards <= 0.05
    assert of_the_others_only / boards > 0.05  # why all pairs are counted


def test_a_folder_stands_for_its_scored_runs(variant, keep_run):
    unscored = replace(variant("unscored"), kept_evaluation=None, kept_diagnosis=None)
    for run in (variant("a"), variant("b", broken=9), unscored):
        keep_run(run)
    folder = unscored.path.parent
    board = imgclass.leaderboard(folder)
    assert [run.name for run in board] == ["a", "b"]
    assert board.left_out == ()
    assert imgclass.leaderboard(imgclass.runs(folder)).runs == board.runs
    assert imgclass.leaderboard([folder, folder / "b"]).runs == board.runs


def test_a_damaged_run_in_a_folder_is_left_out_with_the_reason(variant, keep_run):
    path = keep_run(variant("a"))
    keep_run(variant("b"))
    (path / "predictions.csv").write_text("nonsense")
    board = imgclass.leaderboard(path.parent)
    assert [run.name for run in board] == ["b"]
    [left_out] = board.left_out
    assert left_out.name == "a"
    assert "predictions.csv" in left_out.reason


def test_a_run_that_is_listed_itself_must_be_scored(variant):
    with pytest.raises(RunError, match="no scores"):
        imgclass.leaderboard([variant("a"), replace(variant("b"), kept_evaluation=None)])


def test_a_folder_without_runs_is_named(tmp_path, variant):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match=r"empty has no run\.json"):
        imgclass.leaderboard([variant("a"), tmp_path / "empty"])


def test_a_folder_without_scored_runs_says_so(variant, keep_run):
    path = keep_run(replace(variant("a"), kept_evaluation=None, kept_diagnosis=None))
    with pytest.raises(RunError, match="that were scored"):
        imgclass.leaderboard(path.parent)


def test_runs_of_other_images_are_left_out_with_the_reason(variant):
    strange = elsewhere(variant("strange", mended=80))
    board = imgclass.leaderboard([strange, variant("a"), variant("b", broken=3)])
    assert [run.name for run in board] == ["a", "b"]
    [left_out] = board.left_out
    assert left_out.name == "strange"
    assert "no val image in common with a" in left_out.reason


def test_images_of_another_data_set_are_matched_by_content(variant):
    val = [i for i, s in enumerate(variant("x").manifest.samples) if s.split == "val"]
    moved = elsewhere(variant("moved", broken=20), keep=set(val[:300]))
    board = imgclass.leaderboard([variant("a"), moved])
    assert board.runs[1].comparison.n == 300
    assert "on 300 images" in board.runs[1].against_best


def test_runs_without_any_common_image_are_refused(variant):
    with pytest.raises(UsageError, match="none in common"):
        imgclass.leaderboard([variant("a"), elsewhere(variant("b"))])


def test_one_run_is_a_board_of_one(variant):
    board = imgclass.leaderboard(variant("a"))
    assert len(board) == 1
    assert board.verdict == "There is no other run to compare a with."


def test_runs_of_the_same_name_are_told_apart_by_their_folders(variant):
    first, second = variant("cnn-1"), variant("cnn-2")
    other = replace(second, path=first.path.parents[1] / "other" / "cnn-1")
    names = {run.name for run in imgclass.leaderboard([first, other, second])}
    assert names == {"runs/cnn-1", "other/cnn-1", "cnn-2"}


def test_what_a_run_cost_stands_beside_its_accuracy(variant):
    run = imgclass.leaderboard([variant("a", seconds=70), variant("b", broken=80)]).best
    assert (run.seconds, run.epochs, run.train_images, run.architecture) == (70, 1, 2000, "cnn")
    assert run.parameters is None  # the model's file is not there


@pytest.mark.keras
def test_the_parameters_are_read_from_the_model_file(variant):
    import keras

    run = variant("a")
    run.path.mkdir()
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.Dense(2, activation="softmax"))
    model.save(run.path / "model.keras")
    assert imgclass.leaderboard([run]).best.parameters == model.count_params()


def test_the_board_is_of_val_and_test_scores_are_not_looked_at(variant, keep_run):
    path = keep_run(variant("a"))
    board = imgclass.leaderboard([path])
    assert board.looks is None
    assert read_looks(path) == ()


def test_each_look_at_test_scores_is_counted_over_all_runs_shown(variant, keep_run):
    a, b, c = (keep_run(variant(name)) for name in "abc")
    assert imgclass.leaderboard([a, b], split="test").looks.count == 1
    assert imgclass.leaderboard([c], split="test").looks.count == 1
    board = imgclass.leaderboard([a, b, c], split="test")
    assert board.looks.count == 3
    assert "3 times" in board.looks.warning
    assert [len(read_looks(path)) for path in (a, b, c)] == [2, 2, 2]


def test_a_run_without_a_test_split_is_left_out_of_a_board_of_test_scores(variant):
    run = variant("a")
    untested = replace(run, kept_evaluation=replace(run.evaluation, test=None))
    board = imgclass.leaderboard([untested, variant("b")], split="test")
    assert [run.name for run in board] == ["b"]
    assert board.left_out[0].reason == "It has no test scores."
    with pytest.raises(UsageError, match="test scores"):
        imgclass.leaderboard([untested], split="test")


def test_an_unknown_split_is_refused(variant):
    with pytest.raises(UsageError, match="'dev'"):
        imgclass.leaderboard([variant("a")], split="dev")


def test_runs_of_version_1_are_ranked_too(tmp_path):
    for name in ("a", "b"):
        shutil.copytree(Path(__file__).parent / "run-0.1.0", tmp_path / name)
    board = imgclass.leaderboard(tmp_path)
    assert [(run.rank, run.parameters) for run in board] == [(1, None), (1, None)]
