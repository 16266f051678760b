"""Runs of small trainings, hundreds of them: without the check that the model can be loaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imgclass import Experiment, Run, run_experiment
from imgclass.errors import ImgclassError


def trained(folder: Any, experiment: Experiment, place: Path) -> Run:
    """Run an experiment; one that fails is loaded as far as it came."""
    try:
        return run_experiment(folder, experiment, run_dir=place, progress=False)
    except ImgclassError:
        return Run.load(place)


@contextmanager
def unchecked() -> Iterator[None]:
    """Leave out the check that another process can load the model: it takes most of the time."""
    from imgclass.execution import experiments

    class Unchecked:
        def begin(self, path: Path, model: Any) -> None: ...
        def require_same(self, model: Any) -> None: ...

    @contextmanager
    def none() -> Iterator[Unchecked]:
        yield Unchecked()

    usual = experiments.reload_check
    experiments.reload_check = none  # type: ignore[assignment]  # quacks alike
    try:
        yield
    finally:
        experiments.reload_check = usual
