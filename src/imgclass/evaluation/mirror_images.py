"""Whether a mirrored image keeps its class, by a network that has seen no mirror images."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.evaluation.constant_images import IMAGE_RANK
from imgclass.flows.flow import Flow

SAMPLE = 500  # images


@dataclass(frozen=True, slots=True)
class MirrorImages:
    """How many of some val images a network gets right, as they are and mirrored.

    Attributes:
        n: Images that were looked at.
        correct: Of these, right as they are.
        mirrored: Of their mirror images, right.

    Raises:
        ValueError: There are no images, or more right ones than images.

    Example:
        >>> MirrorImages(200, correct=180, mirrored=60).lost
        0.6
    """

    n: int
    correct: int
    mirrored: int

    def __post_init__(self) -> None:
        if not (self.n > 0 and 0 <= self.correct <= self.n and 0 <= self.mirrored <= self.n):
            raise ValueError(f"expected at most as many images as there are; received {self}.")

    @property
    def lost(self) -> float:
        """Accuracy that mirroring costs, in -1 to 1."""
        return (self.correct - self.mirrored) / self.n


def mirror_sample(predict: Callable[[Any], Any], flow: Flow) -> MirrorImages | None:
    """Score images from all over a flow, as they are and mirrored; None if these are no images.

    Args:
        predict: From images `(n, height, width, channels)` to probabilities `(n, classes)`.
        flow: What is predicted.
    """
    if np.ndim(flow[0][0]) != IMAGE_RANK:
        return None
    step = -(-len(flow.paths) // SAMPLE)  # within each batch, since a class fills whole batches
    right: list[npt.NDArray[np.bool_]] = []  # of each batch `(2, n)`
    for images, one_hot in (flow[i] for i in range(len(flow))):
        some, labels = images[::step], one_hot[::step].argmax(axis=1)
        both = (np.asarray(predict(shown)) for shown in (some, some[:, :, ::-1]))
        right.append(np.array([found.argmax(axis=1) == labels for found in both]))
    correct, mirrored = np.concatenate(right, axis=1).sum(axis=1)
    return MirrorImages(sum(rows.shape[1] for rows in right), int(correct), int(mirrored))
