"""DatasetOrganizer: from a CSV of labels and a folder of images to class directories.

`DatasetOrganizer.organize` shows the steps in their order; each is in a module of its own.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import get_args

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.dataset.plan import Plan, draft_plan, make_plan
from imgclass.data.dataset.record import file_sha256, make_record
from imgclass.data.dataset.scan import scan
from imgclass.data.inspection import Inspector
from imgclass.data.labels.labels import Labels, read_labels
from imgclass.data.options import Check, OnDuplicates, Options, Transfer
from imgclass.data.organize.file_names import sample_path
from imgclass.data.organize.move import remove_sources, require_single_names
from imgclass.data.organize.publish import publish
from imgclass.data.organize.resume import resume
from imgclass.data.organize.stage import arrange, require_links, stage_images, write_records
from imgclass.data.organize.update import Changes, update
from imgclass.data.organize.workspace import PathLike, Workspace, find_folders, open_workspace
from imgclass.data.splitting.groups import compile_pattern
from imgclass.data.splitting.split import SplitRule
from imgclass.errors import DatasetError, UnsafeError, UsageError
from imgclass.io.workers.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetOrganizer:
    r"""Makes `root/{train,val,test}/<class>/` from a CSV of labels and a folder of images.

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
        id_column: The CSV's column of images; found by its name when not given.
        label_column: The column of classes, likewise.
        group_column: The column of groups, such as patients, scenes or bursts; each group stays in
            one split.
        group_pattern: A regular expression that finds the group in an image's path: its first
            bracket, or all that it matches.
        delimiter: What separates fields; found in the header when not given.
        encoding: Of the CSV.
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
    label_column: str | None = None
    group_column: str | None = None
    group_pattern: str | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"
    strict: bool = False
    allow_missing: bool = False
    ignore_unlabelled: bool = False

    def __post_init__(self) -> None:
        SplitRule(val=self.val, test=self.test, seed=self.seed)
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

    def plan(self, labels: PathLike, images: PathLike, *, progress: Progress | None = None) -> Plan:
        """Return what `organize` would do; all images are read, nothing is written.

        Args:
            labels: The CSV of labels.
            images: The folder of images.
            progress: Called with the number of images read, and of all.

        Raises:
            LabelsError: The CSV, or its match with the folder, is not usable as it is.
            UnsafeError: An id could lead out of the folder of images.
            InterruptedRunError: Ctrl-C.
            MachineError: Something cannot be read.
        """
        with open_workspace(find_folders(images, os.devnull)[0], "", progress) as space:
            return self._plan(labels, space)

    def organize(
        self,
        labels: PathLike,
        images: PathLike,
        root: PathLike,
        *,
        progress: Progress | None = None,
    ) -> ImageFolder:
        """Make the data set, or find that it is there already.

        Args:
            labels: The CSV of labels.
            images: The folder of images.
            root: The folder of the data set: new or empty, and apart from `images`.
            progress: Called with the number of steps done, and of all.

        Returns:
            The data set; its `left_out` says what was found and not taken.

        Raises:
            LabelsError: The CSV, or its match with the folder, is not usable as it is.
            UnsafeError: `root` holds something else or another plan's data set, it overlaps with
                `images`, or another run is at work on it.
            InterruptedRunError: Ctrl-C or SIGTERM; the same call goes on.
            MachineError: The disk is full, a permission is missing, or the file system has no
                links; the same call goes on once that is solved.
        """
        options = self._options
        moves = options.transfer == "move"
        with open_workspace(*find_folders(images, root), progress) as space:
            if space.is_organized():
                resume(space, labels, options, partial(self._plan, labels, space))
                return ImageFolder.open(root)
            matched = self._read_labels(labels, space)
            rows = matched.rows
            # As if every image were sound and a picture of its own: impossible sizes are refused
            # before anything is written.
            draft = draft_plan(rows, options, sample_path)
            with space.locked() as locked:
                if locked.is_organized():
                    raise UnsafeError(f"Another run made {space.root!r} just now. Run again.")
                require_links(locked, rows[0].source, options.transfer)
                space.steps.total = len(rows) * (2 if moves else 1)
                scanned = stage_images(locked, rows, draft.paths, options)
                if moves:
                    require_single_names(rows, scanned.inspections)
                plan = make_plan(matched, scanned, options, draft, sample_path)
                samples, left_out = plan.manifest.samples, plan.left_out
                arrange(locked, rows, draft.paths, samples, left_out.repeated)
                record = make_record(
                    plan.manifest,
                    options,
                    labels_sha256=file_sha256(labels),
                    moved_from=space.images if moves else None,
                )
                write_records(locked, samples, left_out, record)
                publish(locked)
                if moves:
                    remove_sources(locked, samples)
            return ImageFolder(Path(root), plan.manifest, left_out)

    def update(
        self,
        labels: PathLike,
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
            labels: The CSV of labels.
            images: The folder of images.
            root: The data set.
            progress: Called with the number of steps done, and of all.

        Raises:
            DatasetError: There is no data set.
            UnsafeError: It was organized with other options, or another run is at work on it.
            LabelsError: The CSV, or its match with the folder, is not usable as it is.
            InterruptedRunError: Ctrl-C or SIGTERM; the same call goes on.
            MachineError: The disk is full, or a permission is missing.
        """
        with open_workspace(*find_folders(images, root), progress) as space:
            if not space.is_organized():
                raise DatasetError(
                    f"Expected a data set to update at {os.fspath(root)!r}; found none."
                )
            return update(space, labels, self._options, partial(self._read_labels, labels, space))

    def _plan(self, labels: PathLike, space: Workspace) -> Plan:
        """Read every image and plan a data set; nothing is written."""
        options = self._options
        matched = self._read_labels(labels, space)
        draft = draft_plan(matched.rows, options, sample_path)
        space.steps.total = len(matched.rows)
        check, compares = options.check_images, options.compares_pictures
        inspector = Inspector(space.images, check=check, fingerprints=compares)
        scanned = scan(space.run, inspector, [row.source for row in matched.rows])
        return make_plan(matched, scanned, options, draft, sample_path)

    def _read_labels(
        self, labels: PathLike, space: Workspace, *, known: Collection[str] = ()
    ) -> Labels:
        return read_labels(
            labels,
            space.images,
            id_column=self.id_column,
            label_column=self.label_column,
            group_column=self.group_column,
            delimiter=self.delimiter,
            encoding=self.encoding,
            strict=self.strict,
            allow_missing=self.allow_missing,
            ignore_unlabelled=self.ignore_unlabelled,
            known=known,
        )

    @property
    def _options(self) -> Options:
        return Options(**{field.name: getattr(self, field.name) for field in fields(Options)})
