"""Bytes as a `data:` URI, so that a page needs no other files."""

from base64 import b64encode


def data_uri(media_type: str, content: bytes) -> str:
    """Return `content` as a `data:` URI.

    Example:
        >>> data_uri("image/png", b"abc")
        'data:image/png;base64,YWJj'
    """
    return f"data:{media_type};base64,{b64encode(content).decode('ascii')}"
