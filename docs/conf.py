from importlib.metadata import version as installed_version

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

html_theme = "furo"
html_title = f"imgclass {version}"
html_static_path: list[str] = []

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True

# Other projects' objects have their pages elsewhere, and the site builds without a network.
nitpick_ignore_regex = [
    ("py:.*", r"(?!imgclass).*"),
]

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
