from pathlib import Path

import pytest

from imgclass.evaluation import Comparison
from imgclass.run.board import Leaderboard
from imgclass.run.ranked_run import LeftOutRun, RankedRun
from imgclass.run.test_looks import Looks


def ranked(name, rank, accuracy, *, worse=0, p_value=None, seconds=10.0):
    comparison = Comparison(500, 0, worse, 500 - worse) if worse else None
    low, high = accuracy - 0.02, accuracy + 0.02
    return RankedRun(
        path=Path("runs", name),
        name=name,
        rank=rank,
        accuracy=accuracy,
        interval=(low, high),
        n=1000,
        val_accuracy=accuracy,
        comparison=comparison,
        p_value=p_value,
        seconds=seconds,
        epochs=8,
        train_images=45_000,
        parameters=1234,
    )


@pytest.fixture
def board():
    return Leaderboard(
        (
            ranked("cnn-2", 1, 0.9, seconds=75),
            ranked("cnn-1", 1, 0.896, worse=4, p_value=0.25),
            ranked("<mlp>", 3, 0.8, worse=100, p_value=1e-9),
        ),
        left_out=(LeftOutRun(Path("runs/old"), "It has other images."),),
    )


def test_the_verdict_names_the_tie_and_which_run_of_it_is_cheapest(board):
    assert board.verdict == (
        "cnn-2 and cnn-1 are not told apart by these val images. cnn-1 took the least time to "
        "fit, 10.0 s."
    )


def test_the_verdict_names_a_clear_winner():
    clear = Leaderboard((ranked("a", 1, 0.9), ranked("b", 2, 0.8, worse=100, p_value=1e-9)))
    assert clear.verdict == "a is better than the other run, by more than luck."


def test_of_a_large_tie_two_names_and_the_number_of_the_others_are_said():
    many = Leaderboard(tuple(ranked(f"r{i}", 1, 0.9, worse=i, p_value=1.0) for i in range(12)))
    assert many.verdict.startswith("r0, r1 and 10 more runs are not told apart")


def test_the_text_has_a_row_for_each_run_with_what_it_cost(board):
    headings, first, _, last = board.rows
    assert headings[:4] == ("rank", "run", "val accuracy", "95 % interval")
    assert first == (
        *("1", "cnn-2", "90.0 %", "88.0 to 92.0 %", "best", "-"),
        *("1 min 15 s", "8", "45,000", "1,234"),
    )
    assert last[4:6] == ("-10.0 (-11.8 to -8.1)", "< 0.001")


def test_a_board_of_test_scores_shows_val_beside_them():
    assert "val accuracy" in Leaderboard((ranked("a", 1, 0.9),), split="test").rows[0]


def test_the_table_has_figures_to_sort_by(board):
    table = board.to_frame()
    assert list(table.index) == ["cnn-2", "cnn-1", "<mlp>"]
    assert table.loc["<mlp>", "difference"] == pytest.approx(-0.1)
    assert table.loc["cnn-1", ["rank", "seconds", "parameters"]].tolist() == [1, 10.0, 1234]


def test_the_short_form_names_the_best_run(board):
    assert repr(board) == (
        "<Leaderboard: 3 runs by val accuracy, 2 not told apart, best: cnn-2 90.0 % "
        "(88.0 to 92.0 %)>"
    )


def test_a_notebook_shows_names_as_text_and_what_was_left_out(board):
    shown = board._repr_html_()
    assert "&lt;mlp&gt;" in shown
    assert "<mlp>" not in shown
    assert "It has other images." in shown


def test_a_board_of_test_scores_says_how_often_they_were_looked_at():
    board = Leaderboard((ranked("a", 1, 0.9),), split="test", looks=Looks(4))
    assert "looked at 4 times" in board._repr_html_()
    assert "by test accuracy, looked at 4 times, best: a" in repr(board)
