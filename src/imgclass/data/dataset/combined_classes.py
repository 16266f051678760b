"""Class folders that look like several classes at once: `cat`, `dog` and `cat,dog`."""

from collections.abc import Collection, Iterator

from imgclass.data.faults import listing
from imgclass.data.labels.combined_labels import SEPARATORS

LEAST_SHARE = 0.25  # of the classes; fewer may be names that happen to be made of others


def combination_notice(class_names: Collection[str]) -> Iterator[str]:
    """Yield a sentence if many classes are made of others, each of which is a class by itself.

    A folder's name proves less than a column of labels: `red car` is one class where there is no
    class `red`.

    Example:
        >>> for sentence in combination_notice(["cat", "cat,dog", "dog"]):
        ...     print(sentence)
        1 class looks like several at once: 'cat,dog'. An image has one class here, ...
        >>> list(combination_notice(["blue car", "red car"]))
        []
    """
    names = frozenset(class_names)
    for separator in (*SEPARATORS, "+", "&", "_"):
        combined = sorted(name for name in names if _is_made_of(names, name.split(separator)))
        if combined and len(combined) >= LEAST_SHARE * len(names):
            looks = "class looks" if len(combined) == 1 else "classes look"
            yield (
                f"{len(combined):,} {looks} like several at once: {listing(combined)}. An image "
                f"has one class here, so each combination is learned as a class of its own."
            )
            return


def _is_made_of(names: frozenset[str], parts: list[str]) -> bool:
    return len(parts) > 1 and all(part.strip() in names for part in parts)
