"""The checks as a whole: files of models and weights that do no harm when Keras reads them."""

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

LONGEST = 400  # characters of what is wrong; the file's name comes on top
TRUST = (
    "If you trust whoever made it, load it with trust=True (--trust); it may then run their code."
)
SAVE_AGAIN = (
    "If you trust whoever made it, load it into a model with Keras, and save its weights again "
    "(model.save_weights)."
)
_WEIGHTS_FILES = (".keras", ".h5", ".hdf5")


def require_harmless(path: Path, *, trusted_modules: frozenset[str] = frozenset()) -> None:
    """Require a `.keras` file that names nothing but Keras's own layers and holds what it declares.

    It is read in plain Python, before Keras is imported, and nothing that it names is imported.
    This is no sandbox: what passes is still read by the C code of HDF5.

    Args:
        path: The file; not a link to one.
        trusted_modules: Modules whose registered layers it may name, too. What is registered in
            this process already may be named anyway.

    Raises:
        ModelFileError: It breaks a rule; the message names the place in it.

    Example:
        >>> require_harmless(Path("no/model.keras"))
        Traceback (most recent call last):
        imgclass.errors.ModelFileError: Refused no/model.keras: It cannot be read: ...
    """
    with refusing(path):
        if path.suffix != ".keras":  # by its name alone, Keras would read it in another form
            raise Refused("Models are read from files named .keras.")
        with open_archive(path) as archive:
            _require_model(archive, trusted_modules)


def require_harmless_weights(path: Path) -> None:
    """Require a file of weights in which everything is a plain array that it holds.

    Args:
        path: A `.weights.h5`, `.h5` or `.keras` file, or a link to one.

    Raises:
        ModelFileError: It breaks a rule; the message names the place in it.

    Example:
        >>> require_harmless_weights(Path("weights.json"))
        Traceback (most recent call last):
        imgclass.errors.ModelFileError: Refused weights.json: Weights are read from files named ...
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
    """Return why a `.keras` file would be refused; empty where it would not.

    Example:
        >>> find_fault(Path("model.h5"))
        'Models are read from files named .keras.'
    """
    try:
        require_harmless(path)
    except ModelFileError as error:
        return str(error.__cause__)
    return ""


@contextmanager
def refusing(path: Path, *, remedy: str = TRUST) -> Iterator[None]:
    """Raise the local fact by which a file is refused again, with the file and what to do.

    Raises:
        ModelFileError: Instead of `Refused`, and of an error of the file system.
    """
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
