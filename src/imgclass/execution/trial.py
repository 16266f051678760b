"""A trial: what an experiment costs on this machine, measured on a few images of the data set."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, zip_longest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import Manifest, Sample
from imgclass.execution.preparation import open_experiment_flows
from imgclass.execution.price import Costs
from imgclass.experiment import Experiment

BATCHES = 3  # of train images


def measure_costs(
    folder: ImageFolder, experiment: Experiment, *, goes_on: Callable[[Costs], bool]
) -> Costs:
    """Return what a resolved experiment costs, measured with a model that is then thrown away.

    Args:
        folder: The data set.
        experiment: With one phase or two.
        goes_on: Is told the costs of the first phase, and says whether to measure the second.
    """
    from imgclass.features.part import VIEWS
    from imgclass.models.builder import build_model
    from imgclass.training.hardware import building
    from imgclass.training.speed_trial import measure_speeds

    training, size = experiment.training, experiment.spec.image_size
    assert training.batch_size is not None
    assert size is not None
    began = time.perf_counter()
    with building(precision=training.precision, seed=training.seed):
        model = build_model(
            experiment.architecture, experiment.spec, num_classes=len(folder.class_names)
        )
    built = time.perf_counter()
    few = few_images(folder, BATCHES * training.batch_size)
    flows = open_experiment_flows(few, experiment)
    decoding = (time.perf_counter() - built) / len(few.manifest.samples)
    costs = Costs(
        building=built - began, decoding=decoding, pixels=size[0] * size[1], speeds=(), views=VIEWS
    )
    for speed in measure_speeds(training, model, flows):
        costs = replace(costs, speeds=(*costs.speeds, speed))
        if not goes_on(costs):
            break
    return costs


def few_images(folder: ImageFolder, train: int) -> ImageFolder:
    """Return the folder with about `train` train images of all classes, and a val image of each.

    Example:
        >>> from pathlib import Path
        >>> samples = [
        ...     Sample(f"{split}/{label}/{i}.png", label, split, "0" * 64, 8, 8, "")
        ...     for split in ("train", "val", "test") for label in "ab" for i in range(9)
        ... ]
        >>> folder = ImageFolder(Path(), Manifest(("a", "b"), tuple(samples)))
        >>> few_images(folder, 4).counts
        {'train': 4, 'val': 2, 'test': 0}
    """
    classes = len(folder.class_names)
    samples = (
        *_in_turns(folder.manifest, "train", max(train, classes)),
        *_in_turns(folder.manifest, "val", classes),
    )
    return replace(folder, manifest=Manifest(folder.class_names, samples))


def _in_turns(manifest: Manifest, split: str, most: int) -> tuple[Sample, ...]:
    """Return the first samples of a split, taking one of each class in turn."""
    by_class: dict[str, list[Sample]] = {name: [] for name in manifest.class_names}
    for sample in manifest.samples:
        if sample.split == split:
            by_class[sample.label].append(sample)
    turns: Iterator[Sample | None] = chain.from_iterable(zip_longest(*by_class.values()))
    return tuple(sample for sample in turns if sample is not None)[:most]
