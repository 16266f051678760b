"""The pages, by name: a function from an empty folder to the page's HTML."""

from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
from PIL import Image

from imgclass.audit import Audit, render_audit
from imgclass.diagnosis.changes import with_spec, with_training
from imgclass.diagnosis.expectation import Expectation
from imgclass.evaluation import Comparison, Score
from imgclass.experiment import Experiment
from imgclass.improvement.html import render_improvement
from imgclass.improvement.lineage import FORMAT, Idea, Lineage, Step
from imgclass.label_errors.found import LabelError, LabelErrors
from imgclass.label_errors.html import render_label_errors
from imgclass.learning_curves import CurvePoint, LearningCurve
from imgclass.learning_curves.html import known_curve, render_curve
from imgclass.report import render_html
from imgclass.report.beside import Ancestor, Beside
from imgclass.report.comparison_html import render_leaderboard
from imgclass.run import Run
from imgclass.run.board import Leaderboard
from imgclass.run.directory import RunDirectory
from imgclass.run.heat_maps_file import HeatMap, HeatMaps
from imgclass.run.ranked_run import LeftOutRun, RankedRun
from imgclass.run.test_looks import Looks

HOSTILE = (
    '<script>alert("script")</script>',
    '"><img src=x onerror=alert(1)> and a very long name ' + "that does not end " * 8,
    "{{7*7}}\u202eevil & <b>bold</b>",
)
CURVE = LearningCurve(
    [CurvePoint(n, right, 1000) for n, right in ((250, 700), (500, 777), (1000, 830), (2000, 868))],
    guess=0.1,
)


def _simulated(root: Path, **options: object) -> Run:
    """Return a run as the report's own tests make it."""
    file = Path(__file__).parents[1] / "report" / "conftest.py"
    spec = spec_from_file_location("simulated_runs", file)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.simulated_run(root, **options)


def _with_images(run: Run, *, most: int = 60) -> Run:
    """Write images of val mistakes, each with a blot, and heat maps of some of them."""
    rng = np.random.default_rng(0)
    rows = run.evaluation.predictions.query("split == 'val' and label != predicted")
    rows = rows.sort_values("probability", ascending=False).head(most)
    for path in rows["path"]:
        file = run.data / path
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(90, 140, (48, 64, 3)).astype(np.uint8)
        x, y = rng.integers(8, 40, 2)
        pixels[y - 8 : y + 8, x - 8 : x + 16] = rng.integers(0, 255, 3)
        Image.fromarray(pixels).save(file)
    maps = tuple(
        HeatMap(
            row.path,
            row.label,
            row.predicted,
            tuple(map(tuple, rng.integers(0, 256, (4, 4)).tolist())),
        )
        for row in rows.head(20).itertuples()
    )
    run.path.mkdir()
    RunDirectory(run.path, run.record).keep_heat_maps(HeatMaps(1, maps))
    return run


def _with_probabilities(run: Run) -> Run:
    """Give each val image probabilities of all classes that fit its prediction."""
    table = run.evaluation.predictions.query("split == 'val'")
    place = {name: i for i, name in enumerate(run.class_names)}
    rows = np.full((len(table), len(place)), 0.001, np.float32)
    for column, share in (("label", "label_probability"), ("predicted", "probability")):
        rows[np.arange(len(table)), table[column].map(place)] = table[share]
    return replace(run, kept_evaluation=replace(run.evaluation, probabilities={"val": rows}))


def report(root: Path) -> str:
    """A report with everything that one can have."""
    run = _with_images(_with_probabilities(_simulated(root)))
    record = replace(
        run.record,
        stage_seconds={"preparing": 3.0, "training": 380.0, "evaluating": 4.0},
        choices=("Architecture cnn: the training images have a median of 32 x 32 pixels.",),
    )
    lineage = (
        Ancestor("00", "", 0.71, "start"),
        Ancestor("cnn-first", "epochs 6 to 12; dropout 0 to 0.3", 0.82, "kept"),
    )
    verdict, *others = run.diagnosis.findings
    known = replace(
        verdict.recommendations[0],
        lever="regularise",
        expected=Expectation(0.021, (-0.003, 0.04), 23),
        seconds=412.0,
        falsifier="It is wrong if train accuracy does not fall.",
    )
    findings = (replace(verdict, recommendations=(known,)), *others)
    diagnosis = replace(run.diagnosis, findings=findings, not_judged=("Label errors: too few.",))
    run = replace(run, record=record, kept_diagnosis=diagnosis)
    return render_html(run, beside=Beside(known_curve(CURVE), lineage))


def hostile_report(root: Path) -> str:
    """A report whose names are markup."""
    run = _simulated(
        root, class_names=HOSTILE, each={"train": 30, "val": 20}, accuracy=(0.8, 0.5, 0.5), epochs=3
    )
    table = run.evaluation.predictions
    paths = [f"{HOSTILE[i % 3]}{i}.png" for i in range(len(table))]
    evaluation = replace(run.evaluation, predictions=table.assign(path=paths))
    return render_html(replace(run, path=root / HOSTILE[2], kept_evaluation=evaluation))


def large_report(root: Path) -> str:
    """A report of 1,000 classes and more than 10,000 mistakes."""
    names = [f"n{i:04}_species_of_bird_{i:04}" for i in range(1000)]
    each = {"train": 2, "val": 24, "test": 5}
    run = _simulated(root, class_names=names, each=each, accuracy=(0.9, 0.52, 0.52))
    assert run.evaluation.val.n - run.evaluation.val.correct > 10_000
    return render_html(_with_images(run))


def audit(root: Path) -> str:
    """An audit that found something of most kinds, with hostile names."""
    rng = np.random.default_rng(0)
    folders = [root / "data" / "train" / name for name in ("cat", "dog", "<b>bold")]
    for number in range(18):
        folder = folders[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 256, (4, 4, 3)).astype(np.uint8)
        picture = Image.fromarray(coarse).resize((32, 32), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number}.png")
    (folders[2] / '"><img src=x onerror=alert(1)>.png').write_bytes(b"no image")
    (folders[0] / "copy.png").write_bytes((folders[1] / "1.png").read_bytes())
    Image.new("RGB", (32, 32)).save(folders[0] / "blank.png")
    return render_audit(Audit.of(root / "data"))


def compare(root: Path) -> str:
    """A leaderboard of test scores, with a run that was left out."""
    del root
    runs = [
        RankedRun(
            path=Path("runs", name),
            name=name,
            rank=rank,
            accuracy=accuracy,
            interval=(accuracy - 0.02, accuracy + 0.02),
            n=1000,
            val_accuracy=accuracy,
            comparison=Comparison(500, 0, worse, 500 - worse) if worse else None,
            p_value=0.001 if worse else None,
            seconds=75,
            parameters=12_345,
        )
        for name, rank, accuracy, worse in (
            (HOSTILE[1][:60], 1, 0.9, 0),
            ("cnn-1", 1, 0.89, 10),
            ("cnn-2-with-a-long-name-of-many-words", 3, 0.8, 100),
        )
    ]
    left_out = (LeftOutRun(Path("runs/other"), "It has other images."),)
    board = Leaderboard(tuple(runs), split="test", looks=Looks(3), left_out=left_out)
    return render_leaderboard(board, changes=["depth 3 to 4", HOSTILE[0]])


def improve(root: Path) -> str:
    """An improvement of two changes, one of them kept."""
    del root
    start = Step("00", is_chosen=True, verdict="start", val_accuracy=0.6, val_interval=(0.5, 0.7))
    run = _simulated(Path("unused"), each={"train": 5, "val": 5}, epochs=2)
    longer = replace(
        with_training(run.experiment, "More steps.", epochs=24),
        expected=Expectation(0.1, (0.0, 0.2), 12),
        falsifier=HOSTILE[1],
    )
    deeper = with_spec(run.experiment, "More room.", depth=4)
    steps = (
        start,
        Step(
            "01",
            parent="00",
            ideas=(Idea("still_improving", longer),),
            is_chosen=True,
            verdict="kept",
            observed=Comparison(60, 30, 5, 5),
            val_accuracy=0.85,
            val_interval=(0.8, 0.9),
            seconds=12.5,
        ),
        Step(
            "02",
            parent="01",
            ideas=(Idea("high_bias", deeper, "02-short-1", 0.7, 3.0),),
            is_chosen=True,
            verdict="rejected",
            observed=Comparison(84, 1, 1, 14),
            val_accuracy=0.85,
            val_interval=(0.8, 0.9),
        ),
    )
    ended = "the time is used up."
    lineage = Lineage(FORMAT, "/data", 0.95, Experiment(), steps=steps, seconds=40.0, ended=ended)
    return render_improvement(lineage, "digits-1")


def learning_curve(root: Path) -> str:
    """A learning curve with a forecast."""
    del root
    return render_curve(CURVE, HOSTILE[0])


def label_errors(root: Path) -> str:
    """More label errors than are shown at once."""
    score = Score(class_names=HOSTILE, confusion=((80, 9, 1), (9, 80, 1), (2, 2, 86)), loss=0.3)
    file = root / "train" / "1.png"
    file.parent.mkdir()
    Image.new("RGB", (20, 30), (90, 120, 30)).save(file)
    errors = tuple(
        LabelError(
            "train/1.png" if i % 3 else f"{HOSTILE[0]}{i}",
            "train",
            HOSTILE[i % 2],
            HOSTILE[2],
            0.9,
            0.05,
        )
        for i in range(60)
    )
    return render_label_errors(LabelErrors(root, errors, score, root / "found"))


PAGES = {
    "report": report,
    "hostile-report": hostile_report,
    "large-report": large_report,
    "audit": audit,
    "compare": compare,
    "improve": improve,
    "learning-curve": learning_curve,
    "label-errors": label_errors,
}
