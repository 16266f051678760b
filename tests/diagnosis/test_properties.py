from dataclasses import replace
from importlib import import_module

from hypothesis import given
from hypothesis import strategies as st

from imgclass.diagnosis import Diagnoser, Diagnosis, Evidence, MeasuredAccuracy
from imgclass.diagnosis.evidence import NO_HISTORY
from imgclass.diagnosis.experience import known_experience
from imgclass.evaluation import Score
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS, Augmentation
from imgclass.models.spec import ModelSpec
from imgclass.serialization import from_plain, to_plain
from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch, History

NAMES = tuple("abcd")


def setup_module():
    """Load once what a diagnosis loads when it first needs it, so that no example pays for that."""
    import_module("scipy.optimize")
    known_experience()


shares = st.floats(0, 1)
losses = st.floats(min_value=0) | st.floats(0, 5) | st.just(float("nan"))
positive = st.floats(1e-9, 10)
small = st.integers(1, 2_000)

specs = st.builds(
    ModelSpec,
    image_size=st.none() | st.tuples(small, small),
    depth=st.none() | st.integers(1, 9),
    width=st.none() | small,
    dropout=st.floats(0, 1, exclude_max=True),
    l2=st.floats(0, 1),
    weights=st.sampled_from([None, "imagenet"]),
    trainable=st.booleans(),
    head_units=st.none() | st.lists(small, max_size=7).map(tuple),
)
configs = st.builds(
    TrainingConfig,
    epochs=st.integers(1, 500),
    learning_rate=st.none() | positive,
    schedule=st.sampled_from(["one_cycle", "constant"]),
    weight_decay=st.sampled_from([0.0, 1e-4]),
    label_smoothing=st.floats(0, 0.5),
    patience=st.none() | st.integers(1, 50),
    precision=st.sampled_from(["auto", "float32", "mixed_bfloat16", "mixed_float16"]),
)
augmentations = st.sampled_from(list(PRESETS.values())) | st.builds(
    Augmentation,
    rotation_range=st.floats(0, 90),
    width_shift_range=st.floats(0, 4),
    zoom_range=st.floats(0, 0.9),
    brightness_range=st.none() | st.just((0.5, 1.5)),
    horizontal_flip=st.booleans(),
    vertical_flip=st.booleans(),
)
experiments = st.builds(
    Experiment,
    architecture=st.sampled_from(["cnn", "vgg16"]),
    spec=specs,
    training=configs,
    augmentation=augmentations,
)
epochs = st.builds(
    Epoch,
    loss=losses,
    accuracy=shares,
    val_loss=losses,
    val_accuracy=shares | st.just(float("nan")),
    learning_rate=st.floats(0, 10),
    seconds=positive,
)


@st.composite
def smooth_epochs(draw):
    """Give a training as most are: a rise of the val accuracy that levels off, and some noise."""
    number, top, pace = draw(st.integers(1, 12)), draw(shares), draw(st.floats(0.05, 0.95))
    end = draw(st.sampled_from([0.0, 1e-3]))
    jitter = draw(st.lists(st.floats(-0.01, 0.01), min_size=number, max_size=number))
    rises = [
        min(1.0, max(0.0, top * (1 - pace ** (i + 1)) + noise)) for i, noise in enumerate(jitter)
    ]
    return tuple(
        Epoch(2.1 - rise, rise, 2.1 - rise, rise, end + 1e-3 * (1 - i / number), 1.0)
        for i, rise in enumerate(rises, start=1)
    )


@st.composite
def histories(draw):
    drawn = draw(smooth_epochs() | st.lists(epochs, min_size=1, max_size=8).map(tuple))
    best = draw(st.integers(0, len(drawn) - 1))
    return History(drawn, best, draw(st.booleans()), 1.0)


@st.composite
def wild_scores(draw, classes):
    counts = st.integers(0, 3) | st.integers(0, 20_000)
    row = st.lists(counts, min_size=classes, max_size=classes)
    rows = draw(st.lists(row, min_size=classes, max_size=classes))
    rows[draw(st.integers(0, classes - 1))][0] += 1
    return Score(NAMES[:classes], tuple(map(tuple, rows)), draw(losses))


@st.composite
def usual_scores(draw, classes):
    accuracy, n = draw(shares | st.floats(0.8, 1)), draw(st.integers(1, 10) | st.integers(1, 10**5))
    rows = [[0] * classes for _ in range(classes)]
    for i in range(classes):
        here = len(range(i, n, classes))
        rows[i][i] = round(accuracy * here)
        rows[i][(i + 1) % classes] += here - rows[i][i]
    return Score(NAMES[:classes], tuple(map(tuple, rows)), draw(st.floats(0, 0.6)))


@st.composite
def evidences(draw):
    classes = draw(st.integers(1, 4))
    scores = usual_scores(classes) | wild_scores(classes)
    return Evidence(
        draw(experiments),
        draw(histories()),
        train=draw(scores),
        val=draw(scores),
        target_accuracy=draw(st.just(0.95) | st.floats(0, 1, exclude_min=True)),
        tolerance=draw(st.just(0.02) | st.floats(0, 1, exclude_max=True)),
    )


def diagnose(evidence):
    goal = {"target_accuracy": evidence.target_accuracy, "tolerance": evidence.tolerance}
    return Diagnoser(**goal).diagnose(evidence)


@given(evidences())
def test_every_evidence_ends_in_a_finding_of_the_built_in_rules(evidence):
    names = {finding.name for finding in diagnose(evidence).findings}
    assert names
    assert not names & {"broken_rule", "inconclusive"}


@given(evidences())
def test_no_two_findings_contradict_each_other(evidence):
    names = [finding.name for finding in diagnose(evidence).findings]
    assert len(names) == len(set(names))
    if blocking := {"optimisation_failure", "class_order", "no_signal", "mode_defect"} & {*names}:
        assert names == [*blocking]
    if "high_bias" in names:
        assert not {"still_improving", "over_regularised"} & {*names}
    if "good_enough" in names:
        assert set(names) - {"good_enough"} in (set(), {"within_noise"}, {"few_val_images"})


@given(evidences())
def test_findings_come_in_the_order_of_their_severity(evidence):
    severities = [finding.severity for finding in diagnose(evidence).findings]
    assert severities == sorted(severities, reverse=True)


@given(evidences())
def test_a_recommended_experiment_differs_by_exactly_what_it_says(evidence):
    before = evidence.experiment
    for finding in diagnose(evidence).findings:
        for recommendation in finding.recommendations:
            changed = recommendation.experiment.changes_from(before)
            said = {phrase.split()[0] for phrase in recommendation.changes}
            assert changed
            if said in ({"augmentation"}, {"epochs", "augmentation"}):
                after = recommendation.experiment
                _, _, old, _, new = ("", *recommendation.changes[-1].split())
                assert PRESETS[old] == before.augmentation
                assert PRESETS[new] == after.augmentation
                training = replace(before.training, epochs=after.training.epochs)
                assert after == replace(before, augmentation=after.augmentation, training=training)
            else:
                assert {name.rpartition(".")[2] for name in changed} == said
                assert len(changed) == len(recommendation.changes)


@given(evidences())
def test_a_recommended_experiment_stays_in_range(evidence):
    before = evidence.experiment
    for finding in diagnose(evidence).findings:
        for after in (recommendation.experiment for recommendation in finding.recommendations):
            assert after.spec.dropout <= max(0.5, before.spec.dropout)
            assert after.training.epochs <= max(200, before.training.epochs)
            assert (after.spec.depth or 1) <= max(5, before.spec.depth or 1)
            assert after.training.epochs >= before.training.epochs
            assert after.training.learning_rate is None or after.training.learning_rate > 0


@given(evidences())
def test_a_diagnosis_survives_its_plain_form(evidence):
    diagnosis = diagnose(evidence)
    assert from_plain(Diagnosis, to_plain(diagnosis)) == diagnosis


@st.composite
def partial_evidences(draw):
    whole = draw(evidences())

    def maybe_bare(score):
        bare = st.builds(MeasuredAccuracy, st.just(score.accuracy), st.none() | st.just(score.n))
        return draw(st.none() | st.just(score) | bare)

    return replace(
        whole,
        experiment=draw(st.none() | st.just(whole.experiment)),
        history=draw(st.just(NO_HISTORY) | st.just(whole.history)),
        train=maybe_bare(whole.train),
        val=maybe_bare(whole.val),
    )


@given(partial_evidences())
def test_no_rule_breaks_on_evidence_that_lacks_a_part_and_none_is_never_named(evidence):
    diagnosis = diagnose(evidence)
    assert "broken_rule" not in {finding.name for finding in diagnosis.findings}
    assert not any("rule" in sentence for sentence in diagnosis.not_judged)
    assert "None" not in str(diagnosis)
    for recommendation in diagnosis.recommendations:
        assert "None to" not in " ".join(recommendation.changes)
    assert bool(diagnosis.not_judged) or evidence.is_complete
    assert from_plain(Diagnosis, to_plain(diagnosis)) == diagnosis
