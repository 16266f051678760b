"""Pipeline `generator`: Keras's own `ImageDataGenerator.flow_from_directory`, made dependable."""

import contextlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from imgclass.data.faults import Faults
from imgclass.data.folder import ImageFolder
from imgclass.data.images.decode import read_image
from imgclass.data.images.fitting import Fit
from imgclass.data.manifest import Split
from imgclass.errors import DatasetError, ImageError, UsageError
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
        iterator: What `flow_from_directory` gave, unshuffled and without a seed.
        paths: Its files in the data set's order, which need not be Keras's.
        seed: Decides order and changes; 0 or more.
        shuffle: Whether each epoch has its own order; otherwise it is that of `paths`.
    """

    def __init__(
        self, iterator: Any, *, paths: Iterable[Path], seed: int = 0, shuffle: bool = False
    ) -> None:
        self.paths = tuple(paths)
        place = {Path(path): i for i, path in enumerate(iterator.filepaths)}
        self._places = np.array([place[path] for path in self.paths])
        self.labels = iterator.classes[self._places].astype(np.int64)
        self.batch_size: int = iterator.batch_size
        self._iterator = iterator
        self._seed = seed
        self._shuffle = shuffle
        super().__init__()

    def __len__(self) -> int:
        """Return the number of batches in a pass."""
        return len(self._iterator)

    def batch(self, index: int) -> Batch:
        """Return one batch of the epoch; the images are float32.

        Raises:
            DatasetError: A file of the batch cannot be loaded; the message names it.
        """
        epoch, order = self._plan  # read once: an epoch that starts meanwhile must not mix in
        try:
            with _GLOBAL_GENERATOR, _numpy_seeded(self._seed, epoch, index):
                self._iterator.index_array = self._places[order]
                batch: Batch = self._iterator[index]
        except Exception as error:
            rows = order[index * self.batch_size : (index + 1) * self.batch_size]
            if faults := Faults(filter(None, (self._fault(self.paths[row]) for row in rows))):
                raise DatasetError(
                    f"Expected readable images; received, in batch {index + 1}:\n{faults}"
                ) from error
            raise
        return batch

    def plan_epoch(self, epoch: int) -> None:
        """Decide the order and the augmentation of `epoch`."""
        n = len(self.paths)
        order = epoch_order(n, seed=self._seed, epoch=epoch) if self._shuffle else np.arange(n)
        self._plan = epoch, order

    def _fault(self, path: Path) -> str | None:
        """Return what is wrong with a file that Keras cannot load, in our decoder's words."""
        try:
            keras.utils.load_img(
                path,
                target_size=self._iterator.target_size,
                interpolation=self._iterator.interpolation,
                keep_aspect_ratio=self._iterator.keep_aspect_ratio,
            )
        except Exception as error:  # noqa: BLE001 - Pillow raises what it likes
            try:
                read_image(path)
            except ImageError as known:
                return str(known)
            return f"{path}: {error}"
        return None


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
        UsageError: `fit` is `pad`, or the user's own generator asks for what cannot be.
    """
    if fit == "pad":
        raise UsageError(
            "Expected fit to be stretch or crop, since Keras's flow_from_directory cannot pad; "
            "received fit='pad'. Take the pipeline 'cached'."
        )
    changing = make_generator(augmentation)
    clean = without_random_changes(changing)

    def flow(split: Split, generator: Any = clean) -> GeneratorFlow:
        iterator = directory_iterator(
            folder,
            split,
            generator=generator,
            image_size=image_size,
            batch_size=batch_size,
            keep_aspect_ratio=fit == "crop",
        )
        paths, shuffle = folder.paths(split), generator is changing
        return GeneratorFlow(iterator, paths=paths, seed=seed, shuffle=shuffle)

    return Flows(
        fit=flow("train", changing),
        train=flow("train"),
        val=flow("val"),
        test=flow("test") if folder.counts["test"] else None,
        class_names=folder.class_names,
        image_size=image_size,
        root=folder.root,
    )
