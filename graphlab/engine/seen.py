"""What of the whole is seen on one sheet: the document itself, or the inside of a group that was entered.

The engine names nodes by keys of the flat graph ("n9/n2"), a sheet by the ids of its own nodes ("n2"). This translates,
and gives the sheet's part of an inference under the sheet's names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property

from ..graph import Document
from ..graph.copies import BETWEEN, node_of, path_of
from ..graph.folding import timed
from ..graph.groups import definition_of, role
from .copy_faults import told_at, without_copies
from .finding import Problem
from .flatten import End, FlatNode
from .inference import Inference
from .optimizer_state import split
from .sharing import VALUE


class Seen:
    """The view from the sheet that `path` (ids of the group nodes entered) leads to.

    Args:
        whole: the inference of the whole document.
        sheet: what is shown, the document or a group's content.
        path: how one got there; () for the document itself. A step into an Unroll node that names none of its copies
            leads into the first.
    """

    def __init__(self, whole: Inference, sheet: Document, path: tuple[str, ...] = ()) -> None:
        self.whole, self.sheet = whole, sheet
        self.path = timed(whole.basis.flat.document, path) if path else ()
        self.prefix = "".join(f"{step}/" for step in self.path)

    # From the sheet's names to the engine's

    def end(self, node: str, socket: str) -> End:
        """The end that holds the value of an output, or of a parameter, of a node on the sheet.

        Of a group, a port, a reroute point or a muted node it is the one behind it; of a parameter that uses of a group
        share, the shared one. What is behind nothing stays as it is named.
        """
        key = self.prefix + node
        if (key, socket) in self.whole.aliases:
            return self.whole.aliases[key, socket] or (key, socket)
        parameter, state = split(socket)
        if state:
            owner, name = self.end(node, parameter)
            return owner, f"{name}.{state}"
        flat = self.whole.nodes.get(key)
        if flat is not None and flat.is_shared and socket not in self.sheet.inputs_of(node):
            source = flat.inputs.get(socket)
            if source is not None and (source[0], VALUE) in self.whole.learnables:
                return source[0], VALUE
        return key, socket

    def key(self, node: str) -> str:
        """The flat node that stands for a node on the sheet: itself, or the one behind its first output."""
        key = self.prefix + node
        if key in self.whole.nodes or node not in self.sheet.nodes:
            return key
        found = self.sheet.nodes[node]
        outputs = found.make().results() if found.is_known else ()
        ends = [self.whole.aliases.get((key, output)) for output in outputs]
        if not outputs and role(found) == "port out":
            ends = [self._feeding(node)]
        return next((end[0] for end in ends if end is not None), key)

    def _feeding(self, node: str) -> End | None:
        """What is wired to a port that gives."""
        edge = next(iter(self.sheet.inputs_of(node).values()), None)
        return None if edge is None else self.end(edge.source, edge.output)

    def consumers(self, node: str, socket: str) -> list[End]:
        """The ends that a wire into a socket reaches: the socket itself, or those inside a group or behind a point."""
        edge = self.sheet.inputs_of(node).get(socket)
        key = self.prefix + node
        if edge is None or key in self.whole.nodes:
            return [(key, socket)]
        source = self.end(edge.source, edge.output)
        if self._hands_on(node):
            return [
                end
                for onward in self.sheet.consumers(node)
                if self.end(onward.source, onward.output) == source
                for end in self.consumers(onward.target, onward.input)
            ]
        inside = f"{key}/"
        return [
            (flat.key, name)
            for flat in self.whole.nodes.values()
            if flat.key.startswith(inside)
            for name, end in flat.inputs.items()
            if end == source
        ]

    def _hands_on(self, node: str) -> bool:
        """Whether what is plugged in comes out on the sheet itself: at a reroute point and a muted node."""
        found = self.sheet.nodes[node]
        return found.muted or role(found) == "wire"

    # From the engine's names to the sheet's

    def here(self, key: str) -> str:
        """The node on the sheet that is, or contains, a flat node; "" for one that is elsewhere."""
        if not key.startswith(self.prefix):
            return ""
        node = key[len(self.prefix) :].partition("/")[0]
        if BETWEEN in node:  # what stands at the port of that name, where the cell is repeated
            node = self.sheet.ids_by_name.get(node.partition(BETWEEN)[2], "")
        return node if node in self.sheet.nodes else ""

    def shown_by(self, keys: Iterable[str]) -> set[str]:
        """The nodes on the sheet that show something of these flat nodes, and the keys themselves."""
        found = set(keys)
        return found | {node for key in found for node in self._showing.get(key, (self.here(key),)) if node}

    @cached_property
    def _showing(self) -> dict[str, list[str]]:
        """By flat node, the nodes on the sheet that show a value of it besides those that contain it."""
        found: dict[str, list[str]] = {}
        for node in self.sheet.nodes:
            key = self.key(node)
            if key != self.prefix + node:
                found.setdefault(key, [self.here(key)]).append(node)
        return found

    # The sheet's part of the inference

    @cached_property
    def inference(self) -> Inference:
        """The whole's inference under the names of the sheet. Groups tell of the faults and parameters inside."""
        whole = self.whole
        if not self.path and whole.basis.flat.is_plain:
            return whole
        cut = len(self.prefix)
        specs = {
            (key[cut:], output): spec
            for (key, output), spec in whole.specs.items()
            if key.startswith(self.prefix) and "/" not in key[cut:]
        }
        return Inference(
            nodes=self._nodes(),
            aliases={},
            specs=specs,
            learnables=self._owned(),
            states={
                (key[cut:], name): shape
                for (key, name), shape in whole.states.items()
                if key.startswith(self.prefix) and "/" not in key[cut:]
            },
            problems=tuple(problem for problem, _ in self._problems),
            unhealthy=frozenset(node for key in whole.unhealthy if (node := self.here(key))),
            goal=self.here(whole.goal) if whole.goal else "",
        )

    def _nodes(self) -> dict[str, FlatNode]:
        """The nodes of the sheet in the order in which they are computed; of a group, where its first one is."""
        order = {node: None for key in self.whole.order if (node := self.here(key))}
        order |= dict.fromkeys(self.sheet.nodes)
        return {node: self._flat(node) for node in order}

    def _flat(self, node: str) -> FlatNode:
        found, flat = self.sheet.nodes[node], self.whole.nodes.get(self.prefix + node)
        wired = {s: (e.source, e.output) for s, e in self.sheet.inputs_of(node).items()}
        op = flat.op if flat is not None else found.make() if found.is_known else None
        frozen = found.frozen if flat is None else flat.frozen  # by a group around it, too
        return FlatNode(node, found.name, found.op, op, wired, node, found.name, frozen)

    def _owned(self) -> dict[End, tuple[int, ...]]:
        """The learnable sockets of the sheet's nodes, those that are shared too."""
        cut = len(self.prefix)
        found: dict[End, tuple[int, ...]] = {}
        for (key, socket), shape in self.whole.learnables.items():
            if key.startswith(self.prefix) and "/" not in key[cut:] and key[cut:] in self.sheet.nodes:
                found[key[cut:], socket] = shape
        for node in self.sheet.nodes:
            flat = self.whole.nodes.get(self.prefix + node)
            if flat is None or not flat.is_shared or flat.op is None:
                continue
            for name in [s.name for s in flat.op.sockets() if s.learnable]:
                end = self.end(node, name)
                if end in self.whole.learnables:
                    found[node, name] = self.whole.learnables[end]
        return found

    def origin(self, problem: Problem) -> Problem:
        """What a problem of the sheet is called in the whole, where it may be another node's."""
        return self._origins.get(problem, problem)

    @cached_property
    def _origins(self) -> dict[Problem, Problem]:
        return {} if self.inference is self.whole else dict(reversed(self._problems))

    @cached_property
    def _problems(self) -> list[tuple[Problem, Problem]]:
        """The problems of the sheet, each with the one of the whole that it tells of."""
        return list(self._told())

    def _told(self) -> Iterable[tuple[Problem, Problem]]:
        told: set[End] = set()
        seen: set[tuple[str, str, str]] = set()
        for problem in self.whole.problems:
            node = self.here(problem.node_id)
            same = without_copies(problem.node_id), problem.socket, problem.message
            if not node or same in seen:
                continue
            seen.add(same)
            name = self.sheet.nodes[node].name
            open_ = self._open_end(problem)
            if open_ in told:
                continue
            if open_ is not None:
                told.add(open_)
                yield self._lack(*open_, problem.hint), problem
            elif (at := told_at(problem.node_id)) is not None and at[0] == self.prefix + node:
                yield Problem(node, name, at[1], problem.message, problem.hint), problem
            elif problem.node_id == self.prefix + node:
                yield Problem(node, name, problem.socket, *self._words(node, problem)), problem
            else:
                inside = f"Inside, {problem.node}: {problem.message}"
                yield Problem(node, name, "", inside, problem.hint), problem

    def _words(self, node: str, problem: Problem) -> tuple[str, str]:
        """Message and hint; a socket at which a wire ends is connected, so it is what feeds it that gives nothing."""
        edge = self.sheet.inputs_of(node).get(problem.socket)
        if edge is None or not self._is_open(problem):
            return problem.message, problem.hint
        source = self.sheet.nodes[edge.source]
        hint = "Unmute it." if source.muted else f"Enter it and drag a wire to its output {edge.output}."
        return f"{source.name}.{edge.output} gives nothing.", hint

    def _lack(self, node: str, socket: str, hint: str) -> Problem:
        found = self.sheet.nodes[node]
        if role(found) == "port in":
            message = f"Nothing is plugged into {found.name} outside."
            return Problem(node, found.name, "", message, "Go up and drag a wire to it.")
        return Problem(node, found.name, socket, f"{socket} is not connected.", hint)

    def _open_end(self, problem: Problem) -> End | None:
        """Where on the sheet nothing is plugged in, if that is why something further on lacks a value.

        Goes from the socket that lacks it up the drawn wires to where they end: a socket of a group or of a reroute
        point on the sheet, or a port of the group that the sheet is.
        """
        key, socket = problem.node_id, problem.socket
        around = told_at(key)
        if around is not None and not (socket and self._is_open(problem)):
            return None
        key, socket = around or (key, socket)
        way, _, at = key[len(self.prefix) :].rpartition("/")
        steps, sheets = list(path_of(f"{way}/" if way else "")), [self.sheet]
        for step in steps:
            inner = definition_of(self.sheet, sheets[-1].nodes[node_of(step)])
            if inner is None:
                return None
            sheets.append(inner)
        while (edge := sheets[-1].inputs_of(at).get(socket)) is not None:
            source = sheets[-1].nodes[edge.source]
            if role(source) == "wire":
                at, socket = source.id, source.make().sockets()[0].name
            elif role(source) != "port in":
                return None
            elif not steps:
                return (source.id, "") if self._is_open(problem) else None
            else:
                sheets.pop()
                at, socket = node_of(steps.pop()), source.name
        is_itself = problem.node_id == self.prefix + at
        return (at, socket) if not steps and socket and not is_itself else None

    def _is_open(self, problem: Problem) -> bool:
        """Whether a flat node's socket gets nothing, as opposed to what does not fit."""
        flat = self.whole.nodes.get(problem.node_id)
        return flat is not None and problem.socket not in flat.inputs

    def parameters_of(self, node: str) -> int:
        """How many learnable numbers a node of the sheet owns; of a group, all that are inside, shared ones too."""
        return sum(math.prod(self.whole.learnables[end]) for end in self._learnt_in.get(node, ()))

    @cached_property
    def _learnt_in(self) -> dict[str, set[End]]:
        """By node of the sheet, the learnable ends that it or something inside it computes with."""
        learnables = self.whole.learnables
        owned: dict[str, list[End]] = {}
        for end in learnables:
            owned.setdefault(end[0], []).append(end)
        found: dict[str, set[End]] = {}
        for key, flat in self.whole.nodes.items():
            node = self.here(key)
            if not node:
                continue
            ends = found.setdefault(node, set())
            ends.update(owned.get(key, ()))
            if flat.is_shared:
                ends.update(e for s, _ in flat.inputs.values() if (e := (s, VALUE)) in learnables)
        return found
