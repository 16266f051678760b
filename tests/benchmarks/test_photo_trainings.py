"""Both programs see the same images in the same splits."""

from types import SimpleNamespace

import pytest

from imgclass import ImageFolder


def test_the_links_for_keras_have_the_splits_and_classes_of_the_data_set(
    benchmark, photos, tmp_path
):
    manifest = ImageFolder.open(photos).manifest
    benchmark("photo_trainings").link_splits(manifest, photos, tmp_path / "tree")
    linked = {
        (file.parts[-3], int(file.parts[-2]), file.resolve())
        for file in (tmp_path / "tree").rglob("*.jpg")
    }
    assert linked == {
        (sample.split, manifest.class_names.index(sample.label), photos / sample.path)
        for sample in manifest.samples
    }


def test_epochs_end_after_the_start_the_preparation_and_the_features(benchmark):
    commands, trainings = benchmark("commands"), benchmark("photo_trainings")
    epochs = [SimpleNamespace(seconds=2.0, val_accuracy=0.8 + i / 10) for i in range(2)]
    run = SimpleNamespace(history=SimpleNamespace(epochs=epochs))
    outcome = commands.Outcome(30.0, 900.0, {"start": 1.0, "preparing": 5.0, "training": 20.0})
    ends = trainings.epoch_ends(run, outcome)
    assert [seconds for seconds, _ in ends] == pytest.approx([24.0, 26.0])
    assert [accuracy for _, accuracy in ends] == pytest.approx([0.8, 0.9])
