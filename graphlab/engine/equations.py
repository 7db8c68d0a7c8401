"""A graph as equations: what every node computes, and how the goal changes with it, in the names of the nodes.

An operation says its formula in letters of its own. Here each letter is put to what is wired there, so that
`y = x W^\\top + b` becomes `hidden = x W_hidden^⊤ + b_hidden`. Which equations there are is known at once; each is
written when it is asked for, because of a large graph only a screenful is ever looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..ops import Op, Spec
from . import latex
from .flatten import End
from .latex import Items, Name
from .local_slopes import Slope, slopes
from .optimizers import Optimizer
from .plan import Edge, Plan
from .symbols import Symbols, letters_for, param_letters, stands_for_parameter
from .update_equations import update_equation

TERMS = 6  # of a gradient that are written side by side
FEW = 4  # elements of a constant that are written out
_ADDED = Slope(r"\ell", "", "", "", ())  # of what is added to a product, such as a bias


@dataclass(frozen=True, slots=True)
class Equation:
    """One line. `phase` and `node` (a key) are those of the entry of the schedule that carries it out.

    kind: "value" of a node; "gradient" of an output, "term" of such a gradient that one wire brings, gradient of a
    "parameter" that the node owns; "update". end: what it is about. edge: the wire of a term.
    """

    phase: str
    node: str
    kind: str
    end: End = ("", "")
    edge: Edge | None = None


class Equations:
    """The equations of a plan in the order of its schedule.

    lines: all of them. places: the index of the first of each entry, by (phase, node).
    """

    def __init__(self, plan: Plan, optimizer: Optimizer | None = None) -> None:
        self.plan, self._optimizer = plan, optimizer
        self._incoming: dict[End, list[Edge]] = {}
        for edge in reversed(plan.edges):  # as they are summed
            self._incoming.setdefault(edge.source, []).append(edge)
        self._owned: dict[str, list[End]] = {}
        for end in plan.parameters:
            self._owned.setdefault(end[0], []).append(end)
        self.lines: tuple[Equation, ...] = tuple(self._lines())
        self.places: dict[tuple[str, str], int] = {}
        for at, line in enumerate(self.lines):
            self.places.setdefault((line.phase, line.node), at)
        self._written: dict[Equation, str] = {}

    @cached_property
    def symbols(self) -> Symbols:
        return Symbols(self.plan)

    def _lines(self) -> Iterator[Equation]:
        for entry in self.plan.schedule:
            if entry.phase == "forward":
                yield Equation("forward", entry.id, "value", (entry.id, self.plan.op(entry.id).results()[0]))
            elif entry.phase == "backward":
                yield from self._gradients(entry.id)
            else:
                yield Equation("update", "", "update")

    def _gradients(self, key: str) -> Iterator[Equation]:
        for output in self.plan.op(key).results():
            edges = self._incoming.get((key, output), [])
            if edges or key == self.plan.goal:
                yield Equation("backward", key, "gradient", (key, output))
            if len(edges) > 1:
                yield from (Equation("backward", key, "term", (key, output), edge) for edge in edges)
        if not stands_for_parameter(self.plan, key):
            yield from (Equation("backward", key, "parameter", end) for end in self._owned.get(key, ()))

    # What is asked of a line

    def latex(self, line: Equation) -> str:
        """The equation as LaTeX."""
        if line not in self._written:
            self._written[line] = getattr(self, f"_{line.kind}")(line)
        return self._written[line]

    def shape(self, line: Equation) -> str:
        """The shape of what stands on the left, such as "N×8"; "" for a single number, and for the update."""
        slot = self.plan.parameters.get(line.end)
        if slot is not None and line.kind == "parameter":
            return "×".join(map(str, slot.shape))
        spec = self.plan.inference.specs.get(line.end)
        return "×".join(map(str, spec.shape)) if spec is not None else ""

    def is_tall(self, line: Equation) -> bool:
        """Whether it takes the height of a fraction or a sum; known without writing it."""
        if line.phase == "backward":
            return True
        if line.phase == "update":
            return False
        text = self.plan.op(line.node).formula_latex()
        return any(sign in text for sign in (r"\frac", r"\sum", r"\prod", "cases", r"\int"))

    def bar(self) -> str:
        """What a bar over a name means here, as LaTeX; "" without a goal."""
        return rf"\bar{{v}} = {self._partial('v')}" if self.plan.goal else ""

    def document(self) -> str:
        """All equations as LaTeX that can be pasted into a paper (amsmath)."""
        parts = []
        for phase in ("forward", "backward", "update"):
            lines = [self.latex(line) for line in self.lines if line.phase == phase]
            if lines:
                body = " \\\\\n".join(f"  & {text}" for text in lines)
                parts.append(f"% {phase}\n\\begin{{align*}}\n{body}\n\\end{{align*}}")
        return "\n\n".join(parts) + "\n"

    # Forward

    def _value(self, line: Equation) -> str:
        key = line.node
        op = self.plan.op(key)
        if op.source or stands_for_parameter(self.plan, key):
            return r",\quad ".join(
                f"{self.symbols.value((key, name))} {self._space((key, name))}" for name in op.results()
            )
        letters = _Letters(self, key)
        items = letters.put(latex.without(latex.read(op.formula_latex()), letters.is_absent))
        text = latex.write(items)
        if not letters.names_result:
            text = rf"{self.symbols.node(key)}:\quad {text}"
        return r",\quad ".join((text, *letters.unsaid(op)))

    def _space(self, end: End) -> str:
        """In which space a value lies that comes from outside."""
        spec: Spec = self.plan.inference.specs[end]
        kind = r"\mathbb{Z}" if spec.kind == "int" else r"\mathbb{R}"
        sizes = r" \times ".join(str(size).replace("·", r"\,") for size in spec.shape)
        return rf"\in {kind}^{{{sizes}}}" if sizes else rf"\in {kind}"

    # Backward

    def _gradient(self, line: Equation) -> str:
        edges = self._incoming.get(line.end, [])
        if not edges:
            return f"{self._partial(self.symbols.value(line.end))} = 1"
        if len(edges) == 1:
            return self._handed_back(edges[0].target, self.symbols.value(line.end))
        products = [self._product(edge.target, self.symbols.value(line.end)) for edge in edges[:TERMS]]
        more = [r"\cdots"] if len(edges) > TERMS else []
        return f"{self._partial(self.symbols.value(line.end))} = {' + '.join(products + more)}"

    def _term(self, line: Equation) -> str:
        assert line.edge is not None
        target, name = line.edge.target, self.symbols.value(line.end)
        product, told = self._product(target, name), self._told(target)
        return f"{product} = {told[1]}" if told else product

    def _parameter(self, line: Equation) -> str:
        return self._handed_back(line.end, self.symbols.parameter(line.end))

    def _handed_back(self, target: End, name: Name) -> str:
        """How the goal changes with what is plugged into a socket: the chain rule, and the operation's own rule."""
        told = self._told(target)
        if told is None:
            left, product = self._partial(name), self._product(target, name)
            return left if product == left else f"{left} = {product}"
        slope, value = told
        left = self._partial(_indexed(name, slope.by_sub))
        if self._is_total(target[0], slope) or self._is_end(target[0]):
            return f"{left} = {value}"
        return f"{left} = {self._product(target, name, slope)} = {value}"

    def _product(self, target: End, name: Name, slope: Slope | None = None) -> str:
        """The chain rule: how the goal changes with the node's value, times how that changes with its input."""
        if slope is None:
            return " + ".join(
                self._link(target[0], self.symbols.value(end), name) for end in self._used(target[0])
            )
        result = _indexed(self.symbols.value(self._used(target[0])[0]), slope.of_sub)
        sum = rf"\sum_{{{slope.summed}}} " if slope.summed else ""
        return sum + self._link(target[0], result, _indexed(name, slope.by_sub))

    def _link(self, key: str, result: Name, name: Name) -> str:
        """One product of the chain rule; of the goal itself, the local derivative."""
        local = rf"\frac{{\partial\, {result}}}{{\partial {name}}}"
        return local if self._is_end(key) else rf"{self._partial(result)}\, {local}"

    def _told(self, target: End) -> tuple[Slope, str] | None:
        """What the operation says that it hands back to a socket, in the names of nodes; None when it says nothing."""
        key, socket = target
        op = self.plan.op(key)
        said = slopes(op.slope_latex())
        slope = said.by(letters_for(op, socket), "x" if op.grows and op.elementwise else "")
        if (
            slope is None
            and op.factors
            and socket not in op.factors
            and (key, socket) in self.plan.parameters
        ):
            return _ADDED, rf"\sum_{{\mathrm{{repeats}}}} {self.symbols.value(self._used_output(key)).barred}"
        if slope is None or not self._is_of_output(op, slope):
            return None
        letters = _Letters(self, key)
        value = letters.put(latex.without(slope.value, letters.is_absent))
        text = latex.write(value)
        if not self._is_total(key, slope):
            text = self._times(key, socket, slope, value)
        used = set(latex.letters_in(slope.value))
        where = [latex.write(letters.put(w)) for w in said.where if set(latex.letters_in(w[:1])) & used]
        return slope, r",\quad ".join((text, *where, *letters.below()))

    def _times(self, key: str, socket: str, slope: Slope, value: Items) -> str:
        """The upstream gradient times a local derivative, summed over what the input was repeated along."""
        op, out = self.plan.op(key), self._used_output(key)
        text = latex.write(value).strip()
        is_mean_of_each = slope.of_sub and op.scalar_loss and op.params.get("reduction") == "mean"
        share = r"\frac{1}{n}\, " if is_mean_of_each else ""
        if self._is_end(key):
            return f"{share}({text})" if share and latex.is_sum(value) else share + text
        barred = _indexed(self.symbols.value(out), slope.of_sub).barred
        if text == "1":
            product = barred
        elif text in ("-1", "0"):
            product = "0" if text == "0" else f"-{barred}"
        else:
            is_sum = latex.is_sum(value)
            sign = "-" if text.startswith("-") and not is_sum else ""
            factor = f"({text})" if is_sum else text.removeprefix("-")
            times = r"\odot" if op.elementwise and self.plan.inference.specs[out].shape else r"\cdot"
            product = rf"{sign}{barred} {times} {factor}"
        sums = rf"\sum_{{{slope.summed}}} " if slope.summed and not op.scalar_loss else ""
        if op.elementwise and text != "0" and self._is_repeated(key, socket):
            sums = r"\sum_{\mathrm{repeats}} "
        return share + sums + product

    def _is_repeated(self, key: str, socket: str) -> bool:
        source = self.plan.nodes[key].inputs.get(socket)
        slot = self.plan.parameters.get((key, socket))
        shape = self.plan.inference.specs[source].shape if source else slot.shape if slot else ()
        return shape != self.plan.inference.specs[self._used_output(key)].shape

    def _is_of_output(self, op: Op, slope: Slope) -> bool:
        letters = {letter for name in op.results()[:1] for letter in (*letters_for(op, name), "y")}
        return slope.of in letters or slope.of == r"\ell"

    def _is_total(self, key: str, slope: Slope) -> bool:
        """Whether a clause gives the whole of what is handed back, not only the local derivative."""
        return slope.of == r"\ell" and not self.plan.op(key).scalar_loss

    def _is_end(self, key: str) -> bool:
        """Whether the node is the goal, whose own gradient is 1."""
        return key == self.plan.goal

    def _used(self, key: str) -> list[End]:
        """The outputs through which gradient comes back; at least one."""
        outputs = [(key, name) for name in self.plan.op(key).results()]
        return [end for end in outputs if end in self._incoming] or outputs[:1]

    def _used_output(self, key: str) -> End:
        return self._used(key)[0]

    def _partial(self, name: Name | str) -> str:
        goal = self.symbols.value((self.plan.goal, self.plan.op(self.plan.goal).results()[0]))
        return rf"\frac{{\partial\, {goal}}}{{\partial {name}}}"

    # Update

    def _update(self, line: Equation) -> str:
        learns = [end for end in self.plan.parameters if not self.plan.nodes[end[0]].frozen]
        names = [str(self.symbols.parameter(end)) for end in learns]
        return update_equation(self._optimizer, names)


class _Letters:
    """What the letters of a node's formula stand for."""

    def __init__(self, equations: Equations, key: str) -> None:
        plan, symbols = equations.plan, equations.symbols
        self._plan, self._node = plan, plan.nodes[key]
        op = plan.op(key)
        self._meaning: dict[str, Name | str] = {}
        self._absent: set[str] = set()
        self._sockets: dict[str, tuple[set[str], Name]] = {}
        self._numbers: dict[str, str] = {}
        self._results: set[str] = set()
        self._said: set[str] = set()
        self._below: dict[str, None] = {}
        for socket in op.sockets():
            self._enter_socket(symbols, key, socket.name, letters_for(op, socket.name))
        for at, output in enumerate(op.results()):
            letters = {*letters_for(op, output), *(("y",) if at == 0 else ())} - self._meaning.keys()
            self._results |= letters
            self._meaning |= dict.fromkeys(letters, symbols.value((key, output)))
        if not op.scalar_loss and plan.goal:
            self._meaning.setdefault(r"\ell", symbols.value((plan.goal, plan.op(plan.goal).results()[0])))
        for letter, name in param_letters(op):
            text = _constant(op.params[name])
            if text and letter not in self._meaning:
                self._numbers[letter] = text

    def _enter_socket(self, symbols: Symbols, key: str, socket: str, letters: tuple[str, ...]) -> None:
        source = self._node.inputs.get(socket)
        if source is not None:
            name = symbols.value(source)
            self._sockets[socket] = (set(letters), name)
        elif (key, socket) in self._plan.parameters:
            name = symbols.parameter((key, socket))
        elif not next(s for s in self._plan.sockets(key) if s.name == socket).learnable:
            text = _constant(self._plan.op(key).params[socket])
            self._meaning |= dict.fromkeys(letters, text)
            return
        else:
            self._absent |= set(letters)
            return
        self._meaning |= {letter: name for letter in letters if letter not in self._meaning}

    @property
    def names_result(self) -> bool:
        """Whether what was put into so far names the node's value."""
        return bool(self._results & self._said)

    def is_absent(self, letter: str) -> bool:
        return letter in self._absent and letter not in self._meaning

    def put(self, items: Items) -> Items:
        return latex.substitute(items, self._find, below=self._find_below)

    def _find(self, letter: str) -> Name | str | None:
        found = self._find_name(letter)
        if found is None and letter in self._numbers:
            return self._numbers[letter]
        return r"\mathrm{e}" if found is None and letter == "e" else found

    def _find_name(self, letter: str) -> Name | str | None:
        if letter in self._meaning:
            self._said.add(letter)
        return self._meaning.get(letter)

    def _find_below(self, letter: str) -> Name | str | None:
        """In an index a param keeps its letter, and is told beside the formula."""
        if letter in self._numbers and letter not in self._meaning:
            self._below[letter] = None
        return self._find_name(letter)

    def below(self) -> Iterator[str]:
        """What the params in indices are."""
        told = [f"{letter} = {self._numbers[letter]}" for letter in self._below]
        if told:
            yield r",\ ".join(told)

    def unsaid(self, op: Op) -> Iterator[str]:
        """What the formula left open: params in indices, and inputs that it does not name."""
        yield from self.below()
        silent = [
            f"{latex.word(socket)} = {name}"
            for socket, (letters, name) in self._sockets.items()
            if not letters & self._said
        ]
        if silent:
            yield r",\ ".join(silent)


def _indexed(name: Name, sub: str) -> Name:
    return Name(name.base, ",".join(part for part in (name.sub, sub) if part))


def _constant(value: object) -> str:
    """A number, or a few of them, as LaTeX; "" for anything else."""
    if isinstance(value, bool | str) or value is None:
        return ""
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "fiu" or numbers.ndim > 1 or not 0 < numbers.size <= FEW:
        return ""
    texts = [latex.number(float(each)).strip("()") for each in numbers.reshape(-1)]
    if not numbers.ndim:
        return latex.number(float(numbers))
    return f"({', '.join(texts)})"
