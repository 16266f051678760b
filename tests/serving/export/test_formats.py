import math

import pytest

from imgclass.errors import MachineError, UsageError
from imgclass.serving.export.formats import (
    FORMATS,
    TARGETS,
    TOLERANCES,
    Target,
    require_extra,
    require_format,
)


@pytest.mark.parametrize(
    ("to", "precision", "said"),
    [
        ("tflite", "float32", "Expected one of savedmodel, onnx, litert; received 'tflite'"),
        ("litert", "int4", "Expected one of float32, float16, int8; received 'int4'"),
        ("savedmodel", "float16", "Only litert has other precisions"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(to, precision, said):
    with pytest.raises(UsageError, match=said):
        require_format(to, precision)


@pytest.mark.parametrize("to", FORMATS)
def test_an_absent_package_is_named_with_the_extra_that_installs_it(to, monkeypatch):
    monkeypatch.setattr("imgclass.serving.export.formats.find_spec", lambda _: None)
    if not TARGETS[to].extra:
        require_extra(to)
        return
    with pytest.raises(MachineError) as raised:
        require_extra(to)
    assert f"pip install 'imgclass-keras[{to}]'" in str(raised.value)


def test_only_the_packages_that_are_absent_are_named(monkeypatch):
    monkeypatch.setattr(
        "imgclass.serving.export.formats.TARGETS",
        {"onnx": Target("model.onnx", ("numpy", "no_such_package"), "onnx")},
    )
    with pytest.raises(MachineError, match=r"^Expected no_such_package to be installed"):
        require_extra("onnx")


def test_a_difference_that_is_no_number_is_not_within_a_tolerance():
    assert TOLERANCES["float32"].is_kept(difference=1e-4, agreement=0.5)
    assert not TOLERANCES["float32"].is_kept(difference=math.nan, agreement=1.0)
    assert not TOLERANCES["int8"].is_kept(difference=0.0, agreement=0.89)
    assert TOLERANCES["int8"].is_kept(difference=0.5, agreement=0.9)
