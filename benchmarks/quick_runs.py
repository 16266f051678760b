"""Runs of small trainings, hundreds of them: without what takes most of their time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

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
    """Leave out the check that another process can load the model, and the report's heat maps."""
    from imgclass.execution import experiments, mistake_maps

    class Unchecked:
        def begin(self, path: Path, model: Any) -> None: ...
        def require_same(self, model: Any) -> None: ...

    @contextmanager
    def none() -> Iterator[Unchecked]:
        yield Unchecked()

    with (
        patch.object(experiments, "reload_check", none),
        patch.object(mistake_maps, "_maps", lambda *_: ()),
    ):
        yield
