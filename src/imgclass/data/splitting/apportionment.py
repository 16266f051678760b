"""Dividing a whole number in proportion to sizes, exactly and within bounds."""

import heapq
from collections.abc import Mapping


def apportion(
    total: int,
    sizes: Mapping[str, int],
    *,
    lowest: Mapping[str, int],
    highest: Mapping[str, int],
) -> dict[str, int]:
    """Divide `total` among the keys of `sizes` by the largest remainder (Hamilton's method).

    Each share is the exact proportion, rounded down; what remains goes to the largest remainders,
    ties in the order of `sizes`. The bounds of each share are kept in the same way.
    """
    if not sum(lowest.values()) <= total <= sum(highest.values()):
        raise ValueError(
            f"Expected a total between {sum(lowest.values())} and {sum(highest.values())}; "
            f"received {total}."
        )
    weight = sum(sizes.values())
    shares = {
        key: min(max(total * size // weight, lowest[key]), highest[key])
        for key, size in sizes.items()
    }
    left = total - sum(shares.values())
    step, bounds = (1, highest) if left > 0 else (-1, lowest)
    # How far each share exceeds its proportion, in the direction of the step, exactly.
    queue = [
        (step * (shares[key] * weight - total * size), rank, key)
        for rank, (key, size) in enumerate(sizes.items())
        if shares[key] != bounds[key]
    ]
    heapq.heapify(queue)
    for _ in range(abs(left)):
        past, rank, key = heapq.heappop(queue)
        shares[key] += step
        if shares[key] != bounds[key]:
            heapq.heappush(queue, (past + weight, rank, key))
    return shares
