"""The verb `demo`."""

from pathlib import Path
from typing import Annotated

import typer

from imgclass.cli.options import Json
from imgclass.cli.organize_text import manifest_text
from imgclass.cli.output import emit, note
from imgclass.cli.reported_run import run_and_report
from imgclass.cli.summary import run_payload, run_text


def demo(
    *,
    out: Annotated[Path, typer.Option(help="The folder for everything that it makes.")] = Path(
        "demo"
    ),
    json: Json = False,
) -> None:
    """Organize, train and report on 1,797 embedded pictures of digits."""
    from imgclass.data.digits import write_digits
    from imgclass.data.organize.organizer import DatasetOrganizer
    from imgclass.experiment import Experiment
    from imgclass.flows import Augmentation
    from imgclass.run.claim import numbered
    from imgclass.training.config import TrainingConfig

    source, data = out / "source", out / "digits"
    if not source.exists():
        write_digits(source)
    note(f"organize {source / 'labels.csv'} {source / 'images'} {data}")
    folder = DatasetOrganizer(val=0.15, test=0.15).organize(
        source / "labels.csv", source / "images", data
    )
    note(f"\n{manifest_text(folder.manifest)}\n\ntrain {data}")
    # A mirrored 2 is no 2, so digits are not flipped.
    shift = Augmentation(width_shift_range=0.1, height_shift_range=0.1)
    experiment = Experiment(training=TrainingConfig(epochs=6), augmentation=shift)
    places = numbered("cnn", parent=out / "runs")
    run_dir = next(place for place in places if not place.exists())
    run = run_and_report(data, experiment, run_dir=run_dir)
    emit(run_payload(run), run_text(run), as_json=json)
