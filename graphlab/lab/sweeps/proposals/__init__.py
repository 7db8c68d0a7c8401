"""What the next trial tries: on a grid, at random, evenly, or learnt from the trials before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ....errors import SettingsError
from ....graph.sweep import Sweep
from ..trials import Trial
from .fixed import Grid, LatinHypercube, Random, Sobol
from .proposer import Proposer, Spaces, Values

FIXED: dict[str, type[Proposer]] = {"grid": Grid, "random": Random, "lhs": LatinHypercube, "sobol": Sobol}


def proposer(
    spaces: Spaces,
    sweep: Sweep,
    trials: int,
    rising: bool = True,
    journal: Path | None = None,
    kept: Mapping[int, Trial] | None = None,
) -> Proposer:
    """Who proposes the trials of a sweep; `trials` in all at most, 0 for no end but the space's or the time's.

    rising: more of the score is better. journal: Optuna's file, None for none. kept: trials of earlier sittings.

    SettingsError: the method cannot search these spaces, needs a package that is missing, or would never end.
    """
    if sweep.method in FIXED:
        made = FIXED[sweep.method](spaces, sweep.seed, trials)
    else:
        made = _learning(spaces, sweep, trials, rising, journal, kept or {})
    if not made.expected and not sweep.seconds:
        raise SettingsError(
            f"A sweep by '{sweep.method}' over a range never ends by itself.", hint="Set trials, or a time."
        )
    return made


def _learning(
    spaces: Spaces, sweep: Sweep, trials: int, rising: bool, journal: Path | None, kept: Mapping[int, Trial]
) -> Proposer:
    try:
        from .learning import CmaEs, Tpe
    except ImportError as error:
        raise SettingsError(
            f"What '{sweep.method}' proposes comes from the packages optuna and cmaes.",
            hint='Install them by: pip install "graphlab[sweep]"; or choose random.',
        ) from error
    made = Tpe if sweep.method == "tpe" else CmaEs
    return made(spaces, sweep.seed, trials, rising, sweep.ahead, journal, kept)


__all__ = ["Proposer", "Spaces", "Values", "proposer"]
