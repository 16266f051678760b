"""The checks as a whole: a file of a model or weights does no harm when Keras reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imgclass.errors import ModelFileError
from imgclass.formatting import cut
from imgclass.io.regular_file import open_regular
from imgclass.models.preflight.archive import CONFIG, LARGEST, Archive, Span, open_archive
from imgclass.models.preflight.configuration import require_harmless_config
from imgclass.models.preflight.hdf5 import HeldWeights, require_plain_weights
from imgclass.models.preflight.objects import Objects
from imgclass.models.preflight.plain_json import parse
from imgclass.models.preflight.refusal import Refused

LONGEST = 400  # characters of the reason, and of the file's name
TRUST = (
    "If you trust whoever made it, load it with trust=True (--trust); it may then run their code."
)
SAVE_AGAIN = (
    "If you trust whoever made it, load it into a model with Keras, and save its weights again "
    "(model.save_weights)."
)
_WEIGHTS_FILES = (".keras", ".h5", ".hdf5")


def require_harmless(path: Path, *, trusted_modules: frozenset[str] = frozenset()) -> None:
    """Require a `.keras` file that names only Keras's own layers and has the data it declares.

    The check is plain Python, runs before Keras is imported, and imports nothing that the file
    names. It is no sandbox: afterwards the C code of HDF5 reads the file. A link is refused. Layers
    that this process or a trusted module has registered may be named. A `ModelFileError` names the
    place in the file.
    """
    with refusing(path):
        if path.suffix != ".keras":  # Keras decides by the name in which format it reads
            raise Refused("Models are read from files named .keras.")
        with open_archive(path) as archive:
            _require_model(archive, trusted_modules)


def require_harmless_weights(path: Path) -> None:
    """Require a file of weights, or a link to one, that has only plain arrays with all their data.

    A `ModelFileError` names the place in the file.
    """
    with refusing(path, remedy=SAVE_AGAIN):
        if not path.name.endswith(_WEIGHTS_FILES):  # Keras reads .json, which names other files
            raise Refused(f"Weights are read from files named {', '.join(_WEIGHTS_FILES)}.")
        if path.name.endswith(".keras"):
            with open_archive(path.resolve()) as archive:
                require_plain_weights(archive.file, archive.weights)
            return
        with open_regular(path) as file:
            size = file.seek(0, 2)
            if size > LARGEST:
                raise Refused(f"It has {size:,} bytes; at most {LARGEST:,} are read.")
            require_plain_weights(file, Span(0, size))


def find_fault(path: Path) -> str:
    """Return why a `.keras` file would be refused; empty if it would not be."""
    try:
        require_harmless(path)
    except ModelFileError as error:
        return str(error.__cause__)
    return ""


@contextmanager
def refusing(path: Path, *, remedy: str = TRUST) -> Iterator[None]:
    """Turn `Refused` or an OSError into a `ModelFileError` with the file and what to do."""
    try:
        yield
    except (Refused, OSError) as error:
        fault = str(error)
        if isinstance(error, OSError):
            fault = f"It cannot be read: {error.strerror or error}."
        fault = cut(f"{fault[:1].upper()}{fault[1:]}", LONGEST)
        raise ModelFileError(f"Refused {cut(str(path), LONGEST)}: {fault} {remedy}") from error


def _require_model(archive: Archive, trusted_modules: frozenset[str]) -> None:
    config = parse(archive.read(CONFIG), member=CONFIG)
    held = require_plain_weights(archive.file, archive.weights)
    cost = require_harmless_config(config, Objects(trusted_modules))
    _require_held(cost.parameters, held)
    archive.require_sum()


def _require_held(parameters: int, held: HeldWeights) -> None:
    if parameters > held.values:
        raise Refused(
            f"Its layers have {parameters:,} parameters; its weights are {held.values:,} numbers."
        )
