"""What people have as images is taken as it is, and gives the same predictions to the last bit."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from imgclass.errors import ImageError, UsageError
from imgclass.serving.inputs import expand, is_one_image


class Tensor:
    """A tensor of another library, by hand."""

    def __init__(self, values):
        self.values, self.shape, self.dtype = values, values.shape, values.dtype

    def __array__(self, dtype=None, copy=None):
        return self.values


@pytest.fixture
def files(tmp_path, pixels):
    """A folder with two images, a deeper one, and what is no image."""
    for name in ("b.png", "a.PNG", "deeper/c.bmp"):
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    (tmp_path / "folder" / "notes.txt").write_text("no image")
    (tmp_path / "folder" / ".hidden.png").write_text("no image")
    return tmp_path / "folder"


FORMS = {
    "a path": lambda path, _: path,
    "a path as text": lambda path, _: str(path),
    "a list of paths": lambda path, _: [path],
    "a generator of paths": lambda path, _: (p for p in [path]),
    "an array of paths": lambda path, _: np.array([str(path)]),
    "a column of paths": lambda path, _: pd.DataFrame({"path": [path], "n": 1})["path"],
    "a table of one column": lambda path, _: pd.DataFrame({"path": [path]}),
    "a PIL image": lambda path, _: Image.open(path),
    "an array": lambda _, pixels: pixels,
    "a list of arrays": lambda _, pixels: [pixels],
    "a batch": lambda _, pixels: pixels[None],
    "floats in 0-1": lambda _, pixels: pixels.astype("float32") / 255,
    "floats in 0-255": lambda _, pixels: pixels.astype("float32"),
    "a tensor": lambda _, pixels: Tensor(pixels),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_an_image_is_predicted_the_same_to_the_last_bit(
    classify, files, pixels, form
):
    [expected] = classify(pixels)
    [prediction] = classify(form(files / "b.png", pixels))
    assert prediction.scores.tobytes() == expected.scores.tobytes()


@pytest.mark.keras
@pytest.mark.parametrize("labels", [False, True], ids=["images", "images and labels"])
def test_a_data_set_of_keras_or_tensorflow_is_predicted_batch_by_batch(classify, pixels, labels):
    import keras
    import tensorflow as tf

    images = np.stack([pixels, pixels[::-1], pixels // 2]).astype("float32")

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            batch = images[2 * index : 2 * index + 2]
            return (batch, np.zeros(len(batch))) if labels else batch

    kept = tf.data.Dataset.from_tensor_slices((images, np.zeros(3)) if labels else images)
    expected = classify(images)
    for given in (Batches(), kept.batch(2), kept):
        assert classify(given) == expected
    assert classify(tf.constant(images)) == expected


def test_a_folder_is_its_images_at_any_depth_sorted(files):
    assert [path.relative_to(files).as_posix() for path in expand(files)] == [
        "a.PNG",
        "b.png",
        "deeper/c.bmp",
    ]
    assert list(expand([files, files / "b.png"])) == [*expand(files), files / "b.png"]


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a right to make links")
def test_a_folder_of_links_to_images_is_its_links(files, tmp_path):
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "1.png").symlink_to(files / "b.png")
    assert list(expand(tmp_path / "links")) == [tmp_path / "links" / "1.png"]


def test_only_files_have_a_path(classify, files, pixels):
    predictions = classify([files / "b.png", pixels, Image.fromarray(pixels)])
    assert [p.path for p in predictions] == [files / "b.png", None, None]


# I4
@pytest.mark.parametrize(
    ("empty", "words"),
    [
        ([], "received an empty list"),
        (np.array([], dtype=str), "received an empty ndarray"),
        (np.zeros((0, 4, 6, 3), np.uint8), "received an empty ndarray"),
        (pd.Series([], dtype=object), "received an empty Series"),
        ((path for path in ()), "received an empty generator"),
    ],
)
def test_no_image_at_all_is_an_error(classify, empty, words):
    with pytest.raises(UsageError, match=words):
        classify(empty)


def test_a_folder_without_images_is_an_error_that_names_it(classify, tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(UsageError, match=r"none of the 1 files below .* ending such as"):
        classify(tmp_path)


@pytest.mark.parametrize("value", [7, None, b"1.jpg", {"path": "1.jpg"}])
def test_what_holds_no_images_is_an_error_that_says_what_does(classify, value):
    with pytest.raises(UsageError, match="Expected a path, a PIL image or an array, a folder"):
        classify(value)


def test_a_table_of_several_columns_asks_for_one(classify):
    with pytest.raises(UsageError, match=r"Give one of them: frame\['path'\]"):
        classify(pd.DataFrame({"path": ["1.jpg"], "label": ["cat"]}))


def test_one_image_that_cannot_be_read_is_an_error_at_once(classify, tmp_path, pixels):
    (tmp_path / "bad.jpg").write_text("no image")
    with Image.new("F", (2, 2)) as picture:
        for bad in (tmp_path / "bad.jpg", tmp_path / "none.jpg", pixels / 100 - 1, picture):
            assert is_one_image(bad)
            with pytest.raises(ImageError):
                classify(bad)


@pytest.mark.parametrize("bad", ["none.jpg", 7, None, np.full((4, 6), np.nan), [1, 2]])
def test_one_bad_image_among_several_is_named_and_spoils_no_other(classify, files, bad):
    good = files / "b.png"
    first, failed, last = classify([good, bad, good])
    assert first == last == classify([good])[0]
    assert str(failed.error).startswith("Expected ")
    with pytest.raises(ImageError, match="Expected "):
        _ = failed.top1


def test_a_picture_that_is_damaged_is_an_image_error(classify, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.jpg")
    (tmp_path / "half.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:-2000])
    with Image.open(tmp_path / "half.jpg") as half:
        [prediction] = classify([half])
    assert "half.jpg" in str(prediction.error)


def test_arrays_are_predicted_without_pandas_keras_or_a_file(tmp_path):
    code = """
import sys, numpy as np
from imgclass.serving import predict
class Model:
    def predict_on_batch(self, pixels):
        return np.full((len(pixels), 2), 0.5)
predict(Model(), np.zeros((3, 4, 6, 3)), class_names=("a", "b"), image_size=(4, 6))
print({"keras", "tensorflow", "pandas"} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
    assert not list(tmp_path.iterdir())
