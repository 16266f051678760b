"""Image files: formats, limits, headers, decoding, resizing."""
