"""The nodes of a cluster: each must have the same packages and see the same folders and locks."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from imgclass.errors import MachineError
from imgclass.io.lock import is_held
from imgclass.io.os_errors import machine_errors

# A checkpoint is continued by the same versions only.
PACKAGES = ("imgclass-keras", "keras", "tensorflow", "jax", "torch", "numpy", "pillow", "scipy")
ANSWER = 120.0  # seconds in which a node must start a process and look at some files
MARK = ".shared-"


@dataclass(frozen=True, slots=True)
class Look:
    """What a node looks at.

    Attributes:
        mark: A file that was just written.
        text: What is in it.
        lock: A lock file that is held elsewhere.
        paths: What must be there.
    """

    mark: Path
    text: str
    lock: Path
    paths: tuple[Path, ...]


def require_equal_nodes(root: Path, *, lock: Path, paths: Sequence[Path]) -> None:
    """Require of each node: our packages, our folders at the same paths, and locks that hold.

    Locks keep a training that moved to another node from being written by both, when the first
    node was not dead but only out of reach.

    Args:
        root: The folder in which the runs are made.
        lock: A lock file that this process holds.
        paths: What else must be there, such as the data set.

    Raises:
        MachineError: A node differs, or does not answer.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    with _marked(root, lock, paths) as look:
        ask = ray.remote(num_cpus=0)(faults_of_node)
        asked = {
            _name(node): ask.options(
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            ).remote(look, versions())
            for node in living_nodes()
        }
        for name, answer in asked.items():
            try:
                faults = ray.get(answer, timeout=ANSWER)
            except ray.exceptions.RayError as error:
                last = str(error).strip().splitlines()[-1]
                faults = [f"Expected the node to look at its files; {last}"]
            if faults:
                raise MachineError(f"Node {name} of the cluster cannot train. {faults[0]}")


def living_nodes() -> list[dict[str, Any]]:
    """Return Ray's words on each node that has processors or GPUs for trials."""
    import ray

    return [
        node
        for node in ray.nodes()
        if node["Alive"] and any(node["Resources"].get(name, 0) >= 1 for name in ("CPU", "GPU"))
    ]


def faults_of_node(look: Look, expected: Mapping[str, str]) -> list[str]:
    """Return what keeps this machine from training, the weightiest first; runs on each node."""
    faults = []
    for name, known in expected.items():
        if (here := versions().get(name, "none")) != known:
            faults.append(
                f"Expected {name} {known}, as where the command was given; it has {here}. Install "
                f"the same packages on all nodes."
            )
    root = look.mark.parent
    try:
        is_shared = look.mark.read_text(encoding="ascii") == look.text
    except OSError:
        is_shared = False
    if not is_shared:
        faults.append(
            f"Expected the folder {root} to be the same on all nodes; there it is not. Put it on "
            f"a file system that they share, at the same path (--out)."
        )
        return faults
    faults += [
        f"Expected {path}, as where the command was given; it is not there. Put it on a file "
        f"system that the nodes share, at the same path."
        for path in look.paths
        if not path.exists()
    ]
    own = look.mark.with_name(f"{look.mark.name}-{secrets.token_hex(4)}")
    try:
        own.touch()
        own.unlink()
    except OSError as error:
        faults.append(f"Expected to write to {root}; {error.strerror or error}.")
    if not is_held(str(look.lock)):
        faults.append(
            f"Expected locks in {root} to hold on all nodes; one that is held is free there. Mount "
            f"the file system with locks: NFS without `nolock` and `local_lock`, Lustre with "
            f"`flock`."
        )
    return faults


def versions() -> dict[str, str]:
    """Return the versions of the installed packages that a checkpoint depends on."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def is_busy() -> bool:
    """Return whether the cluster has no room for a trial now, since others use it."""
    import ray

    share = share_of_a_trial([node["Resources"] for node in living_nodes()])
    free = ray.available_resources()
    return any(free.get(name.upper(), 0.0) < part for name, part in share.items())


def share_of_a_trial(resources: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return what a trial asks for: a GPU with its part of the cores; else a whole small node.

    Args:
        resources: Of each node, in Ray's words.

    Raises:
        MachineError: There is no node.

    Example:
        >>> share_of_a_trial([{"CPU": 4.0}, {"CPU": 16.0}])
        {'cpu': 4.0}
        >>> share_of_a_trial([{"CPU": 4.0}, {"CPU": 16.0, "GPU": 4.0}])
        {'cpu': 4, 'gpu': 1}
    """
    with_gpus = [each for each in resources if each.get("GPU", 0) >= 1]
    if with_gpus:
        return {"cpu": min(int(each.get("CPU", 0) // each["GPU"]) for each in with_gpus), "gpu": 1}
    cores = [each["CPU"] for each in resources if each.get("CPU", 0) >= 1]
    if not cores:
        raise MachineError(
            "Expected a cluster with processors or GPUs; no node of it has any. Start one: ray "
            "start --address HEAD"
        )
    return {"cpu": min(cores)}


def places(resources: Sequence[Mapping[str, float]]) -> int:
    """Return how many trials have room on these nodes at the same time.

    Args:
        resources: Of each node, in Ray's words.

    Raises:
        MachineError: There is no node.

    Example:
        >>> places([{"CPU": 4.0}, {"CPU": 16.0}])
        5
        >>> places([{"CPU": 4.0}, {"CPU": 16.0, "GPU": 4.0}])
        4
    """
    # With fewer cores than GPUs, a trial asks for no core.
    share = {name.upper(): part for name, part in share_of_a_trial(resources).items() if part}
    return sum(
        int(min(node.get(name, 0.0) // part for name, part in share.items())) for node in resources
    )


@contextmanager
def _marked(root: Path, lock: Path, paths: Sequence[Path]) -> Iterator[Look]:
    """Write a file that no other folder can have by chance, and remove it."""
    text = secrets.token_hex(16)
    mark = root / f"{MARK}{text[:8]}"
    with machine_errors(mark):
        mark.write_text(text, encoding="ascii")
    try:
        yield Look(mark, text, lock, tuple(paths))
    finally:
        mark.unlink(missing_ok=True)


def _name(node: Mapping[str, Any]) -> str:
    return str(node.get("NodeManagerHostname") or node.get("NodeManagerAddress"))
