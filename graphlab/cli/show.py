"""`graphlab show`: what a document consists of, without running it."""

from __future__ import annotations

from typing import Any

import click

from ..engine import Inference, Problem, infer
from ..engine.flatten import End, FlatNode
from ..graph import Document
from ..graph.searching import target_text
from ..graph.spaces import space_text
from . import sources
from .console import as_json, print_json, say, table
from .console import show as show_table

_SWEEP = ("method", "trials", "seconds", "seeds", "folds", "pruning", "rung", "keep", "metric", "seed")


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
        "nodes": [_node(document, found, found.nodes[key]) for key in found.order],
        "parameters": found.total_parameters,
        "goal": _name(found, found.goal),
        "problems": [describe_problem(problem) for problem in found.problems],
        "training": {
            name: getattr(document.training, name)
            for name in (
                "optimizer",
                "lr",
                "schedule",
                "batch_size",
                "epochs",
                "seed",
                "shuffle",
                "validation",
                "test",
            )
        },
        "searches": {target_text(document, each): space_text(each.space) for each in document.sweep.searches},
        "sweep": {name: getattr(document.sweep, name) for name in _SWEEP},
        "notes": [note.text for note in document.notes.values()],
        "frames": [frame.title for frame in document.frames.values()],
    }


def describe_problem(problem: Problem) -> dict[str, str]:
    return {
        "node": problem.node,
        "socket": problem.socket,
        "message": problem.message,
        "hint": problem.hint,
    }


def _node(document: Document, found: Inference, node: FlatNode) -> dict[str, Any]:
    """One operation of the flat graph; inside groups, names are paths ("cell/hidden")."""
    outputs = {name: spec for (key, name), spec in found.specs.items() if key == node.key}
    return {
        "id": node.key,
        "name": node.path,
        "op": node.op_name,
        "params": _params(document, node),
        "inputs": {socket: f"{_name(found, key)}.{output}" for socket, (key, output) in _wires(node)},
        "outputs": {
            name: [s if isinstance(s, int) else str(s) for s in spec.shape] for name, spec in outputs.items()
        },
        "learnable": {
            socket: list(shape) for (key, socket), shape in found.learnables.items() if key == node.key
        },
        "parameters": found.parameter_count(node.key),
        "problems": [describe_problem(problem) for problem in found.problems_of(node.key)],
    }


def _params(document: Document, node: FlatNode) -> dict[str, Any]:
    """What the document says; inside a group, where a use may say otherwise, the params that are no defaults."""
    if node.key in document.nodes:
        return dict(document.nodes[node.key].params)
    params = {} if node.op is None else node.op.params
    return {n: v for n, v in params.items() if node.op is not None and v != node.op.params_of[n].default}


def _wires(node: FlatNode) -> list[tuple[str, End]]:
    """What feeds a node, in the order of its sockets."""
    order = [socket.name for socket in node.op.sockets()] if node.op else list(node.inputs)
    return [(name, node.inputs[name]) for name in order if name in node.inputs]


def _name(found: Inference, key: str) -> str:
    return found.nodes[key].path if key else ""


def _print(document: Document, found: Inference) -> None:
    last = ["problem"] if found.problems else []
    headings = ("", "name", "op", "from", "result", "parameters", *last)
    made = table(*headings, right=("", "parameters"), wrapped=("name", "from", *last))
    for number, key in enumerate(found.order, 1):
        node = found.nodes[key]
        count = found.parameter_count(key)
        made.add_row(
            str(number),
            node.path,
            node.op_name,
            ", ".join(_source_text(found, end) for _, end in _wires(node)),
            ", ".join(str(spec) for (owner, _), spec in found.specs.items() if owner == key) or "?",
            f"{count:,}" if count else "",
            *([" ".join(f"{p.message} {p.hint}" for p in found.problems_of(key))] if last else []),
            style="red" if found.problems_of(key) else "dim" if key in found.unhealthy else "",
        )
    show_table(made)
    say()
    say(_footer(document, found))
    if document.sweep.searches:
        say(_searches(document))


def _source_text(found: Inference, end: End) -> str:
    source = found.nodes[end[0]]
    several = source.op is not None and len(source.op.results()) > 1
    return f"{source.path}.{end[1]}" if several else source.path


def _footer(document: Document, found: Inference) -> str:
    training = document.training
    goal = f"goal {_name(found, found.goal)}" if found.goal else "no goal"
    faults = len(found.problems)
    order = "" if training.shuffle else " in the order of the rows"
    schedule = "" if training.schedule == "constant" else f" by {training.schedule}"
    return (
        f"{document.name}: {plural(len(document.nodes), 'node')}, {plural(len(document.edges), 'wire')}, "
        f"{plural(found.total_parameters, 'parameter')}, {goal}, {plural(faults, 'fault') if faults else 'no faults'}. "
        f"Training: {training.optimizer}, lr {training.lr:g}{schedule}, batches of {training.batch_size}{order}, "
        f"{plural(training.epochs, 'epoch')}, seed {training.seed}."
    )


def _searches(document: Document) -> str:
    sweep = document.sweep
    found = [f"{target_text(document, each)}={space_text(each.space)}" for each in sweep.searches]
    most = "all points" if sweep.method == "grid" and not sweep.trials else plural(sweep.trials, "trial")
    folds = f", {sweep.folds} folds" if sweep.folds else ""
    pruning = f", {sweep.pruning}" if sweep.pruning != "none" else ""
    seeds = plural(sweep.seeds, "seed")
    return f"Searched: {', '.join(found)}. By {sweep.method}: {most}, {seeds}{folds}{pruning}."


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
