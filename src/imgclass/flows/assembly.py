"""The four flows of a data set, put together from the flows that a pipeline makes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import Split
from imgclass.flows.flow import Flow, Flows
from imgclass.flows.names import Sampling
from imgclass.images import Resize


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """What both pipelines are told beside the augmentation.

    Attributes:
        folder: The data set.
        image_size: `(height, width)` in pixels.
        batch_size: Images a batch.
        resize: What happens to the aspect ratio.
        seed: Decides order and augmentation of every epoch.
        sampling: Which training images an epoch shows.
        keep_decoded: Whether the pipeline `cached` decodes all images first, and keeps them.
    """

    folder: ImageFolder
    image_size: tuple[int, int]
    batch_size: int
    resize: Resize
    seed: int
    sampling: Sampling
    keep_decoded: bool = True

    def labels(self, split: Split) -> npt.NDArray[np.int64]:
        """Return the class indices of a split's images."""
        index = {name: i for i, name in enumerate(self.folder.class_names)}
        return np.array([index[s.label] for s in self.folder.manifest.of(split)], np.int64)


def assemble(
    settings: FlowSettings, *, train_augmented: Flow, clean: Callable[[Split], Flow]
) -> Flows:
    """Return the four flows; `clean` makes the one over a split without random changes."""
    folder = settings.folder
    return Flows(
        train_augmented=train_augmented,
        train=clean("train"),
        val=clean("val"),
        test=clean("test") if folder.counts["test"] else None,
        class_names=folder.class_names,
        image_size=settings.image_size,
        root=folder.root,
    )
