"""The HTML templates, which escape the invisible characters of every value."""

from functools import cache
from typing import TYPE_CHECKING, Any

from imgclass import formatting

if TYPE_CHECKING:
    from jinja2 import Environment, Template

FORMATS = (
    "cut",
    "cut_apart",
    "count",
    "duration",
    "figure",
    "percent",
    "percent_range",
    "points",
    "setting",
    "title_case",
)


def page_template(room: str, **functions: Any) -> "Template":
    """Return the template of `audit`, `improvement` or `report`, with functions that it calls."""
    return _environment().get_template(f"{room}/template.html.jinja", globals=functions)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined

    environment = Environment(
        loader=PrefixLoader(
            {room: PackageLoader("imgclass", room) for room in ("audit", "improvement", "report")}
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            value if hasattr(value, "__html__") else formatting.visible(str(value))
        ),
    )
    environment.filters |= {name: getattr(formatting, name) for name in FORMATS}
    return environment
