"""What a graph does with searches: which hyperparameters are to be searched, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from . import searched
from .sweep import Search, Space

if TYPE_CHECKING:
    from .graph import Graph


class Searches:
    """The part of a graph that says what is searched. Inside a group, its nodes are named without the group."""

    def search(self, target: str, space: Space | str | Sequence[Any], key: str = "") -> Search:
        """Searches a hyperparameter: `search("hidden.units", "8,16,32")`, `search("lr", "log:1e-4:1e-1")`.

        Args:
            target: a param ("hidden.units", "Encoder/conv.kernel_size"), what stands there ("act.op"), how often in a
                row ("block.copies"), a training setting ("lr"), "seed" or "rows". See `targets`.
            space: its text, see `spaces`; or the values; or a Space. One that was there is replaced.
            key: sets with the same key in a row are one undo entry.

        Raises:
            UnknownNodeError, ParamError, SettingsError, GraphError: there is nothing such, or the space does not fit.
        """
        from . import searching

        whole = _whole(self)
        found = searching.search_of(whole.document, self._aim(target), space)
        what = searching.target_text(whole.document, found)
        whole.replace(searched.with_search(whole.document, found), f"Search {what}", key)
        return found

    def unsearch(self, target: str = "") -> None:
        """Searches that no longer; "": nothing any more. UnknownNodeError, SettingsError: there is nothing such."""
        from . import targets

        whole = _whole(self)
        after = whole.document
        ends = [(each.node, each.name) for each in after.sweep.searches]
        if target:
            ends = [targets.end_of(after, self._aim(target))]
        for end in ends:
            after = searched.without_search(after, *end)
        whole.replace(after, f"Do not search {target}" if target else "Search nothing")

    def configure_sweep(self, key: str = "", **settings: Any) -> None:
        """Changes how is searched: method, trials, seconds, seeds, folds, pruning, metric … SettingsError."""
        whole = _whole(self)
        whole.replace(searched.with_sweep_settings(whole.document, **settings), "Sweep settings", key)

    def _aim(self, target: str) -> str:
        """The target as the whole graph names it."""
        graph = cast("Graph", self)
        head, dot, _ = target.strip().rpartition(".")
        definition = getattr(graph, "definition", "")
        names = graph.document.ids_by_name
        first = head.partition(searched.INSIDE)[0]
        is_here = dot and definition and (head in names or head in graph.document.nodes or first in names)
        return f"{definition}{searched.INSIDE}{target.strip()}" if is_here else target


def _whole(self: Searches) -> Graph:
    return cast("Graph", self)._whole()
