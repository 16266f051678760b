"""The verb `compare`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from imgclass.cli.options import Json
from imgclass.cli.output import emit, note, shown_path, table, visible_lines
from imgclass.errors import UsageError

if TYPE_CHECKING:
    from imgclass.evaluation import Comparison
    from imgclass.run import Run
    from imgclass.run.board import Leaderboard
    from imgclass.run.ranked_run import RankedRun
    from imgclass.run.test_looks import Looks

LEFT_OUT = 4
TWO = 2


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN", help="Run directories, or folders of runs."),
    ],
    *,
    test: Annotated[
        bool,
        typer.Option("--test", help="Compare on the test images; each such look is noted."),
    ] = False,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with a picture.")
    ] = None,
    json: Json = False,
) -> None:
    """Rank runs by val accuracy, and say which ones are not told apart from the best."""
    from imgclass.run import Run
    from imgclass.run.leaderboard import leaderboard
    from imgclass.run.listed import is_folder_of_runs

    if len(runs) == 1 and not is_folder_of_runs(runs[0]):
        raise UsageError(f"Expected two runs or more, or a folder of runs; received {runs[0]}.")
    listed = [path if is_folder_of_runs(path) else Run.load(path) for path in runs]
    board = leaderboard(listed, split="test" if test else "val")
    pair = _pair(listed, board)
    if page is not None:
        from imgclass.report.comparison_html import write_leaderboard

        write_leaderboard(board, page, changes=pair.changes if pair else ())
    emit(_payload(board, pair, page), _text(board, pair, page), as_json=json)
    if board.looks is not None:
        _note_looks(board.looks)
    if board.left_out:
        raise typer.Exit(LEFT_OUT)


class _Pair(NamedTuple):
    """What the second of two runs changed, and what that brought."""

    changes: tuple[str, ...]
    comparison: "Comparison"


def _pair(listed: "Sequence[Run | Path]", board: "Leaderboard") -> _Pair | None:
    """Compare two runs as they were listed; if they are those of a folder, the best one is last."""
    from imgclass.diagnosis.changes import describe_changes
    from imgclass.run import Run
    from imgclass.run import compare as compare_runs

    if len(board) != TWO or board.left_out:
        return None
    runs = [run for run in listed if isinstance(run, Run)]
    first, second = (
        runs if len(runs) == TWO else [Run.load(run.path) for run in reversed(board.runs)]
    )
    return _Pair(
        describe_changes(first.experiment, second.experiment),
        compare_runs(first, second, split=board.split),
    )


def _payload(board: "Leaderboard", pair: _Pair | None, page: Path | None) -> dict[str, Any]:
    looks = board.looks
    payload = {
        "split": board.split,
        "runs": [_run_payload(run) for run in board],
        "excluded": [
            {"name": run.name, "path": str(run.path), "reason": run.reason}
            for run in board.left_out
        ],
        "test_looks": looks and looks.count,
        "page": page and str(page),
    }
    if pair is None:
        return payload
    return payload | comparison_payload(pair.comparison) | {"changes": list(pair.changes)}


def comparison_payload(comparison: "Comparison") -> dict[str, Any]:
    """Return the comparison of two runs as `compare --json` prints it."""
    return {
        "split": comparison.split,
        "n": comparison.n,
        "better": comparison.better,
        "worse": comparison.worse,
        "difference": comparison.difference,
        "interval": list(comparison.interval),
        "p_value": comparison.p_value,
        "is_significant": comparison.is_significant,
        "left_out": comparison.left_out,
    }


def _run_payload(run: "RankedRun") -> dict[str, Any]:
    return {
        "name": run.name,
        "path": str(run.path),
        "rank": run.rank,
        "accuracy": run.accuracy,
        "interval": list(run.interval),
        "n": run.n,
        "val_accuracy": run.val_accuracy,
        "against_best": run.comparison and comparison_payload(run.comparison),
        "p_corrected": run.p_value,
        "architecture": run.architecture,
        "seconds": run.seconds,
        "epochs": run.epochs,
        "train_images": run.train_images,
        "parameters": run.parameters,
    }


def _text(board: "Leaderboard", pair: _Pair | None, page: Path | None) -> str:
    parts = [table(board.rows), board.verdict]
    if pair is not None:
        missing = pair.comparison.left_out
        lacking = f" {missing:,} images are in only one of the two and were left out."
        parts.append(f"changed: {', '.join(pair.changes) or 'nothing'}")
        parts.append(f"{pair.comparison}.{lacking * bool(missing)}")
    parts += map(str, board.left_out)
    parts += [f"page  {shown_path(page)}"] if page else []
    return visible_lines("\n\n".join(parts))


def _note_looks(looks: "Looks") -> None:
    """Say on standard error how often one looked, and where that could not be noted."""
    if looks.warning:
        note(f"imgclass: {looks.warning}")
    for path, reason in looks.unrecorded:
        note(f"imgclass: this look at test scores could not be noted in {path}: {reason}.")
