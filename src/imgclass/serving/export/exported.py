"""What an export gave: the file, and how its predictions compare with the run's."""

from dataclasses import dataclass
from pathlib import Path

from imgclass.formatting import count
from imgclass.serving.export.formats import Format, Precision


@dataclass(frozen=True, slots=True)
class Parity:
    """How the predictions of an exported file compare with those of the run, on the same images.

    Attributes:
        images: Number of images.
        are_real: Whether they are val images of the run; otherwise they are noise.
        largest_difference: Largest difference of a probability, in 0-1.
        agreement: Share of images to which both give the same most probable class, in 0-1.
        accuracy: Share of images that the file classifies correctly, in 0-1; None for noise.
        run_accuracy: The same of the run.
        seconds_per_image: Median time that the file takes for one image alone, on the processor.

    Example:
        >>> Parity(200, True, 2e-7, 1.0, 0.9, 0.9, 0.004).same_class
        '200 of 200 val images'
    """

    images: int
    are_real: bool
    largest_difference: float
    agreement: float
    accuracy: float | None
    run_accuracy: float | None
    seconds_per_image: float

    @property
    def kind(self) -> str:
        """What an image is: `val image` or `noise image`."""
        return "val image" if self.are_real else "noise image"

    @property
    def same_class(self) -> str:
        """To how many images both give the same class."""
        return f"{round(self.agreement * self.images):,} of {count(self.images, self.kind)}"


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """A model in the format of another program, and how it compares with the run.

    Attributes:
        path: The model: a file, or the folder of a SavedModel. The folder in which it lies also has
            `labels.txt` and `signature.json`.
        format: `savedmodel`, `onnx` or `litert`.
        precision: `float32`, `float16` or `int8`.
        bytes: Its size.
        parity: What the comparison with the run gave.

    Example:
        >>> parity = Parity(200, True, 2e-7, 1.0, 0.9, 0.9, 0.004)
        >>> ExportedModel(Path("onnx/model.onnx"), "onnx", "float32", 580_000, parity)
        <ExportedModel onnx/model.onnx: 0.6 MB, same class for 200 of 200 val images>
    """

    path: Path
    format: Format
    precision: Precision
    bytes: int
    parity: Parity

    @property
    def largest_difference(self) -> float:
        """Largest difference of a probability from the run's, in 0-1."""
        return self.parity.largest_difference

    @property
    def agreement(self) -> float:
        """Share of images to which the run gives the same class, in 0-1."""
        return self.parity.agreement

    @property
    def seconds_per_image(self) -> float:
        """Median time for one image alone, on the processor."""
        return self.parity.seconds_per_image

    def __repr__(self) -> str:
        return (
            f"<ExportedModel {self.path.as_posix()}: {megabytes(self.bytes)}, same class for "
            f"{self.parity.same_class}>"
        )


def megabytes(size: int) -> str:
    """Return a number of bytes as MB of 10^6.

    Example:
        >>> megabytes(578_226), megabytes(98)
        ('0.6 MB', '0.1 MB')
    """
    return f"{max(size / 1e6, 0.1):.1f} MB"
