import json
import subprocess
import sys

import numpy as np
import pytest

from imgclass.errors import RunError
from imgclass.serving.export import KnownImages, noise_images, parity
from imgclass.serving.export.parity import Answer, ask_other_process, compare


def answer(probabilities):
    return Answer(np.asarray(probabilities, np.float32), 0.5, {}, {})


def test_noise_has_no_accuracy():
    expected = np.array([[0.75, 0.25]], np.float32)
    found = compare(expected, answer([[0.5, 0.5]]), noise_images((4, 6), 1))
    assert (found.accuracy, found.run_accuracy, found.are_real) == (None, None, False)
    assert found.largest_difference == 0.25
    assert found.same_class == "1 of 1 noise image"


def test_probabilities_that_are_no_numbers_make_a_difference_that_is_none():
    images = KnownImages(np.zeros((1, 4, 6, 3), np.uint8), np.array([0]))
    found = compare(np.array([[0.75, 0.25]], np.float32), answer([[np.nan, 0.5]]), images)
    assert np.isnan(found.largest_difference)


def test_a_process_that_fails_is_an_error_with_its_last_words(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(RunError, match="The exported file cannot be used") as raised:
        ask_other_process(tmp_path / "model.onnx", "onnx", noise_images((4, 6), 1))
    assert "model.onnx" in str(raised.value)


def test_a_process_without_an_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(parity, "SECONDS", 0.01)
    monkeypatch.setattr(parity, "SECONDS_PER_IMAGE", 0.0)
    with pytest.raises(RunError, match=r"took more than 0 s for 1 image\."):
        ask_other_process(tmp_path / "model.onnx", "onnx", noise_images((4, 6), 1))


@pytest.fixture
def mean_colour(tmp_path):
    """An ONNX file whose probabilities are the shares of the three channels."""
    onnx = pytest.importorskip("onnx")
    helper, float32 = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [
            helper.make_node("ReduceSum", ["image", "axes"], ["sums"], keepdims=0),
            helper.make_node("ReduceSum", ["sums", "last"], ["all"], keepdims=1),
            helper.make_node("Div", ["sums", "all"], ["shares"]),
        ],
        "colours",
        [helper.make_tensor_value_info("image", float32, [None, 4, 6, 3])],
        [helper.make_tensor_value_info("shares", float32, [None, 3])],
        [
            helper.make_tensor("axes", onnx.TensorProto.INT64, [2], [1, 2]),
            helper.make_tensor("last", onnx.TensorProto.INT64, [1], [1]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


def test_another_process_predicts_each_image_as_raw_rgb(mean_colour):
    images = noise_images((4, 6), 3)
    found = ask_other_process(mean_colour, "onnx", images)
    sums = images.pixels.astype(float).sum(axis=(1, 2))
    assert np.allclose(found.probabilities, sums / sums.sum(axis=1, keepdims=True), atol=1e-6)
    assert found.seconds_per_image > 0
    assert found.input == {"name": "image", "dtype": "float32"}


def test_the_other_process_imports_neither_imgclass_nor_keras(mean_colour, tmp_path):
    np.save(tmp_path / "images.npy", noise_images((4, 6), 1).pixels)
    program = parity.other_process.__file__
    code = (
        f"import json, runpy, sys\n"
        f"sys.argv = ['', 'onnx', {str(mean_colour)!r}, {str(tmp_path)!r}]\n"
        f"runpy.run_path({program!r}, run_name='__main__')\n"
        f"print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert {"imgclass", "keras", "tensorflow"}.isdisjoint(json.loads(done.stdout))
