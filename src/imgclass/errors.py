"""The errors that imgclass raises; each inherits the builtin error that a caller would catch.

A message says what was expected, what was received and what to do. The command line exits with
the error's exit code: 2 usage, 3 bad input, 4 finished with items left out, 5 refused as unsafe,
6 interrupted and resumable, 7 environment. Code 1 is for bugs.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar


class ImgclassError(Exception):
    """Base of every error that imgclass raises on purpose.

    Example:
        >>> issubclass(UsageError, ImgclassError), issubclass(UsageError, ValueError)
        (True, True)
        >>> UsageError.exit_code
        2
    """

    exit_code: ClassVar[int] = 3
    # Fields of the recipe, with values that should help.
    advice: Mapping[str, Any] = MappingProxyType({})


class UsageError(ImgclassError, ValueError):
    """An argument or option has a value that it cannot have."""

    exit_code = 2


class LabelsError(ImgclassError, ValueError):
    """The CSV of labels cannot be used, or does not match the folder of images."""


class DatasetError(ImgclassError, ValueError):
    """A folder of images is not a data set that can be read or trained on."""


class ImageError(ImgclassError, ValueError):
    """A file is not an image that imgclass decodes."""


class UnsafeError(ImgclassError, ValueError):
    """The request could harm data or leave its folder, so nothing was done."""

    exit_code = 5


class InterruptedRunError(ImgclassError, RuntimeError):
    """Work was interrupted; what is done is kept, and the same call continues from there."""

    exit_code = 6


class TerminatedError(InterruptedRunError):
    """The system sent SIGTERM; training stopped after the current batch."""


class MachineError(ImgclassError, OSError):
    """A file operation or the machine failed: disk full, no permission, too little memory."""

    exit_code = 7


class UnknownNameError(ImgclassError, KeyError):
    """A name is not in the registry."""

    exit_code = 2

    def __str__(self) -> str:  # a KeyError would quote it
        return str(self.args[0])


class PluginError(ImgclassError, ImportError):
    """An installed plugin could not be loaded, or broke its contract.

    Args:
        fault: What is wrong, with the plugin's name and package.
        remedy: What the user can do.

    Example:
        >>> str(PluginError("'net' of nets 1.0 is no function.", remedy="Upgrade nets."))
        "'net' of nets 1.0 is no function. Upgrade nets."
    """

    def __init__(self, fault: str, *, remedy: str = "") -> None:
        super().__init__(f"{fault} {remedy}".rstrip())
        self.fault = fault
        self.remedy = remedy


class PluginWarning(UserWarning):
    """A plugin was left out, or a built-in one keeps the name; everything else works."""


class WeightsError(ImgclassError, FileNotFoundError):
    """Pretrained weights are not here and cannot be downloaded."""


class TrainingError(ImgclassError, RuntimeError):
    """Training gave no usable model."""


class DivergedError(TrainingError):
    """A loss or a weight became infinite or NaN during training.

    Args:
        message: What was not finite, where, and what to do.
        epoch: The `imgclass.training.Epoch` in which it happened; unknown figures are NaN.
        images: The files of the batch in which it happened, if known.
        advice: The learning rate that should help, if known.
    """

    def __init__(
        self,
        message: str,
        *,
        epoch: Any = None,
        images: tuple[Path, ...] = (),
        advice: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        super().__init__(message)
        self.advice = advice
        self.epoch = epoch
        self.images = images


class RunError(ImgclassError, ValueError):
    """A run directory is missing, incomplete, or not made by imgclass."""


class ModelFileError(ImgclassError, ValueError):
    """A model or weights file breaks a rule that keeps files from strangers harmless.

    It was refused before Keras read it, and nothing that it names was imported. If you trust its
    author, load it without these rules by `trust=True` (`--trust` on the command line).

    Example:
        >>> ModelFileError.exit_code, issubclass(ModelFileError, ValueError)
        (5, True)
    """

    exit_code = 5


class CheckpointWarning(UserWarning):
    """A training continues from an older checkpoint, or on another machine."""


class CheckpointError(ImgclassError, ValueError):
    """Every checkpoint is damaged, or the training that should continue is a different one."""
