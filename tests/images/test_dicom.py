import io
import random

import numpy as np
import pytest
from PIL import Image

from imgclass.errors import ImageError
from imgclass.images import extras
from imgclass.images.decoding import Limits, decode_image, inspect_image
from imgclass.images.dicom_values import window_shares

pydicom = pytest.importorskip("pydicom")

SYNTAX = pydicom.uid
STORED = np.array([[0, 500, 1000], [1500, 2000, 4000]], np.uint16)


def dicom(values=STORED, *, syntax=SYNTAX.ExplicitVRLittleEndian, frame=None, **elements) -> bytes:
    """A DICOM file of these values, or of one compressed frame."""
    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPInstanceUID = "1.2.3"
    dataset.SOPClassUID = SYNTAX.SecondaryCaptureImageStorage
    dataset.Rows, dataset.Columns = values.shape[-2:] if values.ndim < 4 else values.shape[1:3]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = 8 * values.dtype.itemsize
    dataset.BitsStored = dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(values.dtype.kind == "i")
    for name, value in elements.items():
        setattr(dataset, name, value)
    pixels = values.tobytes() if frame is None else pydicom.encaps.encapsulate([frame])
    dataset.add_new(
        "PixelData", "OB" if frame is not None or values.itemsize == 1 else "OW", pixels
    )
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def gray(data: bytes) -> list[list[int]]:
    pixels = decode_image(data, name="x")
    assert (pixels[..., :1] == pixels).all()
    return pixels[..., 0].tolist()


def test_the_window_of_the_header_is_applied():
    data = dicom(WindowCenter=1000.5, WindowWidth=1001)
    assert gray(data) == [[0, 0, 128], [255, 255, 255]]


def test_the_first_of_several_windows_counts():
    one, several = (
        dicom(WindowCenter=center, WindowWidth=width)
        for center, width in ((1000.5, 1001), ([1000.5, 50], [1001, 400]))
    )
    assert gray(several) == gray(one)


def test_slope_and_intercept_come_before_the_window():
    data = dicom(WindowCenter=0.5, WindowWidth=1001, RescaleSlope=2, RescaleIntercept=-2000)
    assert gray(data) == [[0, 0, 128], [255, 255, 255]]


def test_monochrome1_is_inverted():
    data = dicom(WindowCenter=1000.5, WindowWidth=1001, PhotometricInterpretation="MONOCHROME1")
    assert gray(data) == [[255, 255, 128], [0, 0, 0]]


def test_without_a_window_the_range_of_the_image_is_shown():
    values = np.array([[-1000, 0, 1000]], np.int16)
    assert gray(dicom(values)) == [[0, 128, 255]]


def test_padding_is_black_and_no_part_of_the_range():
    values = np.array([[-2000, -1000, 0, 1000]], np.int16)
    assert gray(dicom(values, PixelPaddingValue=-2000)) == [[0, 0, 128, 255]]


def test_8_bits_without_a_window_are_kept():
    assert gray(dicom(np.array([[3, 77, 200]], np.uint8))) == [[3, 77, 200]]


def test_a_table_of_brightness_is_applied():
    table = pydicom.Dataset()
    table.add_new("LUTDescriptor", "US", [4, 0, 8])
    table.add_new("LUTData", "US", [9, 7, 5, 3])
    data = dicom(np.array([[0, 1, 3]], np.uint16), VOILUTSequence=[table])
    assert gray(data) == [[9, 7, 3]]


def test_the_first_frame_and_its_window_count():
    shown = pydicom.Dataset()
    shown.WindowCenter, shown.WindowWidth = 1000.5, 1001
    group = pydicom.Dataset()
    group.FrameVOILUTSequence = [shown]
    data = dicom(
        np.stack([STORED, STORED[::-1]]),
        NumberOfFrames=2,
        SharedFunctionalGroupsSequence=[group],
    )
    assert gray(data) == [[0, 0, 128], [255, 255, 255]]
    assert inspect_image(data, name="x").has_pages


def test_colour_is_kept():
    values = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
    data = dicom(values, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    np.testing.assert_array_equal(decode_image(data, name="x"), values[0])


def test_a_compressed_frame_is_decoded():
    file = io.BytesIO()
    Image.new("L", (16, 8), 200).save(file, "JPEG")
    data = dicom(np.zeros((8, 16), np.uint8), syntax=SYNTAX.JPEGBaseline8Bit, frame=file.getvalue())
    np.testing.assert_allclose(gray(data), 200, atol=2)


def test_runs_are_decoded():
    frame = (1).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56)
    frame += bytes([256 - 5, 9, 1, 7, 8])  # six nines, seven, eight
    data = dicom(np.zeros((2, 4), np.uint8), syntax=SYNTAX.RLELossless, frame=frame)
    assert gray(data) == [[9, 9, 9, 9], [9, 9, 7, 8]]


def test_the_header_names_size_and_bits():
    facts = inspect_image(dicom(BitsStored=12, HighBit=11), name="x")
    assert (facts.format, facts.width, facts.height, facts.depth) == ("DICOM", 3, 2, 12)


@pytest.mark.parametrize(
    ("function", "shares"),
    [("LINEAR_EXACT", [0, 0.25, 0.5, 1]), ("SIGMOID", [0.119, 0.269, 0.5, 1])],
)
def test_the_formulas_are_those_of_the_standard(function, shares):
    values = np.array([-50, -25, 0, 300], np.float32)
    np.testing.assert_allclose(window_shares(values, 0, 100, function), shares, atol=0.001)


def test_a_window_of_one_value_is_a_threshold():
    assert window_shares(np.array([4, 5], np.float32), 5, 1).tolist() == [0, 1]


def frame_of(size):
    file = io.BytesIO()
    Image.new("L", size).save(file, "JPEG")
    return file.getvalue()


RUNS = (1).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56) + b"\x81\0" * 1000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(dicom(WindowCenter=1, WindowWidth=0), "window has the center", id="window"),
        pytest.param(
            dicom(Rows=60_000, Columns=60_000), "60000 x 60000 pixels are more than", id="bomb"
        ),
        pytest.param(dicom(RescaleSlope="1e300"), "beyond all numbers", id="slope"),
        pytest.param(
            dicom(
                np.zeros((8, 8), np.uint8), syntax=SYNTAX.JPEGBaseline8Bit, frame=frame_of((9, 8))
            ),
            "its header says 8 x 8 pixels, and its first frame 9 x 8",
            id="another size",
        ),
        pytest.param(
            dicom(np.zeros((8, 8), np.uint8), syntax=SYNTAX.RLELossless, frame=RUNS),
            "expands to more than the 64 pixels",
            id="runs",
        ),
        pytest.param(
            dicom(np.zeros((8, 8), np.uint8), syntax=SYNTAX.JPEGLSLossless, frame=b"\xff\xd8\xff"),
            "pydicom needs another package",
            id="codec",
        ),
        pytest.param(
            dicom().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")[:-3],
            "deflated",
            id="deflated",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_reason(data, reason):
    with pytest.raises(ImageError, match=reason):
        decode_image(data, name="x.dcm")


def test_too_many_pixels_are_refused_before_they_are_decoded():
    with pytest.raises(ImageError, match="3 x 2 pixels are more than 5"):
        decode_image(dicom(), name="x", limits=Limits(pixels=5))


def test_a_truncated_file_is_refused():
    data = dicom()
    for size in range(len(data)):
        with pytest.raises(ImageError):
            decode_image(data[:size], name="x")


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_a_mutated_file_is_decoded_or_refused_and_nothing_else():
    rng = random.Random(0)
    seed = dicom(WindowCenter=1000.5, WindowWidth=1001, RescaleSlope=2, RescaleIntercept=-5)
    outcomes = []
    for _ in range(400):
        data = bytearray(seed)
        for _ in range(rng.choice((1, 2, 8))):
            data[rng.randrange(132, len(data))] = rng.randrange(256)
        try:
            image = decode_image(bytes(data), name="x", limits=Limits(pixels=10_000))
        except ImageError:
            outcomes.append("refused")
        else:
            assert (image.dtype, image.ndim, image.shape[2]) == (np.uint8, 3, 3)
            outcomes.append("decoded")
    assert min(map(outcomes.count, ("refused", "decoded"))) > 40


def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setattr(extras, "is_installed", lambda _: False)
    with pytest.raises(ImageError, match=r"pip install 'imgclass-keras\[dicom\]'"):
        decode_image(dicom(), name="x.dcm")
