"""Photographs of phones: HEIF files (`.heic`), read by the package pi-heif.

It turns them upright, as the file says; its library refuses pictures that are larger than the
header claims.
"""

from pi_heif import HeifImageFile

__all__ = ["HeifImageFile"]
