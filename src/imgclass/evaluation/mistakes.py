"""The mistakes that a model was surest of."""

from typing import TYPE_CHECKING

from imgclass.data.manifest import Split

if TYPE_CHECKING:
    import pandas as pd


def surest_mistakes(
    predictions: "pd.DataFrame", split: Split, *, most: int | None = None
) -> "pd.DataFrame":
    """Return the rows of `Evaluation.predictions` that are wrong, the surest first.

    Args:
        predictions: A row for each image.
        split: Rows of this one only.
        most: The most rows; all if not given.

    Example:
        >>> import pandas as pd
        >>> rows = [("1.png", "val", "cat", "dog", 0.6), ("2.png", "val", "cat", "cat", 0.9)]
        >>> columns = ["path", "split", "label", "predicted", "probability"]
        >>> surest_mistakes(pd.DataFrame(rows, columns=columns), "val")["path"].tolist()
        ['1.png']
    """
    of_split = predictions[predictions["split"] == split]
    wrong = of_split[of_split["label"] != of_split["predicted"]]
    # Not sort_values: with PyArrow, pandas cannot sort names of files that are not UTF-8.
    keys = list(zip(-wrong["probability"], wrong["path"], strict=True))
    order = sorted(range(len(wrong)), key=keys.__getitem__)
    return wrong.iloc[order[:most]]
