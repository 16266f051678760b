"""Run directories whose files are hostile, or lead elsewhere."""

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.robustness.attacks_by_name import lambda_by_code
from benchmarks.robustness.strange_models import (
    METADATA,
    Attack,
    Pickled,
    Place,
    Plain,
    flatten,
    layer,
    model,
)
from imgclass.entry_points import LOCAL

MEGABYTE = 2**20
IN_A_PROCESS = {"distribution": LOCAL, "version": "", "target": "strange:net"}
DEEP = b"[" * 100_000 + b"]" * 100_000


def model_that_is_a_link(place: Place) -> Path:
    """The model is a link to one outside."""
    run = _run(place)
    _link(run / "model.keras", place.outside / "outside.keras")
    return run


def record_that_is_a_link(place: Place) -> Path:
    """The record is a link to one outside."""
    run = _run(place)
    shutil.copy(run / "run.json", place.outside / "run.json")
    _link(run / "run.json", place.outside / "run.json")
    return run


def manifest_that_is_a_link(place: Place) -> Path:
    """The list of images is a link to a text outside."""
    run = _run(place)
    _link(run / "manifest.csv", place.secret)
    return run


def model_that_is_a_pipe(place: Place) -> Path:
    """The model is a pipe that nobody writes to."""
    return _pipe(_run(place), "model.keras")


def record_that_is_a_pipe(place: Place) -> Path:
    """The record is a pipe that nobody writes to."""
    return _pipe(_run(place), "run.json")


def history_that_is_a_pipe(place: Place) -> Path:
    """The history is a pipe that nobody writes to."""
    return _pipe(_run(place), "history.csv")


def scores_that_are_a_device(place: Place) -> Path:
    """The scores are a link to a file without an end."""
    run = _run(place)
    _link(run / "evaluation.json", Path("/dev/zero"))
    return run


def class_name_of_a_megabyte(place: Place) -> Path:
    """A class whose name is a megabyte of terminal codes."""
    name = "\x1b[2J\x1b]0;gone\x07" * (MEGABYTE // 13)
    return _edit(_run(place), "run.json", lambda plain: plain | {"class_names": [name, "bee"]})


def setting_with_terminal_codes(place: Place) -> Path:
    """A setting that there is not, whose name would clear the screen."""
    return _edit(_run(place), "experiment.json", lambda plain: plain | {"\x1b[2J" * 1000: 1})


def image_size_of_100_000(place: Place) -> Path:
    """An image size of 100,000 in the settings."""

    def enlarged(plain: dict[str, Any]) -> dict[str, Any]:
        return plain | {"spec": plain["spec"] | {"image_size": [100_000, 100_000]}}

    return _edit(_run(place), "experiment.json", enlarged)


def more_classes_than_outputs(place: Place) -> Path:
    """A record that names one class more than the model tells apart."""
    names = ["ant", "bee", "cow"]
    return _edit(_run(place), "run.json", lambda plain: plain | {"class_names": names})


def settings_nested_deeply(place: Place) -> Path:
    """Settings that are nested 100,000 deep."""
    run = _run(place)
    (run / "experiment.json").write_bytes(b'{"architecture": ' + DEEP + b"}")
    return run


def record_nested_deeply(place: Place) -> Path:
    """The record, nested 100,000 deep."""
    run = _run(place)
    (run / "run.json").write_bytes(DEEP)
    return run


def record_of_ten_million_digits(place: Place) -> Path:
    """A record whose format is a number of ten million digits."""
    run = _run(place)
    text = (run / "run.json").read_text("utf-8")
    (run / "run.json").write_text(text.replace('"format": 2', '"format": ' + "2" * 10**7), "utf-8")
    return run


def record_of_a_gigabyte(place: Place) -> Path:
    """A record that is a gigabyte long, of which the disk holds nothing."""
    run = _run(place)
    os.truncate(run / "run.json", 10**9)
    return run


def pickled_probabilities(place: Place) -> Path:
    """Probabilities that are pickled objects."""
    run = _run(place)
    with np.load(run / "probabilities.npz") as kept:
        arrays = {name: np.array([Pickled(place.code)], dtype=object) for name in kept}
    np.savez(run / "probabilities.npz", **arrays)
    return run


def probabilities_that_declare_much(place: Place) -> Path:
    """Probabilities whose header declares a terabyte."""
    run = _run(place)
    with np.load(run / "probabilities.npz") as kept:
        names = list(kept)
    head = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 128)}
    np.lib.format.write_array_header_1_0(head, shape)
    with zipfile.ZipFile(run / "probabilities.npz", "w") as archive:
        for name in names:
            archive.writestr(f"{name}.npy", head.getvalue())
    return run


def metadata_that_name_a_module(place: Place) -> Path:
    """A model that names a module to import, which lies in the working directory."""
    return _naming(place, IN_A_PROCESS)


def metadata_that_name_a_module_as_ours(place: Place) -> Path:
    """The same, as if it were of this package."""
    return _naming(place, None)


def metadata_that_name_a_module_as_anothers(place: Place) -> Path:
    """The same, as if it were of another package that is installed."""
    return _naming(place, {"distribution": "numpy", "version": "1", "target": "strange:net"})


def metadata_that_name_a_module_of_python(place: Place) -> Path:
    """A model that names modules of Python, one of which opens a browser."""
    return _naming(place, None, modules=["antigravity", "this"])


def metadata_of_a_layer_in_the_working_directory(place: Place) -> Path:
    """The same with a layer that the module would register."""
    strange = layer("Strange", module="strange") | {"registered_name": "strange>Strange"}
    return _naming(place, IN_A_PROCESS, config=model(strange, flatten()))


def run_with_a_lambda(place: Place) -> Path:
    """A whole run whose model has code in it."""
    run = _run(place)
    shutil.move(lambda_by_code(place), run / "model.keras")
    return run


def _run(place: Place) -> Path:
    return Path(shutil.copytree(place.good, place.folder / "run"))


def _link(path: Path, target: Path) -> None:
    path.unlink()
    path.symlink_to(target)


def _pipe(run: Path, name: str) -> Path:
    (run / name).unlink()
    os.mkfifo(run / name)
    return run


def _edit(run: Path, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Path:
    plain = json.loads((run / name).read_text("utf-8"))
    (run / name).write_text(json.dumps(change(plain)), "utf-8")
    return run


def _naming(
    place: Place, origin: Any, *, modules: Any = ("strange",), config: Plain | None = None
) -> Path:
    (place.folder / "strange.py").write_text(place.code + "\n", encoding="utf-8")
    plain = json.loads(place.member(METADATA))
    plain["imgclass"]["modules"] = list(modules)
    if origin:
        plain["imgclass"]["origin"] = origin
    return place.write(config, metadata=plain)


BY_RUN = (
    Attack(model_that_is_a_link),
    Attack(record_that_is_a_link),
    Attack(manifest_that_is_a_link),
    Attack(model_that_is_a_pipe),
    Attack(record_that_is_a_pipe),
    Attack(history_that_is_a_pipe),
    Attack(scores_that_are_a_device),
    Attack(class_name_of_a_megabyte),
    Attack(setting_with_terminal_codes),
    Attack(image_size_of_100_000),
    Attack(more_classes_than_outputs),
    Attack(settings_nested_deeply),
    Attack(record_nested_deeply),
    Attack(record_of_ten_million_digits),
    Attack(record_of_a_gigabyte),
    Attack(pickled_probabilities),
    Attack(probabilities_that_declare_much),
    Attack(metadata_that_name_a_module, says="strange"),
    Attack(metadata_that_name_a_module_as_ours, says="strange"),
    Attack(metadata_that_name_a_module_as_anothers, says="strange"),
    Attack(metadata_that_name_a_module_of_python, says="antigravity"),
    Attack(metadata_of_a_layer_in_the_working_directory),
    Attack(run_with_a_lambda, says="Lambda"),
)
