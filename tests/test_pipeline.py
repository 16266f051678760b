from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from imgclass import (
    Diagnoser,
    Experiment,
    ModelSpec,
    Run,
    TrainingConfig,
    architectures,
    run_experiment,
)
from imgclass.errors import DatasetError, RunError, UnknownNameError
from imgclass.flows.augmentation import PRESETS
from imgclass.pipeline import next_run_dir

QUICK = Experiment(
    spec=ModelSpec(depth=1, width=4),
    training=TrainingConfig(epochs=2, precision="float32"),
    augmentation=PRESETS["none"],
)


@pytest.fixture
def folder(tmp_path):
    """A class-directory tree of two classes told apart by brightness, made by hand."""
    rng = np.random.default_rng(0)
    for split, n in (("train", 24), ("val", 8), ("test", 8)):
        for i in range(n):
            path = tmp_path / "data" / split / ("dark", "light")[i % 2] / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 60, (8, 8, 3)) + 150 * (i % 2)
            Image.fromarray(pixels.astype("uint8")).save(path)
    return tmp_path / "data"


def run(folder, experiment=QUICK, **options):
    options = {"run_dir": folder.parent / "run", "progress": False} | options
    return run_experiment(folder, experiment, **options)


@pytest.mark.keras
@pytest.mark.parametrize("pipeline", ["cached", "generator"])
def test_a_folder_and_an_experiment_become_a_run_on_disk(folder, pipeline):
    made = run(folder, replace(QUICK, pipeline=pipeline))
    again = Run.load(made.path)
    assert again.experiment == made.experiment
    assert again.evaluation.test.n == 8
    assert len(again.evaluation.predictions) == 40
    assert set(again.evaluation.predictions["path"]) == {
        path.relative_to(folder).as_posix() for path in folder.rglob("*.png")
    }


@pytest.mark.keras
def test_a_run_says_every_default_that_was_filled_in(folder):
    experiment = run(folder, Experiment(training=replace(QUICK.training, epochs=1))).experiment
    assert (experiment.spec.image_size, experiment.spec.depth) == ((8, 8), 3)
    assert (experiment.training.batch_size, experiment.training.optimizer) == (32, "muon")
    assert experiment.training.learning_rate == 0.16


@pytest.mark.keras
def test_predictions_on_disk_are_those_of_the_saved_model(folder):
    made = run(folder)
    rows = made.evaluation.predictions
    predictions = made.predict([folder / path for path in rows["path"]])
    assert [p.top1 for p in predictions] == list(rows["predicted"])
    np.testing.assert_allclose([p.top[0][1] for p in predictions], rows["probability"], rtol=1e-4)


@pytest.mark.keras
def test_the_same_seed_gives_the_same_scores(folder):
    scores = [run(folder, run_dir=folder.parent / name).evaluation.train.confusion for name in "ab"]
    assert scores[0] == scores[1]


@pytest.mark.keras
def test_the_target_is_the_diagnosers(folder):
    assert run(folder, diagnoser=Diagnoser(target_accuracy=0.6)).diagnosis.target_accuracy == 0.6


@pytest.mark.keras
def test_an_architecture_registered_in_the_process_is_trained(folder):
    import keras

    def flat(spec, num_classes):
        inputs = keras.layers.Input(spec.input_shape())
        features = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
        return keras.Model(inputs, keras.layers.Dense(num_classes, activation="softmax")(features))

    architectures.register("flat", flat)
    assert run(folder, replace(QUICK, architecture="flat")).history.epochs


def test_an_unknown_architecture_is_refused_before_keras_is_imported(folder):
    with pytest.raises(UnknownNameError, match="'vgg61'"):
        run(folder, replace(QUICK, architecture="vgg61"))


def test_a_folder_that_is_not_there_is_refused_before_keras_is_imported(tmp_path):
    with pytest.raises(DatasetError, match="nowhere"):
        run(tmp_path / "nowhere")


def test_a_run_directory_that_exists_is_refused_before_keras_is_imported(folder):
    with pytest.raises(RunError, match="exists"):
        run(folder, run_dir=folder)


def test_runs_are_numbered(tmp_path):
    assert next_run_dir("cnn", parent=tmp_path) == tmp_path / "cnn-1"
    (tmp_path / "cnn-1").mkdir()
    assert next_run_dir("cnn", parent=tmp_path) == tmp_path / "cnn-2"


@pytest.mark.keras
@pytest.mark.parametrize(
    ("augment", "tta", "same"),
    [("flip", True, True), ("flip", False, False), ("none", True, False)],
)
def test_an_image_and_its_mirror_image_are_predicted_the_same_where_training_mirrors(
    folder, augment, tta, same
):
    images = [np.asarray(Image.open(path)) for path in sorted(folder.rglob("*.png"))[:4]]
    mirrored = [np.ascontiguousarray(image[:, ::-1]) for image in images]
    made = run(folder, replace(QUICK, augmentation=PRESETS[augment], tta=tta))
    straight, turned = (
        np.stack([p.probabilities for p in made.predict(batch)]) for batch in (images, mirrored)
    )
    assert np.allclose(straight, turned, atol=1e-6) == same
