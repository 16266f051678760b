"""Planted causes against diagnosed ones, and whether following the advice helps.

    python benchmarks/diagnoser.py [--seeds 0 1] [--kinds digits shapes] [--follow] [--keep FILE]

Each training of `planted.py` is run, scored and diagnosed. Printed are the planted cause and the
first finding of each, and the share that agrees. With --follow the first recommendation, where
there is one, is carried out, and against it, on the same data: twice the epochs, more augmentation,
and a recommendation drawn at random from a list of usual changes. A change has helped if a paired
test on the same val images says so (McNemar, p < 0.05). FILE keeps each trial; a run that was ended
goes on from it.

Seeds from 100 on were never looked at while the rules were made: report with --seeds 100 101.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from machine import describe_machine
from planted import PLANTS, Plant, prepare
from quick_runs import trained, unchecked
from rich.console import Console
from rich.progress import track

from imgclass import Experiment, Run, compare
from imgclass.diagnosis import Diagnoser, Recommendation, levers
from imgclass.evaluation import Score

TARGET = 0.95
SURE = 0.05
RIVALS = ("recommended", "twice the epochs", "more augmentation", "random")
USUAL = ("deepen", "widen", "train_longer", "augment_more", "augment_less", "drop_more",
         "drop_less", "penalize_more", "lower_learning_rate")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one planted training.

    Attributes:
        plant: The name of the way in which it is wrong.
        causes: The verdicts that name it.
        found: Its findings, most pressing first.
        val: Its val accuracy, in 0-1.
        gains: For each change that was tried: its gain on val and McNemar's p-value; None if none
            was to be tried.
        expected: The gain that was expected of the recommended one: the median, and the lower and
            upper end of the 80 % interval; None if no similar run was known.
    """

    plant: str
    kind: str
    seed: int
    causes: tuple[str, ...]
    found: tuple[str, ...]
    val: float
    changes: tuple[str, ...] = ()
    gains: dict[str, tuple[float, float]] | None = None
    expected: tuple[float, float, float] | None = None

    @property
    def is_right(self) -> bool:
        """Whether the first finding names the cause."""
        return self.found[0] in self.causes


def main() -> None:
    """Run the trials that are not kept yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument(
        "--kinds", nargs="+", choices=("digits", "shapes"), default=["digits", "shapes"]
    )
    parser.add_argument("--plants", nargs="+", help="only these")
    parser.add_argument("--follow", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    print(describe_machine(), flush=True)
    kept = list(read_trials(options.keep))
    known = {(trial.plant, trial.kind, trial.seed): trial for trial in kept}
    wanted = [
        (plant, kind, seed)
        for seed in options.seeds
        for kind in options.kinds
        for plant in PLANTS
        if not options.plants or plant.name in options.plants
    ]
    trials = []
    for plant, kind, seed in track(wanted, "trials", console=Console(stderr=True)):
        trial = known.get((plant.name, kind, seed))
        if trial is None or (options.follow and trial.gains is None):
            trial = attempt(plant, kind, seed=seed, follow=options.follow)
            if options.keep:
                with options.keep.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(trial)) + "\n")
        trials.append(trial)
    print_confusion(trials)
    if options.follow:
        print_gains(trials)


def read_trials(path: Path | None) -> Iterator[Trial]:
    """Yield the trials that a file keeps; of one that is there twice the last counts."""
    if path is None or not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        plain = json.loads(line)
        for name in ("causes", "found", "changes"):
            plain[name] = tuple(plain[name])
        yield Trial(**plain)


def attempt(plant: Plant, kind: str, *, seed: int, follow: bool) -> Trial:
    """Run one planted training, and what is tried against it."""
    with tempfile.TemporaryDirectory() as scratch, unchecked():
        place = Path(scratch)
        folder, experiment = prepare(plant, kind, seed=seed, scratch=place)
        run = trained(folder, experiment, place / "run")
        evidence = run.evidence if run.kept_evaluation else run
        if plant.breaks_val:
            evidence = replace(evidence, val=reversed_order(evidence.val))
        diagnosis = Diagnoser(TARGET).diagnose(evidence)
        recommendation = diagnosis.recommendation
        gains: dict[str, tuple[float, float]] | None = {} if follow else None
        if gains is not None and recommendation and not plant.breaks_val and run.kept_evaluation:
            draw = random.Random(f"{plant.name} {kind} {seed}")  # noqa: S311 - no secret
            for rival, other in rivals(run, recommendation, draw).items():
                after = trained(folder, other, place / rival.replace(" ", "-"))
                gains[rival] = gain(run, after)
        return Trial(
            plant=plant.name,
            kind=kind,
            seed=seed,
            causes=plant.causes,
            found=tuple(finding.name for finding in diagnosis.findings),
            val=evidence.val.accuracy if evidence.val else 0.0,
            changes=recommendation.changes if recommendation else (),
            gains=gains,
            expected=expected_of(recommendation),
        )


def expected_of(recommendation: Recommendation | None) -> tuple[float, float, float] | None:
    """Return the gain that is expected of a recommendation, and its interval, if they are known."""
    if recommendation is None or recommendation.expected is None:
        return None
    return (recommendation.expected.gain, *recommendation.expected.interval)


def rivals(run: Run, recommendation: Any, draw: random.Random) -> dict[str, Experiment]:
    """Return the experiments that are tried after a diagnosis, by name."""
    pulled = {name: getattr(levers, name)(run.experiment, run.history) for name in USUAL}
    offered = [r.experiment for r in pulled.values() if r is not None]
    tries = {
        "recommended": recommendation,
        "twice the epochs": pulled["train_longer"],
        "more augmentation": pulled["augment_more"],
    }
    random_one = {"random": draw.choice(offered)}
    return {name: r.experiment for name, r in tries.items() if r is not None} | random_one


def gain(before: Run, after: Run) -> tuple[float, float]:
    """Return the difference of val accuracies and its p-value; a failed run has gained nothing."""
    if not after.kept_evaluation:
        return -before.evaluation.val.accuracy, 0.0
    comparison = compare(before, after)
    return comparison.difference, comparison.p_value


def reversed_order(score: Score) -> Score:
    """Return a score as if the flow of its split had numbered the classes backwards."""
    return replace(score, confusion=tuple(tuple(row[::-1]) for row in score.confusion))


def print_confusion(trials: list[Trial]) -> None:
    """Print each planted cause with what was diagnosed, and the shares."""
    for trial in trials:
        mark = "right" if trial.is_right else "WRONG"
        print(
            f"{mark}  {trial.plant:28} {trial.kind} {trial.seed}  val {trial.val:.3f}  "
            f"{', '.join(trial.found)}"
        )
    ill = [trial for trial in trials if "good_enough" not in trial.causes]
    healthy = [trial for trial in trials if "good_enough" in trial.causes]
    for name, group in (("planted causes named", ill), ("healthy called healthy", healthy)):
        right = sum(trial.is_right for trial in group)
        if group:
            print(f"{name}: {right} of {len(group)} ({right / len(group):.0%})")


def print_gains(trials: list[Trial]) -> None:
    """Print how often each change raised val beyond noise, and its median gain."""
    for rival in RIVALS:
        gains = [
            trial.gains[rival]
            for trial in trials
            if trial.gains and rival in trial.gains and "recommended" in trial.gains
        ]
        if not gains:
            continue
        raised = sum(points > 0 and p < SURE for points, p in gains)
        lowered = sum(points < 0 and p < SURE for points, p in gains)
        print(
            f"{rival:18} raised val beyond noise in {raised} of {len(gains)}, lowered it in "
            f"{lowered}, median gain {median(points for points, _ in gains):+.3f}"
        )
    print_expectations(trials)


def print_expectations(trials: list[Trial]) -> None:
    """Print how often the recommended change gained what was expected of it."""
    tried = [trial for trial in trials if trial.gains and "recommended" in trial.gains]
    for name in ("all", *dict.fromkeys(trial.kind for trial in tried)):
        of_kind = [trial for trial in tried if name in ("all", trial.kind)]
        pairs = [(t.expected, t.gains["recommended"][0]) for t in of_kind if t.expected and t.gains]
        print(f"expected gains, {name}: known for {len(pairs)} of {len(of_kind)}", end="")
        if pairs:
            inside = sum(low <= gained <= high for (_, low, high), gained in pairs)
            print(
                f"; {inside} ({inside / len(pairs):.0%}) in the 80 % interval, of a median width "
                f"of {median(high - low for (_, low, high), _ in pairs):.3f}; expected median "
                f"{median(middle for (middle, _, _), _ in pairs):+.3f}, gained "
                f"{median(gained for _, gained in pairs):+.3f}",
                end="",
            )
        print()


if __name__ == "__main__":
    main()
