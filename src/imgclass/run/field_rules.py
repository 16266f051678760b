"""What the files of a run may contain, whoever made them: sizes, class names, diagnoses."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from imgclass.data.manifest import Manifest, read_manifest
from imgclass.diagnosis.diagnosis import Diagnosis
from imgclass.errors import DatasetError, RunError
from imgclass.formatting import shown_value
from imgclass.serialization import read_json

# Bytes. 0.1.0 wrote the confusion matrices of 1,000 classes as 33 MB of text.
LARGEST_SCORES = 36 * 2**20
# At 200 bytes an image, the 1.3 million images of ImageNet take half of it.
LARGEST_TABLE = 2**29
# At 200 bytes an epoch: 80,000 epochs.
LARGEST_HISTORY = 16 * 2**20

# Characters of a text of run.json: the reason may be an error of TensorFlow with its graph.
LONGEST_REASON = 1_000_000
MOST_FACTS = 1000  # entries of an environment; imgclass writes 15
MOST_ITEMS = 100  # findings, and sentences and experiments of one; there are about ten
ROUNDING = 1e-4  # a float32 probability may exceed 1 by this
MOST_CLASSES = 10_000  # as many as a CSV of labels may have
LONGEST_NAME = 255  # characters of a class name; a folder's name has at most 255 bytes


@contextmanager
def damage_named(root: Path) -> Iterator[None]:
    """Turn an error about a file into a RunError that names the run."""
    try:
        yield
    except RunError:
        raise
    except (OSError, ValueError, DatasetError) as error:
        raise RunError(f"The run {root} is incomplete or damaged: {words_of(error)}") from error


def words_of(error: Exception) -> str:
    """Return an error's message without the system's number.

    Example:
        >>> words_of(FileNotFoundError(2, "No such file or directory", "run.json"))
        'run.json: No such file or directory.'
    """
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}."
    return str(error)


def require_class_names(names: Sequence[str], at: str) -> None:
    """Refuse class names that are too many, too long, empty or repeated.

    Example:
        >>> require_class_names(("cat", "dog", "cat"), "run.json: class_names")
        Traceback (most recent call last):
        ValueError: run.json: class_names[2]: expected each class once; received 'cat' again.
    """
    if not 0 < len(names) <= MOST_CLASSES:
        raise ValueError(f"{at}: expected 1 to {MOST_CLASSES:,} classes; received {len(names):,}.")
    seen: set[str] = set()
    for i, name in enumerate(names):
        if not 0 < len(name) <= LONGEST_NAME or "\0" in name:
            raise ValueError(
                f"{at}[{i}]: expected a name of 1 to {LONGEST_NAME} characters; received "
                f"{shown_value(name)}, of {len(name):,}."
            )
        if name in seen:
            raise ValueError(f"{at}[{i}]: expected each class once; received {name!r} again.")
        seen.add(name)


def read_own_manifest(path: Path, class_names: tuple[str, ...]) -> Manifest:
    """Read a run's manifest, which has images of each class and of no other."""
    manifest = read_manifest(path, class_names, limit=LARGEST_TABLE, links=False)
    labels = {sample.label for sample in manifest.samples}
    if strange := labels.difference(class_names):
        raise ValueError(
            f"{path}: expected images of the run's classes; received the label "
            f"{shown_value(min(strange))}."
        )
    if lacking := set(class_names) - labels:
        raise ValueError(
            f"{path}: expected images of each of the run's {len(class_names):,} classes; there is "
            f"none of {shown_value(min(lacking))}."
        )
    return manifest


def read_diagnosis(path: Path) -> Diagnosis:
    """Read a `diagnosis.json` whose lists have at most `MOST_ITEMS`."""
    diagnosis = read_json(Diagnosis, path)
    lists = [("findings", len(diagnosis.findings)), ("not_judged", len(diagnosis.not_judged))]
    for i, finding in enumerate(diagnosis.findings):
        lists.append((f"findings[{i}].advice", len(finding.advice)))
        lists.append((f"findings[{i}].recommendations", len(finding.recommendations)))
        lists += [(f"findings[{i}].changes", len(r.changes)) for r in finding.recommendations]
    for place, length in lists:
        if length > MOST_ITEMS:
            raise ValueError(
                f"{path}: {place}: expected at most {MOST_ITEMS} items; received {length:,}."
            )
    return diagnosis
