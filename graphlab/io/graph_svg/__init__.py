"""A graph as SVG without a window: nodes where the canvas has them, with what they are set to instead of live values.

`drawn` gives the picture; a page that shows several brings the style sheet once (`forms`, `colours`).
"""

from .drawing import drawn, extent, graph_svg, strips
from .sheet import colours, forms

__all__ = ["colours", "drawn", "extent", "forms", "graph_svg", "strips"]
