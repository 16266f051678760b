"""A hash that identifies a data set, wherever its folder is."""

from hashlib import sha256

from imgclass.data.manifest import Manifest


def fingerprint(manifest: Manifest) -> str:
    """Return the SHA-256 of every image's path, class, split and hash, in hexadecimal digits.

    Example:
        >>> from imgclass.data.manifest import Sample
        >>> cat = Sample("train/cat/1.png", "cat", "train", "0" * 64, 8, 8, "1.png")
        >>> fingerprint(Manifest(("cat",), (cat,)))[:8]
        '2562d6d6'
    """
    digest = sha256()
    for sample in sorted(manifest.samples, key=lambda sample: sample.path):
        fields = (sample.path, sample.label, sample.split, sample.sha256)
        digest.update("\0".join(fields).encode("utf-8", "surrogateescape") + b"\n")
    return digest.hexdigest()
