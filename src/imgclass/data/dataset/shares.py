"""How many images of a tree go to val and to test if nothing is said."""

SHARE = 0.1  # of the images to val, and to test: that of the organizer
# A small data set gives up to a fifth to each, so that they have 100 images if possible: the 95 %
# interval of an accuracy of 0.9 is then 0.83 to 0.94 (Wilson), and with 40 images 0.77 to 0.96.
LEAST_IMAGES = 100
LARGEST_SHARE = 0.2


def usual_share(images: int) -> float:
    """Return which share of so many images goes to val, and which to test.

    Example:
        >>> [usual_share(images) for images in (397, 800, 3_670)]
        [0.2, 0.125, 0.1]
    """
    return min(LARGEST_SHARE, max(SHARE, LEAST_IMAGES / max(images, 1)))
