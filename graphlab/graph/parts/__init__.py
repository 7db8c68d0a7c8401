"""Ready-made groups of ordinary nodes: cells of recurrent networks and other parts that people know by name.

A part is drawn by code into a sheet with ports, and becomes a group of the document that it is put into: to be entered,
changed and used like one that a person made. What stands in a file here is found by scanning, as operations are.
"""

from .shelf import Part, add, definition, named, part, parts, settings_among
from .widths import as_wide

__all__ = ["Part", "add", "as_wide", "definition", "named", "part", "parts", "settings_among"]
