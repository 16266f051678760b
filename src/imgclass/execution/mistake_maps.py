"""Keep heat maps of the surest mistakes in a run, for its report."""

import logging
from pathlib import Path

import numpy as np

from imgclass.errors import ImageError
from imgclass.evaluation import Evaluation
from imgclass.evaluation.mistakes import surest_mistakes
from imgclass.execution.job import Job
from imgclass.images.decoding import read_image
from imgclass.images.pixels import Pixels
from imgclass.images.resizing import resize_image
from imgclass.run.heat_maps_file import FORMAT, MOST, STRONGEST, HeatMap, HeatMaps

SECONDS = 5.0  # after which the maps that there are have to do


def keep_heat_maps(job: Job, evaluation: Evaluation) -> None:
    """Compute and write the heat maps of the mistakes on val that the model was surest of.

    They explain, and nothing rests on them: if they cannot be computed, that is logged, and the run
    goes on.

    Raises:
        MachineError: They cannot be written, and so could not what comes next.
    """
    try:
        maps = _maps(job, evaluation)
    except Exception:
        logging.getLogger(__name__).info("no heat maps of the mistakes", exc_info=True)
        maps = ()
    job.directory.keep_heat_maps(HeatMaps(FORMAT, maps))


def _maps(job: Job, evaluation: Evaluation) -> tuple[HeatMap, ...]:
    from imgclass.serving.attention import evidence_maps

    rows = surest_mistakes(evaluation.predictions, "val", most=MOST)
    images: list[tuple[str, str, str]] = list(
        zip(*(rows[name].tolist() for name in ("path", "label", "predicted")), strict=True)
    )
    read = [(image, _pixels(job, image[0])) for image in images]
    shown = [(image, pixels) for image, pixels in read if pixels is not None]
    if not shown:
        return ()
    place = {name: i for i, name in enumerate(job.flows.class_names)}
    found = evidence_maps(
        job.plain,
        np.stack([pixels for _, pixels in shown]),
        [place[predicted] for (_, _, predicted), _ in shown],
        [place[label] for (_, label, _), _ in shown],
        seconds=SECONDS,
    )
    return tuple(
        HeatMap(*image, tuple(tuple(map(int, line)) for line in np.rint(STRONGEST * values)))
        for (image, _), values in zip(shown, found, strict=False)
        if values is not None
    )


def _pixels(job: Job, path: str) -> Pixels | None:
    """Return an image as the model sees it; None if it cannot be read any more."""
    size = job.experiment.spec.image_size
    assert size is not None, "the experiment is resolved"
    try:
        return resize_image(
            read_image(Path(job.flows.root) / path), size, resize=job.experiment.resize
        )
    except ImageError:
        return None
