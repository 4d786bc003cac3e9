"""How Sphinx makes these pages: `make docs`, or `python -m sphinx -W docs build/docs`.

Nothing is asked for from a network, neither by the build nor by the pages.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # the two extensions beside this file

from sphinx.util.inspect import TypeAliasForwardRef

import gdlab

# A name of `autodoc_type_aliases` that is part of a union is written as its repr.
TypeAliasForwardRef.__repr__ = lambda alias: alias.name

project = "gdlab"
author = "the gdlab developers"
version = release = gdlab.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "docstrings", "mathml"]
myst_enable_extensions = ["dollarmath", "html_image"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
default_role = "py:obj"  # `name` in a docstring: a link where there is such a page, else code
add_module_names = True
toc_object_entries_show_parents = "hide"

smartquotes = False  # a prime is no quotation mark

autodoc_member_order = "bysource"
autodoc_type_aliases = {name: name for name in ("Array", "Indices", "Numbers", "Shown")}
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"gdlab {release}"
html_static_path = ["_static"]
html_css_files = ["gdlab.css"]
html_math_renderer = "mathml"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
