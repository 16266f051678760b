"""Image files: formats, limits, headers, decoding, resizing."""

from typing import Literal

Resize = Literal["stretch", "crop", "pad"]
"""What happens to the aspect ratio; see `resize_image`. Here, where NumPy is not imported."""
