"""The verb `audit`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.data_text import summary_lines, summary_payload
from imgclass.cli.options import Json, MaxPixels
from imgclass.cli.output import emit, progress_bar, table, visible_lines
from imgclass.errors import UsageError

if TYPE_CHECKING:
    from imgclass.audit import Audit
    from imgclass.data.dataset.summary import ImageSummary

FOUND = 4


def audit(
    data: Annotated[
        Path, typer.Argument(help="A folder of class folders, with or without splits.")
    ],
    *,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with the pictures.")
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(metavar="ISSUE,...", help="Exit with code 4 if one of these is found."),
    ] = None,
    max_pixels: MaxPixels = None,
    json: Json = False,
) -> None:
    """Say what is wrong with a data set: broken and odd images, duplicates, leaks between splits.

    Nothing is changed.
    """
    from imgclass.audit import Audit, write_audit

    del max_pixels  # its callback has done the work
    unwanted = _issues(fail_on)
    bar, progress = progress_bar("auditing")
    with bar:
        done = Audit.of(data, progress=progress)
    page = write_audit(done, html) if html is not None else None
    emit(_payload(done, page), visible_lines(_text(done, page)), as_json=json)
    if unwanted & done.summary.keys():
        raise typer.Exit(FOUND)


def _issues(names: str | None) -> set[str]:
    from imgclass.audit import ISSUES
    from imgclass.audit.problems import PROBLEMS

    wanted = {name.strip().replace("-", "_") for name in (names or "").split(",") if name.strip()}
    known = [*ISSUES, *PROBLEMS]
    if unknown := sorted(wanted - set(known)):
        raise UsageError(
            f"Expected --fail-on of {', '.join(known)}; received {', '.join(unknown)}."
        )
    return wanted


def _payload(audit: "Audit", page: Path | None) -> dict[str, Any]:
    from imgclass.audit import ISSUES

    paths = audit.table["path"].tolist()
    return {
        "root": str(audit.root),
        "images": len(audit.table),
        **summary_payload(_summary(audit)),
        "summary": audit.summary,
        "issues": {
            name: [
                {"path": row.path, "score": round(float(getattr(row, f"{name}_score")), 4)}
                | ({"fault": row.fault} if name == "broken" else {})
                for row in audit.worst(name).itertuples()
            ]
            for name in ISSUES
            if name in audit.summary
        },
        "pairs": [
            {
                "a": paths[pair.a],
                "b": paths[pair.b],
                "distance": pair.distance,
                "exact": pair.is_exact,
                "mirrored": pair.is_mirrored,
            }
            for pair in audit.duplicates.pairs
        ],
        "problems": [
            {"name": f.name, "count": f.count, "message": f.message} for f in audit.problems
        ],
        "html": page and str(page),
    }


def _summary(audit: "Audit") -> "ImageSummary":
    from imgclass.data.dataset.summary import image_summary

    table = audit.table
    sizes = zip(table["height"].tolist(), table["width"].tolist(), strict=True)
    return image_summary(sizes, (name for name in table["format"].tolist() if name))


def _text(audit: "Audit", page: Path | None) -> str:
    from imgclass.audit import ISSUES

    summary = audit.summary
    rows = [("issue", "images", "worst")]
    rows += [
        (name, f"{summary[name]:,}", str(audit.worst(name, 1)["path"].iloc[0]))
        for name in ISSUES
        if name in summary
    ]
    lines = (f"{len(audit.table):,} images in {audit.root}", *summary_lines(_summary(audit)))
    parts = ["\n".join(lines)]
    parts += [table(rows)] if len(rows) > 1 else ["No image has an issue."]
    parts += [
        f"{problem.title} ({problem.count:,}): {problem.message}" for problem in audit.problems
    ]
    parts += [f"page  {page}"] if page else []
    return "\n\n".join(parts)
