from types import SimpleNamespace

import numpy as np
import pytest

from imgclass.errors import RunError, UnsafeError, UsageError
from imgclass.serving.export import ExportPlan, KnownImages, export_classifier, exporter
from imgclass.serving.export.parity import Answer

EXPECTED = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]], np.float32)
IMAGES = KnownImages(np.zeros((2, 4, 6, 3), np.uint8), np.array([0, 2]))


@pytest.fixture
def export(classifier, tmp_path, monkeypatch):
    """Export without Keras: the file's probabilities are given."""
    monkeypatch.setattr(type(classifier), "model", property(lambda _: SimpleNamespace()))
    monkeypatch.setattr(exporter, "_require_tensorflow", lambda: None)
    monkeypatch.setattr(exporter, "require_extra", lambda _: None)

    def write_model(_, folder, **options):
        assert set(options) == {"to", "precision", "calibration"}
        path = folder / "model.onnx"
        path.write_bytes(b"12345")
        return path

    monkeypatch.setattr(exporter, "write_model", write_model)
    monkeypatch.setattr(
        exporter, "expected_probabilities", lambda _, images: EXPECTED[: len(images)]
    )

    def run(probabilities=EXPECTED, **options):
        answer = Answer(probabilities, 0.25, {"name": "image"}, {"name": "probabilities"})
        monkeypatch.setattr(exporter, "ask_other_process", lambda *_: answer)
        plan = {"to": "onnx", "folder": tmp_path / "onnx", "check": IMAGES} | options
        return export_classifier(classifier, ExportPlan(**plan))

    return run


def test_an_export_is_the_file_with_its_size_and_how_it_compares(export, tmp_path):
    exported = export()
    assert exported.path == tmp_path / "onnx" / "model.onnx"
    assert exported.bytes == 5
    assert (exported.largest_difference, exported.agreement) == (0.0, 1.0)
    assert (exported.parity.accuracy, exported.seconds_per_image) == (0.5, 0.25)
    names = {path.name for path in (tmp_path / "onnx").iterdir()}
    assert names == {"model.onnx", "labels.txt", "signature.json"}


def test_a_file_that_predicts_something_else_is_an_error_with_figures_and_is_put_aside(
    export, tmp_path
):
    other = EXPECTED.copy()
    other[1] = (0.8, 0.1, 0.1)
    with pytest.raises(RunError) as raised:
        export(other)
    message = str(raised.value)
    assert "Expected probabilities that differ by at most 0.0001" in message
    assert "the same class for 1 of 2 val images" in message
    assert "differ by up to 0.7" in message
    assert [path.name for path in tmp_path.iterdir()] == ["onnx.differs"]
    assert '"is_checked": false' in (tmp_path / "onnx.differs" / "signature.json").read_text()


def test_without_images_of_the_run_a_file_is_compared_on_noise(export, monkeypatch):
    monkeypatch.setattr(exporter, "NOISE", 2)
    exported = export(check=KnownImages(IMAGES.pixels[:0], IMAGES.labels[:0]))
    assert not exported.parity.are_real


def test_int8_without_train_images_says_where_to_name_them(export):
    with pytest.raises(UsageError, match="--data"):
        export(to="litert", precision="int8")


def test_an_earlier_export_stays_unless_it_may_be_replaced(export):
    export()
    with pytest.raises(UnsafeError, match="there already"):
        export()
    assert export(force=True).path.is_file()
