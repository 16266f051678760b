"""What differs between two manifests of one data set."""

from collections.abc import Iterator

from imgclass.data.faults import listing
from imgclass.data.manifest import Manifest
from imgclass.formatting import count


def manifest_differences(old: Manifest, new: Manifest) -> Iterator[str]:
    """Yield what differs between two manifests, one clause each."""
    before = {sample.source: sample for sample in old.samples}
    after = {sample.source: sample for sample in new.samples}
    common = [source for source in after if source in before]
    kinds = {
        "new": [source for source in after if source not in before],
        "gone": [source for source in before if source not in after],
        "with other bytes": [s for s in common if before[s].sha256 != after[s].sha256],
        "with another label": [s for s in common if before[s].label != after[s].label],
        "in another split": [s for s in common if before[s].split != after[s].split],
    }
    for kind, sources in kinds.items():
        if sources:
            yield f"{count(len(sources), 'image')} {kind} ({listing(sources)})"
    if not any(kinds.values()) and old != new:
        yield "the images are the same, in another order or of another recorded size"
