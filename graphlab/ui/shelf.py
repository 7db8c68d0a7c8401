"""The examples that this installation has."""

from __future__ import annotations

import logging

from ..errors import GraphlabError
from ..io.examples import Example, examples

log = logging.getLogger("graphlab.ui")


def shelf() -> tuple[Example, ...]:
    """The examples; none when this installation lost them."""
    try:
        return examples()
    except GraphlabError as error:
        log.error("%s", error)
        return ()
