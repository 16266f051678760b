"""The study says each of the notebook's experiments exactly as it was, and runs."""

import runpy
from pathlib import Path

import pytest

pytestmark = pytest.mark.keras

STUDY = Path(__file__).parents[1] / "examples" / "reference_study.py"

FIVE, SIX = (1024, 512, 256, 128, 64), (1024, 512, 256, 128, 64, 32)
# number: network, trainable, pooling, dense units, (rate, the units it follows), batch, test
NOTEBOOK = {
    1: ("vgg16", False, "Average", (256, 64), None, 64, 0.6296),
    2: ("vgg16", True, "Average", (256, 64), (0.2, 256), 64, 0.8020),
    3: ("vgg16", True, "Max", FIVE, None, 256, 0.8232),
    4: ("vgg16", True, "Max", FIVE, (0.05, 256), 256, 0.8108),
    5: ("vgg19", True, "Max", FIVE, None, 256, 0.7968),
    6: ("vgg16", True, "Max", SIX, None, 256, 0.8020),
    7: ("vgg16", True, "Max", SIX, (0.1, 128), 256, 0.7980),
}


@pytest.fixture(scope="module")
def study():
    return runpy.run_path(str(STUDY))


@pytest.mark.parametrize("number", NOTEBOOK)
def test_an_experiment_builds_what_the_notebook_describes(study, number):
    from dataclasses import replace

    from imgclass import architectures

    network, trainable, pooling, units, dropout, batch, test = NOTEBOOK[number]
    experiment, _, accuracy = study["STUDY"][number]
    assert (experiment.architecture, experiment.spec.weights) == (network, "imagenet")
    spec = replace(experiment.spec, weights=None)
    layers = architectures[network](spec, 10).layers
    names = [layer.name for layer in layers]
    convolutions = [layer for layer in layers if "conv" in layer.name]
    assert len(convolutions) == {"vgg16": 13, "vgg19": 16}[network]
    assert {layer.trainable for layer in convolutions} == {trainable}
    assert type(layers[names.index("pool")]).__name__ == f"Global{pooling}Pooling2D"
    head = tuple(layer.units for layer in layers if layer.name.startswith("head"))
    place = names.index("dropout") if "dropout" in names else 0
    found = (layers[place].rate, layers[place - 1].units) if place else None
    assert (head, found, accuracy) == (units, dropout, test)
    training = experiment.training
    assert (training.batch_size, training.epochs, training.patience) == (batch, 20, 50)
    assert (training.optimizer, training.learning_rate) == ("adam", 1e-3)
    assert (training.schedule, training.label_smoothing) == ("constant", 0)
    assert experiment.augmentation.is_identity
    assert spec.image_size == (32, 32)


def test_what_its_author_asked_for_are_one_change_each_and_then_all(study):
    best = study["STUDY"][3][0]
    changes = {n: study["STUDY"][n][0].changes_from(best) for n in (8, 9, 10, 11)}
    assert {name.partition(".")[0] for name in changes[8]} == {"augmentation"}
    assert list(changes[9]) == ["spec.l2"]
    assert list(changes[10]) == ["spec.dropout"]
    assert changes[11] == changes[8] | changes[9] | changes[10]


def test_the_study_runs_small_and_prints_its_figures_beside_the_notebooks(run_python, tmp_path):
    done = run_python(STUDY, "--only", "1", "--images", "70", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "|     -    0.6296" in done.stdout
    assert "chosen on val: 1, 0." in done.stdout
    assert (tmp_path / "reference_study" / "experiment-1-seed-0" / "model.keras").is_file()
