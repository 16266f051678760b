"""A flow of features: the batches of another flow, with what a frozen network makes of them."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from imgclass.flows.flow import Batch, Flow


class FeatureFlow(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """The batches of `source` in its order, with features in place of images; a `Flow`.

    `views` are arrays `(n, ...)` in the order of `source.paths`: the features of the images as they
    are, or as several epochs change them; epoch `e` takes view `e % len(views)`.
    """

    def __init__(self, source: Flow, views: Sequence[npt.NDArray[Any]]) -> None:
        super().__init__()
        self.source, self.views = source, views
        self.paths, self.labels, self.batch_size = source.paths, source.labels, source.batch_size
        self._one_hot = np.eye(source[0][1].shape[1], dtype=np.float32)
        self._row = {path: row for row, path in enumerate(source.paths)}
        self._view = views[0]

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> Batch:
        """Return features `(b, ...)` and one-hot labels `(b, classes)`."""
        if not 0 <= index < len(self):
            raise IndexError(f"Expected a batch below {len(self)}; received {index}.")
        rows = self.rows(index)
        return self._view[rows].astype(np.float32), self._one_hot[self.labels[rows]]

    def start_epoch(self, epoch: int) -> None:
        """Take the order and the view of `epoch`, counted from 0."""
        self.source.start_epoch(epoch)
        self._view = self.views[epoch % len(self.views)]

    def batch_paths(self, index: int) -> Any:
        """Return the files of one batch of the current epoch, in the batch's order."""
        return self.source.batch_paths(index)

    def rows(self, index: int) -> npt.NDArray[np.int64]:
        """Return the places in `paths` of one batch's images."""
        return np.array([self._row[path] for path in self.source.batch_paths(index)])
