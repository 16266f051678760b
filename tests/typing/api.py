"""The public API as a caller with a type checker sees it: checked by mypy, never run."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, assert_type

import numpy as np
import pandas as pd
from PIL import Image

from imgclass import (
    Architecture,
    ArchitectureInfo,
    Augmentation,
    Classifier,
    Comparison,
    DatasetOrganizer,
    Diagnoser,
    Diagnosis,
    Evaluation,
    Evidence,
    Experiment,
    ExportedModel,
    Finding,
    Flows,
    History,
    ImageFolder,
    ImgclassError,
    Improvement,
    LabelErrors,
    Leaderboard,
    LearningCurve,
    Manifest,
    ModelSpec,
    Prediction,
    Predictions,
    RateTest,
    Recommendation,
    Run,
    RunList,
    RunSummary,
    Sample,
    Score,
    Trainer,
    TrainingConfig,
    architectures,
    compare,
    described,
    diagnose,
    diagnose_run,
    evaluate,
    evaluate_run,
    export,
    find_label_errors,
    improve,
    leaderboard,
    learning_curve,
    open_flows,
    render_html,
    render_model_card,
    resume_run,
    run_experiment,
    run_experiments,
    runs,
    write_model_card,
    write_report,
)
from imgclass.doctor import (
    Dependency,
    Machine,
    PluginCheck,
    check_dependencies,
    check_plugins,
    describe_machine,
)
from imgclass.errors import PluginError, RunError
from imgclass.testing import (
    ArchitectureCheck,
    ConformanceError,
    architecture_checks,
    check_architecture,
)


def organize() -> ImageFolder:
    organizer = DatasetOrganizer(val=0.05, test=2500, seed=1, transfer="hardlink")
    folder = organizer.organize("labels.csv", Path("images"), "data")
    manifest: Manifest = folder.manifest
    samples: tuple[Sample, ...] = manifest.of("val")
    assert_type(samples[0].label, str)
    assert_type(folder.class_names, tuple[str, ...])
    assert_type(folder.counts["train"], int)
    assert_type(folder.paths("test"), tuple[Path, ...])
    return folder


@described(ArchitectureInfo("Mine.", depth=1, width=8))
def mine(spec: ModelSpec, num_classes: int) -> Any:
    return spec.input_shape(), num_classes


def build() -> Any:
    architecture: Architecture = architectures.register("mine", mine)

    @architectures.register("decorated")
    def decorated(spec: ModelSpec, num_classes: int) -> Any:
        return mine(spec, num_classes)

    assert_type(architectures["cnn"], Architecture)
    assert_type(list(architectures), list[str])
    assert_type(architectures.get("mine"), Architecture | None)
    assert_type("mine" in architectures, bool)
    assert_type(architectures.origin("cnn").distribution, str)
    return architecture(ModelSpec(image_size=(32, 32), depth=2, weights="imagenet"), 10)


def look_before_building() -> int:
    known: ArchitectureInfo = architectures.info("vgg16")
    assert_type(architectures.origin("vgg16").version, str)
    assert_type(known.minimum_size, int)
    assert_type(known.knobs, tuple[Literal["depth", "width", "dropout", "l2"], ...])
    return known.minimum_size


def hold_against_its_promises() -> str:
    checks: tuple[ArchitectureCheck, ...] = architecture_checks(
        mine, expected_failures={"has_a_flat_graph": "its block is a model of its own"}
    )
    assert_type(checks[0].name, str)
    try:
        checks[0]()
        check_architecture(mine)
    except ConformanceError as error:
        as_builtin: AssertionError = error
        return str(as_builtin)
    return ""


def ask_the_doctor() -> list[str]:
    machine: Machine = describe_machine()
    dependencies: tuple[Dependency, ...] = check_dependencies(["keras>=3.15.1"])
    plugins: tuple[PluginCheck, ...] = check_plugins(limit=30)
    assert_type(machine.devices, tuple[str, ...])
    assert_type(dependencies[0].installed, str | None)
    assert_type(plugins[0].status, Literal["ok", "warning", "broken"])
    return [check.remedy for check in plugins if check.status == "broken"]


def train_by_hand(folder: ImageFolder) -> Evaluation:
    flows: Flows = open_flows(
        folder,
        image_size=(32, 32),
        batch_size=64,
        augmentation=Augmentation(rotation_range=10, horizontal_flip=True),
        pipeline="generator",
        seed=1,
    )
    model = build()
    test: RateTest = Trainer(TrainingConfig(optimizer="adam")).find_learning_rate(model, flows)
    assert_type(test.suggestion, float)
    history: History = Trainer(TrainingConfig(epochs=1, optimizer="sgd"), callbacks=()).fit(
        model, flows
    )
    assert_type(history.best.val_accuracy, float)
    return evaluate(model, flows)


def read_scores(evaluation: Evaluation) -> None:
    test: Score | None = evaluation.test
    assert_type(evaluation.train.accuracy, float)
    assert_type(evaluation.val.interval, tuple[float, float])
    assert_type(evaluation.val.per_class[0].recall, float | None)
    assert_type(evaluation.predictions, pd.DataFrame)
    assert test is None or test.n > 0


def follow_the_diagnosis(folder: ImageFolder) -> Run:
    experiment = replace(Experiment(), spec=ModelSpec(depth=2), resize="crop")
    run = run_experiment(folder, experiment, run_dir="runs/mine", progress=False)
    evidence = Evidence(run.experiment, run.history, run.evaluation.train, run.evaluation.val)
    diagnosis: Diagnosis = Diagnoser(target_accuracy=0.9, tolerance=0.01).diagnose(evidence)
    verdict: Finding = diagnosis.verdict
    assert_type(verdict.advice, tuple[str, ...])
    recommendation: Recommendation | None = diagnosis.recommendation
    if recommendation is None:
        return run
    assert_type(recommendation.changes, tuple[str, ...])
    return run_experiment("data", recommendation.experiment)


def a_rule(evidence: Evidence) -> Finding | None:
    variance = evidence.variance
    if variance is None or variance.is_above(0.1):
        return None
    return Finding("fine", 0.0, "Fine.", ())


def use(path: Path) -> str:
    run = Run.load(path)
    Diagnoser(rules={"mine": a_rule})
    assert_type(run.environment, Mapping[str, str])
    assert_type(write_report(run), Path)
    assert_type(render_model_card(run, licence="mit"), str)
    assert_type(write_model_card(run, "card.md", dataset="you/ants", force=True), Path)
    exported = export(run, to="litert", precision="int8", out="phone", data="data", force=True)
    assert_type(exported, ExportedModel)
    assert_type(exported.largest_difference, float)
    return render_html(run)


def predict(run: Run) -> Predictions:
    classifier = Classifier.load(run.path / "model.keras", trust=False)
    one: Prediction = classifier.predict("1.jpg")[0]
    assert_type(one.top1, str)
    assert_type(one.top, tuple[tuple[str, float], ...])
    predictions = run.predict(["1.jpg", Path("2.jpg"), Image.new("RGB", (8, 8))], top=2)
    assert_type(predictions[1:], Predictions)
    assert_type(predictions.failed, tuple[Prediction, ...])
    assert_type(predictions.to_frame(top=1), pd.DataFrame)
    assert_type(next(run.predict_each("new")), Prediction)
    run.predict(np.zeros((2, 8, 8, 3)))
    return run.predict(pd.Series(["1.jpg"]))


def look_back() -> Comparison:
    found: RunList = runs("runs")
    summary: RunSummary = found[0]
    first, second = (Run.load(run.path) for run in found[:2])
    assert_type(summary.val_accuracy, float | None)
    assert_type(found.to_frame(), pd.DataFrame)
    assert_type(first.history.to_frame(), pd.DataFrame)
    assert_type(first.evaluation.to_frame(), pd.DataFrame)
    assert_type(diagnose(train=0.948, val=0.806, n_val=2500), Diagnosis)
    assert_type(diagnose(first), Diagnosis)
    board: Leaderboard = leaderboard(found)
    assert_type(leaderboard(["runs", first], split="test").best.accuracy, float)
    assert_type(board.to_frame(), pd.DataFrame)
    comparison = compare(first, second)
    assert_type(comparison.p_value, float)
    return comparison


def ask_for_more_images(folder: ImageFolder, run: Run) -> float:
    assert_type(find_label_errors(folder), LabelErrors)
    curve: LearningCurve = learning_curve(folder, Experiment(), parts=(0.25, 0.5), repeats=2)
    assert_type(learning_curve(run, out="curve", progress=False).sentences, tuple[str, ...])
    assert_type(curve.to_frame(), pd.DataFrame)
    curve.plot()
    return curve.predict(2 * curve.whole, level=0.9).interval[0]


def make_up_for_what_a_run_lacks(path: Path) -> Run:
    resumed = resume_run(path)
    scored = evaluate_run(resumed, data="moved", diagnoser=Diagnoser(0.9))
    return diagnose_run(scored)


def train_several(folder: ImageFolder) -> dict[str, Run]:
    experiments = {"plain": Experiment(), "deep": Experiment(spec=ModelSpec(depth=4))}
    assert_type(run_experiments("photos", experiments, out="study"), dict[str, Run])
    return run_experiments(folder, experiments, out="study", cluster="auto", progress=False)


def improve_in_steps(folder: ImageFolder, run: Run) -> Run:
    made: Improvement = improve(folder, Experiment(), budget=600, rounds=2, progress=False)
    assert_type(made.to_frame(), pd.DataFrame)
    assert_type(made.steps[0].val_accuracy, float | None)
    return improve(run, out="better", target_accuracy=0.9, tell=str.upper).best


def catch() -> int:
    try:
        use(Path("runs/mine"))
    except PluginError as error:
        return len(error.remedy)
    except RunError as error:
        as_builtin: ValueError = error
        return len(str(as_builtin))
    except ImgclassError as error:
        return error.exit_code
    return 0
