"""The main job, top to bottom: a data set and an experiment go in, a run comes out."""

import os
import platform
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import importlib_metadata

from imgclass import models
from imgclass.data.folder import ImageFolder
from imgclass.diagnosis import Diagnoser, Evidence
from imgclass.evaluation import evaluate
from imgclass.experiment import Experiment
from imgclass.flows import median_image_size
from imgclass.models import ArchitectureInfo, architectures
from imgclass.run import Run, require_new, save_run

RUNS = Path("runs")
PACKAGES = ("imgclass-keras", "keras", "tensorflow", "numpy", "pandas", "pillow", "scipy")


def run_experiment(
    folder: ImageFolder | str | os.PathLike[str],
    experiment: Experiment | None = None,
    *,
    run_dir: str | os.PathLike[str] | None = None,
    diagnoser: Diagnoser | None = None,
    callbacks: Sequence[Any] = (),
    progress: bool = True,
) -> Run:
    """Train, evaluate and diagnose one experiment, and keep everything in a run directory.

    Args:
        folder: A data set that the organizer made, or any `{train,val,test}/<class>/` tree.
        experiment: What to run; the defaults when not given.
        run_dir: A new directory; `runs/<architecture>-<number>` when not given.
        diagnoser: Holds the target; the default one when not given.
        callbacks: `keras.callbacks.Callback` objects of your own.
        progress: Whether to show progress on standard error.

    Raises:
        DatasetError: The folder cannot be trained on.
        UnknownNameError: The architecture is not in the registry.
        PluginError: The architecture's package is broken, or what it builds breaks the contract.
        RunError: `run_dir` exists.
        TrainingError: Training could not give a usable model.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from imgclass import DatasetOrganizer, ModelSpec, TrainingConfig
        >>> from imgclass.data.samples import write_digits
        >>> quick = Experiment(spec=ModelSpec(depth=1), training=TrainingConfig(epochs=1))
        >>> with TemporaryDirectory() as out:  # doctest: +KERAS
        ...     labels, images = write_digits(f"{out}/source")
        ...     folder = DatasetOrganizer().organize(labels, images, f"{out}/data")
        ...     run = run_experiment(folder, quick, run_dir=f"{out}/run", progress=False)
        ...     digit = run.predict(images / "1.png")
        >>> run.evaluation.test.n, len(digit[0].top)  # doctest: +KERAS
        (180, 10)
    """
    folder = folder if isinstance(folder, ImageFolder) else ImageFolder.open(folder)
    experiment = experiment or Experiment()
    path = Path(run_dir) if run_dir is not None else next_run_dir(experiment.architecture)
    require_new(path)
    architectures.origin(experiment.architecture)

    # What can be refused at once has been; importing Keras takes seconds.
    from imgclass.flows import open_flows
    from imgclass.models.building import build_model
    from imgclass.models.mirroring import average_mirrored
    from imgclass.training import Trainer
    from imgclass.training.hardware import building

    info = architectures.describe(experiment.architecture).info
    experiment = _complete(experiment, info, folder)
    training, spec = experiment.training, experiment.spec
    assert training.batch_size is not None
    flows = open_flows(
        folder,
        image_size=spec.image_size,
        batch_size=training.batch_size,
        augmentation=experiment.augmentation,
        pipeline=experiment.pipeline,
        fit=experiment.fit,
        seed=training.seed,
    )
    with building(precision=training.precision, seed=training.seed):
        model = build_model(experiment.architecture, spec, num_classes=len(flows.class_names))
    history = Trainer(training, callbacks=callbacks, progress=progress).fit(model, flows)
    if experiment.tta and experiment.augmentation.horizontal_flip:
        model = average_mirrored(model)
    evaluation = evaluate(model, flows)
    evidence = Evidence(experiment, history, evaluation.train, evaluation.val)
    run = Run(
        path=path,
        data=folder.root,
        experiment=experiment,
        manifest=folder.manifest,
        history=history,
        evaluation=evaluation,
        diagnosis=(diagnoser or Diagnoser()).diagnose(evidence),
        environment=describe_environment(training.precision),
    )
    save_run(run, model)
    return run


def next_run_dir(architecture: str, *, parent: Path = RUNS) -> Path:
    """Return the first of `parent/<architecture>-1`, `-2` ... that does not exist."""
    paths = (parent / f"{architecture}-{number}" for number in count(1))
    return next(path for path in paths if not path.exists())


def describe_environment(precision: str) -> dict[str, str]:
    """Return the versions, the processor and the precision that a run is made with."""
    from imgclass.training.hardware import choose_precision, describe_processor

    versions = {name: importlib_metadata.version(name) for name in PACKAGES}
    return {
        "python": platform.python_version(),
        **versions,
        "platform": platform.platform(),
        "processor": describe_processor(),
        "precision": choose_precision(precision),
    }


def _complete(experiment: Experiment, info: ArchitectureInfo, folder: ImageFolder) -> Experiment:
    """Fill in what the experiment leaves to the architecture and to the data."""
    from imgclass.training import recipe

    spec = models.filled_in(experiment.spec, info)
    return replace(
        experiment,
        spec=replace(spec, image_size=spec.image_size or median_image_size(folder.manifest)),
        training=recipe.filled_in(
            experiment.training, num_images=folder.counts["train"], optimizer=info.optimizer
        ),
    )
