"""Pipeline `generator`: Keras's own `ImageDataGenerator.flow_from_directory`, made dependable.

Keras finds the files and makes the random changes. The pixels come from the decoder that everything
else reads by, since Keras's loader does not turn images, drops transparency and clips 16 bits.
"""

import contextlib
import math
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from imgclass.data.folder import ImageFolder
from imgclass.data.images.fitting import Fit
from imgclass.data.manifest import Split
from imgclass.flows.decoding import decode_images
from imgclass.flows.directories import directory_iterator
from imgclass.flows.epoch_dataset import EpochDataset
from imgclass.flows.epochs import epoch_order
from imgclass.flows.flow import Batch, Flows
from imgclass.flows.own_generator import make_generator, without_random_changes
from imgclass.global_state import kept_generators

# Keras draws from NumPy's global generator, which all threads share.
_GLOBAL_GENERATOR = threading.Lock()


class GeneratorFlow(EpochDataset):
    """Batches of one split from a Keras `DirectoryIterator`; a `Flow`.

    Keras draws its random changes from NumPy's global generator. For each batch that generator
    is seeded from the seed, the epoch and the batch, and then put back as it was.

    Args:
        iterator: What `flow_from_directory` gave.
        paths: Its files in the data set's order, which need not be Keras's.
        fit: What happens to the aspect ratio.
        seed: Decides order and changes; 0 or more.
        shuffle: Whether each epoch has its own order; otherwise it is that of `paths`.
    """

    def __init__(
        self,
        iterator: Any,
        *,
        paths: Iterable[Path],
        fit: Fit = "stretch",
        seed: int = 0,
        shuffle: bool = False,
    ) -> None:
        self.paths = tuple(paths)
        place = {Path(path): i for i, path in enumerate(iterator.filepaths)}
        self.labels = iterator.classes[[place[path] for path in self.paths]].astype(np.int64)
        self.batch_size: int = iterator.batch_size
        self._image_size: tuple[int, int] = iterator.target_size
        self._generator = iterator.image_data_generator
        self._one_hot = np.eye(iterator.num_classes, dtype=iterator.dtype)
        self._fit = fit
        self._seed = seed
        self._shuffle = shuffle
        super().__init__()

    def __len__(self) -> int:
        """Return the number of batches in a pass."""
        return math.ceil(len(self.paths) / self.batch_size)

    def batch(self, index: int) -> Batch:
        """Return one batch of the epoch; the images are float32.

        Raises:
            DatasetError: A file of the batch cannot be decoded; the message names it.
        """
        epoch, order = self._plan  # read once: an epoch that starts meanwhile must not mix in
        rows = order[self._part(index)]
        images = decode_images([self.paths[row] for row in rows], self._image_size, fit=self._fit)
        with _GLOBAL_GENERATOR, _numpy_seeded(self._seed, epoch, index):
            changed = [self._changed(image) for image in images]
        return np.stack(changed).astype(self._one_hot.dtype), self._one_hot[self.labels[rows]]

    def batch_paths(self, index: int) -> tuple[Path, ...]:
        """Return the files of one batch of the epoch that is set, in the batch's order."""
        _, order = self._plan
        return tuple(self.paths[row] for row in order[self._part(index)])

    def plan_epoch(self, epoch: int) -> None:
        """Decide the order and the augmentation of `epoch`."""
        n = len(self.paths)
        order = epoch_order(n, seed=self._seed, epoch=epoch) if self._shuffle else np.arange(n)
        self._plan = epoch, order

    def _part(self, index: int) -> slice:
        return slice(index * self.batch_size, (index + 1) * self.batch_size)

    def _changed(self, image: Any) -> Any:
        """Do to an image what Keras's iterator does between loading it and giving it."""
        changed = self._generator.random_transform(image.astype(np.float32))
        return self._generator.standardize(changed)


@contextlib.contextmanager
def _numpy_seeded(*entropy: int) -> Iterator[None]:
    """Seed NumPy's global generator, and put it back afterwards."""
    with kept_generators():
        seeds = np.random.SeedSequence(entropy).generate_state(4)
        np.random.seed(seeds)  # noqa: NPY002 - what ImageDataGenerator draws from
        yield


def open_generator(
    folder: ImageFolder,
    *,
    image_size: tuple[int, int],
    batch_size: int,
    augmentation: Any,
    fit: Fit,
    seed: int,
) -> Flows:
    """Return the flows of a data set as Keras's `flow_from_directory` reads it.

    Raises:
        DatasetError: Keras does not find exactly the manifest's files.
        UsageError: The user's own generator asks for what cannot be.
    """
    changing = make_generator(augmentation)
    clean = without_random_changes(changing)

    def flow(split: Split, generator: Any = clean) -> GeneratorFlow:
        iterator = directory_iterator(
            folder, split, generator=generator, image_size=image_size, batch_size=batch_size
        )
        paths, shuffle = folder.paths(split), generator is changing
        return GeneratorFlow(iterator, paths=paths, fit=fit, seed=seed, shuffle=shuffle)

    return Flows(
        fit=flow("train", changing),
        train=flow("train"),
        val=flow("val"),
        test=flow("test") if folder.counts["test"] else None,
        class_names=folder.class_names,
        image_size=image_size,
        root=folder.root,
    )
