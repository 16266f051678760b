"""Where the trainings of an improvement are made."""

from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.improvement.cluster import OnCluster, is_busy, require_equal_nodes
from imgclass.improvement.folder import LOCK
from imgclass.improvement.lineage import Lineage
from imgclass.improvement.step_runner import Tell
from imgclass.improvement.training import Here, Trainer


def trainer_of(
    lineage: Lineage,
    root: Path,
    folder: ImageFolder,
    *,
    has_cluster: bool,
    tell: Tell,
    progress: bool,
) -> Trainer:
    """Return what makes the runs of an improvement, which this process holds.

    Args:
        lineage: What was tried so far.
        root: The improvement's folder.
        folder: The data set.
        has_cluster: Whether the connected cluster trains; otherwise this process does.
        tell: Is called with a sentence about what is waited for or gone on with.
        progress: Whether trainings in this process show their progress on standard error.

    Raises:
        MachineError: A node of the cluster cannot train.
    """
    diagnoser = Diagnoser(lineage.target_accuracy)
    if not has_cluster:
        return Here(folder, diagnoser, progress)
    first_image = folder.root / folder.manifest.samples[0].path
    start = [root / lineage.steps[0].run] if lineage.best else []
    require_equal_nodes(root, lock=root / LOCK, paths=(folder.root, first_image, *start))
    if is_busy():
        tell("The cluster has no room now, as others use it; the trainings wait.")
    return OnCluster(root, folder, diagnoser, tell)
