"""A leaderboard as one self-contained HTML page: who is best, then how sure that is."""

import os
from collections.abc import Sequence
from pathlib import Path

from imgclass.report.interval_picture import interval_picture
from imgclass.report.page_file import write_page
from imgclass.report.templates import page_template
from imgclass.run.board import Leaderboard


def render_leaderboard(board: Leaderboard, *, changes: Sequence[str] = ()) -> str:
    """Return a leaderboard as one HTML page that needs no other file and no network.

    Args:
        board: What to show.
        changes: What one of two runs changed; left empty for more runs.

    Example:
        >>> from imgclass.run.ranked_run import RankedRun
        >>> run = RankedRun(Path("runs/<b>"), "<b>", 1, 0.9, (0.88, 0.92), 1000, 0.9)
        >>> "&lt;b&gt;" in render_leaderboard(Leaderboard((run,)))
        True
    """
    return page_template("report/comparison").render(
        board=board, picture=interval_picture(board), changes=tuple(changes)
    )


def write_leaderboard(
    board: Leaderboard, path: str | os.PathLike[str], *, changes: Sequence[str] = ()
) -> Path:
    """Write the page of a leaderboard, whole or not at all, and return its path.

    Args:
        board: What to show.
        path: The file, which is replaced.
        changes: What one of two runs changed.

    Raises:
        MachineError: The file cannot be written; an older one is unchanged.
    """
    return write_page(Path(path), render_leaderboard(board, changes=changes))
