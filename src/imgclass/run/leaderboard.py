"""Runs ranked by accuracy, each compared with the best one on the same images."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from imgclass.data.manifest import SPLITS, Split
from imgclass.errors import RunError, UsageError
from imgclass.evaluation import Comparison
from imgclass.evaluation.comparison import LUCK
from imgclass.formatting import cut
from imgclass.models.preflight.archive import open_archive
from imgclass.models.preflight.hdf5 import require_plain_weights
from imgclass.models.preflight.refusal import Refused
from imgclass.run.board import Leaderboard
from imgclass.run.comparison import compare
from imgclass.run.directory import MODEL
from imgclass.run.listed import Listed, read_listed
from imgclass.run.ranked_run import FIRST, LONGEST, LeftOutRun, RankedRun
from imgclass.run.run import Run
from imgclass.run.test_looks import record_look
from imgclass.statistics import holm_adjusted

Compared = tuple[Run, Comparison | None]


def leaderboard(runs: Listed | Iterable[Listed], *, split: Split = "val") -> Leaderboard:
    """Rank runs by accuracy, and say which of them are not told apart from the best.

    Runs of different data sets are compared on the images that they share, by content. If the runs
    fall into groups without a common image, the largest group is ranked and the others are left
    out. A board of test scores is noted in the directory of each run on it, and says how often that
    happened.

    Args:
        runs: Runs, their directories, or folders of runs; a folder stands for the scored runs in
            it, and so does the list that `imgclass.runs` returns.
        split: Whose images count. `test` is for the end: a test accuracy by which a run was chosen
            is too high.

    Raises:
        RunError: A run cannot be read or was not scored, or there is none.
        UsageError: No two of the runs were scored on a common image of the split.

    Example:
        >>> leaderboard(["runs/cnn-1", "runs/none"])
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    if split not in SPLITS:
        raise UsageError(f"Expected a split of {', '.join(SPLITS)}; received {split!r}.")
    found, left_out = read_listed(runs)
    if not found:
        raise RunError("Expected runs that were scored; there is none. Train one, or score it.")
    scored = [run for run in found if split in run.evaluation.scores]
    if not scored:
        raise UsageError(f"Expected runs with {split} scores; no data set of these runs has any.")
    groups = _groups(scored, split)
    if len(groups) == len(scored) > 1:
        raise UsageError(
            f"Expected runs that were scored on the same {split} images; these {len(scored):,} "
            f"have none in common. Compare runs of one data set."
        )
    board = max(groups, key=len)  # of equally large ones the first, which has the best run
    left_out += [
        LeftOutRun(run.path, f"It has no {split} scores.")
        for run in found
        if split not in run.evaluation.scores
    ]
    left_out += _strangers(groups, board, split)
    looks = record_look([run.path for run, _ in board]) if split == "test" else None
    return Leaderboard(tuple(_ranked(board, split)), split, tuple(left_out), looks)


def _groups(runs: Sequence[Run], split: Split) -> list[list[Compared]]:
    """Divide runs into groups, best run first, in which each run shares images with the first."""
    waiting = sorted(runs, key=lambda run: -run.evaluation.scores[split].accuracy)
    groups: list[list[Compared]] = []
    while waiting:
        best, *others = waiting
        group: list[Compared] = [(best, None)]
        waiting = []
        for run in others:
            try:
                group.append((run, compare(best, run, split=split)))
            except UsageError:  # they have no image in common
                waiting.append(run)
        groups.append(group)
    return groups


def _strangers(
    groups: Sequence[Sequence[Compared]], board: Sequence[Compared], split: Split
) -> list[LeftOutRun]:
    """Return the runs of other groups than the one on the board."""
    best = cut(board[0][0].path.name, LONGEST)
    reason = f"It has no {split} image in common with {best}, the best run on the board."
    strangers = [run for group in groups if group is not board for run, _ in group]
    return [LeftOutRun(run.path, reason) for run in strangers]


def _ranked(board: Sequence[Compared], split: Split) -> Iterator[RankedRun]:
    pairs = len(board) * (len(board) - 1) // 2  # any two might have been the best and the other
    tests = [comparison for _, comparison in board if comparison is not None]
    corrected = holm_adjusted([test.p_value for test in tests], family=pairs)
    scores = [run.evaluation.scores[split] for run, _ in board]
    paths = [run.path for run, _ in board]
    for (run, comparison), p_value, score in zip(board, (None, *corrected), scores, strict=True):
        better = sum(other.accuracy > score.accuracy for other in scores)
        yield RankedRun(
            path=run.path,
            name=_name(run.path, paths),
            rank=FIRST + better if _is_worse(comparison, p_value) else FIRST,
            accuracy=score.accuracy,
            interval=score.interval,
            n=score.n,
            val_accuracy=run.evaluation.val.accuracy,
            comparison=comparison,
            p_value=p_value,
            architecture=run.experiment.architecture,
            seconds=run.history.seconds,
            epochs=len(run.history.epochs),
            train_images=run.evaluation.train.n,
            parameters=_parameters(run),
        )


def _is_worse(comparison: Comparison | None, p_value: float | None) -> bool:
    """Return whether a run is worse than the best one by more than luck."""
    return (
        comparison is not None
        and p_value is not None
        and comparison.difference < 0
        and p_value < LUCK
    )


def _name(path: Path, paths: Sequence[Path]) -> str:
    """Return the shortest end of a path that no other one has."""
    others = {other.parts for other in paths if other != path}
    for length in range(1, len(path.parts)):
        end = path.parts[-length:]
        if all(other[-length:] != end for other in others):
            return "/".join(end)
    return str(path)


def _parameters(run: Run) -> int | None:
    """Return how many numbers the model's weights have, from its file alone."""
    if run.record.format == 1:  # its file has the optimizer's numbers, too
        return None
    try:
        with open_archive(run.path / MODEL) as archive:
            return require_plain_weights(archive.file, archive.weights).values
    except (Refused, OSError):
        return None
