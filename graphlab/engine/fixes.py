"""What would mend a fault, found by trying: edits whose document was inferred and found to be without it.

What is worth trying is thought of in `proposals`. Nothing here knows a concrete operation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..errors import GraphlabError
from ..graph import Document
from .finding import Problem
from .inference import Inference, infer
from .mending import Fix
from .proposals import Proposal, proposals
from .sketch import Sketch

MOST = 3  # that are offered
MOST_TRIED = 24  # edits that are inferred for one fault
UNLIKELY = 3.0  # a rank so far behind the best is not worth a person's attention


def fixes(document: Document, inference: Inference, problem: Problem, most: int = MOST) -> tuple[Fix, ...]:
    """Edits that make `problem` disappear and cause no other, the likeliest first; at most `most` of them.

    Args:
        document: the whole document. inference: what was inferred of it. problem: one of its faults.
    """
    search = Search(document, inference, problem, most)
    while search.step():
        pass
    return search.fixes


class Search:
    """The same in steps of one inference each, for a caller who has other things to do in between."""

    def __init__(self, document: Document, inference: Inference, problem: Problem, most: int = MOST) -> None:
        self._document, self._known, self._problem, self._most = document, inference, problem, most
        self._faults = {_same(p) for p in inference.problems}
        self._found: list[_Found] = []
        self._left: list[Proposal] | None = None
        self._sketch: Sketch | None = None
        self._tried = 0

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """What has been found so far."""
        best = sorted(self._found, key=lambda found: (found.revealed, found.proposal.rank))
        return tuple(f.proposal.fix for f in best[: self._most] if f.proposal.rank <= self._bound)

    @property
    def _bound(self) -> float:
        return min((found.proposal.rank for found in self._found), default=math.inf) + UNLIKELY

    def step(self) -> bool:
        """Tries one more edit; False when the search is over."""
        if self._left is None or self._sketch is None:
            self._left = proposals(self._document, self._known, self._problem)
            self._sketch = Sketch(self._known, self._problem)
        while self._left and self._tried < MOST_TRIED and self._clean < self._most:
            proposal = self._left.pop(0)
            if proposal.rank > self._bound:
                return False
            if proposal.family in {found.proposal.family for found in self._found}:
                continue  # Set kernel_size to 5, so why say to 3
            if not self._sketch.may_mend(proposal.fix):
                continue
            self._tried += 1
            self._try(proposal)
            return True
        return False

    @property
    def _clean(self) -> int:
        return sum(not found.revealed for found in self._found)

    def _try(self, proposal: Proposal) -> None:
        try:
            edited = proposal.fix.apply(self._document)
        except GraphlabError:
            return
        revealed = self._revealed(infer(edited, previous=self._known))
        if revealed is not None:
            self._found.append(_Found(proposal, revealed))

    def _revealed(self, after: Inference) -> int | None:
        """How many faults come to light that this one hid; None when it is still there, or others are new.

        A node that waited for this one to be mended may turn out to have a fault of its own.
        """
        target = self._problem.node_id
        waited = self._known.unhealthy - {node for node, _, _ in self._faults}
        new = [p for p in after.problems if _same(p) not in self._faults]
        is_left = any(_same(p) == _same(self._problem) for p in after.problems)
        if is_left or any(p.node_id not in waited or p.node_id == target for p in new):
            return None
        if self._known.goal and not after.goal:
            return None
        return len(new)


@dataclass(frozen=True)
class _Found:
    proposal: Proposal
    revealed: int


def _same(problem: Problem) -> tuple[str, str, str]:
    return problem.node_id, problem.socket, problem.message


__all__ = ["Fix", "Search", "fixes"]
