"""The part of a model card on the data: images by class and split, and repeated ones."""

from collections import defaultdict
from collections.abc import Iterator

from imgclass.data.manifest import SPLITS, Manifest
from imgclass.formatting import count, cut_apart
from imgclass.report.model_card.markdown import LONGEST_NAME, bullets, plain, section, table
from imgclass.run import Run

MOST_CLASSES = 100  # rows; nobody reads more of them


def data_section(run: Run, *, dataset: str) -> str:
    """Return the section."""
    manifest = run.manifest
    named = f"the data set {plain(dataset)}" if dataset else f"the folder {plain(run.data.name)}"
    images = count(len(manifest.samples), "image")
    classes = count(len(manifest.class_names), "class", "classes")
    return section(
        "Data",
        f"{images} of {classes}, from {named}.",
        _counts(manifest),
        bullets(_facts(manifest)),
    )


def _counts(manifest: Manifest) -> str:
    splits = [split for split in SPLITS if manifest.counts[split]]
    by_split = {split: manifest.class_counts(split) for split in splits}
    names = cut_apart(manifest.class_names, LONGEST_NAME)
    rows = [
        [plain(shown), *(f"{by_split[split][name]:,}" for split in splits)]
        for name, shown in [*names.items()][:MOST_CLASSES]
    ]
    if more := len(names) - len(rows):
        rest = manifest.class_names[MOST_CLASSES:]
        sums = (f"{sum(by_split[split][name] for name in rest):,}" for split in splits)
        rows.append([f"{count(more, 'more class', 'more classes')}", *sums])
    rows.append(["all", *(f"{manifest.counts[split]:,}" for split in splits)])
    return table(("class", *splits), rows)


def _facts(manifest: Manifest) -> Iterator[str]:
    sizes = [(sample.width, sample.height) for sample in manifest.samples]
    widths, heights = zip(*sizes, strict=True)
    yield f"Width {_range(widths)}, height {_range(heights)}."
    yield _repeated(manifest)
    if groups := {sample.group for sample in manifest.samples if sample.group}:
        yield (
            f"Images of one group are in one split; there are {count(len(groups), 'group')}, such "
            f"as patients or scenes."
        )


def _repeated(manifest: Manifest) -> str:
    """Say how many files are equal to another one, and whether a split knows those of another."""
    places = defaultdict(list)
    for sample in manifest.samples:
        places[sample.sha256].append(sample)
    repeated = [samples for samples in places.values() if len(samples) > 1]
    if not repeated:
        return "No two files are equal byte by byte."
    across = sum(len({sample.split for sample in samples}) > 1 for samples in repeated)
    labels = sum(len({sample.label for sample in samples}) > 1 for samples in repeated)
    return (
        f"{count(sum(map(len, repeated)), 'file')} are equal to another one byte by byte; "
        f"{count(across, 'picture')} of them {'is' if across == 1 else 'are'} in more than one "
        f"split, {labels:,} in more than one class."
    )


def _range(pixels: tuple[int, ...]) -> str:
    least, most = min(pixels), max(pixels)
    return f"{least:,} pixels" if least == most else f"{least:,} to {most:,} pixels"
