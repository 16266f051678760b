"""The block of YAML with which a model card of the Hugging Face Hub begins.

The keys are those of https://github.com/huggingface/hub-docs/blob/main/modelcard.md. Every text is
written in quotes with escapes, so that no name can end it.
"""

import re
from collections.abc import Iterator

from imgclass.evaluation import Score
from imgclass.formatting import count, cut, percent_range
from imgclass.run import Run

UNKNOWN = "unknown"  # the Hub's word for a licence that nobody named
# How the Hub writes licences and data sets.
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,59}")
_TASK, _METRIC = "image-classification", "accuracy"
DIGITS = 4  # of an accuracy in 0-1
LONGEST = 100  # characters of a name
_SPLITS = {"val": "validation", "test": "test"}  # in the Hub's words; nobody asks for train


def front_matter(run: Run, *, licence: str, dataset: str) -> str:
    """Return the block, with the lines that enclose it.

    Args:
        run: A run that was scored.
        licence: An identifier such as `apache-2.0`, or any other name; empty if nobody named one.
        dataset: The data set's name on the Hub; empty if it is not there.
    """
    lines = [
        *_licence(licence),
        "library_name: keras",
        f"pipeline_tag: {_TASK}",
        "tags:",
        *(f"- {tag}" for tag in (_TASK, "keras", "imgclass")),
        *(("datasets:", f"- {quoted(dataset)}") if dataset else ()),
        "metrics:",
        f"- {_METRIC}",
        "model-index:",
        f"- name: {quoted(run.path.name)}",
        "  results:",
        *_results(run, dataset),
    ]
    return "\n".join(("---", *lines, "---"))


def quoted(text: str) -> str:
    r"""Return a text as a double-quoted scalar of YAML.

    Example:
        >>> print(quoted('say "a"\n'))
        "say \"a\"\\n"
    """
    shown = cut(text, LONGEST).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in shown) + '"'


def _licence(licence: str) -> Iterator[str]:
    """Yield what the Hub wants: its own identifier, or `other` and a name."""
    if not licence or _LICENSE.fullmatch(licence):
        yield f"license: {quoted(licence or UNKNOWN)}"
    else:
        yield "license: other"
        yield f"license_name: {quoted(licence)}"


def _results(run: Run, dataset: str) -> Iterator[str]:
    for split, name in _SPLITS.items():
        score = run.evaluation.scores.get(split)  # type: ignore[call-overload]  # a str is a Split here
        if score is not None:
            yield from (
                "  - task:",
                f"      type: {_TASK}",
                "      name: Image Classification",
                "    dataset:",
                # The Hub's word for a folder of images.
                f"      type: {quoted(dataset or 'imagefolder')}",
                f"      name: {quoted(dataset or run.data.name)}",
                f"      split: {name}",
                "    metrics:",
                f"    - type: {_METRIC}",
                f"      value: {round(score.accuracy, DIGITS)}",
                f"      name: {quoted(_named(score))}",
            )


def _named(score: Score) -> str:
    images = count(score.n, "image")
    return f"Accuracy (95 % interval {percent_range(score.interval)}, {images})"
