"""DatasetOrganizer: from labels and a folder of images to class directories.

`imgclass.data.organize.steps` has the steps in their order; each is in a module of its own.
"""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import get_args

from imgclass.data.archives.unpack import is_archive
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.dataset.plan import Plan
from imgclass.data.labels.labels import Labels, Leniency
from imgclass.data.labels.layout import Layout
from imgclass.data.labels.tables import TableSource
from imgclass.data.options import Check, OnDuplicates, Options, Transfer
from imgclass.data.organize.label_source import possible_hashes, read_source
from imgclass.data.organize.steps import organize, plan
from imgclass.data.organize.unpacked import OpenedImages, opened_images
from imgclass.data.organize.update import Changes, update
from imgclass.data.organize.workspace import PathLike, Workspace, find_folders, open_workspace
from imgclass.data.splitting.groups import compile_pattern
from imgclass.data.splitting.split import SplitRule
from imgclass.errors import DatasetError, UsageError
from imgclass.io.workers.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetOrganizer:
    r"""Makes `root/{train,val,test}/<class>/` from labels and a folder of images.

    Labels are the path of a table (CSV, JSON Lines or Parquet), a pandas DataFrame, or a pair of
    lists, `(ids, labels)`. They are None where the folder has them: a `metadata.csv` as Hugging
    Face has it, one table whose rows have images, or a folder for each class. The folder of images
    may be a zip or tar: it is unpacked for the time of the call.

    Nothing is ever overwritten. A second run with the same plan changes nothing; any other plan for
    the same place is refused. If a run is interrupted, the same call finishes it.

    Attributes:
        val: Images for val: a fraction in 0-1 (float) or a count (int).
        test: Images for test, likewise.
        seed: Another seed gives another split.
        transfer: `copy`, `hardlink` (takes no space; a change to one changes both), `symlink`
            (absolute links), or `move` (copied, written to the disk, read back, and only then
            removed).
        check_images: `full` decodes every image, `header` reads its size only, `off` neither; an
            image that fails is left where it is and reported as quarantined.
        duplicates: What to do about equal files and near-duplicates: `group` keeps them in one
            split; `drop` also leaves out all but the first of equal files with one label; `report`
            only names them; `off` does not look for them. Near-duplicates are found only with
            `check_images="full"`.
        id_column: The table's column of images; found by its name when not given.
        label_column: The column of classes, likewise; or the columns of all classes, of which one
            has a 1 (one-hot).
        group_column: The column of groups, such as patients, scenes or bursts; each group stays in
            one split.
        group_pattern: A regular expression that finds the group in an image's path: its first
            bracket, or all that it matches.
        split_column: The column that says which split an image is in; found by its name (`split`,
            `set`, `subset`, `fold`, `partition`) when not given; empty to leave it unused. Splits
            of folders and columns are kept; without val, `val` is split off train.
        val_values: The values of that column that mean val, such as `["4"]` of five folds.
        test_values: Likewise for test; all other values are train.
        delimiter: What separates a CSV's fields; found in the header when not given.
        encoding: Of a text file.
        header: Whether a CSV's first line has the names of columns; without them they are called
            `1`, `2` and so on. A first line with the name of an image file is a row in any case.
        strict: Whether a row that repeats an earlier one is an error.
        allow_missing: Whether rows without an image are left out and reported.
        ignore_unlabelled: Whether images without a row are left out and reported.

    Raises:
        UsageError: An option has an impossible value.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as name:
        ...     images = Path(name, "images")
        ...     images.mkdir()
        ...     for i in range(20):
        ...         _ = Path(images, f"{i}.ppm").write_bytes(b"P6 1 1 255 " + bytes([i] * 3))
        ...     csv = Path(name, "labels.csv")
        ...     rows = [f"{i},{'cat' if i % 2 else 'dog'}\n" for i in range(20)]
        ...     _ = csv.write_text("id,label\n" + "".join(rows), encoding="utf-8")
        ...     folder = DatasetOrganizer(val=4, test=4).organize(csv, images, root=f"{name}/data")
        >>> folder.class_names, folder.counts
        (('cat', 'dog'), {'train': 12, 'val': 4, 'test': 4})
    """

    val: float = 0.1
    test: float = 0.1
    seed: int = 0
    transfer: Transfer = "copy"
    check_images: Check = "full"
    duplicates: OnDuplicates = "group"
    id_column: str | None = None
    label_column: str | Sequence[str] | None = None
    group_column: str | None = None
    group_pattern: str | None = None
    split_column: str | None = None
    val_values: Sequence[str] = ()
    test_values: Sequence[str] = ()
    delimiter: str | None = None
    encoding: str = "utf-8"
    header: bool = True
    strict: bool = False
    allow_missing: bool = False
    ignore_unlabelled: bool = False

    def __post_init__(self) -> None:
        SplitRule(val=self.val, test=self.test, seed=self.seed)
        _ = self._layout  # checks its values
        if self.group_pattern is not None:
            compile_pattern(self.group_pattern)
            if self.group_column is not None:
                raise UsageError("Expected group_column or group_pattern; received both.")
        choices = {"transfer": Transfer, "check_images": Check, "duplicates": OnDuplicates}
        for name, kind in choices.items():
            if (value := getattr(self, name)) not in get_args(kind):
                raise UsageError(
                    f"Expected {name} to be one of {', '.join(get_args(kind))}; received {value!r}."
                )

    def plan(
        self,
        labels: TableSource | None,
        images: PathLike,
        *,
        progress: Progress | None = None,
    ) -> Plan:
        """Return what `organize` would do; all images are read, nothing is written.

        Args:
            labels: A table, a DataFrame, `(ids, labels)`, or None for those in the folder.
            images: The folder of images, or an archive of it.
            progress: Called with the number of images read, and of all.

        Raises:
            LabelsError: The labels, or their match with the folder, are not usable as they are.
            UnsafeError: An id could lead out of the folder of images.
            InterruptedRunError: Ctrl-C.
            MachineError: Something cannot be read.
        """
        with self._opened(images, None, progress) as opened:
            place = find_folders(opened.folder, os.devnull)[0]
            with open_workspace(place, "", progress) as space:
                return plan(space, self._options, self._reader(labels, opened, space))

    def organize(
        self,
        labels: TableSource | None,
        images: PathLike,
        root: PathLike,
        *,
        progress: Progress | None = None,
    ) -> ImageFolder:
        """Make the data set, or find that it is there already.

        Args:
            labels: A table, a DataFrame, `(ids, labels)`, or None for those in the folder.
            images: The folder of images, or an archive of it.
            root: The folder of the data set: new or empty, and apart from `images`.
            progress: Called with the number of steps done, and of all.

        Returns:
            The data set; its `left_out` says what was found and not taken.

        Raises:
            LabelsError: The labels, or their match with the folder, are not usable as they are.
            UnsafeError: `root` holds something else or another plan's data set, it overlaps with
                `images`, or another run is at work on it.
            InterruptedRunError: Ctrl-C or SIGTERM; the same call goes on.
            MachineError: The disk is full, a permission is missing, or the file system has no
                links; the same call goes on once that is solved.
        """
        with self._opened(images, root, progress) as opened:
            places = find_folders(opened.folder, root)
            with open_workspace(*places, progress) as space:
                read = self._reader(labels, opened, space)
                hashes = partial(possible_hashes, labels, space.images, self._layout)
                return organize(space, Path(root), self._options, read, hashes)

    def update(
        self,
        labels: TableSource | None,
        images: PathLike,
        root: PathLike,
        *,
        progress: Progress | None = None,
    ) -> Changes:
        """Add what is new to a data set that was organized with the same options.

        A new image goes to the split of its group or its picture, or else to that of its hash; no
        image of the data set changes its split. Images that are gone or have changed are reported,
        and stay in the data set as they are.

        Args:
            labels: A table, a DataFrame, `(ids, labels)`, or None for those in the folder.
            images: The folder of images, or an archive of it.
            root: The data set.
            progress: Called with the number of steps done, and of all.

        Raises:
            DatasetError: There is no data set.
            UnsafeError: It was organized with other options, or another run is at work on it.
            LabelsError: The labels, or their match with the folder, are not usable as they are.
            InterruptedRunError: Ctrl-C or SIGTERM; the same call goes on.
            MachineError: The disk is full, or a permission is missing.
        """
        with self._opened(images, root, progress) as opened:
            places = find_folders(opened.folder, root)
            with open_workspace(*places, progress) as space:
                if not space.is_organized():
                    raise DatasetError(
                        f"Expected a data set to update at {os.fspath(root)!r}; found none."
                    )
                return update(space, self._options, self._reader(labels, opened, space))

    def _reader(
        self, labels: TableSource | None, opened: OpenedImages, space: Workspace
    ) -> Callable[..., Labels]:
        leniency = Leniency(self.strict, self.allow_missing, self.ignore_unlabelled)

        def read(*, known: Collection[str] = ()) -> Labels:
            found = read_source(labels, space.images, self._layout, leniency, known=known)
            return replace(found, notices=(*opened.notices, *found.notices))

        return read

    @contextmanager
    def _opened(
        self, images: PathLike, root: PathLike | None, progress: Progress | None
    ) -> Iterator[OpenedImages]:
        if is_archive(images) and self.transfer in {"move", "symlink"}:
            raise UsageError(
                f"Expected transfer (--transfer) to be copy or hardlink for an archive, which is "
                f"unpacked only for this call; received {self.transfer!r}."
            )
        with opened_images(images, root, progress) as opened:
            yield opened

    @property
    def _layout(self) -> Layout:
        return Layout(**{field.name: getattr(self, field.name) for field in fields(Layout)})

    @property
    def _options(self) -> Options:
        values = {field.name: getattr(self, field.name) for field in fields(Options)}
        for name in ("val_values", "test_values"):
            values[name] = tuple(values[name])
        return Options(**values)
