"""A graph as one file of PyTorch: its groups and itself as modules, with its weights in safetensors beside it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...engine import Run
from ...engine.flatten import topological
from ...engine.plan import Plan
from ...errors import SaveError
from ...graph import Document, Graph
from ...graph.document import Node
from ...graph.groups import role
from .. import weights as tensors
from ..python_literals import quoted
from ..results import Parts, default_of, dressed, parts_of
from ..saving import write_atomically
from .classes import Class, Classes, Told, body, camel, plain
from .expressions import functions_in
from .layout import INDENT, wrapped
from .loop import loop_lines, rows_of
from .sheets import Array, Line, Sheet, SheetWriter, Whole, tensor_text


def to_pytorch(
    source: Graph | Document | Run,
    path: str | Path | None = None,
    *,
    weights: Mapping[str, Array] | None = None,
    loop: bool = False,
) -> str:
    """A graph, document or run as a module of PyTorch, which comes to the same numbers.

    With `path` it is written there, and its weights into a .safetensors of that name beside it. `loop` adds training
    over mini-batches, with the rows of the data set in a .npz. `weights` by name; those of a run are its own.

    Raises:
        ProblemsError: the graph has faults. SaveError: it holds what cannot be written (all of it is named), or the
            files cannot be written.
    """
    code = code_of(source, weights, loop=loop)
    if path is not None:
        code.save(Path(path))
    return code.text


@dataclass(frozen=True)
class Code:
    """The lines of the file, each with the node that it is of, and what lies beside it: weights as a state dict has
    them, and rows to train with."""

    lines: tuple[Told, ...]
    weights: Mapping[str, Array]
    rows: Mapping[str, Array] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(text for text, _ in self.lines) + "\n"

    def save(self, path: Path) -> list[Path]:
        """Writes them; which files those are. SaveError."""
        written = [path]
        if self.weights:
            beside = path.with_suffix(".safetensors")
            write_atomically(beside, tensors.to_bytes(self.weights))
            written.append(beside)
        if self.rows:
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, array in self.rows.items():
                    with archive.open(f"{name}.npy", "w") as member:
                        np.lib.format.write_array(member, array, allow_pickle=False)
            write_atomically(path.with_suffix(".npz"), data.getvalue())
            written.append(path.with_suffix(".npz"))
        write_atomically(path, self.text.encode())
        return written


def code_of(
    source: Graph | Document | Run,
    weights: Mapping[str, Array] | None = None,
    *,
    loop: bool = False,
    whole: bool = False,
) -> Code:
    """The file that `to_pytorch` writes. `whole`: forward scores as well, and gives all in which the graph ends."""
    plan, numbers = dressed(source, weights or {})
    found = _Writer(plan, loop, whole)
    lines = tuple(found.lines())
    rows = rows_of(plan.document, found.loss_takes) if loop else {}
    return Code(lines, found.weights(numbers), rows)


def lines_of(plan: Plan) -> tuple[Told, ...]:
    """The lines alone, for looking at. ProblemsError, SaveError as for `to_pytorch`."""
    plan.require_healthy()
    return tuple(_Writer(plan, False, False).lines())


class _Writer:
    """Writes the document: what predicts becomes `forward`, what scores that becomes `loss`."""

    def __init__(self, plan: Plan, loop: bool, whole: bool) -> None:
        self._plan, self._document, self._loop, self._whole = plan, plan.document, loop, whole
        self._shared = Whole(plan)
        self._writer = SheetWriter(self._shared, self._document, self._document.name or "Network")
        self._title = camel(self._document.name or "Network")
        self._defaults: dict[str, Node] = {}
        self.loss_takes: dict[
            str, tuple[str, str]
        ] = {}  # arguments of the loss: node id and output of the source
        self._loss: Sheet | None = None

    # The two halves

    def _write(self) -> Sheet:
        document, writer = self._document, self._writer
        order = [i for i in topological(document) if role(document.nodes[i]) not in ("port in", "port out")]
        inputs = {i: {s: (e.source, e.output) for s, e in document.inputs_of(i).items()} for i in order}
        parts = self._parts(order, inputs)
        network = set(parts.network)
        scoring = self._needed(parts, inputs)
        across = {end for i in scoring for end in inputs[i].values() if end[0] in network}
        across = {end for end in across if not document.nodes[end[0]].make().source}
        for node_id, output in {*parts.results, *across}:
            writer.wanted.setdefault(node_id, set()).add(output)
        self._take(parts.network, inputs)
        writer.write(parts.network)
        sheet = writer.found
        ends = [*parts.results, *sorted(across - set(parts.results))]
        values = [value for end in ends if (value := writer.value(end)) is not None]
        sheet.gives = list(
            dict.fromkeys(v for v in values if not v.startswith("self.") or end_in(ends, parts))
        )
        if scoring:
            self._score(sheet, scoring, inputs)
        return sheet

    def _parts(self, order: Sequence[str], inputs: Mapping[str, Mapping[str, tuple[str, str]]]) -> Parts:
        document = self._document
        ops = {i: document.nodes[i].make() for i in order}
        losses = {
            i: op.sockets()[0].name for i, op in ops.items() if op.scalar_loss and not document.nodes[i].muted
        }
        outputs = {i: op.results() for i, op in ops.items()}
        return parts_of(
            inputs, {} if self._whole else losses, outputs, {i for i, op in ops.items() if op.source}
        )

    def _needed(self, parts: Parts, inputs: Mapping[str, Mapping[str, tuple[str, str]]]) -> list[str]:
        """Of what scores, that on which the goal depends."""
        goal = self._goal()
        if goal not in parts.scoring:
            return []
        found, todo = set[str](), [goal]
        while todo:
            node_id = todo.pop()
            if node_id in parts.scoring and node_id not in found:
                found.add(node_id)
                todo.extend(source for source, _ in inputs[node_id].values())
        return [i for i in parts.scoring if i in found]

    def _goal(self) -> str:
        return self._plan.goal.partition("/")[0] if self._plan.goal else ""

    def _take(self, nodes: Sequence[str], inputs: Mapping[str, Mapping[str, tuple[str, str]]]) -> None:
        """The arguments of forward: what is fed, in order; what has a value of its own may be left out."""
        used = {end for i in nodes for end in inputs[i].values()}
        sheet, later = self._writer.found, list[str]()
        for node_id in nodes:
            node = self._document.nodes[node_id]
            for output in node.make().results() if node.make().source else ():
                if (node_id, output) in used:
                    name = self._argument(node, output)
                    (later if default_of(node.make()) is not None else sheet.takes).append(name)
        for name in later:
            sheet.takes.append(f"{name}=None")
            self._say_given(name)

    def _argument(self, node: Node, output: str) -> str:
        several = [n for n in self._document.nodes.values() if n.is_known and n.make().source]
        op = node.make()
        wish = node.name if len(op.results()) == 1 else output
        if (
            len(several) > 1
            and len(op.results()) > 1
            and any(n.make().results() == op.results() for n in several if n is not node)
        ):
            wish = f"{node.name}_{output}"
        name = self._writer.take((node.id, output), wish)
        self.loss_takes[name] = (node.id, output)
        if default_of(op) is not None:
            self._defaults[name] = node
        return name

    def _say_given(self, name: str) -> None:
        """What an argument is where nothing is given."""
        node = self._defaults[name]
        kind = np.int64 if node.params.get("dtype") == "int" else np.float64
        self._writer.say(f"if {name} is None:")
        self._writer.say(f"{INDENT}{name} = {tensor_text(np.asarray(default_of(node.make()), kind))}")

    def _score(
        self, sheet: Sheet, scoring: Sequence[str], inputs: Mapping[str, Mapping[str, tuple[str, str]]]
    ) -> None:
        """The loss, which begins with what forward gives."""
        writer, kept, taken = self._writer, sheet.lines, list(sheet.takes)
        used = {end for i in scoring for end in inputs[i].values()}
        sheet.lines, sheet.takes = [], list(taken)
        needed = {value for end in used if (value := writer.value(end)) is not None}
        for node_id, output in sorted(used):
            node = self._document.nodes[node_id]
            if not node.make().source or writer.value((node_id, output)) is not None:
                continue
            name = self._argument(node, output)
            if default_of(node.make()) is not None:
                self._say_given(name)
                sheet.takes.append(f"{name}=None")
            else:
                sheet.takes.insert(sum("=" not in each for each in sheet.takes), name)
        names = [name.partition("=")[0] for name in taken]
        results = [value if value in needed else "_" for value in sheet.gives]
        call = f"{', '.join(results)} = self({', '.join(names)})"
        if any(result != "_" for result in results):
            sheet.lines.insert(0, Line(call))
        for name in names:
            if name in self._defaults and name in needed:
                self._say_given(name)
        writer.write(scoring)
        end = (self._goal(), self._plan.op(self._plan.goal).results()[0])
        value = writer.value(end)
        self._loss = Sheet("loss", "", [], sheet.takes, sheet.lines, [value] if value else [])
        sheet.lines, sheet.takes = kept, taken

    # Text

    def lines(self) -> Iterator[Told]:
        """The whole file. SaveError where something cannot be written, naming all of it."""
        sheet = self._sheet = self._write()
        if lacks := self._shared.lacks:
            raise SaveError(
                f"PyTorch code cannot be written for {'; '.join(lacks.values())}",
                hint="Replace these nodes, or export NumPy code.",
            )
        classes = Classes(sheet, self._title)
        parts = [list(self._class(classes, made, sheet)) for made in classes.found]
        if sheet.weights or any(True for _ in sheet.inner()):
            parts.append(list(plain(*self._loading())))
        if self._loop:
            more = loop_lines(self._document, self._title, self.loss_takes, self._loss is not None)
            parts += [list(plain(*text.split("\n"))) for text in more]
        code = "\n".join(text for part in parts for text, _ in part)
        functions = functions_in(code)
        yield from plain(*self._head(code + "".join(functions)))
        for part in (*(list(plain(*text.split("\n"))) for text in functions), *parts):
            yield from plain("", "")
            yield from part

    def _head(self, code: str) -> Iterator[str]:
        name = quoted(self._document.name or "A graph")
        yield f'"""{name}, as a module of PyTorch. Written by graphlab."""'
        yield ""
        wanted = [
            line
            for line, word in (("import math", "math."), ("from pathlib import Path", "Path("))
            if word in code
        ]
        if wanted:
            yield from (*wanted, "")
        if "np." in code:
            yield "import numpy as np"
        yield "import torch"
        if "F." in code:
            yield "import torch.nn.functional as F"
        if "load_file" in code:
            yield "from safetensors.torch import load_file"
        yield "from torch import nn"
        if "DataLoader(" in code:
            yield "from torch.utils.data import DataLoader, TensorDataset"

    def _class(self, classes: Classes, made: Class, root: Sheet) -> Iterator[Told]:
        lines = list(classes.lines(made))
        if made.model is root:
            at = lines.index(("", ""))
            lines[at:at] = plain(*(f"{INDENT * 2}{tie}" for tie in self._ties(root)))
        yield from lines
        if made.model is root and self._loss is not None:
            yield from plain("", *wrapped(f"def loss({', '.join(['self', *self._loss.takes])}):", 1))
            yield from body(self._loss, gives=self._loss.gives)

    def _ties(self, root: Sheet) -> Iterator[str]:
        """Uses that share what they learn are one module under several names."""
        first: dict[str, str] = {}
        for path, owner in _shared(root, "self"):
            if owner in first:
                yield f"{path} = {first[owner]}  # one module, used twice"
            first.setdefault(owner, path)

    def _loading(self) -> Iterator[str]:
        yield 'WEIGHTS = Path(__file__).with_suffix(".safetensors")'
        yield ""
        yield ""
        yield "def load(path=WEIGHTS):"
        yield f'{INDENT}"""The model with the weights that it had in graphlab, ready to predict."""'
        yield f"{INDENT}model = {self._title}()"
        yield f"{INDENT}model.load_state_dict(load_file(path))"
        yield f"{INDENT}return model.eval()"

    def weights(self, given: Mapping[str, Array]) -> dict[str, Array]:
        """The state dict. `given` by the names of slots."""
        return dict(_weights(self._sheet, "", given))


def end_in(ends: Sequence[Any], parts: Parts) -> bool:
    """Whether forward has to give parameters: where it gives nothing else."""
    return all(end in parts.results for end in ends)


def _shared(sheet: Sheet, path: str) -> Iterator[tuple[str, str]]:
    """Modules that share what they learn, by path, with what they share it as. What is inside of them is theirs."""
    for name, inner in sheet.inner():
        owner = sheet.owners.get(name)
        if owner is None:
            yield from _shared(inner, f"{path}.{name}")
        elif owner:
            yield f"{path}.{name}", owner


def _weights(sheet: Sheet, prefix: str, given: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    for name, weight in sheet.weights.items():
        array = np.array(given[weight.slot] if weight.values is None else weight.values)
        if weight.empty_row is not None:
            array[weight.empty_row] = 0
        yield prefix + name, array
    for name, inner in sheet.inner():
        yield from _weights(inner, f"{prefix}{name}.", given)
