import json
from dataclasses import replace

import numpy as np

from imgclass.serving.export import TOLERANCES, Parity
from imgclass.serving.export.parity import Answer
from imgclass.serving.export.signature import format_labels, format_signature

PARITY = Parity(200, True, 2e-7, 1.0, 0.9, 0.9, 0.004)


def test_the_signature_says_what_a_file_takes_and_gives(classifier):
    scale = {"scale": 1 / 256, "zero_point": 0}
    answer = Answer(
        np.zeros((1, 3), np.float32),
        0.004,
        {"name": "image", "dtype": "uint8"} | scale,
        {"name": "probabilities", "dtype": "uint8"} | scale,
    )
    text = format_signature(
        replace(classifier, resize="pad", tta=True),
        to="litert",
        precision="int8",
        tolerance=TOLERANCES["int8"],
        answer=answer,
        parity=PARITY,
        is_checked=True,
    )
    known = json.loads(text)
    assert known["class_names"] == ["blue", "green", "red"]
    assert known["input"] == {
        "name": "image",
        "dtype": "uint8",
        **scale,
        "shape": [None, 4, 6, 3],
        "channels": "RGB",
        "range": [0, 255],
    }
    assert known["output"]["shape"] == [None, 3]
    assert (known["resize"], known["interpolation"]) == ("pad", "bilinear")
    assert known["mirror_averaging"] is False
    assert known["parity"]["images"] == 200
    assert known["allowed"] == "the same class for at least 90 % of the images"


def test_each_class_has_one_line_whatever_its_name():
    names = ("a\nb", "a\r\u2028b", "ü", "\udcff")
    assert format_labels(names).encode().decode().splitlines() == [
        "a\\nb",
        "a\\r\\u2028b",
        "ü",
        "\\udcff",
    ]
