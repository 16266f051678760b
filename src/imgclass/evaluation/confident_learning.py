"""Labels that a model which did not learn them contradicts with confidence."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Indices = npt.NDArray[np.int64]


def confident_disagreements(probabilities: Floats, labels: Indices) -> tuple[Indices, Indices]:
    """Return the rows whose labels are probably wrong, the surest first, and what they may be.

    A class is likely for an image if its probability is at least the mean of that over the images
    labelled so. A label is doubted if, of the likely classes, another one is the most probable: the
    cells off the diagonal of the confident joint in Northcutt, Jiang and Chuang, *Confident
    learning: estimating uncertainty in dataset labels* (2021). A threshold for each class makes up
    for classes of which the model is surer than of others.

    Args:
        probabilities: Of images that the model did not learn from, `(n, classes)` in 0-1.
        labels: Class indices `(n,)`.

    Example:
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.95, 0.05]])
        >>> confident_disagreements(probabilities, np.array([0, 0, 1, 1]))
        (array([3]), array([0]))
    """
    each, classes = np.arange(len(labels)), probabilities.shape[1]
    of_label = probabilities[each, labels].astype(np.float64)
    sums = np.bincount(labels, of_label, minlength=classes)
    counts = np.bincount(labels, minlength=classes)
    usual = np.divide(sums, counts, out=np.full(classes, np.inf), where=counts > 0)
    likely = np.where(probabilities >= usual, probabilities, -1.0)
    suggested = likely.argmax(axis=1)
    is_doubted = (likely.max(axis=1) >= 0) & (suggested != labels)
    rows = np.flatnonzero(is_doubted)
    order = np.argsort(of_label[rows], kind="stable")
    return rows[order], suggested[rows[order]]
