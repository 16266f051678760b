import os
import re
from importlib.metadata import version as installed_version

from sphinx.application import Sphinx

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # autodoc imports TensorFlow, which talks

project = "imgclass"
author = "The imgclass developers"
copyright = author  # noqa: A001 - Sphinx's name
version = release = installed_version("imgclass-keras")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]

highlight_language = "text"

html_theme = "furo"
html_title = f"imgclass {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

default_role = "code"  # `name` in a docstring

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True

# Other projects' objects have their pages elsewhere, and the site builds without a network.
# Type variables and the file system, which is a door for tests, have none.
nitpick_ignore_regex = [
    ("py:.*", r"(?!imgclass).*"),
    ("py:class", r"imgclass\..*\.(T|Info|Item|Builder|FileSystem)"),
]

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def trim_examples(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Take away the empty line that an example needs at its end to be a doctest."""
    source[0] = re.sub(r"(```python\n>>> .*?)\n\n```", r"\1\n```", source[0], flags=re.DOTALL)


def setup(app: Sphinx) -> None:
    """Connect what is our own."""
    app.connect("source-read", trim_examples)
