"""The runs that led to one of an improvement, as its report shows them."""

from pathlib import Path, PurePath

from imgclass.errors import RunError
from imgclass.improvement.lineage import FILE, Lineage, read_lineage
from imgclass.io.untrusted_files import exists
from imgclass.report.beside import Ancestor


def lineage_beside(run: Path) -> tuple[Ancestor, ...]:
    """Return the runs that led to the run in a directory; none if no improvement made it."""
    if not exists(run.parent / FILE):
        return ()
    try:
        lineage = read_lineage(run.parent)
    except RunError:
        return ()
    return ancestors(lineage, run.name)


def ancestors(lineage: Lineage, run: str) -> tuple[Ancestor, ...]:
    """Return the steps from the start to a run, which is the last; none if it is not of these."""
    steps = {step.run: step for step in lineage.steps}
    found: list[Ancestor] = []
    while (step := steps.pop(run, None)) is not None:  # each once, also in a file that lies
        name = PurePath(step.run).name
        verdict = "" if step.verdict in {"trying", "failed"} else step.verdict
        found.append(Ancestor(name, "; ".join(step.changes), step.val_accuracy, verdict))
        run = step.parent
    return tuple(reversed(found))
