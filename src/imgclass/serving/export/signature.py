"""What lies beside an exported model: its classes, and what it takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imgclass.distributions import own_version
from imgclass.formatting import visible
from imgclass.serialization import dump_json
from imgclass.serving.classifier import Classifier
from imgclass.serving.export.exported import Parity
from imgclass.serving.export.formats import TARGETS, Format, Precision, Tolerance
from imgclass.serving.export.parity import Answer

LABELS, SIGNATURE = "labels.txt", "signature.json"
# Pillow's name; keras.layers.Resizing and tf.image.resize(antialias=True) have it, too.
INTERPOLATION = "bilinear"


@dataclass(frozen=True, slots=True)
class Signature:
    """The content of `signature.json`: how to use an exported model without imgclass.

    Attributes:
        format: `savedmodel`, `onnx` or `litert`.
        file: The model's file, or folder, beside this one.
        precision: `float32`, `float16` or `int8`.
        class_names: In the order of the output.
        input: `name`, `dtype`, `shape` with null for the number of images, `channels`, `range`,
            and for int8 `scale` and `zero_point`.
        resize: How an image of another size is brought to it: `stretch`, `crop` or `pad`.
        interpolation: Likewise.
        output: `name`, `dtype`, `shape`, and for int8 `scale` and `zero_point`.
        mirror_averaging: Whether the file averages over an image and its mirror image: it does not.
        is_checked: Whether the file predicts what the run does, within `allowed`.
        allowed: How far it may be from the run, in words.
        parity: How far it is.
        imgclass: The version that wrote it.
    """

    format: Format
    file: str
    precision: Precision
    class_names: tuple[str, ...]
    input: Mapping[str, Any]
    resize: str
    interpolation: str
    output: Mapping[str, Any]
    mirror_averaging: bool
    is_checked: bool
    allowed: str
    parity: Parity
    imgclass: str


def format_signature(
    classifier: Classifier,
    *,
    to: Format,
    precision: Precision,
    tolerance: Tolerance,
    answer: Answer,
    parity: Parity,
    is_checked: bool,
) -> str:
    """Return the text of `signature.json`."""
    shape = [None, *classifier.image_size, 3]
    return dump_json(
        Signature(
            format=to,
            file=TARGETS[to].file,
            precision=precision,
            class_names=classifier.class_names,
            input=answer.input | {"shape": shape, "channels": "RGB", "range": [0, 255]},
            resize=classifier.resize,
            interpolation=INTERPOLATION,
            output=answer.output | {"shape": [None, len(classifier.class_names)]},
            mirror_averaging=False,
            is_checked=is_checked,
            allowed=str(tolerance),
            parity=parity,
            imgclass=own_version(),
        )
    )


def format_labels(class_names: tuple[str, ...]) -> str:
    r"""Return the text of `labels.txt`: a class a line, in the order of the output.

    A line break in a name would shift all that follow, so it is written as its escape.

    Example:
        >>> format_labels(("cat", "a\nb"))
        'cat\na\\nb\n'
    """
    return "".join(f"{visible(name)}\n" for name in class_names)
