"""The table of experience: what each change brought in several hundred small trainings.

    python benchmarks/experience.py FILE [--hours 1] [--jobs 2]     make rows, or go on making them
    python benchmarks/experience.py FILE --faulty                   of trainings with a coarse fault
    python benchmarks/experience.py FILE --cluster ADDRESS --jobs 20   the same, on a Ray cluster
    python benchmarks/experience.py FILE --check                    how well they predict each other
    python benchmarks/experience.py FILE --keep                     put them into the package

A situation is a drawn set of images (`drawn_images.py`; none is one of `planted.py`) and a drawn
experiment. It is trained, scored and diagnosed; if no lever is recommended, that is all. Otherwise
up to three are pulled, alone and together, which makes up to eight trainings. A row is any two of
these trainings of which a lever makes the second from the first: the situation before, the lever,
and how many val images the second got right that the first got wrong, and the other way round.

With --faulty the experiment is one of `faults.py`, wrong in one way; a row is that training and one
of the first two things that its diagnosis recommends.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from itertools import combinations, permutations
from multiprocessing import get_context
from pathlib import Path

from calibration import print_calibration
from drawn_images import DrawnSet, available_kinds, random_set, write_set
from faults import FAULTS, faulty
from machine import describe_machine
from quick_runs import trained, unchecked
from rich.progress import Progress, TextColumn, TimeRemainingColumn

from imgclass import DatasetOrganizer, Experiment, ImageFolder, ModelSpec, Run, TrainingConfig
from imgclass.diagnosis import Diagnoser, levers
from imgclass.diagnosis.experience import Experience, experience_of
from imgclass.diagnosis.experience.table import PACKAGED, line_of, rows_of, table_text
from imgclass.errors import UsageError
from imgclass.flows import PRESETS
from imgclass.improvement.cluster import connected

# Those that a rule may recommend for a network without a backbone.
LEVERS = (
    "augment_more",
    "augment_more_for_longer",
    "drop_more",
    "penalize_more",
    "train_longer",
    "deepen",
    "widen",
    "augment_less",
    "drop_less",
    "penalize_less",
    "anneal",
    "weigh_classes",
    "sample_evenly",
)
PULLED = 3
RECOMMENDED = 2  # that are tried against a fault
# Those with several answers, or of which some trainings fail, are drawn twice as often.
TURNS = (*FAULTS, "a wrong rate", "too few images", "a rare class")
VAL_IMAGES = 400
SMALL_BATCH, LARGE_BATCH, MANY = 64, 128, 900
MOST_STEPS = 200  # of the first training
ONE_THREAD = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
SITUATIONS_OF_A_PROCESS = 6  # Keras keeps a little of every model

Make = Callable[[int], list[Experience]]  # of the number of a situation
Submit = Callable[[int], Future[list[Experience]]]


def main() -> None:
    """Make rows until the time is over, check them, or put them into the package."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="JSON lines, to which rows are added")
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--jobs", type=int, default=1, help="processes, of one thread each")
    parser.add_argument("--faulty", action="store_true")
    parser.add_argument("--cluster", metavar="ADDRESS", help="of a Ray cluster, as for improve")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if options.check:
        print_calibration(read_rows(options.file))
    elif options.keep:
        PACKAGED.write_text(table_text(read_rows(options.file)), encoding="utf-8")
    else:
        print(describe_machine(), flush=True)
        make = rows_of_fault if options.faulty else rows_of_situation
        with processes(make, options.jobs, options.cluster) as submit:
            make_rows(options.file, submit, seconds=3600 * options.hours, jobs=options.jobs)


def read_rows(path: Path) -> list[Experience]:
    """Return the rows of a file; none if it is not there."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return list(rows_of(text, name=str(path)))


def make_rows(path: Path, submit: Submit, *, seconds: float, jobs: int) -> None:
    """Add the rows of one situation after the other until the time is over."""
    known = read_rows(path)
    number = 1 + max((int(row.source.split()[0]) for row in known), default=-1)
    began, rows = time.monotonic(), len(known)
    columns = (TextColumn("{task.description}"), *Progress.get_default_columns()[1:-1])
    with Progress(*columns, TimeRemainingColumn()) as progress:
        task = progress.add_task(f"{rows} rows", total=seconds)
        running: set[Future[list[Experience]]] = set()
        while running or time.monotonic() - began < seconds:
            while len(running) < jobs and time.monotonic() - began < seconds:
                running.add(submit(number))
                number += 1
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                new = future.result()
                with path.open("a", encoding="utf-8") as file:
                    file.writelines(map(line_of, new))
                rows += len(new)
                progress.update(
                    task, completed=time.monotonic() - began, description=f"{rows} rows"
                )
                if new:
                    progress.print(f"{new[0].source}: {len(new)} rows, {rows} in all")


@contextmanager
def processes(make: Make, jobs: int, cluster: str | None) -> Iterator[Submit]:
    """Yield what submits a situation to a process of its own, here or on a cluster."""
    if cluster is None:
        context, most = get_context("spawn"), SITUATIONS_OF_A_PROCESS
        with ProcessPoolExecutor(jobs, context, single_threaded, max_tasks_per_child=most) as pool:
            yield partial(pool.submit, make)
        return
    with connected(cluster):
        import ray

        # A situation whose node is lost is made again; it is short, and all of it is drawn anew.
        task = ray.remote(num_cpus=1, max_retries=3, max_calls=SITUATIONS_OF_A_PROCESS)(on_a_node)
        yield lambda number: task.remote(make, number).future()


def on_a_node(make: Make, number: int) -> list[Experience]:
    """Return the rows of a situation in a process of a cluster."""
    single_threaded()
    return make(number)


def single_threaded() -> None:
    """Let this process compute with one thread; small steps are no faster with more."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"), TF_CPP_MIN_LOG_LEVEL="3")


def rows_of_situation(number: int) -> list[Experience]:
    """Train a situation and what its levers make of it; return what was seen."""
    draw = random.Random(f"experience {number}")  # noqa: S311 - no secret
    drawn = random_set(draw, available_kinds())
    source = f"{number} {drawn.kind}"
    with tempfile.TemporaryDirectory() as scratch, unchecked():
        place = Path(scratch)
        folder = organized(drawn, draw, place)
        first = trained(folder, random_experiment(draw, folder), place / "run-0")
        if not first.kept_evaluation or not advised(first) & set(LEVERS):
            return []
        runs = [first, *all_pulled(first, folder, place, draw)]
        return list(pairs_of(runs, source))


def rows_of_fault(number: int) -> list[Experience]:
    """Train what is wrong in one way, and what its diagnosis recommends; return what was seen."""
    draw = random.Random(f"fault {number}")  # noqa: S311 - no secret
    name = TURNS[number % len(TURNS)]
    drawn, experiment = faulty(draw, random_set(draw, available_kinds()), name)
    rows = []
    with tempfile.TemporaryDirectory() as scratch, unchecked():
        place = Path(scratch)
        folder = organized(drawn, draw, place)
        first = trained(folder, experiment, place / "run")
        if not first.kept_evaluation:
            return []
        recommended = Diagnoser().diagnose(first).recommendations[:RECOMMENDED]
        for each in recommended:
            after = trained(folder, each.experiment, place / each.lever)
            rows.append(experience_of(first, after, each.lever, source=f"{number} {drawn.kind}"))
    return rows


def organized(drawn: DrawnSet, draw: random.Random, place: Path) -> ImageFolder:
    """Write a drawn set and split it into train and val."""
    labels, images = write_set(drawn, place / "source")
    val = min(VAL_IMAGES, drawn.images // 2)
    return DatasetOrganizer(
        val=val / drawn.images, test=0, seed=draw.randrange(1000), duplicates="off"
    ).organize(labels, images, place / "data")


def random_experiment(draw: random.Random, folder: ImageFolder) -> Experiment:
    """Draw an experiment of about as many steps as can be afforded hundreds of times."""
    optimizer, rate = draw.choice((("muon", 0.16), ("muon", 0.16), ("adam", 1e-3)))
    images = folder.counts["train"]
    batch = SMALL_BATCH if images < MANY else LARGE_BATCH
    most = max(3, MOST_STEPS * batch // images)
    return Experiment(
        architecture="cnn",
        spec=ModelSpec(
            depth=draw.choice((1, 2, 2, 3)),
            width=draw.choice((4, 8, 12, 20)),
            dropout=draw.choice((0.0, 0.0, 0.2, 0.35, 0.5)),
            l2=draw.choice((0.0, 0.0, 1e-4, 5e-4, 1e-3)),
        ),
        training=TrainingConfig(
            epochs=min(draw.choice((8, 16, 24, 30)), most),
            batch_size=batch,
            optimizer=optimizer,
            learning_rate=rate * draw.choice((0.3, 1.0, 1.0, 3.0)),
            schedule=draw.choice(("one_cycle", "one_cycle", "one_cycle", "constant")),
            seed=draw.randrange(1000),
        ),
        augmentation=PRESETS[draw.choice(("none", "flip", "light", "medium", "strong"))],
    )


def all_pulled(first: Run, folder: ImageFolder, place: Path, draw: random.Random) -> Iterator[Run]:
    """Train what each set of the chosen levers makes of the first run."""
    names = chosen_levers(first, draw)
    sets = [some for size in range(1, PULLED + 1) for some in combinations(names, size)]
    for number, some in enumerate(sets, start=1):
        experiment: Experiment | None = first.experiment
        for name in some:
            step = experiment and pulled(name, experiment, first)
            experiment = step or None
        if experiment is not None:
            run = trained(folder, experiment, place / f"run-{number}")
            if run.kept_evaluation:
                yield run


def chosen_levers(run: Run, draw: random.Random) -> list[str]:
    """Return up to three levers that have something to change, mostly recommended ones."""
    has_rare = max(run.manifest.class_counts("train").values()) > 2 * min(
        run.manifest.class_counts("train").values()
    )
    single = [
        name
        for name in LEVERS
        if name != "augment_more_for_longer"
        and (has_rare or name not in ("weigh_classes", "sample_evenly"))
        and pulled(name, run.experiment, run) is not None
    ]
    draw.shuffle(single)
    single.sort(key=lambda name: name not in advised(run))
    best, others = single[: PULLED - 1], single[PULLED - 1 :]
    return [*best, *draw.sample(others, min(1, len(others)))]


def advised(run: Run) -> set[str]:
    """Return the names of the levers that a run's diagnosis recommends."""
    return {step.lever for step in Diagnoser().diagnose(run).recommendations}


def pulled(name: str, experiment: Experiment, run: Run) -> Experiment | None:
    """Return what a lever makes of an experiment; None if it is at its end."""
    step = getattr(levers, name)(experiment, run.history)
    return step and step.experiment


def pairs_of(runs: Sequence[Run], source: str) -> Iterator[Experience]:
    """Yield a row for every two runs of which a lever makes the second from the first."""
    for before, after in permutations(runs, 2):
        for name in LEVERS:
            if pulled(name, before.experiment, before) == after.experiment:
                with suppress(UsageError):  # nothing to compare
                    yield experience_of(before, after, name, source=source)


if __name__ == "__main__":
    main()
