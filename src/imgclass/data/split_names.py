"""The names that people give to splits, in folders and in columns."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from imgclass.data.manifest import Split

SPLIT_NAMES: Mapping[Split, tuple[str, ...]] = MappingProxyType(
    {
        "train": ("train", "training", "trn"),
        "val": ("val", "valid", "validation", "dev", "development"),
        "test": ("test", "testing", "tst", "eval", "evaluation"),
    }
)
"""Those of the folders of other tools, and of the columns of published tables of labels.

`eval` is test, as for the Hugging Face data sets library.
"""

_ENDINGS = (
    "",
    *("set", "images", "imgs"),
    *(mark + word for mark in "_- " for word in ("set", "data", "images", "imgs")),
)
_BY_NAME: Mapping[str, Split] = MappingProxyType(
    {
        name + ending: split
        for split, names in SPLIT_NAMES.items()
        for name in names
        for ending in _ENDINGS
    }
)


def split_of(name: str) -> Split | None:
    """Return the split that a name means, in upper or lower case.

    Example:
        >>> split_of("Validation"), split_of("train_set"), split_of("cats")
        ('val', 'train', None)
    """
    return _BY_NAME.get(name.strip().casefold())


def renamed(names: Iterable[str]) -> tuple[str, ...]:
    """Return what to say of names that are not our own: `'valid' is read as val`.

    Example:
        >>> renamed(["train", "Valid"])
        ("'Valid' is read as val",)
    """
    found = ((name, split_of(name)) for name in names)
    return tuple(
        f"{name!r} is read as {split}" for name, split in found if split not in {None, name}
    )
