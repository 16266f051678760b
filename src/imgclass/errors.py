"""The errors that imgclass raises: each is also the builtin that a caller would already catch.

A message says what was expected, what was received and what to do next. The exit code is what the
command line returns for it: 2 usage, 3 bad input, 4 finished with quarantined items, 5 refused as
unsafe, 6 interrupted and resumable, 7 environment. Code 1 is kept for bugs.
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
    # Fields of the recipe, and the values of them that should help.
    advice: Mapping[str, Any] = MappingProxyType({})


class UsageError(ImgclassError, ValueError):
    """An argument or option has a value that it cannot have."""

    exit_code = 2


class LabelsError(ImgclassError, ValueError):
    """The CSV of labels, or its match with the folder of images, is not usable as it is."""


class DatasetError(ImgclassError, ValueError):
    """A folder of images is not a data set that can be read or trained on."""


class ImageError(ImgclassError, ValueError):
    """A file is not an image that imgclass decodes."""


class UnsafeError(ImgclassError, ValueError):
    """What was asked could harm data or leave its folder, so nothing was done."""

    exit_code = 5


class InterruptedRunError(ImgclassError, RuntimeError):
    """Work was interrupted; what is done is kept and the same call goes on from there."""

    exit_code = 6


class TerminatedError(InterruptedRunError):
    """The system asked for an end (SIGTERM), which came after the batch that ran."""


class MachineError(ImgclassError, OSError):
    """The machine refused: disk full, no permission, a file system without links."""

    exit_code = 7


class UnknownNameError(ImgclassError, KeyError):
    """A name is not in the registry."""

    exit_code = 2

    def __str__(self) -> str:
        """Return the message; a KeyError would quote it."""
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
    """A plugin was left out, or its name taken by a built-in one; everything else works."""


class WeightsError(ImgclassError, FileNotFoundError):
    """Pretrained weights are neither here nor to be fetched."""


class TrainingError(ImgclassError, RuntimeError):
    """Training could not give a usable model."""


class DivergedError(TrainingError):
    """A loss or a weight of the training was not finite.

    Args:
        message: What was not finite, where, and what to do.
        epoch: The `imgclass.training.Epoch` in which it happened: what is known of it, and NaN.
        images: The files of the batch in which it happened; none where they are not known.
        advice: The learning rate that should help, where one is known.
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
    """A run directory is missing, incomplete or not ours."""


class ModelFileError(ImgclassError, ValueError):
    """A model or weights file breaks a rule that keeps files from strangers harmless.

    It was refused before Keras read it, and nothing that it names was imported. Where you trust
    whoever made it, `trust=True` (`--trust` on the command line) loads it without these rules.

    Example:
        >>> ModelFileError.exit_code, issubclass(ModelFileError, ValueError)
        (5, True)
    """

    exit_code = 5


class CheckpointWarning(UserWarning):
    """A training goes on from an older checkpoint, or on another machine."""


class CheckpointError(ImgclassError, ValueError):
    """No checkpoint is whole, or what should go on from it is not what began."""
