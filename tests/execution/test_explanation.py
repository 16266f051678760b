from dataclasses import replace

from imgclass.data.manifest import Manifest, Sample
from imgclass.execution.explanation import explain
from imgclass.experiment import Experiment
from imgclass.models.spec import ModelSpec

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
