"""The page of an improvement: where it began, what each step was to bring, what it brought."""

from pathlib import Path, PurePath

from imgclass.improvement.chart import HEIGHT, draw_lineage
from imgclass.improvement.lineage import Lineage
from imgclass.report.page_file import write_page
from imgclass.report.templates import page_template

PAGE = "improvement.html"


def render_improvement(lineage: Lineage, name: str) -> str:
    """Return the page of a lineage, which needs no other file and no network.

    Args:
        lineage: What was tried so far.
        name: Of the improvement, for its title.
    """
    # A run that was the start lies elsewhere; where that is, is nobody's business.
    template = page_template("improvement", name_of=lambda run: PurePath(run).name)
    return template.render(
        lineage=lineage,
        name_of_it=name,
        data_name=Path(lineage.data).name,
        chart=draw_lineage(lineage),
        reports={step.run for step in lineage.steps if step.run.isdecimal()},
        height=HEIGHT,
    )


def write_improvement(lineage: Lineage, folder: Path) -> Path:
    """Write the page into the folder, and return its path.

    Raises:
        MachineError: It cannot be written.
    """
    return write_page(folder / PAGE, render_improvement(lineage, folder.name))
