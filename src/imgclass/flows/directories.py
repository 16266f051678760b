"""Keras's `DirectoryIterator` over one split, checked to hold exactly the manifest's files."""

import contextlib
import io
from pathlib import Path, PurePosixPath
from typing import Any

from keras._tf_keras.keras.preprocessing.image import ImageDataGenerator

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.faults import listing
from imgclass.data.manifest import Split
from imgclass.errors import DatasetError

CLASS_LEVEL = 3  # split / class / file


def directory_iterator(
    folder: ImageFolder,
    split: Split,
    *,
    generator: ImageDataGenerator,
    image_size: tuple[int, int],
    batch_size: int,
) -> Any:
    """Return `generator.flow_from_directory` over a split, in the order of the class names.

    Keras skips files whose extension it does not know, and takes whatever else lies there, both
    without a word; it would also wait forever on a FIFO. So what it finds is compared with the
    manifest before the first image is read.

    Raises:
        DatasetError: Keras finds other files than the manifest names, or one is no regular file.
    """
    directory, classes = _class_directories(folder, split)
    with contextlib.redirect_stdout(io.StringIO()):  # Keras prints what it found
        iterator = generator.flow_from_directory(
            str(folder.root / directory),
            target_size=image_size,
            classes=classes,
            class_mode="categorical",
            batch_size=batch_size,
        )
    _require_files(folder.paths(split), found={Path(path) for path in iterator.filepaths})
    return iterator


def _class_directories(folder: ImageFolder, split: Split) -> tuple[str, list[str]]:
    """Return the split's directory name, and those of its classes in the order of their indices.

    They are read off the manifest's paths, since on disk a class name may be escaped.
    """
    directories: dict[str, str] = {}
    split_directory = ""
    for sample in folder.manifest.of(split):
        parts = PurePosixPath(sample.path).parts
        if len(parts) < CLASS_LEVEL:
            raise DatasetError(
                f"Expected files at split/class/file below {folder.root}; received {sample.path!r}."
            )
        split_directory, directories[sample.label] = parts[:2]
    return split_directory, [directories[name] for name in folder.class_names]


def _require_files(expected: tuple[Path, ...], *, found: set[Path]) -> None:
    differences = {
        "Keras does not take, though the manifest names them": set(expected) - found,
        "Keras takes, though the manifest does not name them": found - set(expected),
        "are no regular files": {path for path in expected if not path.is_file()},
    }
    if any(differences.values()):
        lines = (
            f"  {len(paths):,} that {words}: {listing(sorted(map(str, paths)))}"
            for words, paths in differences.items()
            if paths
        )
        raise DatasetError(
            "Expected the pipeline 'generator' to find the files of the manifest; received\n"
            + "\n".join(lines)
            + "\nKeras reads .png .jpg .jpeg .bmp .ppm .tif .tiff. Take the pipeline 'cached', "
            "convert the files, or remove the stray ones."
        )
