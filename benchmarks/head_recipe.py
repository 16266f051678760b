"""Label smoothing over a frozen backbone: val accuracy with and without it.

    python benchmarks/head_recipe.py PHOTOS [--seeds 0 1 2] [--smoothing 0.1] [--side 224]

PHOTOS is a tree with `train/` and `val/`, or of class folders. `efficientnet_lite0` is frozen and
its features are computed once; then the head is trained with each seed, without smoothing and with
it. Its weights are in the extra `pretrained`.
"""

import argparse
from pathlib import Path

from machine import describe_machine

from imgclass import Experiment, ImageFolder, ModelSpec, Trainer, TrainingConfig, evaluate
from imgclass.evaluation import Score
from imgclass.execution.preparation import open_experiment_flows
from imgclass.flows import Flows
from imgclass.models.builder import build_model
from imgclass.training.hardware import building


def main() -> None:
    """Train with each seed and each smoothing, and print the accuracies on val."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--side", type=int, default=224)
    options = parser.parse_args()
    print(describe_machine(), flush=True)
    folder = ImageFolder.open(options.photos)
    for smoothing in (0.0, options.smoothing):
        for seed in options.seeds:
            experiment = Experiment(
                architecture="efficientnet_lite0",
                spec=ModelSpec(image_size=options.side, trainable=False),
                training=TrainingConfig(label_smoothing=smoothing, seed=seed),
            ).resolve(folder)
            flows = open_experiment_flows(folder, experiment)
            print(
                f"smoothing {smoothing}, seed {seed}: val {trained(flows, experiment)}", flush=True
            )


def trained(flows: Flows, experiment: Experiment) -> Score:
    """Train a head, and return its score on val."""
    config = experiment.training
    with building(precision=config.precision, seed=config.seed):
        model = build_model(
            experiment.architecture, experiment.spec, num_classes=len(flows.class_names)
        )
    Trainer(config, progress=False).fit(model, flows)
    return evaluate(model, flows).val


if __name__ == "__main__":
    main()
