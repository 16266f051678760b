"""A saved model, read once."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from imgclass.errors import RunError


@lru_cache(maxsize=4)
def load_model(path: Path) -> Any:
    """Return the `keras.Model` saved at `path`; a second call gives the same object.

    Raises:
        RunError: There is no model, or Keras cannot read it; nothing in it is executed.
    """
    if not path.is_file():
        raise RunError(f"Expected a saved model; there is no file {path}. Train again.")
    import keras

    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        raise RunError(
            f"The model {path} could not be read by Keras {keras.__version__}: {error}. "
            f"Its architecture's package may be missing, or the file damaged."
        ) from error
