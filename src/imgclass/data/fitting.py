"""How an image of any shape becomes one of `image_size`."""

from typing import Literal

Fit = Literal["stretch", "crop", "pad"]
