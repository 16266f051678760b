"""Options that verbs share, and option texts to the values that they mean."""

from typing import Annotated

import typer

from imgclass.errors import UsageError

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Load the model without checking it: it may run code of whoever made it.",
    ),
]


def share_of(text: str, *, option: str) -> float | int:
    """Return a fraction (`0.1`) as a float and a count (`2500`) as an int.

    Example:
        >>> share_of("0.1", option="--val"), share_of("2500", option="--val")
        (0.1, 2500)
    """
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        raise UsageError(
            f"Expected {option} as a fraction (0.1) or a count (2500); received {text!r}."
        ) from None


def image_size_of(text: str | None) -> tuple[int, int] | None:
    """Return `(height, width)` of `N` or `H,W`.

    Example:
        >>> image_size_of("32"), image_size_of("48,64")
        ((32, 32), (48, 64))
    """
    if text is None:
        return None
    numbers = _integers(text)
    if len(numbers) not in (1, 2):
        raise UsageError(f"Expected --image-size N or H,W in pixels; received {text!r}.")
    return (numbers[0], numbers[-1])


def units_of(text: str | None) -> tuple[int, ...] | None:
    """Return the units of each dense layer of `N,N,...`.

    Example:
        >>> units_of("256,64")
        (256, 64)
    """
    if text is None:
        return None
    if not (numbers := _integers(text)):
        raise UsageError(f"Expected --head-units N,N,... such as 256,64; received {text!r}.")
    return numbers


def names_of(text: str | None) -> tuple[str, ...] | None:
    """Return the names of `NAME,NAME,...`.

    Example:
        >>> names_of("auc, f1_score")
        ('auc', 'f1_score')
    """
    return None if text is None else tuple(part.strip() for part in text.split(","))


def layers_of(text: str | None) -> str | int | None:
    """Return how many layers a number means; another text is how a layer's name begins.

    Example:
        >>> layers_of("30"), layers_of("block5")
        (30, 'block5')
    """
    return int(text) if text is not None and text.isdigit() else text


def _integers(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else ()
