"""Reading a tree again that was split before, so that no image changes its split."""

from dataclasses import replace
from pathlib import Path

from imgclass.data.dataset.class_folders import list_images, others_notice, read_images
from imgclass.data.dataset.plan import make_sample, sound_images
from imgclass.data.dataset.record import LeftOut
from imgclass.data.manifest import Manifest
from imgclass.io.workers.progress import Steps


def read_known_tree(root: Path, known: Manifest, *, steps: Steps) -> tuple[Manifest, LeftOut]:
    """Read a tree that was split before, as it is now; its images keep the splits of `known`.

    Images that are not in `known` are put into train. Without any, and with the same bytes, the
    manifest is `known`.
    """
    others: list[str] = []
    rows = list(list_images(root, "", others))
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
        make_sample(row, now, "train", row.source, None)
        for row, now in zip(added, found, strict=True)
    ]
    class_names = tuple(sorted({sample.label for sample in samples}))
    left_out = LeftOut(quarantined=(*gone, *faulty), notices=tuple(others_notice(others)))
    return Manifest(class_names, tuple(samples)), left_out
