"""The pictures, one module each; the function that draws one has the name of its module."""
