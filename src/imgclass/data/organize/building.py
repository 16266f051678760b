"""Building a planned data set beside its place, so that it appears there whole or not at all."""

import io
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from imgclass.data.class_names import class_directory
from imgclass.data.dataset.record import DATASET, LEFT_OUT, MANIFEST, DatasetRecord, Repeated
from imgclass.data.manifest import SPLITS, Manifest, Sample, write_manifest
from imgclass.data.options import Transfer
from imgclass.data.organize.planning import Plan
from imgclass.data.organize.work import Work
from imgclass.errors import ImgclassError, InterruptedRunError, MachineError
from imgclass.io.lock import held_lock
from imgclass.serialization import dump_json


@contextmanager
def workplace(work: Work) -> Iterator[Work]:
    """Hold the lock of the folder in which a data set is built, and remove that folder afterwards.

    What was done before an interruption or a failure of the machine stays for the next run; it is
    removed when the work ends well, and when it ends because what was asked for cannot be.

    Yields:
        The work, with its lock.
    """
    files, place = work.files, work.place
    files.make_directories(place.parent)
    with held_lock(place.lock, files) as lock:
        try:
            yield replace(work, lock=lock)
        except (InterruptedRunError, OSError):
            with suppress(OSError):
                if [entry.name for entry in files.entries(place.work)] == ["lock"]:
                    files.remove_tree(place.work)
            raise
        except ImgclassError:
            files.remove_tree(place.work)
            raise
        files.remove_tree(place.work)


def make_tree(work: Work, class_names: Iterable[str], *, keep: Container[str]) -> None:
    """Make the directory of every class in every split, and clear what an interrupted run left.

    What is removed are copies and links, never an original.

    Args:
        work: Where.
        class_names: The classes.
        keep: Paths of the copies and links that are whole.
    """
    files, tree = work.files, work.place.tree
    if files.status(tree) is not None:
        files.remove_tree(tree, keep=keep)
    files.make_directory(tree)
    directories = [class_directory(name) for name in class_names]
    for split in SPLITS:
        files.make_directory(f"{tree}/{split}")
        for directory in directories:
            files.make_directory(f"{tree}/{split}/{directory}")


def write_records(work: Work, plan: Plan, record: DatasetRecord) -> None:
    """Write the manifest, `dataset.json` and `left_out.json` into the tree."""
    contents = {
        MANIFEST: manifest_bytes(plan.manifest),
        LEFT_OUT: dump_json(plan.left_out).encode("utf-8", "surrogateescape"),
        DATASET: dump_json(record).encode("utf-8", "surrogateescape"),
    }
    for name, data in contents.items():
        work.files.write_new(f"{work.place.tree}/{name}", data, sync=True)


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the content of a manifest's file."""
    text = io.StringIO()
    write_manifest(text, manifest.samples)
    return text.getvalue().encode("utf-8", "surrogateescape")


def probe(work: Work, source: str, transfer: Transfer) -> None:
    """Make one link and remove it, so that a file system without links is known at once.

    Args:
        work: Where.
        source: An image.
        transfer: What is to be made of it; of a copy no probe is needed.

    Raises:
        MachineError: Links cannot be made; nothing else was tried.
    """
    if transfer not in {"hardlink", "symlink"}:
        return
    place, files = work.place, work.files
    target = f"{place.work}/probe"
    files.unlink(target)
    try:
        link = files.symlink if transfer == "symlink" else files.link
        link(f"{place.images}/{source}", target)
    except OSError as error:
        raise MachineError(
            f"Expected to make a {transfer} from {place.images} to {place.parent}; received: "
            f"{error}. Put the data set on the same disk, or copy (--transfer copy)."
        ) from error
    files.unlink(target)


def arrange(
    work: Work, places: Mapping[str, str], samples: Iterable[Sample], repeated: Iterable[Repeated]
) -> None:
    """Bring copies and links to the splits that the plan has for them.

    They were made in those that they would have if every image were sound and a picture of its
    own. Those of images that repeat others are removed.

    Args:
        work: Where.
        places: Where in the tree the copy or link of each source is.
        samples: Where they will be.
        repeated: What will not be there.
    """
    tree = work.place.tree
    for item in repeated:
        work.files.unlink(f"{tree}/{places[item.source]}")
    for sample in samples:
        if (place := places[sample.source]) != sample.path:
            work.files.rename(f"{tree}/{place}", f"{tree}/{sample.path}")


def remove_classes(work: Work, class_names: Iterable[str]) -> None:
    """Remove the directories of classes of which no image is sound."""
    for name in sorted(class_names):
        for split in SPLITS:
            work.files.remove_tree(f"{work.place.tree}/{split}/{class_directory(name)}")


def publish(work: Work) -> None:
    """Bring the tree to the disk, and then to its place by one rename.

    Where something has appeared there in the meantime the rename fails, and nothing is overwritten:
    a directory replaces an empty one only.
    """
    work.files.sync_all(work.place.tree)
    work.files.rename(work.place.tree, work.place.root)
    work.files.sync_directory(work.place.parent)
