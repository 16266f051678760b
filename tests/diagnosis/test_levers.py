from dataclasses import replace

import pytest

from imgclass.diagnosis import Evidence, levers
from imgclass.flows import PRESETS, Augmentation

LEVERS = {
    "deepen", "widen", "unfreeze", "train_longer", "anneal", "lower_learning_rate",
    "measure_rate", "weigh_classes", "sample_evenly", "leave_float16", "augment_more",
    "augment_more_for_longer", "augment_less", "drop_more", "drop_less",
    "penalize_more", "penalize_less",
}  # fmt: skip


def pulled(lever, evidence):
    return getattr(levers, lever)(evidence.experiment, evidence.history)


@pytest.mark.parametrize(
    ("lever", "before", "changes"),
    [
        ("deepen", {"spec": {"depth": 3}}, ("depth 3 to 4",)),
        (
            "deepen",
            {"spec": {"head_units": (256, 64)}},
            ("head_units (256, 64) to (512, 256, 64)",),
        ),
        ("usual_size", {"spec": {"depth": 1, "width": 2}}, ("depth 1 to 3", "width 2 to 32")),
        ("usual_size", {"spec": {"depth": 4, "width": 8}}, ("width 8 to 32",)),
        ("widen", {"spec": {"width": 64}}, ("width 64 to 128",)),
        ("widen", {"spec": {"head_units": (256, 64)}}, ("head_units (256, 64) to (512, 128)",)),
        ("unfreeze", {"spec": {"trainable": False}}, ("trainable False to True",)),
        ("train_longer", {"training": {"epochs": 10}}, ("epochs 10 to 20",)),
        ("train_longer", {"training": {"epochs": 150}}, ("epochs 150 to 200",)),
        ("anneal", {"training": {"schedule": "constant"}}, ("schedule constant to one_cycle",)),
        (
            "lower_learning_rate",
            {"training": {"learning_rate": 0.1}},
            ("learning_rate 0.1 to 0.01",),
        ),
        (
            "measure_rate",
            {"training": {"learning_rate": 1e-6}},
            ("learning_rate 1e-06 to not set", "find_rate to True"),
        ),
        ("weigh_classes", {}, ("class_weights to balanced",)),
        ("sample_evenly", {}, ("sampling shuffled to balanced",)),
        (
            "leave_float16",
            {"training": {"precision": "mixed_float16"}},
            ("precision mixed_float16 to float32",),
        ),
        ("augment_more", {"augmentation": PRESETS["none"]}, ("augmentation none to light",)),
        (
            "augment_more_for_longer",
            {"augmentation": PRESETS["light"]},
            ("epochs 10 to 20", "augmentation light to medium"),
        ),
        ("augment_less", {"augmentation": PRESETS["strong"]}, ("augmentation strong to medium",)),
        ("drop_more", {"spec": {"dropout": 0.2}}, ("dropout 0.2 to 0.35",)),
        ("drop_less", {"spec": {"dropout": 0.3}}, ("dropout 0.3 to 0.2",)),
        ("penalize_more", {"spec": {"l2": 0.0}}, ("l2 0 to 0.0001",)),
        ("penalize_less", {"spec": {"l2": 1e-4}}, ("l2 0.0001 to 0",)),
    ],
)
def test_a_lever_changes_one_thing_by_one_step(evidence_of, lever, before, changes):
    evidence = evidence_of(**before)
    recommendation = pulled(lever, evidence)
    assert recommendation.changes == changes
    fields = recommendation.experiment.changes_from(evidence.experiment)
    assert {name.split(".")[-1] for name in fields} == {c.split()[0] for c in changes} or (
        changes[-1].startswith("augmentation")
    )


@pytest.mark.keras
def test_the_rate_of_an_optimizer_of_ones_own_is_changed_inside_it(evidence_of):
    import keras

    evidence = evidence_of(
        training={"optimizer": keras.optimizers.RMSprop(0.1), "learning_rate": None}
    )
    recommendation = pulled("lower_learning_rate", evidence)
    assert recommendation.changes == ("optimizer RMSprop at rate 0.1 to RMSprop at rate 0.01",)
    assert recommendation.experiment.training.optimizer.learning_rate == 0.01


@pytest.mark.parametrize(
    ("lever", "before"),
    [
        ("deepen", {"spec": {"depth": None}}),
        ("deepen", {"spec": {"depth": 5}}),
        ("deepen", {"spec": {"depth": 3, "image_size": (8, 8)}}),
        ("deepen", {"spec": {"head_units": (1024, 512, 256, 128, 64)}}),
        ("usual_size", {"spec": {"depth": 3, "width": 32}}),
        ("usual_size", {"spec": {"depth": None}}),
        ("widen", {"spec": {"width": None}}),
        ("widen", {"spec": {"width": 1024}}),
        ("widen", {"spec": {"head_units": (1024, 64)}}),
        ("unfreeze", {"spec": {"trainable": True}}),
        ("train_longer", {"training": {"epochs": 200}}),
        ("anneal", {"training": {"schedule": "one_cycle"}}),
        ("lower_learning_rate", {"training": {"learning_rate": 1e-6}}),
        ("measure_rate", {"training": {"find_rate": True, "learning_rate": None}}),
        ("weigh_classes", {"training": {"sampling": "balanced"}}),
        ("sample_evenly", {"training": {"class_weights": "balanced"}}),
        ("leave_float16", {"training": {"precision": "auto"}}),
        ("augment_more", {"augmentation": PRESETS["strong"]}),
        ("augment_more_for_longer", {"augmentation": PRESETS["strong"]}),
        ("augment_more_for_longer", {"training": {"epochs": 200}}),
        ("augment_less", {"augmentation": PRESETS["light"]}),
        ("drop_more", {"spec": {"dropout": 0.5}}),
        ("drop_less", {"spec": {"dropout": 0.0}}),
        ("penalize_more", {"spec": {"l2": 1e-2}}),
        ("penalize_more", {"training": {"weight_decay": 5e-4}}),
        ("penalize_less", {"spec": {"l2": 0.0}}),
    ],
)
def test_a_lever_that_is_at_its_end_recommends_nothing(evidence_of, lever, before):
    assert pulled(lever, evidence_of(**before)) is None


def test_where_images_are_moved_and_not_mirrored_the_lever_is_the_one_that_experience_knows(
    evidence_of,
):
    moved = Augmentation(width_shift_range=0.05)
    experiment = evidence_of(augmentation=moved).experiment
    assert levers.regularize(experiment, mirror=False) == levers.regularize(experiment)


def test_training_that_patience_ended_is_not_made_longer(make_evidence, make_history):
    history = make_history((0.5, 0.6), stopped_early=True)
    assert pulled("train_longer", make_evidence(0.7, 0.6, history=history)) is None


def test_a_learning_rate_left_to_the_optimizer_is_read_from_the_history(evidence_of):
    evidence = evidence_of(training={"learning_rate": None})
    assert pulled("lower_learning_rate", evidence).experiment.training.learning_rate == 1e-4


def test_a_learning_rate_that_nobody_knows_is_left_alone(evidence_of):
    evidence = evidence_of(training={"learning_rate": None})
    unknown = replace(evidence, history=replace(evidence.history, epochs=()))
    assert pulled("lower_learning_rate", unknown) is None


@pytest.mark.parametrize(
    ("before", "order"),
    [
        ({}, ("augmentation", "dropout", "l2", "epochs")),
        ({"augmentation": PRESETS["medium"]}, ("dropout", "l2", "augmentation", "epochs")),
        ({"spec": {"dropout": 0.2}}, ("augmentation", "l2", "dropout", "epochs")),
        (
            {"augmentation": PRESETS["medium"], "spec": {"dropout": 0.2, "l2": 1e-4}},
            ("augmentation", "dropout", "l2", "epochs"),
        ),
        ({"augmentation": PRESETS["strong"], "spec": {"dropout": 0.5}}, ("l2",)),
    ],
)
def test_the_regularizer_that_is_lacking_comes_first(evidence_of, before, order):
    evidence = evidence_of(**before)
    _, tries = levers.advise(levers.regularize(evidence.experiment), evidence)
    assert tuple(r.changes[0].split()[0] for r in tries) == order


def test_a_lever_named_twice_is_pulled_once(evidence_of):
    _, tries = levers.advise((levers.deepen, levers.widen, levers.deepen), evidence_of())
    assert [r.changes for r in tries] == [("depth 3 to 4",), ("width 64 to 128",)]


def test_a_setting_that_was_left_open_is_named_without_a_value_before(evidence_of, make_history):
    evidence = evidence_of(training={"epochs": None, "learning_rate": None})
    assert pulled("train_longer", evidence).changes == ("epochs to 20",)
    assert pulled("lower_learning_rate", evidence).changes == ("learning_rate to 0.0001",)
    unknown = replace(evidence, history=make_history(()))
    assert pulled("train_longer", unknown) is None


def test_every_recommendation_names_its_lever_and_what_would_show_it_wrong(evidence_of):
    every = [getattr(levers, name) for name in sorted(LEVERS)]
    every += [levers.train_as_usual(30), levers.restore_usual(()), levers.usual_size]
    evidence = evidence_of(
        spec={"l2": 1e-4, "dropout": 0.2, "trainable": False, "width": 16},
        training={"schedule": "constant", "precision": "mixed_float16"},
        augmentation=PRESETS["medium"],
    )
    _, tries = levers.advise(every, evidence)
    assert [r.lever for r in tries] == [
        *sorted(LEVERS), "train_as_usual", "restore_usual", "usual_size",
    ]  # fmt: skip
    assert all(r.falsifier.startswith("Wrong if ") for r in tries)


def test_without_an_experiment_every_lever_is_put_in_words():
    every = [lever for name, lever in vars(levers).items() if name in LEVERS]
    sentences, tries = levers.advise(every, Evidence())
    assert len(sentences) == len(every) == len(LEVERS)
    assert tries == ()
    assert all("None" not in sentence for sentence in sentences)
