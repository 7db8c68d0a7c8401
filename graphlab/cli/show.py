"""`graphlab show`: what a document consists of, without running it."""

from __future__ import annotations

from typing import Any

import click

from ..engine import Inference, Problem, infer
from ..graph import Document, Node
from . import sources
from .console import as_json, print_json, say, table
from .console import show as show_table


@click.command()
@sources.what
@sources.settings
@as_json
def show(what: str, settings: tuple[str, ...], as_json: bool) -> None:
    """Show nodes, shapes, parameters and faults."""
    document = sources.open_source(what, settings).graph.document
    found = infer(document)
    if as_json:
        print_json(describe(document, found))
    else:
        _print(document, found)


def describe(document: Document, found: Inference) -> dict[str, Any]:
    """The document as plain values; nodes in the order in which they are computed."""
    return {
        "name": document.name,
        "nodes": [_node(document, found, document.nodes[key]) for key in found.order],
        "parameters": found.total_parameters,
        "goal": _name(document, found.goal),
        "problems": [describe_problem(problem) for problem in found.problems],
        "training": {
            name: getattr(document.training, name)
            for name in ("optimizer", "lr", "schedule", "batch_size", "epochs", "seed", "validation", "test")
        },
        "notes": [note.text for note in document.notes.values()],
    }


def describe_problem(problem: Problem) -> dict[str, str]:
    return {
        "node": problem.node,
        "socket": problem.socket,
        "message": problem.message,
        "hint": problem.hint,
    }


def _node(document: Document, found: Inference, node: Node) -> dict[str, Any]:
    outputs = {name: spec for (key, name), spec in found.specs.items() if key == node.id}
    return {
        "id": node.id,
        "name": node.name,
        "op": node.op,
        "params": dict(node.params),
        "inputs": {
            socket: f"{_name(document, e.source)}.{e.output}" for socket, e in _wires(document, found, node)
        },
        "outputs": {
            name: [s if isinstance(s, int) else str(s) for s in spec.shape] for name, spec in outputs.items()
        },
        "learnable": {
            socket: list(shape) for (key, socket), shape in found.learnables.items() if key == node.id
        },
        "parameters": found.parameter_count(node.id),
        "problems": [describe_problem(problem) for problem in found.problems_of(node.id)],
    }


def _wires(document: Document, found: Inference, node: Node) -> list[tuple[str, Any]]:
    """The wires into a node in the order of its sockets."""
    wires = document.inputs_of(node.id)
    op = found.nodes[node.id].op
    order = [socket.name for socket in op.sockets()] if op else list(wires)
    return [(name, wires[name]) for name in order if name in wires]


def _name(document: Document, key: str) -> str:
    return document.nodes[key].name if key else ""


def _print(document: Document, found: Inference) -> None:
    last = ["problem"] if found.problems else []
    made = table("", "name", "op", "from", "result", "parameters", *last, right=("", "parameters"))
    for number, key in enumerate(found.order, 1):
        node = document.nodes[key]
        count = found.parameter_count(key)
        made.add_row(
            str(number),
            node.name,
            node.op,
            ", ".join(_source_text(document, edge) for _, edge in _wires(document, found, node)),
            ", ".join(str(spec) for (owner, _), spec in found.specs.items() if owner == key) or "?",
            f"{count:,}" if count else "",
            *([" ".join(f"{p.message} {p.hint}" for p in found.problems_of(key))] if last else []),
            style="red" if found.problems_of(key) else "dim" if key in found.unhealthy else "",
        )
    show_table(made)
    say()
    say(_footer(document, found))


def _source_text(document: Document, edge: Any) -> str:
    source = document.nodes[edge.source]
    several = source.is_known and len(source.make().results()) > 1
    return f"{source.name}.{edge.output}" if several else source.name


def _footer(document: Document, found: Inference) -> str:
    training = document.training
    goal = f"goal {_name(document, found.goal)}" if found.goal else "no goal"
    faults = len(found.problems)
    schedule = "" if training.schedule == "constant" else f" by {training.schedule}"
    return (
        f"{document.name}: {plural(len(document.nodes), 'node')}, {plural(len(document.edges), 'wire')}, "
        f"{plural(found.total_parameters, 'parameter')}, {goal}, {plural(faults, 'fault') if faults else 'no faults'}. "
        f"Training: {training.optimizer}, lr {training.lr:g}{schedule}, batches of {training.batch_size}, "
        f"{plural(training.epochs, 'epoch')}, seed {training.seed}."
    )


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
