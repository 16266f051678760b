import gc
import shutil
import weakref
from dataclasses import replace

import numpy as np
import pandas as pd
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
from imgclass.errors import (
    DatasetError,
    MachineError,
    PluginError,
    RunError,
    UnknownNameError,
    WeightsError,
)
from imgclass.flows import PRESETS

pytestmark = pytest.mark.usefixtures("no_other_process")

QUICK = Experiment(
    spec=ModelSpec(depth=1, width=4),
    # Tracing a step of the default optimizer takes three times as long as one of this.
    training=TrainingConfig(
        epochs=2, precision="float32", batch_size=8, optimizer="sgd", learning_rate=0.1
    ),
    augmentation=PRESETS["none"],
)
ONE_EPOCH = replace(QUICK, training=replace(QUICK.training, epochs=1))
M = "model.keras"


def run(folder, experiment=QUICK, **options):
    options = {"run_dir": folder.parent / "run", "progress": False} | options
    return run_experiment(folder, experiment, **options)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What `made` keeps from one test to the next, and where: a test's own folder is deleted."""
    return {"place": tmp_path_factory.mktemp("made")}


@pytest.fixture
def made(folder, kept, no_other_process):
    """The run of `QUICK`, made once for all tests that only read it; their folders are alike."""
    del no_other_process
    if "run" not in kept:
        kept["run"] = run(shutil.copytree(folder, kept["place"] / "data"))
    return kept["run"]


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
    asked = Experiment(training=TrainingConfig(epochs=1, precision="float32"))
    experiment = run(folder, asked).experiment
    assert (experiment.spec.image_size, experiment.spec.depth) == ((8, 8), 3)
    assert (experiment.training.batch_size, experiment.training.optimizer) == (32, "muon")
    assert experiment.training.learning_rate == 0.16


@pytest.mark.keras
def test_predictions_on_disk_are_those_of_the_saved_model(folder, made):
    rows = made.evaluation.predictions
    predictions = made.predict([folder / path for path in rows["path"]])
    assert [p.top1 for p in predictions] == list(rows["predicted"])
    np.testing.assert_allclose([p.top[0][1] for p in predictions], rows["probability"], rtol=1e-4)


@pytest.mark.keras
def test_the_same_seed_gives_the_same_scores(folder, made):
    first, second = made.evaluation, run(folder, run_dir=folder.parent / "second").evaluation
    pd.testing.assert_frame_equal(first.predictions, second.predictions, rtol=1e-6)


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


@pytest.mark.keras
def test_runs_are_numbered(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    paths = [run(folder, ONE_EPOCH, run_dir=None).path for _ in range(2)]
    assert paths == [folder.parent / "runs" / name for name in ("cnn-1", "cnn-2")]


@pytest.mark.keras
def test_scores_are_those_of_the_plain_model_and_averages_are_reported_beside(folder):
    plain = run(folder, replace(QUICK, augmentation=PRESETS["flip"]))
    both = run(
        folder,
        replace(QUICK, augmentation=PRESETS["flip"], tta=True),
        run_dir=folder.parent / "both",
    )
    assert plain.evaluation.mirrored == {}
    assert set(both.evaluation.mirrored) == {"train", "val", "test"}
    assert both.evaluation.scores == plain.evaluation.scores
    image = np.asarray(Image.open(next(folder.rglob("*.png"))))
    mirrored = np.ascontiguousarray(image[:, ::-1])
    for made, same in ((plain, False), (both, True)):
        straight, turned = (p.probabilities for p in made.predict([image, mirrored]))
        assert np.allclose(straight, turned, atol=1e-6) == same


@pytest.mark.keras
def test_probabilities_of_every_val_and_test_image_are_kept(made):
    made = Run.load(made.path)
    rows = made.evaluation.predictions.query("split == 'val'")
    probabilities = made.evaluation.probabilities["val"]
    assert probabilities.shape == (8, 2)
    np.testing.assert_allclose(probabilities.max(axis=1), rows["probability"], rtol=1e-6)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert made.evaluation.probabilities["test"].shape == (8, 2)


@pytest.mark.keras
def test_history_and_evaluation_speak_of_one_loss(made):
    best = made.history.best
    assert best.val_loss == pytest.approx(made.evaluation.val.loss, rel=1e-4)
    assert best.val_objective > best.val_loss  # label smoothing adds to it


@pytest.mark.keras
def test_a_run_that_follows_another_says_so(folder, made):
    second = run(folder, ONE_EPOCH, run_dir=folder.parent / "second", parent=made)
    assert Run.load(second.path).record.parent == made.record.id


# R2
@pytest.mark.keras
def test_a_run_made_again_at_its_place_predicts_by_the_new_model(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    images = sorted(folder.rglob("*.png"))
    first = run(folder, run_dir="run")
    before = first.predict(images)
    shutil.rmtree("run")
    other = replace(QUICK, training=replace(QUICK.training, seed=1))
    second = run(folder, other, run_dir="run")
    assert second.predict(images) != before
    assert first.predict(images) == second.predict(images)
    (folder.parent / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert second.predict(images) == Run.load(folder.parent / "run").predict(images)


# R24
@pytest.mark.keras
def test_the_saved_model_is_flat_float32_and_not_compiled(folder):
    import keras

    experiment = replace(QUICK, training=replace(QUICK.training, precision="mixed_bfloat16"))
    model = keras.saving.load_model(run(folder, experiment, run_dir=folder.parent / "a").path / M)
    assert not model.compiled
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert model.get_layer("stage1_conv1").output.shape[1:3] == (8, 8)


@pytest.mark.keras
def test_a_history_is_kept_as_keras_csv_logger_writes_it(made):
    rows = pd.read_csv(made.path / "history.csv")
    assert list(rows["epoch"]) == [0, 1]
    assert list(rows["val_accuracy"]) == [epoch.val_accuracy for epoch in made.history.epochs]


# R6
@pytest.mark.keras
def test_a_place_that_cannot_be_written_is_refused_before_keras_works(folder):
    (folder.parent / "file").write_text("no folder")
    with pytest.raises(MachineError, match="Choose another place"):
        run(folder, run_dir=folder.parent / "file" / "run")


# R6
def test_a_disk_without_room_is_refused_before_keras_is_imported(folder, monkeypatch):
    from imgclass.run import directory

    monkeypatch.setattr(directory, "LEAST_FREE", 2**60)
    with pytest.raises(MachineError, match=r"MB free for the run"):
        run(folder)
    assert not (folder.parent / "run").exists()


# R13
@pytest.mark.keras
@pytest.mark.parametrize("layer", ["Lambda", "unregistered"])
def test_a_model_that_could_not_be_loaded_is_refused_before_the_first_epoch(folder, layer):
    import keras

    class Twice(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2

    odd = keras.layers.Lambda(lambda x: x * 2) if layer == "Lambda" else Twice()

    def flat(spec, num_classes):
        inputs = keras.layers.Input(spec.input_shape())
        features = keras.layers.Flatten()(odd(keras.layers.Rescaling(1 / 255)(inputs)))
        return keras.Model(inputs, keras.layers.Dense(num_classes, activation="softmax")(features))

    architectures.register(f"odd-{layer}", flat)
    with pytest.raises(PluginError, match=odd.name):
        run(folder, replace(QUICK, architecture=f"odd-{layer}"))
    assert not (folder.parent / "run").exists()


# R7
@pytest.mark.keras
def test_a_package_without_metadata_costs_nothing(folder, monkeypatch):
    import importlib_metadata

    usual = importlib_metadata.version

    def missing(name):
        if name.startswith(("tensorflow", "pandas")):
            raise importlib_metadata.PackageNotFoundError(name)
        return usual(name)

    monkeypatch.setattr(importlib_metadata, "version", missing)
    environment = run(folder, ONE_EPOCH).environment
    assert (environment["pandas"], environment["backend"]) == ("unknown", "tensorflow")


@pytest.mark.keras
def test_weights_that_are_not_there_are_said_as_such(folder):
    experiment = replace(
        QUICK, architecture="vgg16", spec=ModelSpec(image_size=32, weights="nowhere.h5")
    )
    with pytest.raises(WeightsError, match="there is no such file"):
        run(folder, experiment)
    assert not (folder.parent / "run").exists()


# R21; benchmarks/memory.py has the figures
@pytest.mark.keras
def test_nothing_of_a_training_outlives_it(folder, monkeypatch):
    from imgclass.training import Trainer

    trained = []
    usual = Trainer.fit

    def fit(self, model, *arguments, **options):
        trained.append(weakref.ref(model))
        return usual(self, model, *arguments, **options)

    monkeypatch.setattr(Trainer, "fit", fit)
    made = run(folder, ONE_EPOCH)
    gc.collect()
    assert trained[0]() is None
    assert made.status == "finished"


@pytest.mark.keras
def test_a_run_warns_of_a_precision_that_may_be_slow_and_keeps_the_warning(
    folder, monkeypatch, capsys
):
    monkeypatch.setattr("imgclass.training.hardware.find_accelerators", lambda: ())
    training = replace(ONE_EPOCH.training, precision="mixed_float16")
    done = run(folder, replace(ONE_EPOCH, training=training), progress=True)
    (said,) = (choice for choice in done.record.choices if "mixed_float16" in choice)
    assert said in capsys.readouterr().err
