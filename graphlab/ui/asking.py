"""Whose gradients are shown: the loss's, or those of a number that somebody asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..engine.goals import as_place, title
from ..errors import GoalError
from ..ops.places import bracketed

if TYPE_CHECKING:
    from .session import Session

SUM = "sum"
INTEGERS = "holds whole numbers, which do not change little by little: they have no gradient."


class Asking(QObject):
    """What the engine was asked, as the engine tells it. A question is the session's, not the document's.

    Training and the update are about the loss: they end it. So do an edit that makes it impossible, and Esc.
    """

    changed = Signal()  # another question, or none
    wanted = Signal()  # somebody wants to say which element of the selected node

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.asked: m.Asked | None = None
        self._is_leaving = False
        session.engine.compiled.connect(self._take)
        session.engine.link.lost.connect(self._forget)
        session.opened.connect(self._forget)

    @property
    def key(self) -> str:
        """The engine's key of the node that backward starts from; "" where there is none."""
        return self.asked.node if self.asked is not None else self._session.seen.whole.goal

    @property
    def title(self) -> str:
        """What people call the number whose gradients are shown: "hidden[0, 2]", "Σ hidden", "loss", or "goal"."""
        if self.asked is None:
            return self._session.name_of(self.key) or "goal"
        return title(self.name_of(self.asked.node, self.asked.socket), self.asked.at)

    @property
    def start(self) -> str:
        """What backward starts with, in words."""
        if self.asked is None:
            return "1, as the goal"
        if self.asked.at is None:
            return "1 everywhere, as asked"
        return f"1{f' at {bracketed(self.asked.at)}' if self.asked.at else ''}, as asked"

    @property
    def loss(self) -> str:
        """The name of what training makes small; "" where there is nothing."""
        return self._session.name_of(self._session.seen.whole.goal)

    @property
    def way_back(self) -> str:
        """What ends the question, in words."""
        flat = self._session.seen.whole.nodes.get(self._session.seen.whole.goal)
        if flat is None or flat.op is None:
            return "Done"
        return "Back to the loss" if flat.op.scalar_loss else "Back to the goal"

    def name_of(self, key: str, output: str) -> str:
        """What people call an output of the engine's: the node alone where it has no other."""
        flat = self._session.seen.whole.nodes.get(key)
        if flat is None:
            return key
        several = flat.op is not None and len(flat.op.results()) > 1
        return f"{flat.path}.{output}" if several else flat.path

    # What a person asks

    def obstacle(self, node: str, output: str = "") -> str:
        """Why no gradient can be taken of an output (by default the first) of a node on the sheet; "" for none."""
        session, name = self._session, self._name(node)
        output = output or self.output(node)
        if not output:
            return f"{name} has no output."
        spec = session.inference.specs.get((node, output))
        if node in session.inference.unhealthy or spec is None:
            return f"{name} cannot run: something does not fit there, or before it."
        return f"{name} {INTEGERS}" if spec.kind != "float" else ""

    def output(self, node: str) -> str:
        """The first output of a node on the sheet."""
        found = self._session.document.nodes.get(node)
        results = found.make().results() if found is not None and found.is_known else ()
        return results[0] if results else ""

    def outputs(self, node: str) -> tuple[str, ...]:
        """The outputs of a node on the sheet."""
        flat = self._session.inference.nodes.get(node)
        return flat.op.results() if flat is not None and flat.op is not None else ()

    def axes(self, node: str, output: str = "") -> int:
        """How many numbers name an element of it; 0 for a single number."""
        spec = self._session.inference.specs.get((node, output or self.output(node)))
        return spec.ndim if spec is not None else 0

    def ask(self, node: str, output: str = "", at: Sequence[int] | None = ()) -> None:
        """Takes gradients of an element of an output of a node on the sheet, or with `at` None of the sum of all.

        GoalError.
        """
        output = output or self.output(node)
        why = self.obstacle(node, output)
        if why:
            raise GoalError(why, node=self._name(node))
        if at is not None and len(at) != self.axes(node, output):
            self._refuse(node, output, at)
        self._session.player.stop()
        end = self._session.seen.end(node, output)
        place = None if at is None else tuple(int(i) for i in at)
        self._session.engine.send(m.Differentiate(m.Asked(*end, place)))

    def ask_in_words(self, node: str, output: str, words: str) -> None:
        """The same of what was typed: "0, 2", or "sum". GoalError."""
        is_sum = words.strip().casefold() in (SUM, "σ", "all")
        self.ask(node, output, None if is_sum else as_place(words))

    def leave(self, *, quietly: bool = True) -> None:
        """Back to the loss."""
        if self.asked is not None:
            self._is_leaving = quietly
            self._session.engine.send(m.Differentiate())

    def _refuse(self, node: str, output: str, at: Sequence[int]) -> None:
        axes, name = self.axes(node, output), self._name(node)
        if not axes:
            raise GoalError(f"{name} is a single number.", hint="Give no index.", node=name)
        example = ", ".join("0" * axes)
        whole = f"{axes} whole number{'s' if axes > 1 else ''}"
        what = f"Element [{', '.join(map(str, at))}] of {name}" if at else f"An element of {name}"
        raise GoalError(f"{what} is named by {whole}.", hint=f"Write {example}.", node=name)

    def _name(self, node: str) -> str:
        found = self._session.document.nodes.get(node)
        return found.name if found is not None else node

    # What the engine tells

    def _take(self, loaded: m.Loaded) -> None:
        before, self.asked = self.asked, loaded.asked
        is_over = before is not None and self.asked is None and not self._is_leaving
        self._is_leaving = False
        if before == self.asked:
            return
        self._session.engine.tensors.forget_gradients()
        self.changed.emit()
        if is_over:
            loss = self.loss
            words = (
                f"Gradients are those of {loss} again." if loss else "No gradients are asked for any more."
            )
            self._session.notify("info", words)

    def _forget(self, *_: object) -> None:
        """The engine, or the document, is another."""
        self._is_leaving = False
        if self.asked is not None:
            self.asked = None
            self.changed.emit()
