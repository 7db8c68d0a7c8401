"""What the next trial tries: on a grid, at random, evenly, or learnt from the trials before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ....errors import SettingsError
from ....graph.sweep import Sweep
from ..trials import Trial
from .extent import extent
from .fixed import Grid, LatinHypercube, Random, Sobol
from .proposer import Proposer, Spaces, Values

FIXED: dict[str, type[Proposer]] = {"grid": Grid, "random": Random, "lhs": LatinHypercube, "sobol": Sobol}


def proposer(
    spaces: Spaces,
    sweep: Sweep,
    expected: int,
    rising: bool = True,
    journal: Path | None = None,
    kept: Mapping[int, Trial] | None = None,
) -> Proposer:
    """Who proposes the trials of a sweep, of which there are to be `expected`, as `extent` says.

    rising: more of the score is better. journal: Optuna's file, None for none. kept: trials of earlier sittings.

    SettingsError: the method needs a package that is missing.
    """
    if sweep.method in FIXED:
        return FIXED[sweep.method](spaces, sweep.seed, expected)
    try:
        from .learning import CmaEs, Tpe
    except ImportError as error:
        raise SettingsError(
            f"What '{sweep.method}' proposes comes from the packages optuna and cmaes.",
            hint='Install them by: pip install "graphlab[sweep]"; or choose random.',
        ) from error
    made = Tpe if sweep.method == "tpe" else CmaEs
    return made(spaces, sweep.seed, expected, rising, sweep.ahead, journal, kept or {})


__all__ = ["Proposer", "Spaces", "Values", "extent", "proposer"]
