"""The gradient check of a session: asked for, under way, found; and what it says of each node of the sheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..engine.check_report import ArrayCheck
from . import numbers
from .notice import Notice

if TYPE_CHECKING:
    from .session import Session

SIGNS = {"right": "✓", "kink": "✓", "astray": "!", "wrong": "✗"}
TOLD = 4  # gradients that a tooltip spells out


@dataclass(frozen=True)
class Verdict:
    """What the check says of a node of the sheet.

    state: "right"; "kink", right as far as there is one gradient; "wrong", it hands back something wrong itself;
    "astray", its gradients are wrong by what another hands back. error: the greatest of its checks.
    """

    state: str
    error: float
    checks: tuple[ArrayCheck, ...]

    @property
    def text(self) -> str:
        """For a badge: "✓ 3e−10"."""
        return f"{SIGNS[self.state]} {numbers.number(self.error, 2)}"


class GradientChecks(QObject):
    """`result` is what was found last, None where there is none or the graph was edited since.

    `done` of `total` elements have been tried while one is under way.
    """

    changed = Signal()
    wanted = Signal()  # somebody wants to see what is found

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.result: m.Checked | None = None
        self.is_running = False
        self.done = self.total = 0
        self.takes_inputs = False
        self._verdicts: dict[str, Verdict] | None = None
        session.engine.checked.connect(self._take)
        session.engine.answered.connect(self._take_progress)
        session.engine.told.connect(self._told)
        session.engine.link.lost.connect(lambda *_: self._end())
        session.compiled.connect(lambda *_: self.clear())
        session.opened.connect(self.clear)
        session.inference_changed.connect(self._forget_verdicts)

    def ask(self, nodes: Iterable[str] = ()) -> None:
        """Checks these nodes of the sheet, of a group all inside; all of the graph without any."""
        keys = self._keys(nodes)
        self.result, self._verdicts = None, None
        self.is_running, self.done, self.total = True, 0, 0
        self._session.engine.send(m.GradientCheck(keys, self.takes_inputs))
        self.changed.emit()
        self.wanted.emit()

    def stop(self) -> None:
        """Enough: what was found until now is told."""
        if self.is_running:
            self._session.engine.send(m.StopCheck())

    def clear(self) -> None:
        """Takes the result away, from the canvas, too."""
        if self.result is not None or self.is_running:
            self.result, self._verdicts, self.is_running = None, None, False
            self.changed.emit()

    def _keys(self, nodes: Iterable[str]) -> tuple[str, ...]:
        seen, chosen = self._session.seen, set(nodes)
        inside = [key for key in seen.whole.nodes if seen.here(key) in chosen]
        return tuple(dict.fromkeys([*inside, *(k for n in chosen if (k := seen.key(n)) in seen.whole.nodes)]))

    # What was found

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """By node on the sheet; of a group, of all that is inside."""
        if self._verdicts is None:
            self._verdicts = self._judge()
        return self._verdicts

    def _judge(self) -> dict[str, Verdict]:
        if self.result is None:
            return {}
        by_node: dict[str, list[ArrayCheck]] = {}
        for check in self.result.checks:
            for node in self._on_sheet(check.key):
                by_node.setdefault(node, []).append(check)
        return {node: self._verdict(checks) for node, checks in by_node.items()}

    def _on_sheet(self, key: str) -> set[str]:
        """The node that is or contains one of the engine's; those that use it, where it is a shared parameter."""
        seen = self._session.seen
        if here := seen.here(key):
            return {here}
        whole = seen.whole
        users = (k for k, node in whole.nodes.items() if any(end[0] == key for end in node.inputs.values()))
        return {here for user in users if (here := seen.here(user))} if ":" in key else set()

    def _verdict(self, checks: list[ArrayCheck]) -> Verdict:
        assert self.result is not None
        worst = max(check.error for check in checks)
        wrong = [check for check in checks if not check.passed]
        is_own = any(check.kind == "wire" for check in wrong) or not self.result.culprits
        state = ("wrong" if is_own else "astray") if wrong else "right"
        if not wrong and any(check.kinks for check in checks):
            state = "kink"
        return Verdict(state, worst, tuple(sorted(checks, key=lambda c: -c.error)))

    def summary(self) -> str:
        """In a sentence."""
        found = self.result
        if found is None:
            return ""
        if not found.checks:
            return "There is nothing here whose gradient could be checked."
        tried, size = sum(c.tried for c in found.checks), sum(c.size for c in found.checks)
        part = "" if tried == size else f" of {numbers.figures(size)}"
        how = f"{numbers.figures(tried)}{part} elements tried, at step {found.step:,}"
        if found.left_out:
            moved = sum(check.kind != "wire" for check in found.checks)
            how += f"; {moved:,} of {moved + found.left_out:,} parameters moved, every node by itself"
        if found.stopped:
            how = f"stopped; {how}"
        if found.passed:
            error = max(check.error for check in found.checks)
            return f"The gradients are right: largest relative error {numbers.number(error, 2)} ({how})."
        names = [self._session.name_of(key) or key for key in found.culprits]
        if names:
            said = f"{', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
            one = (
                "The gradient that {} hands back is wrong"
                if len(names) == 1
                else "What {} hand back is wrong"
            )
            return f"{one.format(said)} ({how})."
        return f"Some gradients are wrong ({how})."

    def tip(self, node: str) -> str:
        """What a tooltip says of a node, as HTML; "" for nothing."""
        verdict = self.verdicts.get(node)
        if verdict is None:
            return ""
        lines = [f"<br><b>Gradient check {verdict.text}</b>"]
        lines += [escape(in_words(check)) for check in verdict.checks[:TOLD]]
        if len(verdict.checks) > TOLD:
            lines.append(f"and {len(verdict.checks) - TOLD:,} more")
        if verdict.state == "astray" and self.result is not None:
            names = ", ".join(self._session.name_of(key) or key for key in self.result.culprits[:3])
            lines.append(escape(f"The fault is at {names}."))
        return "<br>".join(lines)

    # What the engine says

    def _take(self, event: m.Checked) -> None:
        self.result, self.is_running, self._verdicts = event, False, None
        self.changed.emit()

    def _take_progress(self, event: object) -> None:
        if isinstance(event, m.Checking):
            self.is_running, self.done, self.total = True, event.done, event.total
            self.changed.emit()

    def _told(self, notice: Notice) -> None:
        """It could not be begun, and the notice says why."""
        if notice.level == "error" and self.is_running and not self.done:
            self._end()

    def _end(self) -> None:
        if self.is_running:
            self.is_running = False
            self.changed.emit()

    def _forget_verdicts(self, *_: object) -> None:
        """Another sheet, or other names."""
        if self._verdicts is not None:
            self._verdicts = None
            self.changed.emit()


def named(check: ArrayCheck) -> str:
    """ "hidden.weight"; "act, back to x"."""
    node = check.name.rpartition(".")[0]
    return f"{node}, back to {check.socket}" if check.kind == "wire" else check.name


def in_words(check: ArrayCheck) -> str:
    """A line of a tooltip: the error, and both numbers at the worst element."""
    sign = "✓" if check.passed else "✗"
    place = numbers.index(check.index)
    both = (
        f" at {place or 'the number'}: {numbers.number(check.analytic, 6)} "
        f"against {numbers.number(check.numeric, 6)}"
    )
    kinks = f" {check.about_kinks}" if check.kinks else ""
    return f"{sign} {named(check)}: error {numbers.number(check.error, 2)}{both}.{kinks}"
