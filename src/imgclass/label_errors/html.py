"""The HTML page of a search: each doubted image beside what it may be instead."""

from imgclass.label_errors.found import LabelError, LabelErrors
from imgclass.report.templates import page_template
from imgclass.report.thumbnails import thumbnail

SHOWN = 120


def render_label_errors(found: LabelErrors) -> str:
    """Return what was found as one HTML page that needs no other file and no network.

    Args:
        found: Its images are read from `found.root`; the 120 surest are shown.
    """
    return page_template("report/label_errors").render(
        found=found,
        name=found.root.resolve().name,
        pictures=[(error, *_picture(found, error)) for error in found.errors[:SHOWN]],
    )


def _picture(found: LabelErrors, error: LabelError) -> tuple[str | None, bool]:
    return thumbnail(found.root / error.path) or (None, False)
