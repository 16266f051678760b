from dataclasses import replace

from imgclass.data.manifest import Manifest, Sample
from imgclass.execution.explanation import explain, explain_budget, explain_end
from imgclass.experiment import Experiment
from imgclass.models.spec import ModelSpec
from imgclass.training.config import TrainingConfig

PHOTOGRAPH = Manifest(("cat",), (Sample("a", "cat", "train", "0" * 64, 500, 375, "a"),))
PICTURE = Manifest(("cat",), (Sample("a", "cat", "train", "0" * 64, 32, 32, "a"),))


def test_the_pretrained_network_is_explained_by_the_size_of_the_images():
    chosen = Experiment("efficientnet_lite0", spec=ModelSpec(trainable=False))
    first, second = explain(Experiment(), chosen, PHOTOGRAPH)
    assert "efficientnet_lite0" in first
    assert "375 x 500" in first
    assert "--trainable" in second


def test_photographs_without_weights_are_told_where_these_are():
    (only,) = explain(Experiment(), replace(Experiment(), architecture="cnn"), PHOTOGRAPH)
    assert "imgclass-keras[pretrained]" in only


def test_small_pictures_are_explained_without_advice():
    (only,) = explain(Experiment(), replace(Experiment(), architecture="cnn"), PICTURE)
    assert only == "Architecture cnn: the training images have a median of 32 x 32 pixels."


def test_what_was_asked_for_needs_no_explanation():
    asked = Experiment("cnn", spec=ModelSpec(trainable=True))
    assert explain(asked, asked, PICTURE) == ()


def chosen_for(budget=90.0, *, is_most=False, could_train_more=False, trainable=True, **training):
    chosen = Experiment(
        spec=ModelSpec(image_size=(224, 224), trainable=trainable),
        training=TrainingConfig(**training),
        augmentation="light",
    )
    return explain_budget(
        chosen, budget=budget, expected=80.0, is_most=is_most, could_train_more=could_train_more
    )


def test_what_a_budget_chose_is_said_with_the_time_that_it_takes():
    (only,) = chosen_for(epochs=20, head_epochs=12, unfreeze="stage6")
    assert only == (
        "For a budget of 1 min 30 s: 12 epochs of the head, then 8 epochs of the layers from "
        "stage6 on, at 224 x 224 pixels, augmentation light. By what a few steps took, all of it "
        "takes 1 min 20 s."
    )


def test_why_a_budget_chose_no_more_is_said():
    assert "hardly help" in chosen_for(epochs=30, is_most=True)[1]
    _, more = chosen_for(epochs=30, trainable=False, is_most=True, could_train_more=True)
    assert "In more time the last stages" in more


def test_a_training_that_was_late_is_told_where_it_ended():
    planned = Experiment(training=TrainingConfig(epochs=9))
    assert "in epoch 7 of 9" in explain_end(7, planned)
