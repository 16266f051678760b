"""ClassWeights: how much an image of each class counts in the training loss."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from imgclass.checks import number, text
from imgclass.data.faults import listing
from imgclass.errors import UsageError
from imgclass.validation import Check

BALANCED: Literal["balanced"] = "balanced"

_NAME, _WEIGHT = text("the name of a class"), number(above=0)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClassWeights(Mapping[str, float]):
    """Weights by class name: a mapping that can be hashed, with the names sorted.

    Example:
        >>> weights = ClassWeights.of({"dog": 1, "cat": 2.5})
        >>> weights, str(weights), weights == {"cat": 2.5, "dog": 1.0}
        ({'cat': 2.5, 'dog': 1.0}, 'cat=2.5,dog=1', True)
    """

    pairs: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> "ClassWeights":
        """Return `weights` with their values checked; others than numbers above 0 are refused."""
        if not weights:
            raise ValueError
        cleaned = {_NAME.clean(name): _WEIGHT.clean(weight) for name, weight in weights.items()}
        return cls(tuple(sorted(cleaned.items())))

    def __getitem__(self, name: str) -> float:
        return dict(self.pairs)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        return repr(dict(self.pairs))

    def __str__(self) -> str:
        return ",".join(f"{name}={str(weight).removesuffix('.0')}" for name, weight in self.pairs)


def balanced_or_by_name() -> Check:
    """Expect `balanced`, or a weight above 0 for some of the classes."""

    def clean(value: Any) -> Any:
        if isinstance(value, Mapping):
            return ClassWeights.of(value)
        if isinstance(value, str) and value == BALANCED:
            return BALANCED
        raise ValueError

    def parse(words: str) -> Any:
        if "=" not in words:
            return words
        parts = [part.rpartition("=") for part in words.split(",")]
        weights = {name.strip(): float(weight) for name, _, weight in parts}
        if len(weights) < len(parts):
            raise ValueError
        return weights

    expected = "'balanced', or weights above 0 by class name (cat=2,dog=1)"
    return Check(expected, clean, names=(BALANCED,), parse=parse)


def require_known_classes(
    weights: Mapping[str, float] | str | None, class_names: Sequence[str]
) -> None:
    """Refuse weights of classes that the data set does not have.

    Example:
        >>> require_known_classes({"cta": 2.0}, ("cat", "dog"))
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected class_weights (--class-weights) of classes of the data
        set; received one of 'cta'. Did you mean 'cat'? There are: 'cat', 'dog'.
    """
    unknown = [name for name in _by_name(weights) if name not in class_names]
    if not unknown:
        return
    near = get_close_matches(unknown[0], class_names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(
        f"Expected class_weights (--class-weights) of classes of the data set; received one of "
        f"{unknown[0]!r}.{hint} There are: {listing(class_names)}."
    )


def weights_in_order(
    weights: Mapping[str, float] | str | None,
    class_names: Sequence[str],
    labels: npt.NDArray[np.int64],
) -> tuple[float, ...] | None:
    """Return the weight of each class, in the order of `class_names`; None without weights.

    `balanced` weighs each class by `n / (classes * n_c)`, for `n` images of which `n_c` are of the
    class, so that all classes count the same, and an image counts 1 on average (King and Zeng,
    *Logistic Regression in Rare Events Data*, 2001). A class without a weight of its own counts 1.

    Args:
        weights: As in `TrainingConfig.class_weights`.
        class_names: Of the data set.
        labels: Class indices of the training images, of shape `(n,)`.

    Example:
        >>> weights_in_order("balanced", ("cat", "dog"), np.array([0, 0, 0, 1]))
        (0.666..., 2.0)
        >>> weights_in_order({"dog": 3.0}, ("cat", "dog"), np.array([0, 1]))
        (1.0, 3.0)
    """
    if weights is None:
        return None
    if weights == BALANCED:
        counts = np.maximum(np.bincount(labels, minlength=len(class_names)), 1)
        return tuple((len(labels) / (len(class_names) * counts)).tolist())
    by_name = _by_name(weights)
    return tuple(by_name.get(name, 1.0) for name in class_names)


def _by_name(weights: Mapping[str, float] | str | None) -> Mapping[str, float]:
    return weights if isinstance(weights, Mapping) else {}
