"""Two runs compared image by image."""

import os

import pandas as pd

from imgclass.data.manifest import Split
from imgclass.evaluation import Comparison, Evaluation, compare_predictions
from imgclass.run.run import Run

Compared = Run | Evaluation | str | os.PathLike[str]


def compare(first: Compared, second: Compared, *, split: Split = "val") -> Comparison:
    """Compare two runs on the images that both were scored on, by McNemar's test.

    Images are matched by their path in the data set; between runs of different data sets, by
    their content (SHA-256). An image with another label in the second run is left out.

    Args:
        first: What `second` is compared with: a run, its directory, or an `Evaluation`.
        second: Likewise.
        split: `val`; choosing by `test` makes the test accuracy too high.

    Raises:
        UsageError: They were scored on no common image of the split.
        RunError: A run cannot be read or was not scored.

    Example:
        >>> compare("runs/cnn-1", "runs/none")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    a, b = (
        side if isinstance(side, Run | Evaluation) else Run.load(side) for side in (first, second)
    )
    if isinstance(a, Run) and isinstance(b, Run) and a.manifest.samples != b.manifest.samples:
        return compare_predictions(_with_images(a), _with_images(b), split=split)
    return compare_predictions(_predictions(a), _predictions(b), split=split)


def _predictions(side: Run | Evaluation) -> pd.DataFrame:
    return side.evaluation.predictions if isinstance(side, Run) else side.predictions


def _with_images(run: Run) -> pd.DataFrame:
    """Return the predictions with each image's SHA-256."""
    hashes = {sample.path: sample.sha256 for sample in run.manifest.samples}
    table = run.evaluation.predictions
    return table.assign(image=table["path"].map(hashes)).dropna(subset="image")
