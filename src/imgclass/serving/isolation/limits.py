"""Limits for a process that loads a stranger's model: memory, time, files, environment."""

import json
import os
import site
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from imgclass.errors import MachineError
from imgclass.io.untrusted_files import read_text

GB = 2**30
# Measured with TensorFlow on two cores: VGG16 used 5.0 GB for 64 images of 224 x 224.
MEMORY = 8 * GB
# Each thread has a stack; TensorFlow and the BLAS start a few threads for each core.
MEMORY_PER_CORE = GB // 16
# Measured on two busy cores: 11 s to import Keras, 0.05 s an image with ResNet50; compiling the
# model comes on top.
SECONDS, SECONDS_PER_IMAGE = 180.0, 2.0
OPEN_FILES = 256
LARGEST_SETTINGS = 2**16  # bytes of keras.json

# How Keras computes and where GPU libraries lie; no secrets.
PASSED_ON = (
    "CUDA_DEVICE_ORDER",
    "CUDA_VISIBLE_DEVICES",
    "IMGCLASS_MAX_PIXELS",
    "JAX_PLATFORMS",
    "KERAS_BACKEND",
    "LD_LIBRARY_PATH",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "TF_DETERMINISTIC_OPS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_FORCE_GPU_ALLOW_GROWTH",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a process that loads a stranger's model may use.

    Attributes:
        memory: Bytes of memory that it may write to, beside 64 MB for each core (`RLIMIT_DATA`).
            Linux enforces it, macOS does not.
        seconds: Wall time for starting and loading the model; each core may work as long.
        seconds_per_image: Wall time added for each image.
        open_files: Most files open at once.

    Example:
        >>> Isolation(seconds=60).wall_time(images=10)
        80.0
    """

    memory: int = MEMORY
    seconds: float = SECONDS
    seconds_per_image: float = SECONDS_PER_IMAGE
    open_files: int = OPEN_FILES

    def wall_time(self, images: int) -> float:
        """Return the seconds that `images` images may take."""
        return self.seconds + images * self.seconds_per_image


def require_limits() -> None:
    """Refuse Windows, which cannot limit a process."""
    if sys.platform == "win32":
        raise MachineError(
            "Expected a system that can limit what a process uses (Linux, macOS); Windows cannot. "
            "Nothing was loaded. Leave out --isolate, or use WSL."
        )


def limit_this_process(isolation: Isolation, *, images: int) -> None:
    """Limit this process for good; it cannot raise its limits again."""
    if sys.platform == "win32":
        require_limits()
    else:
        import resource

        cores = os.cpu_count() or 1
        seconds = int(isolation.wall_time(images) * cores) + 1
        for kind, most in (
            (resource.RLIMIT_DATA, isolation.memory + MEMORY_PER_CORE * cores),
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_NOFILE, isolation.open_files),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            _, hard = resource.getrlimit(kind)
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (least, least))


@contextmanager
def bare_folder() -> Iterator[Path]:
    """Make a read-only folder with Keras's settings, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="imgclass-") as made:
        folder = Path(made)
        (folder / "keras.json").write_text(_keras_settings(), encoding="utf-8")
        folder.chmod(0o500)
        try:
            yield folder
        finally:
            folder.chmod(0o700)


def bare_environment(folder: Path) -> dict[str, str]:
    """Return the process's environment; `folder` is its home, `TMPDIR`, `KERAS_HOME`."""
    paths = [str(Path(__file__).parents[2])]
    paths += [
        p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if Path(p).is_absolute()
    ]
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    if (keras := sys.modules.get("keras")) is not None:
        passed["KERAS_BACKEND"] = keras.config.backend()
    return passed | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "KERAS_HOME": str(folder),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def _keras_settings() -> str:
    """Return this process's settings of Keras, as `keras.json`."""
    if (keras := sys.modules.get("keras")) is not None:
        config = keras.config
        settings = {
            "backend": config.backend(),
            "floatx": config.floatx(),
            "epsilon": config.epsilon(),
            "image_data_format": config.image_data_format(),
        }
        return json.dumps(settings)
    home = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser()
    with suppress(OSError, ValueError):  # Keras ignores an unreadable file, too
        return read_text(home / "keras.json", limit=LARGEST_SETTINGS, links=True)
    return "{}"
