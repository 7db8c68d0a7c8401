"""What of a document can be searched, and what people call it: params, settings, and what stands where.

| text | what is searched |
|---|---|
| `hidden.units` | a param of a node, or a setting of a group |
| `Encoder/conv.kernel_size` | the same of a node inside a group, named by the group or a use of it: in all its uses |
| `act.op` | which operation stands there; or which ready-made part, or group of the document |
| `block.copies` | how often it stands in a row; 0: it is left out |
| `lr`, `training.lr` | a training setting |
| `seed`, `rows` | the seed of the training; the share of the training rows that is learnt from |
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import GraphlabError, ParamError, SettingsError, UnknownNodeError
from ..ops import Param, get, known
from . import in_row, promoting, searched
from .document import OPTIMIZERS, RANGES, SCHEDULES, STOP_ON, SWITCHES, Document, Node, Training
from .groups import definition_of, is_use, role, settings_of, sheet
from .searched import INSIDE, place_of, written
from .spaces import parse_value, value_text
from .sweep import COPIES, OP, ROWS

TRAINING = "training"
_LOG = ("lr", "weight_decay", "min_lr", "clip_norm", "clip_value", "batch_size")
_NEVER = {
    "goal": "it says what is learnt, so results could not be compared",
    "validation": "all trials are compared on the same held-out rows",
    "test": "all trials are compared on the same held-out rows",
    "stratified": "all trials are compared on the same held-out rows",
    "order": "it changes no result",
    "save_best": "it changes no result",
    "stop_seconds": "results would depend on how busy the machine is",
}
_ALSO_CALLED = {  # by other programs, or in words, without what joins them
    "lr": ("learningrate", "rate", "eta"),
    "batch_size": ("batch", "minibatch", "minibatchsize", "bs"),
    "epochs": ("epoch", "maxepochs", "numepochs", "nepochs"),
    "optimizer": ("opt", "solver", "optim"),
    "weight_decay": ("l2", "wd", "decay"),
    "seed": ("randomstate", "randomseed"),
    "rows": ("trainsize", "trainingrows", "trainrows"),
    "schedule": ("scheduler", "lrschedule", "lrscheduler"),
    "warmup": ("warmupsteps",),
    "min_lr": ("etamin", "minimumlearningrate"),
    "clip_norm": ("gradclip", "gradientclipping", "maxnorm"),
}
_JOINTS = str.maketrans("", "", "_- ")
_SCALARS = ("int", "float")
_SEVERAL = ("ints", "floats", "shape")  # params that take one number, too


def _named(param: Param, name: str) -> Param:
    param.name = name
    return param


COUNT = _named(Param(1, low=0, high=in_row.MOST), COPIES)
_WORD = _named(Param("", kind="text"), OP)


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be searched. `node`, `name`: as in `Search`; `text`: what people write.

    param: its kind and bounds. value: what it is in the document now.
    """

    node: str
    name: str
    text: str
    param: Param
    value: Any

    @property
    def is_whole(self) -> bool:
        """Whether it takes whole numbers only."""
        return self.param.kind in ("int", "ints", "shape")

    @property
    def is_number(self) -> bool:
        return self.param.kind in (*_SCALARS, *_SEVERAL) or _is_single(self.param, self.value)

    @property
    def is_op(self) -> bool:
        """Whether it is what stands there."""
        return bool(self.node) and self.name == OP and self.param.name == OP


def targets(document: Document) -> Iterator[Target]:
    """Everything that can be searched: training settings, then the nodes, then those inside groups."""
    for field in dataclasses.fields(Training):
        if field.name not in (*_NEVER, "extra"):
            yield target_of(document, "", field.name)
    yield target_of(document, "", ROWS)
    for definition, there in (("", document), *document.definitions.items()):
        whole = sheet(document, definition) if definition else there
        for node in there.nodes.values():
            if node.is_known:
                yield from _of_node(document, whole, definition, node)


def names_of(document: Document, node: str) -> list[str]:
    """What of a node can be searched, by name. UnknownNodeError."""
    definition, node_id = place_of(node)
    there = sheet(document, definition)
    return [target.name for target in _of_node(document, there, definition, there.node(node_id))]


def can_search(document: Document, node: str, name: str) -> bool:
    """Whether there is something to search under that name of a node, "" for the training."""
    try:
        target = target_of(document, node, name)
    except GraphlabError:
        return False
    return target.param.kind not in ("names", "settings")


def end_of(document: Document, text: str) -> tuple[str, str]:
    """The node ("" for a training setting) and the name that a text means. UnknownNodeError, SettingsError."""
    head, dot, name = text.strip().rpartition(".")
    is_setting = head == TRAINING and TRAINING not in document.ids_by_name
    if not dot or is_setting:
        return "", _setting(document, name if dot else text.strip())
    return _node(document, head), name


def target_of(document: Document, node: str, name: str) -> Target:
    """What can be searched under that name of a node (or, with "", of the training).

    UnknownNodeError, ParamError, SettingsError: there is nothing such.
    """
    text = text_of(document, node, name)
    if not node:
        param = setting_param(_setting(document, name))
        value = getattr(document.training, name) if name != ROWS else 1.0
        return Target("", name, text, param, value)
    definition, node_id = place_of(node)
    there = sheet(document, definition)
    found = there.node(node_id)
    if is_structure(there, found, name) and name == OP:
        _check_op(found, text)
        return Target(node, name, text, _WORD, what_stands(there, found))
    if is_structure(there, found, name):
        in_row.passage(there, found)
        return Target(node, name, text, COUNT, int(not found.muted))
    param, value = _param_of(document, there, node, found, name)
    return Target(node, name, text, param, value)


def text_of(document: Document, node: str, name: str) -> str:
    """The same by node and name."""
    if not node:
        return name
    definition, node_id = place_of(node)
    found = searched.node_at(document, node)
    word = found.name if found is not None else node_id
    return f"{_group_word(document, definition)}{INSIDE}{word}.{name}" if definition else f"{word}.{name}"


def setting_param(name: str) -> Param:
    """A training setting, or `rows`, as the param that it would be."""
    choices = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES, "stop_on": STOP_ON}
    if name == ROWS:
        return _named(Param(1.0, low=0, low_open=True, high=1, log=True), name)
    default = getattr(Training(), name)
    if name in SWITCHES:
        return _named(Param(default), name)
    if name in choices:
        return _named(Param(default, choices=choices[name]), name)
    kind, low, high, low_open = RANGES[name]
    return _named(
        Param(default, kind=kind.__name__, low=low, high=high, low_open=low_open, log=name in _LOG), name
    )


def what_stands(there: Document, node: Node) -> str:
    """What a node is, as a search of OP names it: the operation, or the group."""
    inner = definition_of(there, node) if is_use(node) else None
    return inner.name if inner is not None else node.op


def is_structure(there: Document, node: Node, name: str) -> bool:
    """Whether a name means what stands there, or how often, rather than a param of that name."""
    inner = definition_of(there, node) if is_use(node) else None
    return (
        name in (OP, COPIES)
        and name not in params_of(node)
        and not (inner is not None and name in inner.promoted)
    )


def taken(param: Param, value: Any, text: str, fault: type[GraphlabError] = ParamError) -> Any:
    """The value as a param has it. `fault`, naming `text`: it does not take it."""
    if param.kind == "bool" and value in ("on", "off"):
        value = value == "on"
    try:
        return param.check(plain_value(param, value), text)
    except ParamError as error:
        raise fault(f"{text} cannot be {value_text(value)}.", hint=error.hint) from None


def plain_value(param: Param, value: Any) -> Any:
    """The value that a param gets of one that a space holds: of "(3, 5)" two numbers."""
    several = param.kind in (*_SEVERAL, "array", "names")
    if not (several and isinstance(value, str) and value.startswith("(") and value.endswith(")")):
        return value
    return tuple(parse_value(part) for part in value[1:-1].split(",") if part.strip())


def _of_node(document: Document, there: Document, definition: str, node: Node) -> Iterator[Target]:
    place = written((definition, node.id))
    names = [name for name, param in params_of(node).items() if param.shown]
    names += list(settings_of(there, node)) if is_use(node) else []
    for name in dict.fromkeys((*names, OP, COPIES)):
        try:
            yield target_of(document, place, name)
        except GraphlabError:
            continue  # a port has no operation to choose, a data set cannot stand in a row


def params_of(node: Node) -> dict[str, Param]:
    return dict(node.make().params_of) if node.is_known else {}


def _param_of(document: Document, there: Document, place: str, node: Node, name: str) -> tuple[Param, Any]:
    """A param of a node, or of what is tried in its place, or a setting of its group; and its value now."""
    own = params_of(node).get(name)
    if own is not None and own.shown and own.kind != "settings":
        return own, node.make().params[name]
    inner = definition_of(there, node) if is_use(node) else None
    if inner is not None and name in inner.promoted:
        end = promoting.sets(inner, name)[0]
        return promoting.param_of(inner, end.node, end.param), settings_of(there, node).get(name)
    for choice in searched.choices(document, place):
        if known(choice) and name in (other := get(choice)).params_of:
            return other.params_of[name], other.params_of[name].default
    raise _no_param(document, place, node, name)


def _no_param(document: Document, place: str, node: Node, name: str) -> ParamError:
    names = names_of(document, place)
    near = difflib.get_close_matches(name, names, n=1)
    what = text_of(document, place, "")[:-1]
    hint = f"Did you mean {what}.{near[0]}?" if near else f"It has: {', '.join(names)}."
    return ParamError(f"{what} has nothing '{name}' to search.", hint=hint, node=node.name)


def _check_op(node: Node, text: str) -> None:
    if node.is_known and (role(node).startswith("port") or node.make().source):
        raise ParamError(
            f"{text} cannot be searched: {node.name} is what the network is fed by, or gives.",
            hint="Search this of a node that computes.",
            node=node.name,
        )


def _setting(document: Document, name: str) -> str:
    if name in _NEVER:
        raise SettingsError(f"{name} cannot be searched: {_NEVER[name]}.", hint="Set it before the sweep.")
    known_names = [f.name for f in dataclasses.fields(Training) if f.name not in (*_NEVER, "extra")]
    if name in (*known_names, ROWS):
        return name
    if name in document.ids_by_name:
        raise SettingsError(
            f"{name} is a node: that does not say what of it.", hint=f"Write {_some(document, name)}."
        )
    texts = {name: name for name in (*known_names, ROWS)}
    for target in targets(document):
        texts.setdefault(target.name, target.text)
    plain = name.lower().translate(_JOINTS)
    near = [ours for ours, others in _ALSO_CALLED.items() if plain in others]
    near = near or difflib.get_close_matches(name, texts, n=1)
    hint = f"Did you mean {texts[near[0]]}?" if near else "Write NODE.PARAM or a training setting such as lr."
    raise SettingsError(f"There is no training setting '{name}'.", hint=hint)


def _some(document: Document, name: str) -> str:
    node = document.node(name)
    return f"{name}.{next(iter(names_of(document, node.id)), OP)}"


def _node(document: Document, text: str) -> str:
    """The node that "hidden" or "Encoder/conv" means, as a search has it. UnknownNodeError."""
    *groups, name = text.split(INSIDE)
    definition = ""
    for group in groups:
        definition = _definition(document, definition, group.strip())
    try:
        return written((definition, sheet(document, definition).node(name.strip()).id))
    except UnknownNodeError as error:
        if definition:
            inside = document.definitions[definition].name
            raise UnknownNodeError(f"There is no node '{name}' in {inside}.", hint=error.hint) from None
        raise


def _definition(document: Document, inside: str, word: str) -> str:
    """The group of that name or id, or that a node of that name uses."""
    named = [i for i, each in document.definitions.items() if each.name == word]
    if word in document.definitions or len(named) == 1:
        return word if word in document.definitions else named[0]
    there = document.definitions[inside] if inside else document
    node = there.nodes.get(there.ids_by_name.get(word, word))
    if node is not None and is_use(node) and node.params.get("definition") in document.definitions:
        return str(node.params["definition"])
    words = [each.name for each in document.definitions.values()]
    near = difflib.get_close_matches(word, words, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(words) or 'none'}."
    raise UnknownNodeError(f"There is no group '{word}'.", hint=hint)


def _group_word(document: Document, definition: str) -> str:
    """The name of a group where it says which, else its id."""
    inner = document.definitions.get(definition)
    names = [each.name for each in document.definitions.values()]
    is_clear = inner is not None and names.count(inner.name) == 1 and inner.name not in document.definitions
    return inner.name if inner is not None and is_clear and not set("./") & set(inner.name) else definition


def _is_single(param: Param, value: Any) -> bool:
    return param.kind == "array" and isinstance(value, (int, float)) and not isinstance(value, bool)
