"""Pipeline `generator`: Keras's own `ImageDataGenerator.flow_from_directory`, made dependable.

Keras finds the files and makes the random changes. The pixels come from the decoder that everything
else reads by, since Keras's loader does not turn images, drops transparency and clips 16 bits.
"""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import Split
from imgclass.flows.decoding import decode_images
from imgclass.flows.directories import directory_iterator
from imgclass.flows.epoch_dataset import EpochDataset
from imgclass.flows.epochs import epoch_order
from imgclass.flows.flow import Batch, Flows
from imgclass.flows.own_generator import make_generator, without_random_changes
from imgclass.flows.private_draws import drawing_from
from imgclass.images.resizing import Resize


class GeneratorFlow(EpochDataset):
    """Batches of one split from a Keras `DirectoryIterator`; a `Flow`.

    The random changes of a batch depend on the seed, the epoch and its index alone, so `workers`
    may be any number. NumPy's global generator is neither read nor changed for them. Where an
    `ImageDataGenerator` has a `preprocessing_function` that draws random numbers, that function
    has to seed them by itself.

    Args:
        iterator: What `flow_from_directory` gave.
        paths: Its files in the data set's order, which need not be Keras's.
        resize: What happens to the aspect ratio.
        seed: Decides order and changes; 0 or more.
        shuffle: Whether each epoch has its own order; otherwise it is that of `paths`.
    """

    def __init__(
        self,
        iterator: Any,
        *,
        paths: Iterable[Path],
        resize: Resize = "stretch",
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
        self._resize = resize
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
        images = decode_images(
            [self.paths[row] for row in rows], self._image_size, resize=self._resize
        )
        seeds = np.random.SeedSequence((self._seed, epoch, index)).generate_state(4)
        # RandomState, since Keras calls functions that NumPy's newer Generator does not have.
        state = np.random.RandomState(seeds)
        generator = drawing_from(state, self._generator)
        changed = [_changed(image, generator) for image in images]
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


def _changed(image: Any, generator: Any) -> Any:
    """Do to an image what Keras's iterator does between loading it and giving it."""
    return generator.standardize(generator.random_transform(image.astype(np.float32)))


def open_generator(
    folder: ImageFolder,
    *,
    image_size: tuple[int, int],
    batch_size: int,
    augmentation: Any,
    resize: Resize,
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
        return GeneratorFlow(iterator, paths=paths, resize=resize, seed=seed, shuffle=shuffle)

    return Flows(
        train_augmented=flow("train", changing),
        train=flow("train"),
        val=flow("val"),
        test=flow("test") if folder.counts["test"] else None,
        class_names=folder.class_names,
        image_size=image_size,
        root=folder.root,
    )
