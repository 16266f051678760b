"""What a command is given to train on, opened: a data set, or a run whose data are taken."""

from pathlib import Path
from typing import TYPE_CHECKING

from imgclass.cli.output import note, progress_bar

if TYPE_CHECKING:
    from imgclass.data.dataset.image_folder import ImageFolder
    from imgclass.run import Run


def open_data(data: Path) -> "ImageFolder":
    """Open a data set, and say how it is split and what was left out."""
    from imgclass.cli.data_text import data_text
    from imgclass.data.dataset.image_folder import ImageFolder

    bar, progress = progress_bar("reading")
    with bar:
        folder = ImageFolder.open(data, progress=progress)
    note(data_text(folder))
    return folder


def open_run_or_data(path: Path) -> "Run | ImageFolder":
    """Open a run, or else a data set as `open_data` does."""
    from imgclass.io.untrusted_files import exists
    from imgclass.run import Run
    from imgclass.run.record import FILE

    return Run.load(path) if exists(path / FILE) else open_data(path)
