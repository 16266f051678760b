"""A heat map over the image that it is of, as a picture inside a page."""

from io import BytesIO

import numpy as np
from PIL import Image

from imgclass.images.pixels import Pixels
from imgclass.report.datauri import data_uri
from imgclass.run.heat_maps_file import STRONGEST, HeatMap

SIDE = 192  # pixels of the longer side
QUALITY = 78
GLOW = np.array((255, 96, 0))  # orange, also told from grey by whoever sees no red
COVER = 0.8  # share of the glow where the map is strongest
# Grey that leaves room for the glow on both black and white.
DARKEST, LIGHTEST = 30, 235


def heat_picture(seen: Pixels, heat: HeatMap) -> str:
    """Return a data URI of the image in grey, glowing where it spoke for the wrong class.

    Args:
        seen: What the network saw of the image, `(height, width, 3)`.
        heat: Its map.
    """
    height, width = seen.shape[:2]
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Enlarged, pixels stay pixels; only a reduction is smoothed.
    way = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BILINEAR
    grey = np.asarray(Image.fromarray(seen).convert("L").resize(size, way), float)
    rows = Image.fromarray(np.array(heat.rows, np.uint8))
    share = np.asarray(rows.resize(size, Image.Resampling.BICUBIC), float)[..., None] / STRONGEST
    calm = (DARKEST + grey * (LIGHTEST - DARKEST) / STRONGEST)[..., None]
    mixed = calm * (1 - COVER * share) + GLOW * COVER * share
    content = BytesIO()
    Image.fromarray(np.rint(mixed).astype(np.uint8)).save(content, "JPEG", quality=QUALITY)
    return data_uri("image/jpeg", content.getvalue())
