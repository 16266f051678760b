"""The verb `report`."""

from imgclass.cli.options import Json, RunArgument
from imgclass.cli.output import emit, shown_path, visible_lines


def report(run: RunArgument, *, json: Json = False) -> None:
    """Write a run's report, one HTML file."""
    from imgclass.cli.known_beside import known_beside
    from imgclass.report import write_report
    from imgclass.run import Run

    loaded = Run.load(run)
    page = write_report(loaded, beside=known_beside(loaded))
    emit({"report": str(page)}, visible_lines(shown_path(page)), as_json=json)
