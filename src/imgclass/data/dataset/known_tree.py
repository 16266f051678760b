"""Reading a tree again that was split before, so that no image changes its split."""

from dataclasses import replace
from pathlib import Path

from imgclass.data.dataset.class_folders import Others, list_images, others_notice, read_images
from imgclass.data.dataset.class_tree import tree_rows
from imgclass.data.dataset.plan import make_sample, sound_images
from imgclass.data.dataset.record import LeftOut
from imgclass.data.dataset.split_folders import split_folders
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import Manifest
from imgclass.io.workers.progress import Steps


def read_known_tree(root: Path, known: Manifest, *, steps: Steps) -> tuple[Manifest, LeftOut]:
    """Read a tree that was split before, as it is now; its images keep the splits of `known`.

    Images that are not in `known` are put into the split of their folder, or into train. Without
    any, and with the same bytes, the manifest is `known`.
    """
    rows, notices = _listed(root)
    here = {row.source: row for row in rows}
    old = [here[sample.path] for sample in known.samples if sample.path in here]
    listed = {row.source for row in old}
    new = [row for row in rows if row.source not in listed]
    steps.total = len(rows)
    before = {sample.path: sample for sample in known.samples}
    kept, hashes, gone = sound_images(old, read_images(root, old, steps, check="off"))
    added, found, faulty = sound_images(new, read_images(root, new, steps, check="full"))
    samples = [
        replace(before[row.source], label=row.label, sha256=now.sha256)
        for row, now in zip(kept, hashes, strict=True)
    ]
    samples += [
        make_sample(row, now, row.split or "train", row.source, None)
        for row, now in zip(added, found, strict=True)
    ]
    class_names = tuple(sorted({sample.label for sample in samples}))
    left_out = LeftOut(quarantined=(*gone, *faulty), notices=notices)
    return Manifest(class_names, tuple(samples)), left_out


def _listed(root: Path) -> tuple[list[LabelledImage], tuple[str, ...]]:
    if split_folders(root):
        return tree_rows(root)
    others = Others()
    rows = list(list_images(root, "", others))
    return rows, tuple(others_notice(others))
