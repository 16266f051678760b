"""The HTML page of an audit: what is wrong, and the pictures that show it."""

import os
from dataclasses import dataclass
from pathlib import Path

from imgclass.audit.audit import Audit
from imgclass.audit.issues import ISSUES
from imgclass.audit.problems import PROBLEMS
from imgclass.data.duplicates.pairs import DuplicatePair
from imgclass.report.page_file import write_page
from imgclass.report.templates import page_template
from imgclass.report.thumbnails import thumbnail

WORST = 12
PAIRS = 20
LISTED = 50


@dataclass(frozen=True, slots=True)
class Picture:
    """One image of the page.

    Attributes:
        path: Relative to the data set's folder.
        label: Its class.
        split: Empty if there are none.
        uri: Data URI of a thumbnail; None if it cannot be shown.
        is_tiny: Whether the thumbnail shows every pixel.
        note: The words below it.
    """

    path: str
    label: str
    split: str
    uri: str | None
    is_tiny: bool
    note: str = ""


def render_audit(audit: Audit) -> str:
    """Return an audit as one HTML page that needs no other file and no network.

    Pictures are read from `audit.root`. The same audit gives the same page.

    Args:
        audit: What to show.
    """
    pairs = audit.duplicates.pairs
    near = [pair for pair in pairs if not pair.is_exact]
    summary = audit.summary
    counts = audit.class_counts
    class_names = tuple(next(iter(counts.values()), ()))
    return page_template("audit").render(
        audit=audit,
        class_names=class_names,
        class_rows=[
            (name, [of_split[name] for of_split in counts.values()]) for name in class_names
        ],
        columns=[split or "images" for split in counts],
        folder=audit.root.resolve().name,
        summary=summary,
        issues={name: issue for name, issue in ISSUES.items() if name in summary},
        clean=[issue.title for name, issue in ISSUES.items() if name not in summary]
        + [title for name, title in PROBLEMS.items() if name not in summary],
        galleries={name: _gallery(audit, name) for name in ISSUES if name in summary},
        broken=audit.worst("broken", LISTED),
        closest=_shown(audit, near[:PAIRS]),
        farthest=_shown(audit, near[PAIRS:][-PAIRS:]),
        leaks=_shown(audit, audit.leaks[:PAIRS]),
        conflicts=_shown(audit, audit.label_conflicts[:PAIRS]),
        exact=_shown(audit, [pair for pair in pairs if pair.is_exact][:PAIRS]),
        exact_count=len(pairs) - len(near),
        near_count=len(near),
        affected=_affected(audit),
        total=len(audit.table),
    )


def write_audit(audit: Audit, path: str | os.PathLike[str]) -> Path:
    """Write the page of an audit atomically, and return its path.

    Args:
        audit: What to show.
        path: The file; it is replaced.

    Raises:
        MachineError: The file cannot be written; an older one is unchanged.
    """
    return write_page(Path(path), render_audit(audit))


def _affected(audit: Audit) -> int:
    flags = audit.table[[f"is_{name}_issue" for name in ISSUES]]
    return int(flags.any(axis=1).sum())


def _gallery(audit: Audit, issue: str) -> tuple[Picture, ...]:
    """Return an issue's worst images; issues of pairs have other galleries."""
    if not ISSUES[issue].is_shown or issue in _AS_PAIRS:
        return ()
    rows = audit.worst(issue, WORST)
    return tuple(_picture(audit, index, _note(audit, index, issue)) for index in rows.index)


_AS_PAIRS = frozenset({"exact_duplicate", "near_duplicate", "leak"})


def _note(audit: Audit, index: int, issue: str) -> str:
    row = audit.table.loc[index]
    if issue in {"odd_size", "odd_aspect"}:
        return f"{row['width']} x {row['height']} pixels"
    if issue == "wrong_extension":
        return f"is {row['format']}"
    score = float(audit.table[f"{issue}_score"].iloc[index])
    return f"score {score:.2f}" if 0 < score < 1 else ""


def _shown(
    audit: Audit, pairs: "list[DuplicatePair] | tuple[DuplicatePair, ...]"
) -> tuple[tuple[DuplicatePair, Picture, Picture], ...]:
    return tuple((pair, _picture(audit, pair.a), _picture(audit, pair.b)) for pair in pairs)


def _picture(audit: Audit, index: int, note: str = "") -> Picture:
    row = audit.table.loc[index]
    uri, is_tiny = thumbnail(audit.root / str(row["path"])) or (None, False)
    return Picture(str(row["path"]), str(row["label"]), str(row["split"]), uri, is_tiny, note)
