"""Where trainings are made: in this process, or on a cluster."""

from collections.abc import Sequence
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.improvement.cluster import OnCluster, is_busy, require_equal_nodes
from imgclass.improvement.folder import LOCK
from imgclass.improvement.step_runner import Tell
from imgclass.improvement.training import Here, Trainer


def trainer_of(
    root: Path,
    folder: ImageFolder,
    diagnoser: Diagnoser,
    *,
    needed: Sequence[Path] = (),
    has_cluster: bool,
    tell: Tell,
    progress: bool,
) -> Trainer:
    """Return what makes runs in a folder, which this process holds.

    Args:
        root: The folder.
        folder: The data set.
        diagnoser: Has the target.
        needed: What each node of a cluster must see beside the folder and the data set.
        has_cluster: Whether the connected cluster trains; otherwise this process does.
        tell: Is called with a sentence about what is waited for or gone on with.
        progress: Whether trainings in this process show their progress on standard error.

    Raises:
        MachineError: A node of the cluster cannot train.
    """
    if not has_cluster:
        return Here(folder, diagnoser, progress)
    first_image = folder.root / folder.manifest.samples[0].path
    require_equal_nodes(root, lock=root / LOCK, paths=(folder.root, first_image, *needed))
    if is_busy():
        tell("The cluster has no room now, as others use it; the trainings wait.")
    return OnCluster(root, folder, diagnoser, tell)
