"""The verbs that train: architectures, train, demo."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from imgclass.cli.data import manifest_text
from imgclass.cli.options import image_size_of, layers_of, units_of
from imgclass.cli.output import emit, note, table
from imgclass.cli.plugins import NoPlugins
from imgclass.cli.results import diagnosis_text, finding_payload
from imgclass.errors import UsageError
from imgclass.models.spec import Optimizer
from imgclass.text import percent, percent_range

if TYPE_CHECKING:
    from imgclass.evaluation import Score
    from imgclass.experiment import Experiment
    from imgclass.run import Run

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def architectures(*, no_plugins: NoPlugins = None, json: Json = False) -> None:
    """List the architectures that can be trained."""
    from imgclass.models import architectures as registry

    del no_plugins  # its callback has done the work
    found = {name: registry.claims(name) for name in registry.names()}
    payload = {
        "architectures": [
            {"name": name, "distribution": o.distribution, "version": o.version, "target": o.target}
            for name, origins in found.items()
            for o in origins
        ]
    }
    rows = [("name", "package", "version")]
    rows += [(name, o.distribution, o.version) for name, os in found.items() for o in os]
    emit(payload, table(rows), as_json=json)


def train(  # noqa: PLR0913 - an option for every field that people turn
    data: Annotated[Path, typer.Argument(help="A folder that `organize` made, or one like it.")],
    *,
    architecture: Annotated[str | None, typer.Option(help="A name of `architectures`.")] = None,
    depth: Annotated[int | None, typer.Option(help="Stages, or dense layers of a head.")] = None,
    width: Annotated[int | None, typer.Option(help="Filters or units of the first.")] = None,
    dropout: Annotated[float | None, typer.Option(help="Rate before the classifier.")] = None,
    dropout_after: Annotated[
        int | None, typer.Option(metavar="N", help="Dense layer that it follows instead, from 1.")
    ] = None,
    l2: Annotated[float | None, typer.Option("--l2", help="L2 penalty on kernels.")] = None,
    weights: Annotated[str | None, typer.Option(help="'imagenet' or a weights file.")] = None,
    frozen: Annotated[
        bool | None, typer.Option("--frozen/--trainable", help="Whether the backbone learns.")
    ] = None,
    pooling: Annotated[Literal["avg", "max"] | None, typer.Option(help="Of the head.")] = None,
    head_units: Annotated[
        str | None, typer.Option(metavar="N,N,...", help="Units of each dense layer.")
    ] = None,
    image_size: Annotated[
        str | None, typer.Option(metavar="N|H,W", help="Pixels; the data's median by default.")
    ] = None,
    fit: Annotated[
        Literal["stretch", "crop", "pad"] | None, typer.Option(help="How images are fitted to it.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the images.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images a step.")] = None,
    optimizer: Annotated[Optimizer | None, typer.Option(help="The optimizer.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak of the schedule.")] = None,
    schedule: Annotated[
        Literal["one_cycle", "constant"] | None, typer.Option(help="Of the learning rate.")
    ] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Decoupled weight decay.")] = None,
    label_smoothing: Annotated[float | None, typer.Option(help="0 to below 1.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without progress.")] = None,
    head_epochs: Annotated[
        int | None, typer.Option(metavar="N", help="First epochs, in which only the head learns.")
    ] = None,
    unfreeze: Annotated[
        str | None,
        typer.Option(metavar="LAYER|N", help="Then the backbone learns from here, or its last N."),
    ] = None,
    fine_tune_rate: Annotated[
        float | None, typer.Option(metavar="X", help="Learning rate after the head's epochs.")
    ] = None,
    precision: Annotated[
        Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"] | None,
        typer.Option(help="Arithmetic; auto suits the machine."),
    ] = None,
    augment: Annotated[
        str | None, typer.Option(metavar="PRESET", help="none, flip, light, medium or strong.")
    ] = None,
    pipeline: Annotated[
        Literal["cached", "generator"] | None, typer.Option(help="How images are fed.")
    ] = None,
    tta: Annotated[
        bool | None,
        typer.Option("--tta/--no-tta", help="Predict from an image and its mirror image."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Decides everything random.")] = None,
    run_dir: Annotated[
        Path | None, typer.Option(help="A new directory; runs/<architecture>-<number> by default.")
    ] = None,
    target_accuracy: Annotated[
        float, typer.Option(min=0, max=1, help="What is good enough, in 0-1.")
    ] = 0.95,
    follow: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Start from what this run recommends.")
    ] = None,
    no_plugins: NoPlugins = None,
    json: Json = False,
) -> None:
    """Train, score, diagnose, and keep it all in a run directory."""
    del no_plugins  # its callback has done the work
    base = _recommended(follow)
    experiment = replace(
        base,
        spec=_changed(
            base.spec,
            depth=depth,
            width=width,
            dropout=dropout,
            dropout_after=dropout_after,
            l2=l2,
            weights=weights,
            trainable=None if frozen is None else not frozen,
            pooling=pooling,
            head_units=units_of(head_units),
            image_size=image_size_of(image_size),
        ),
        training=_changed(
            base.training,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            schedule=schedule,
            weight_decay=weight_decay,
            label_smoothing=label_smoothing,
            patience=patience,
            head_epochs=head_epochs,
            unfreeze=layers_of(unfreeze),
            fine_tune_rate=fine_tune_rate,
            precision=precision,
            seed=seed,
        ),
    )
    experiment = _changed(
        experiment,
        architecture=architecture,
        fit=fit,
        pipeline=pipeline,
        augmentation=_preset(augment),
        tta=tta,
    )
    run = run_and_report(data, experiment, run_dir=run_dir, target_accuracy=target_accuracy)
    emit(_run_payload(run), _run_text(run), as_json=json)


def demo(
    *,
    out: Annotated[Path, typer.Option(help="Where everything is put.")] = Path("demo"),
    json: Json = False,
) -> None:
    """Run the main job on embedded pictures of digits."""
    from imgclass.data.organizing.organizer import DatasetOrganizer
    from imgclass.data.samples import write_digits
    from imgclass.experiment import Experiment
    from imgclass.flows.augmentation import Augmentation
    from imgclass.pipeline import next_run_dir
    from imgclass.training.config import TrainingConfig

    source, data = out / "source", out / "digits"
    if not source.exists():
        write_digits(source)
    note(f"organize {source / 'labels.csv'} {source / 'images'} {data}")
    folder = DatasetOrganizer(val=0.15, test=0.15).organize(
        source / "labels.csv", source / "images", data
    )
    note(f"\n{manifest_text(folder.manifest)}\n\ntrain {data}")
    # Digits are not flipped: a mirrored 2 is no 2. They are small, so a shift of a pixel is large.
    shift = Augmentation(width_shift_range=0.1, height_shift_range=0.1)
    experiment = Experiment(training=TrainingConfig(epochs=12), augmentation=shift)
    run = run_and_report(data, experiment, run_dir=next_run_dir("cnn", parent=out / "runs"))
    emit(_run_payload(run), _run_text(run), as_json=json)


def run_and_report(
    data: Path, experiment: "Experiment", *, run_dir: Path | None, target_accuracy: float = 0.95
) -> "Run":
    """Run an experiment and write its report beside it."""
    from imgclass.data.folder import ImageFolder
    from imgclass.diagnosis import Diagnoser
    from imgclass.models import architectures as registry
    from imgclass.pipeline import run_experiment
    from imgclass.report import write_report
    from imgclass.training.quiet import load_keras_quietly

    folder = ImageFolder.open(data)
    registry.origin(experiment.architecture)  # a name that is wrong is said before the wait
    load_keras_quietly()
    diagnoser = Diagnoser(target_accuracy=target_accuracy)
    run = run_experiment(folder, experiment, run_dir=run_dir, diagnoser=diagnoser)
    write_report(run)
    return run


def _recommended(follow: Path | None) -> "Experiment":
    from imgclass.experiment import Experiment

    if follow is None:
        return Experiment()
    from imgclass.run import Run

    recommendation = Run.load(follow).diagnosis.recommendation
    if recommendation is None:
        raise UsageError(f"Expected a run that recommends an experiment; {follow} recommends none.")
    note(f"following {follow}: {', '.join(recommendation.changes)}")
    return recommendation.experiment


def _changed(value: T, **options: object) -> T:
    given: Mapping[str, Any] = {name: item for name, item in options.items() if item is not None}
    return replace(value, **given)  # type: ignore[type-var]


def _preset(name: str | None) -> object:
    from imgclass.flows.augmentation import PRESETS

    if name is not None and name not in PRESETS:
        raise UsageError(f"Expected --augment {', '.join(PRESETS)}; received {name!r}.")
    return None if name is None else PRESETS[name]


def _run_payload(run: "Run") -> dict[str, Any]:
    scores = dict.fromkeys(("train", "val", "test")) | run.evaluation.scores
    return {
        "run_dir": str(run.path),
        "architecture": run.experiment.architecture,
        "epochs": len(run.history.epochs),
        "seconds": run.history.seconds,
        **{split: score and _score_payload(score) for split, score in scores.items()},
        "findings": [finding_payload(finding) for finding in run.diagnosis.findings],
        "report": str(run.path / "report.html"),
    }


def _score_payload(score: "Score") -> dict[str, Any]:
    return {"accuracy": score.accuracy, "interval": list(score.interval), "n": score.n}


def _run_text(run: "Run") -> str:
    rows = [("split", "images", "accuracy", "95 % interval")]
    for split, score in run.evaluation.scores.items():
        interval = percent_range(score.interval)
        rows.append((split, f"{score.n:,}", percent(score.accuracy), interval))
    trained = f"{len(run.history.epochs)} epochs in {run.history.seconds:.0f} s"
    return "\n\n".join(
        (
            f"{run.experiment.architecture}, {trained}",
            table(rows),
            diagnosis_text(run.diagnosis),
            f"run     {run.path}\nreport  {run.path / 'report.html'}",
        )
    )
