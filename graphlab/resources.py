"""Where icons, examples and small data lie. The only place that knows; nothing else builds such a path."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def resource(*parts: str) -> Path:
    """The file or folder `parts` inside resources/, whether or not it exists.

    A wheel carries the folder as graphlab/resources (this module wins over it on import, since the folder
    is no package); in a checkout, an editable install included, it stands beside the package.
    """
    package = Path(str(files(__package__)))
    packaged = package / "resources"
    root = packaged if packaged.is_dir() else package.parent / "resources"
    return root.joinpath(*parts)
