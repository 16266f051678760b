"""What a training costs more on a Ray cluster than here, and what ten nodes would give.

    python benchmarks/cluster.py [--repeats 3]

Clusters of one and two nodes are started on this machine, each node with one processor, and each is
given as many small trainings at the same time as it has nodes. Two figures are measured:

    placing      seconds of all of them together beyond the longest: Ray Tune, and a new process
    beginning    seconds of one beyond those that its run records: importing Keras

An improvement pays the first once for all short fits and once for the whole one, and the second
for each training; here it imports Keras once. For n nodes, a step with three short fits of s
seconds and a whole one of w takes

    here         3 s + w
    n nodes      placing + ceil(3 / n) (beginning + s) + placing + beginning + w

and 300 trainings of t seconds, each a trial, take

    here         300 t
    n nodes      placing + ceil(300 / n) (beginning + t)

These are computed, not measured: they assume nodes like this machine, a file system as fast as its
own, and that nothing else is on them.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median

from machine import describe_machine

from imgclass import DatasetOrganizer, Experiment, ImageFolder, ModelSpec, TrainingConfig
from imgclass.data.digits import write_digits
from imgclass.diagnosis import Diagnoser
from imgclass.formatting import duration
from imgclass.improvement.cluster import OnCluster, connected, require_equal_nodes
from imgclass.improvement.folder import LOCK, held
from imgclass.improvement.training import Training

NODES = 10
SHORT_FITS, SHORT = 3, 0.25  # of a step; the share of the epochs of each
MANY = 300
SMALL = Experiment(spec=ModelSpec(depth=1, width=4), training=TrainingConfig(epochs=3))


@dataclass(frozen=True, slots=True)
class Overhead:
    """What trainings at the same time cost more on a cluster, in seconds.

    Attributes:
        nodes: Of the cluster; also the number of trainings.
        connecting: To connect, and to look at each node; once for an improvement.
        placing: Once for trainings that are made at the same time.
        beginning: Once for each training.
    """

    nodes: int
    connecting: float
    placing: float
    beginning: float

    def step(self, short: float, whole: float, *, nodes: int) -> float:
        """Return the seconds of a step with three short fits.

        Example:
            >>> Overhead(1, 9.0, placing=2.0, beginning=8.0).step(60.0, 240.0, nodes=10)
            320.0
        """
        shorts = ceil(SHORT_FITS / nodes) * (self.beginning + short)
        return self.placing + shorts + self.placing + self.beginning + whole

    def many(self, each: float, *, nodes: int) -> float:
        """Return the seconds of 300 trainings.

        Example:
            >>> Overhead(1, 9.0, placing=2.0, beginning=8.0).many(12.0, nodes=10)
            602.0
        """
        return self.placing + ceil(MANY / nodes) * (self.beginning + each)


def main() -> None:
    """Measure, and print what follows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    print(describe_machine(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        labels, images = write_digits(f"{scratch}/source")
        folder = DatasetOrganizer().organize(labels, images, f"{scratch}/data")
        for nodes in (1, 2):
            place = Path(scratch, f"nodes-{nodes}")
            place.mkdir()
            measured = measure(folder, place, nodes=nodes, repeats=options.repeats)
            print(
                f"{nodes} node{'s' if nodes > 1 else ''}: connecting {measured.connecting:.1f} s, "
                f"placing {measured.placing:.1f} s, beginning {measured.beginning:.1f} s",
                flush=True,
            )
    # One process to a processor, as on a cluster; with two, both also share this machine's memory.
    print_computed(measured)


def measure(folder: ImageFolder, root: Path, *, nodes: int, repeats: int) -> Overhead:
    """Train on a cluster of so many nodes; return the medians."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    for _ in range(nodes - 1):
        cluster.add_node(num_cpus=1)
    placing, beginning = [], []
    began = time.perf_counter()
    with connected(cluster.address), held(root):
        require_equal_nodes(root, lock=root / LOCK, paths=(folder.root,))
        connecting = time.perf_counter() - began
        trainer = OnCluster(root, folder, Diagnoser(), print)
        for repeat in range(repeats):
            ends = time.time() + 600
            trainings = [
                Training(root / f"{repeat}-{number}", SMALL, None, ends) for number in range(nodes)
            ]
            began = time.perf_counter()
            outcomes = trainer(trainings)
            whole = time.perf_counter() - began
            placing.append(whole - max(outcome.seconds for outcome in outcomes))
            for outcome in outcomes:
                recorded = sum(outcome.require_run().record.stage_seconds.values())
                beginning.append(outcome.seconds - recorded)
    cluster.shutdown()
    return Overhead(nodes, connecting, median(placing), median(beginning))


def print_computed(measured: Overhead) -> None:
    """Print what ten nodes would give for trainings of several lengths."""
    print(f"\nComputed for {NODES} nodes from the figures of {measured.nodes}:\n")
    print(f"| | here | {NODES} nodes | times as fast |\n|---|---|---|---|")
    for whole in (60.0, 600.0, 3600.0):
        short = SHORT * whole
        here = SHORT_FITS * short + whole
        there = measured.step(short, whole, nodes=NODES)
        print_row(f"a step, its whole fit {duration(whole)}", here, there)
    for each in (5.0, 20.0, 60.0):
        there = measured.many(each, nodes=NODES)
        print_row(f"{MANY} trainings of {duration(each)}", MANY * each, there)


def print_row(what: str, here: float, there: float) -> None:
    """Print a row of the table."""
    print(f"| {what} | {duration(here)} | {duration(there)} | {here / there:.1f} |")


if __name__ == "__main__":
    main()
