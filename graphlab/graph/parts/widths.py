"""How wide a part is to be that is put behind something: a block of a transformer gives back as much as it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HIDDEN = 4  # how many times as wide the layer between is as a rule


def as_wide(settings: Mapping[str, Any], features: object) -> dict[str, Any]:
    """What to set of a part with those settings so that it takes so many features: nothing where it has no width.

    Its heads stay as many as can share them, and the layer between stays as many times as wide.
    """
    if "width" not in settings or not isinstance(features, int) or features < 1:
        return {}
    found: dict[str, Any] = {"width": features}
    if settings.get("hidden") == HIDDEN * settings["width"]:
        found["hidden"] = HIDDEN * features
    if "heads" in settings:
        found["heads"] = max(n for n in range(1, settings["heads"] + 1) if features % n == 0)
    return found
