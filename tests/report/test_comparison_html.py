import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from imgclass.errors import MachineError
from imgclass.evaluation import Comparison
from imgclass.formatting import visible
from imgclass.report.comparison_html import render_leaderboard, write_leaderboard
from imgclass.run.board import Leaderboard
from imgclass.run.ranked_run import LeftOutRun, RankedRun
from imgclass.run.test_looks import Looks

PAYLOADS = (
    "<script>alert(1)</script>",
    "</text></svg><script>alert(1)</script>",
    "<svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></section>",
    '" onmouseover="alert(1)',
    "{{7*7}}{% for x in y %}",
    "<!-- ",
    "&lt;b&gt;&amp;",
    "\u202egpj.exe\x1b[31m\x00",
    "\udc80 surrogate",
    "x" * 10_000,
)


def ranked(name, rank, accuracy, *, worse=0):
    return RankedRun(
        path=Path("runs", name),
        name=name,
        rank=rank,
        accuracy=accuracy,
        interval=(accuracy - 0.02, accuracy + 0.02),
        n=1000,
        val_accuracy=accuracy,
        comparison=Comparison(500, 0, worse, 500 - worse) if worse else None,
        p_value=1e-9 if worse else None,
        seconds=75,
        parameters=12_345,
    )


@pytest.fixture
def board():
    return Leaderboard(
        (ranked("cnn-2", 1, 0.9), ranked("cnn-1", 2, 0.8, worse=100)),
        left_out=(LeftOutRun(Path("runs/other"), "It has other images."),),
    )


class Skeleton(HTMLParser):
    """Every tag with the attributes that do something."""

    def __init__(self):
        super().__init__()
        self.parts = Counter()

    def handle_starttag(self, tag, attrs):
        self.parts[tag, tuple((k, None if k == "title" else v) for k, v in attrs)] += 1

    def handle_endtag(self, tag):
        self.parts["end", tag] += 1

    def handle_comment(self, data):
        self.parts["comment", data] += 1


def skeleton(page):
    parser = Skeleton()
    parser.feed(page)
    parser.close()
    return parser.parts


def filled(board, text):
    runs = tuple(replace(run, name=f"{i}{text}") for i, run in enumerate(board.runs))
    left_out = (LeftOutRun(Path(f"runs/r{text}".replace("/", "_")), f"Why: {text}"),)
    return replace(board, runs=runs, left_out=left_out)


def test_the_page_says_who_is_best_and_shows_every_run(board):
    page = render_leaderboard(board)
    assert "cnn-2 is better than the other run, by more than luck." in page
    for text in ("90.0 %", "78.0 to 82.0 %", "12,345", "1 min 15 s", "It has other images."):
        assert text in page


def test_the_picture_has_a_bar_for_each_run(board):
    page = render_leaderboard(board)
    assert page.count('class="reach"') == len(board)
    assert page.count('<g class="first">') == 1


def test_runs_that_share_the_first_place_are_counted(board):
    tied = replace(board, runs=(board.runs[0], replace(board.runs[1], rank=1)))
    assert "2 runs share the first place" in render_leaderboard(tied)


def test_one_run_alone_is_not_called_best(board):
    page = render_leaderboard(replace(board, runs=board.runs[:1]))
    assert "is best" not in page
    assert "verdict open" in page


def test_changes_of_two_runs_are_listed(board):
    assert "What was changed" not in render_leaderboard(board)
    assert "<li>depth 3 to 4</li>" in render_leaderboard(board, changes=["depth 3 to 4"])


def test_a_page_of_test_scores_says_how_often_they_were_looked_at(board):
    assert "These are test scores" not in render_leaderboard(board)
    shown = replace(board, split="test", looks=Looks(3))
    assert "looked at 3 times" in render_leaderboard(shown)
    assert "the first look" in render_leaderboard(replace(shown, looks=Looks(1)))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_from_outside_are_text(board, payload):
    page = render_leaderboard(filled(board, payload), changes=[payload])
    harmless = render_leaderboard(filled(board, "plain"), changes=["plain"])
    assert skeleton(page) == skeleton(harmless)
    assert visible(page.replace("\n", "")) == page.replace("\n", "")
    assert page.encode()


def test_the_page_needs_no_network(board):
    page = render_leaderboard(board)
    assert not re.search(r"(?:src|href|url)\s*[=(]", page)
    assert "default-src 'none'" in page


def test_the_page_is_written_whole(board, tmp_path):
    page = write_leaderboard(board, tmp_path / "page.html")
    assert page.read_text(encoding="utf-8") == render_leaderboard(board)
    with pytest.raises(MachineError, match="could not be written"):
        write_leaderboard(board, tmp_path / "none" / "page.html")
