"""The HTML templates: one frame, one style and one script, and every value escaped.

A value's invisible characters are escaped, too.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from imgclass import formatting

if TYPE_CHECKING:
    from jinja2 import Environment, Template

ROOMS = ("audit", "improvement", "learning_curves", "report")
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
    """Return the template of a room, such as `audit` or `report`, with functions that it calls."""
    return _environment().get_template(f"{room}/template.html.jinja", globals=functions)


def policy_for(script: str) -> str:
    """Return a page's content security policy: nothing is loaded, and one script may run.

    Example:
        >>> policy_for("").split("; ")[:2]
        ["default-src 'none'", 'img-src data:']
    """
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PrefixLoader({room: PackageLoader("imgclass", room) for room in ROOMS}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            value if hasattr(value, "__html__") else formatting.visible(str(value))
        ),
    )
    environment.filters |= {name: getattr(formatting, name) for name in FORMATS}
    # As they are in the package: no value of a run gets into them.
    own = files("imgclass.report")
    script = own.joinpath("page.js").read_text(encoding="utf-8")
    environment.globals |= {
        "script": Markup(script),  # noqa: S704
        "policy": Markup(policy_for(script)),  # noqa: S704
        "style": Markup(own.joinpath("style.css").read_text(encoding="utf-8")),  # noqa: S704
    }
    return environment
