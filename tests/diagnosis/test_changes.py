from dataclasses import replace

from imgclass.diagnosis.changes import describe_changes, with_spec, with_training
from imgclass.flows import PRESETS, Augmentation


def test_a_recommendation_changes_the_fields_that_are_named_and_no_other(evidence_of):
    before = evidence_of().experiment
    assert with_spec(before, "So.", depth=4).experiment == replace(
        before, spec=replace(before.spec, depth=4)
    )
    assert with_training(before, "So.", epochs=3).experiment == replace(
        before, training=replace(before.training, epochs=3)
    )


def test_presets_are_described_by_their_names(evidence_of):
    before = evidence_of(augmentation=PRESETS["none"]).experiment
    after = replace(before, resize="pad", augmentation=PRESETS["strong"])
    assert describe_changes(before, after) == (
        "resize stretch to pad",
        "augmentation none to strong",
    )


def test_an_experiment_has_no_changes_from_itself(evidence_of):
    assert describe_changes(evidence_of().experiment, evidence_of().experiment) == ()


def test_an_augmentation_of_ones_own_is_described_field_by_field(evidence_of):
    before = evidence_of(augmentation=Augmentation(width_shift_range=0.05)).experiment
    after = replace(before, augmentation=Augmentation(rotation_range=10, width_shift_range=0.1))
    assert describe_changes(before, after) == (
        "rotation_range 0 to 10",
        "width_shift_range 0.05 to 0.1",
    )
