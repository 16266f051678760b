"""What stands between a data set and another plan for its place, in words."""

from collections.abc import Iterator
from dataclasses import fields

from imgclass.data.faults import listing
from imgclass.data.manifest import Manifest, Sample
from imgclass.data.options import Options


def describe_difference(
    old: tuple[Options, Manifest], new: tuple[Options, Manifest]
) -> tuple[str, ...]:
    """Return the differences of two organizings, one sentence part each; none where they agree.

    Args:
        old: How a data set was organized, and its manifest.
        new: The same of another plan.
    """
    return (*describe_options(old[0], new[0]), *_samples(old[1], new[1]))


def describe_options(old: Options, new: Options) -> Iterator[str]:
    """Yield the options that differ, one sentence part each."""
    for item in fields(Options):
        before, after = getattr(old, item.name), getattr(new, item.name)
        if before != after:
            yield f"{item.name} was {before!r} and is {after!r}"


def _samples(old: Manifest, new: Manifest) -> Iterator[str]:
    before, after = _by_source(old), _by_source(new)
    common = [source for source in after if source in before]
    kinds = {
        "are new": [source for source in after if source not in before],
        "are gone": [source for source in before if source not in after],
        "have other bytes": [s for s in common if before[s].sha256 != after[s].sha256],
        "have another label": [s for s in common if before[s].label != after[s].label],
        "would change their split": [s for s in common if before[s].split != after[s].split],
    }
    for kind, sources in kinds.items():
        if sources:
            yield f"{len(sources)} images {kind} ({listing(sources)})"
    if not any(kinds.values()) and old != new:
        yield "the images are the same, in another order or of another recorded size"


def _by_source(manifest: Manifest) -> dict[str, Sample]:
    return {sample.source: sample for sample in manifest.samples}
