"""The verb that trains: train."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from imgclass.cli.options import Json, image_size_of, layers_of, names_of, units_of
from imgclass.cli.output import emit, note
from imgclass.cli.plugins import NoPlugins
from imgclass.cli.results_of_training import (
    resume_and_report,
    run_and_report,
    run_payload,
    run_text,
)
from imgclass.errors import UsageError
from imgclass.models.spec import OPTIMIZERS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from imgclass.experiment import Experiment
    from imgclass.run import Run

T = TypeVar("T", bound="DataclassInstance")


def train(  # noqa: PLR0913 - typer makes an option of each parameter
    data: Annotated[
        Path | None,
        typer.Argument(
            help="A folder that `organize` made, or one like it; with --resume where it was moved."
        ),
    ] = None,
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
    resize: Annotated[
        Literal["stretch", "crop", "pad"] | None, typer.Option(help="How images are brought to it.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the images.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images a step.")] = None,
    optimizer: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"One of {', '.join(OPTIMIZERS)}.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak of the schedule.")] = None,
    schedule: Annotated[
        Literal["one_cycle", "constant"] | None, typer.Option(help="Of the learning rate.")
    ] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Decoupled weight decay.")] = None,
    loss: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of keras.losses; cross-entropy by default.")
    ] = None,
    label_smoothing: Annotated[float | None, typer.Option(help="0 to below 1.")] = None,
    metrics: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="Of keras.metrics, beside accuracy."),
    ] = None,
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
        typer.Option("--tta/--no-tta", help="Predict from an image and its mirror image, too."),
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
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="Go on with a run that was ended, or give a finished one --epochs."
        ),
    ] = None,
    other_versions: Annotated[
        bool, typer.Option("--other-versions", help="Resume with packages of other versions.")
    ] = False,
    no_plugins: NoPlugins = None,
    json: Json = False,
) -> None:
    """Train, score, diagnose, and keep it all in a run directory."""
    del no_plugins  # its callback has done the work
    base, parent = _resumed(resume, run_dir, follow) if resume else _recommended(follow)
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
            loss=loss,
            label_smoothing=label_smoothing,
            metrics=names_of(metrics),
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
        resize=resize,
        pipeline=pipeline,
        augmentation=_preset(augment),
        tta=tta,
    )
    if resume is not None:
        assert parent is not None
        run = resume_and_report(
            parent,
            experiment,
            data=data,
            target_accuracy=target_accuracy,
            other_versions=other_versions,
        )
    elif data is None:
        raise UsageError(
            "Expected a data set to train on, or a run to go on with; received neither. "
            "imgclass train DATA, or imgclass train --resume RUN."
        )
    else:
        run = run_and_report(
            data, experiment, run_dir=run_dir, target_accuracy=target_accuracy, parent=parent
        )
    emit(run_payload(run), run_text(run), as_json=json)


def _recommended(follow: Path | None) -> "tuple[Experiment, Run | None]":
    from imgclass.experiment import Experiment

    if follow is None:
        return Experiment(), None
    from imgclass.run import Run

    parent = Run.load(follow)
    recommendation = parent.diagnosis.recommendation
    if recommendation is None:
        raise UsageError(f"Expected a run that recommends an experiment; {follow} recommends none.")
    note(f"following {follow}: {', '.join(recommendation.changes)}")
    return recommendation.experiment, parent


def _resumed(run: Path, run_dir: Path | None, follow: Path | None) -> "tuple[Experiment, Run]":
    from imgclass.run import Run

    for option, value in (("--run-dir", run_dir), ("--follow", follow)):
        if value is not None:
            raise UsageError(
                f"Expected --resume without {option}, since a run goes on in its own directory; "
                f"received both. Leave one out."
            )
    loaded = Run.load(run)
    return loaded.experiment, loaded


def _changed(value: T, **options: object) -> T:
    given: Mapping[str, Any] = {name: item for name, item in options.items() if item is not None}
    return replace(value, **given)


def _preset(name: str | None) -> object:
    from imgclass.flows.augmentation import PRESETS

    if name is not None and name not in PRESETS:
        raise UsageError(f"Expected --augment {', '.join(PRESETS)}; received {name!r}.")
    return None if name is None else PRESETS[name]
