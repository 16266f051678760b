"""The same file gives the same pixels wherever it is read."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.duplicates.fingerprints import encoded_fingerprint
from imgclass.data.inspection import Inspector
from imgclass.flows import open_flows
from imgclass.images.decoding import read_image
from imgclass.images.extras import missing_extra
from imgclass.images.resizing import resize_image
from imgclass.io.fs import FileSystem
from imgclass.serving.inputs import expand, read_pixels

HEIC = Path(__file__).parents[1] / "images" / "files" / "four_colours.heic"
SIZE = (16, 24)
COLOURS = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
PICTURE = Image.fromarray(COLOURS)
GRAY12 = Image.fromarray(COLOURS[..., 0].astype(np.uint16) * 16)
TURNED = Image.Exif()
TURNED[0x0112] = 6


def dicom() -> bytes:
    import pydicom

    made = pydicom.Dataset()
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = pydicom.uid.SecondaryCaptureImageStorage, "1.2.3"
    made.Rows, made.Columns = SIZE
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME1"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.WindowCenter, made.WindowWidth = 2000, 3000
    made.add_new("PixelData", "OW", np.asarray(GRAY12).tobytes())
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()


def saved(picture: Image.Image, image_format: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, image_format, **options)
    return file.getvalue()


FILES = {
    "bits1.png": lambda: saved(PICTURE.convert("1"), "PNG"),
    "bits8.png": lambda: saved(PICTURE, "PNG"),
    "bits16.png": lambda: saved(Image.fromarray(np.asarray(GRAY12) * 16), "PNG"),
    "palette.png": lambda: saved(PICTURE.convert("P"), "PNG"),
    "gray.png": lambda: saved(PICTURE.convert("L"), "PNG"),
    "alpha.png": lambda: saved(PICTURE.convert("RGBA").rotate(30), "PNG"),
    "plain.jpg": lambda: saved(PICTURE, "JPEG"),
    "cmyk.jpg": lambda: saved(PICTURE.convert("CMYK"), "JPEG"),
    "turned.jpg": lambda: saved(PICTURE, "JPEG", exif=TURNED),
    "twelve.tiff": lambda: saved(GRAY12, "TIFF"),
    "pages.tiff": lambda: saved(PICTURE, "TIFF", save_all=True, append_images=[PICTURE.rotate(90)]),
    "frames.gif": lambda: saved(PICTURE, "GIF", save_all=True, append_images=[PICTURE.rotate(90)]),
    "lossy.webp": lambda: saved(PICTURE, "WEBP"),
    "lossy.avif": lambda: saved(PICTURE, "AVIF"),
    "photo.heic": HEIC.read_bytes,
    "scan.dcm": dicom,
}


READ = [name for name in FILES if missing_extra(name) is None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data set of one file of each kind in every class and split."""
    root = tmp_path_factory.mktemp("kinds") / "data"
    for split in ("train", "val"):
        for label in ("a", "b"):
            (root / split / label).mkdir(parents=True)
            for name in READ:
                (root / split / label / name).write_bytes(FILES[name]())
    return ImageFolder.open(root)


@pytest.mark.keras
@pytest.mark.parametrize("pipeline", ["cached", "streamed", "generator"])
def test_i11_training_sees_the_pixels_of_the_decoder(folder, pipeline):
    flows = open_flows(folder, image_size=SIZE, pipeline=pipeline)
    seen = np.concatenate([flows.val[i][0] for i in range(len(flows.val))])
    for path, pixels in zip(folder.paths("val"), seen, strict=True):
        expected = resize_image(read_image(path), SIZE)
        np.testing.assert_array_equal(pixels, expected, err_msg=path.name)


def test_i11_predictions_see_the_pixels_of_the_decoder(folder):
    paths = folder.paths("val")
    assert {path.name for path in paths} == set(READ)
    for path, image in zip(paths, expand(paths), strict=True):
        np.testing.assert_array_equal(read_pixels(image), read_image(path), err_msg=path.name)


@pytest.mark.parametrize("name", READ)
def test_the_check_of_the_organizer_reads_the_pixels_of_the_decoder(name, tmp_path):
    (tmp_path / name).write_bytes(FILES[name]())
    expected = read_image(tmp_path / name)
    check = Inspector(str(tmp_path), check="full", fingerprints=True)
    found = check.inspect(name, None, FileSystem())
    assert not found.fault
    assert (found.height, found.width) == expected.shape[:2]
    assert found.fingerprint == encoded_fingerprint(Image.fromarray(expected))
