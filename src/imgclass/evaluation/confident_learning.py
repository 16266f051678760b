"""Labels that a model which did not learn them contradicts with confidence."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Indices = npt.NDArray[np.int64]

# Of `label_preference`. Measured: 0.06 and 0.11 where a fifth of the labels was wrong, 0.23 to 0.88
# where networks had learned too little.
MOST_PREFERENCE = 0.2
ALWAYS_PREFERRED = 2  # classes: what is not the other one's is the label's


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


def label_preference(probabilities: Floats, of_labels: Floats, *, classes: int) -> float:
    """Return how much a model that contradicts labels prefers them to the remaining classes.

    0 is not at all: each has an even share of what the prediction leaves, as if the label were
    wrong. 1 is to all of it: the label is the second likeliest class, as for an image that the
    model mistakes. Above `MOST_PREFERENCE` it has learned too little to say that labels are wrong.
    With two classes it is 0.

    Args:
        probabilities: Of the predicted classes, `(n,)` in 0-1.
        of_labels: Of the labels, `(n,)` in 0-1.
        classes: Number of classes.

    Example:
        >>> label_preference(np.array([0.8, 0.7]), np.array([0.1, 0.15]), classes=3)
        0.0
        >>> label_preference(np.array([0.8, 0.7]), np.array([0.2, 0.3]), classes=3)
        1.0
    """
    if classes == ALWAYS_PREFERRED or not len(probabilities):
        return 0.0
    left = np.maximum(1 - np.asarray(probabilities, np.float64), 1e-9)
    share, even = float((of_labels / left).mean()), 1 / (classes - 1)
    return round((share - even) / (1 - even), 6)
