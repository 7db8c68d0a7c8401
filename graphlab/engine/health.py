"""What is wrong, or likely to go wrong, with a network that runs: each told at its node, with evidence and a fix.

Some of it the graph itself shows (`of_graph`), some only what a batch came to (`of_batch`). Nothing here knows a
concrete operation: ops say of themselves at which values they saturate, whether they die, and what losses want.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ..errors import GraphlabError
from ..graph import Document
from ..ops import Op, by_category, known
from .flatten import End, FlatNode
from .health_unused import unused
from .inference import Inference, infer
from .mending import Bypass, Change, Configure, Fix, Insert, Place, Replace, place_of
from .messages import RowOrder, Vital
from .unrolling import step_of

DEAD = 0.1  # share of units from which dead ones are told
SATURATED = 0.5  # share of values
SORTED = 0.6  # of the classes that a batch of shuffled rows would show
KINDRED = 0.5  # correlation of the targets of neighbouring rows
VANISHING = 1e-4  # of the largest gradient among the layers
EXPLODING = 1e3  # root mean square of a gradient
SQUASHING = 3  # so many saturating operations in a row make a gradient vanish
CLIP = 1.0
MOST_MENDED = 20  # complaints of one look for which fixes are tried
EFFORT = 20_000  # nodes that may be looked at for them; of large graphs fewer complaints have fixes
PRIORITY = (
    "wrong loss",
    "unshuffled",
    "exploding",
    "vanishing",
    "dead",
    "saturated",
    "constant",
    "no activation",
    "unused",
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is not well. kind: one of PRIORITY. node: its key. text: what, with the numbers; hint: why."""

    kind: str
    node: str
    text: str
    hint: str
    fixes: tuple[Fix, ...] = ()


def of_graph(document: Document, inference: Inference) -> list[Complaint]:
    """What can be told without running it; of a graph with a goal alone."""
    if not inference.goal:
        return []
    look = _Look(document, inference)
    return _sorted([*look.wrong_losses(), *look.without_activation(), *look.unused()])


def of_batch(document: Document, inference: Inference, vitals: Iterable[Vital]) -> list[Complaint]:
    """What the vitals of a batch tell."""
    look = _Look(document, inference)
    there = [vital for vital in vitals if vital.node in inference.nodes]
    alike = {vital.node for vital in there if vital.is_constant}
    differing = {_in_cell(vital.node) for vital in there if not vital.is_constant}
    first = [vital for vital in there if not look.only_follows(vital, alike, differing)]
    found = [c for vital in first for c in look.of_vital(vital)]
    return _sorted([*found, *look.vanishing(there)])


def _in_cell(key: str) -> tuple[str, str]:
    """Which node it is, whatever the step: the Unroll node and the node of its cell; "" and the key outside of any."""
    found = step_of(key)
    return ("", key) if found is None else (found[0], found[2])


def _sorted(found: list[Complaint]) -> list[Complaint]:
    return sorted(found, key=lambda complaint: PRIORITY.index(complaint.kind))


class _Look:
    """Looks at one inferred document."""

    def __init__(self, document: Document, inference: Inference) -> None:
        self._document, self._known = document, inference
        self._nodes = inference.nodes
        self._to_mend = max(1, min(MOST_MENDED, EFFORT // max(1, len(self._nodes))))
        self._feeds: dict[str, list[str]] = {}
        for key, node in self._nodes.items():
            for source, _ in node.inputs.values():
                self._feeds.setdefault(source, []).append(key)

    # In the graph

    def wrong_losses(self) -> Iterator[Complaint]:
        """Losses that are given something else than they want, such as probabilities instead of scores."""
        for key, node in self._nodes.items():
            if node.op is None or not node.op.wants:
                continue
            source = self._nodes.get(_main_input(node)[1][0])
            given = _meaning(source)
            if source is not None and given and given != node.op.wants:
                yield Complaint(
                    "wrong loss",
                    key,
                    f"{node.path} takes {node.op.wants}, but {source.path} gives {given}.",
                    _why(given, node.op.wants),
                    self._loss_fixes(node, source, given),
                )

    def _loss_fixes(self, loss: FlatNode, source: FlatNode, given: str) -> tuple[Fix, ...]:
        assert loss.op is not None
        others = [
            Fix(f"Replace {loss.path} by {op.__name__}", "", (Replace(place_of(loss), op.__name__),))
            for op in _like(loss.op)
            if op.wants == given
        ]
        left_out = Fix(f"Leave {source.path} out", "", (Bypass(place_of(source)),))
        mended = [left_out] if loss.op.wants == "scores" and given != "scores" else []
        return tuple(fix for fix in (*mended, *others) if self._holds(fix))

    def without_activation(self) -> Iterator[Complaint]:
        """Layers that feed layers: together they can do no more than one."""
        for key, node in self._nodes.items():
            if not _is_layer(node) or len(takers := self._feeds.get(key, [])) != 1:
                continue
            after = self._nodes[takers[0]]
            socket, (source, _) = _main_input(after)
            if _is_layer(after) and source == key and not self._is_bottleneck(node, after):
                wire = Place(place_of(after).path, place_of(after).node, socket)
                yield Complaint(
                    "no activation",
                    key,
                    f"Nothing bends between {node.path} and {after.path}: two such layers can do no more than one.",
                    "Put an activation between them.",
                    self._first_two(_insertion(op, wire, node, after) for op in _activations()),
                )

    def _is_bottleneck(self, node: FlatNode, after: FlatNode) -> bool:
        """Whether two layers squeeze what passes through fewer units than go in and come out: that is meant."""
        source = _main_input(node)[1]
        first, middle, last = (self._width(end) for end in (source, _end(node), _end(after)))
        return 0 < middle < min(first, last)

    def _width(self, end: tuple[str, str] | None) -> int:
        """How many numbers an example has at an end, along its last axis; 0 where that is not known."""
        spec = self._known.specs.get(end) if end is not None else None
        size = spec.shape[-1] if spec is not None and spec.ndim else 0
        return size if isinstance(size, int) else 0

    def unused(self) -> Iterator[Complaint]:
        """Nodes that the goal does not depend on."""
        for node, text, hint, fixes in unused(self._nodes, self._known.goal, self._known.parameter_count):
            self._to_mend -= 1
            yield Complaint("unused", node, text, hint, fixes() if self._to_mend >= 0 else ())

    # In a batch

    def of_vital(self, vital: Vital) -> Iterator[Complaint]:
        node = self._nodes[vital.node]
        rows = f"all {vital.examples:,} rows of this batch"
        looked = f"all {vital.looked:,} rows of many batches" if vital.looked else rows
        if vital.dead >= max(DEAD * vital.units, 1):
            yield Complaint(
                "dead",
                vital.node,
                f"{vital.dead:,} of {vital.units:,} units of {node.path} gave 0 for {looked}.",
                "Such a unit gets no gradient. A smaller learning rate or an activation that is nowhere flat helps.",
                self._replacements(node, lambda op: not op.dies and op.saturates is None),
            )
        if vital.saturated >= SATURATED:
            yield Complaint(
                "saturated",
                vital.node,
                f"{vital.saturated:.0%} of what {node.path} gives lies within 1 % of its bounds.",
                "Its gradient is next to 0 there. Smaller weights at the start, or another activation, help.",
                self._replacements(node, lambda op: op.saturates is None),
            )
        if vital.is_constant and node.inputs and vital.examples > 1 and vital.units:
            yield Complaint(
                "constant",
                vital.node,
                f"{node.path} gives the same for {rows}.",
                "What comes after it cannot tell the examples apart.",
                self._livelier(node),
            )
        if vital.order is not None and not self._document.training.shuffle:
            yield from self._unshuffled(node, vital.order)
        largest = max(vital.gradient, vital.parameters)
        if largest > EXPLODING:
            clip = Fix(f"Clip gradients to length {CLIP:g}", "", (Configure((("clip_norm", CLIP),)),))
            yield Complaint(
                "exploding",
                vital.node,
                f"The gradient at {node.path} is about {_short(largest)} per element.",
                "A smaller learning rate, smaller weights at the start, or clipping help.",
                (clip,) if not self._document.training.clip_norm else (),
            )

    def only_follows(self, vital: Vital, alike: set[str], differing: set[tuple[str, str]]) -> bool:
        """Whether it gives the same for all rows merely because what feeds it does.

        So does a node of a repeated cell that tells rows apart at another step, and how a state begins.
        """
        node = self._nodes[vital.node]
        sources = [source for source, _ in node.inputs.values()]
        return vital.is_constant and (
            not known(node.op_name)
            or _in_cell(vital.node) in differing
            or any(source in alike and self._nodes[source].inputs for source in sources)
        )

    def _livelier(self, node: FlatNode) -> tuple[Fix, ...]:
        """Weights that begin at random instead of all alike; an activation that is nowhere flat."""
        op = node.op
        if op is None:
            return ()
        at = place_of(node)
        usual = tuple(
            (name, op.params_of[name].default)
            for name in ("weight_init",)
            if name in op.params_of and op.params[name] != op.params_of[name].default
        )
        if usual:
            fix = Fix(f"Let the weights of {node.path} begin at random", "", (Change(at, usual),))
            return self._first_two([fix])
        if op.dies or op.saturates is not None:
            return self._replacements(node, lambda other: not other.dies and other.saturates is None)
        return ()

    def _unshuffled(self, node: FlatNode, order: RowOrder) -> Iterator[Complaint]:
        """Rows that come as they lie, where those of one class, or of like numbers, lie together."""
        text = f"{node.path} is not shuffled: "
        if order.classes > 1:
            usual = order.classes * (1 - (1 - 1 / order.classes) ** order.size)
            if order.seen >= SORTED * usual:
                return
            text += (
                f"its {order.rows:,} rows come in {order.runs:,} runs of one class, "
                f"so a batch of {order.size:,} shows {order.seen:.1f} of {order.classes:,} classes."
            )
        elif order.kinship > KINDRED:
            text += (
                f"the target of each of its {order.rows:,} rows is like that of the row before "
                f"(correlation {order.kinship:.2f})."
            )
        else:
            return
        yield Complaint(
            "unshuffled",
            node.key,
            text,
            "Each batch pulls its own way, and the next one back again. In a series in time it may be meant.",
            (Fix("Shuffle the rows in each epoch", "", (Configure((("shuffle", True),)),)),),
        )

    def vanishing(self, vitals: list[Vital]) -> Iterator[Complaint]:
        """Layers whose parameters get a far smaller gradient than others do: told once, at the smallest."""
        sizes = {vital.node: vital.parameters for vital in vitals if vital.parameters >= 0}
        largest = max(sizes.values(), default=0.0)
        if not largest > 0:
            return
        small = sorted((key for key in sizes if sizes[key] < VANISHING * largest), key=sizes.__getitem__)
        if not small:
            return
        key, path = small[0], self._nodes[small[0]].path
        most = self._nodes[max(sizes, key=sizes.__getitem__)].path
        others = (
            f" It is as small at {len(small) - 1} other{'s' * (len(small) > 2)}." if len(small) > 1 else ""
        )
        yield Complaint(
            "vanishing",
            key,
            f"The gradient at {path} is {_short(sizes[key])} per element, "
            f"{_short(sizes[key] / largest)} of that at {most}.{others}",
            "It shrinks on the way back through steps that are nearly flat. Others, or ways past them, help.",
            self._straighter(key),
        )

    def _straighter(self, key: str) -> tuple[Fix, ...]:
        """All saturating operations after a node exchanged for one that is not."""
        found, todo = {key}, [key]
        while todo:
            fresh = set(self._feeds.get(todo.pop(), ())) - found
            found |= fresh
            todo += fresh
        flat = [
            node for k in found if (node := self._nodes[k]).op is not None and node.op.saturates is not None
        ]
        if len(flat) < SQUASHING or any(node.is_shared for node in flat):
            return ()
        op = next((o for o in _activations() if o.dies), None)
        steps = tuple(Replace(place_of(node), op.__name__) for node in flat) if op else ()
        fix = Fix(f"Replace {len(flat)} activations by {op.__name__ if op else ''}", "", steps)
        return (fix,) if op and self._holds(fix) else ()

    def _replacements(self, node: FlatNode, fits: Callable[[type[Op]], bool]) -> tuple[Fix, ...]:
        found = [op for op in _activations() if fits(op) and op.__name__ != node.op_name]
        at = place_of(node)
        fixes = (
            Fix(f"Replace {node.path} by {op.__name__}", "", (Replace(at, op.__name__),)) for op in found
        )
        return self._first_two(fixes)

    def _first_two(self, fixes: Iterable[Fix]) -> tuple[Fix, ...]:
        """Those that hold; for the first complaints alone, since each try looks at the graph anew."""
        self._to_mend -= 1
        return () if self._to_mend < 0 else tuple(islice(filter(self._holds, fixes), 2))

    def _holds(self, fix: Fix) -> bool:
        """Whether it can be done and brings no new fault."""
        try:
            after = infer(fix.apply(self._document), previous=self._known)
        except GraphlabError:
            return False
        return len(after.problems) <= len(self._known.problems)


def _main_input(node: FlatNode) -> tuple[str, End]:
    """The first socket, whichever was wired first, and what feeds it; ("", "") for nothing."""
    socket = node.op.sockets()[0].name if node.op is not None and node.op.sockets() else ""
    return socket, node.inputs.get(socket, ("", ""))


def _meaning(node: FlatNode | None) -> str:
    """What a value is to be taken for; "" when that is anybody's guess."""
    if node is None or node.op is None:
        return ""
    return node.op.reads_as or ("scores" if _is_layer(node) else "")


def _why(given: str, wanted: str) -> str:
    if wanted == "scores":
        return "That loss squashes its input by itself; twice makes the gradient small and the loss never reach 0."
    if given == "scores":
        return f"Numbers of any size are not {wanted}: the loss would be NaN or meaningless."
    return "One of the two must be exchanged."


def _short(number: float) -> str:
    return f"{number:.2g}".replace("-", "−")


def _end(node: FlatNode) -> tuple[str, str]:
    return node.key, node.op.results()[0] if node.op is not None else ""


def _is_layer(node: FlatNode) -> bool:
    return node.op is not None and "weight" in node.op.factors


def _like(loss: Op) -> list[type[Op]]:
    """Losses with the same sockets."""
    names = [socket.name for socket in loss.sockets()]
    return [
        op
        for op in by_category().get(type(loss).category, ())
        if op.wants and [s.name for s in op.inputs] == names
    ]


def _activations() -> list[type[Op]]:
    """The activations of one input that one tries first, the plainest before the others."""
    found = [op for op in by_category()["Activation"] if op.usual and len(op.inputs) == 1]
    return sorted(found, key=lambda op: not op.dies)


def _insertion(op: type[Op], wire: Place, before: FlatNode, after: FlatNode) -> Fix:
    label = f"Insert {op.__name__} between {before.path} and {after.path}"
    return Fix(label, "", (Insert(wire, op.__name__, (), op.inputs[0].name),))
