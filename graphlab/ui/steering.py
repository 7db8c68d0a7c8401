"""What one tells the run: step, back, train, pause, break here. A half of the session, beside what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..engine.breakpoints import understood
from ..engine.seen import Seen
from .brought import Brought
from .editing import Editing, Target
from .engine_client import EngineClient
from .following import Nodes, Sleepers, moved
from .gradient_checks import GradientChecks
from .losses import Losses
from .player import Player
from .recording import Recording
from .watches import Watches


class Steering(QObject):
    """Commands to the engine. Nodes are named by the ids of the sheet that is shown; `seen` knows the engine's keys."""

    breakpoints_changed = Signal(object)  # frozenset of (node id, phase)
    engine: EngineClient
    player: Player
    recording: Recording
    losses: Losses
    brought: Brought
    seen: Seen
    watches: Watches
    editing: Editing
    checks: GradientChecks
    all_breakpoints: frozenset[tuple[str, str]]
    all_conditions: dict[tuple[str, str], str]  # of those breakpoints that have one

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asleep: dict[
            tuple[str, str], str
        ] = {}  # breakpoints of nodes that are gone, with their conditions
        self._sleepers = Sleepers()

    @property
    def breakpoints(self) -> frozenset[tuple[str, str]]:
        """(node id, phase) of what is shown at which the run pauses; a group has those inside it."""
        return frozenset((self.seen.here(key), phase) for key, phase in self.all_breakpoints)

    def step(self, count: int = 1) -> None:
        """Executes the next entries of the schedule."""
        self.player.stop()
        self.engine.send(m.Step(count))

    def back(self, count: int = 1) -> None:
        self.player.stop()
        self.engine.send(m.Back(count))

    def go_to(self, cursor: int) -> None:
        """Goes to a place in the schedule of the present step; 0 is before everything."""
        self.player.stop()
        self.engine.send(m.GoTo(cursor))

    def run_to(self, id: str, phase: str = "forward") -> None:
        """Runs until just after that node's entry in that phase."""
        self.player.stop()
        self.engine.send(m.RunTo(self.seen.key(id), phase))

    def phase(self, name: str) -> None:
        """Drains "forward", "backward" or "update"."""
        self.player.stop()
        self.engine.send(m.Phase(name))

    def train_step(self) -> None:
        """One whole training step."""
        self.player.stop()
        self.engine.send(m.Train(1))

    def to_stage(self, name: str = "") -> None:
        """Goes on to the end of a stage of the loop (see `engine.circuit`); "" for the one that is next."""
        self.player.stop()
        self.engine.send(m.ToStage(name))

    def train_epoch(self) -> None:
        """Trains to the end of the epoch."""
        self.player.stop()
        self.engine.send(m.Train(epoch=True))

    def train(self) -> None:
        """Trains on, at the speed that the player is set to."""
        self.player.play()

    def pause(self) -> None:
        self.player.stop()
        self.engine.pause()

    def stop(self) -> None:
        """Stops training and goes back to the start of the present step; weights stay."""
        self.pause()
        self.engine.send(m.GoTo(0))

    def reset(self) -> None:
        """Fresh weights from the seed, step 0, an empty loss curve. Groups that brought weights begin with those."""
        self.pause()
        self.recording.leave()
        self.editing.begin_anew()
        self.engine.reset()
        self.brought.again()
        self.losses.clear()
        self.watches.clear_curves()

    def set_element(self, node: str, socket: str, index: tuple[int, ...], value: float) -> None:
        """Changes one number of a learnable parameter or fed input."""
        end = self.seen.end(node, socket)
        title = (
            f"{self.seen.whole.nodes[end[0]].path}.{end[1]}" if end[0] in self.seen.whole.nodes else socket
        )
        self.editing.set(Target(node, end, title), (tuple(index),), (value,))

    def check_gradients(self) -> None:
        """Compares all gradients with finite differences; answered by `checked`, see `checks`."""
        self.checks.ask()

    def measure(self) -> None:
        """Times every node as it runs in training; answered by `profiled`."""
        self.player.stop()
        self.engine.send(m.Measure())

    def examine(self) -> None:
        """Measures how the nodes are doing, with gradients; answered by `examined`."""
        self.player.stop()
        self.engine.send(m.Examine())

    def set_breakpoints(self, entries: Iterable[tuple[str, str]]) -> None:
        """Replaces the breakpoints of what is shown, (node id, "forward" or "backward") each; others stay.

        A group's is that of the node inside which makes its first output.
        """
        elsewhere = {entry for entry in self.all_breakpoints if not self.seen.here(entry[0])}
        kept = {(key, phase) for key, phase in self.all_breakpoints if self._is_inside_a_group(key)}
        wanted = set(entries)
        kept = {(key, phase) for key, phase in kept if (self.seen.here(key), phase) in wanted}
        covered = {(self.seen.here(key), phase) for key, phase in kept}
        new = {(self.seen.key(node), phase) for node, phase in wanted - covered if node}
        self._set_breakpoints(elsewhere | kept | new)

    def _is_inside_a_group(self, key: str) -> bool:
        node = self.seen.here(key)
        return bool(node) and key != self.seen.prefix + node

    def condition(self, node: str, phase: str) -> str:
        """The condition of a breakpoint of what is shown, "" for none."""
        here = self.seen.here
        return next((c for (key, p), c in self.all_conditions.items() if (here(key), p) == (node, phase)), "")

    def set_condition(self, node: str, phase: str, text: str) -> None:
        """Pauses after that entry only when the condition (see `engine.conditions`) is met; "" always.

        A breakpoint that was not there comes into being. ConditionError when it can never be met.
        """
        key = self.seen.key(node)
        flat = self.seen.whole.nodes.get(key)
        if text:
            understood(text, phase, flat.op if flat else None)
        others = {place: c for place, c in self.all_conditions.items() if place != (key, phase)}
        conditions = {**others, (key, phase): text} if text else others
        self._set_breakpoints(self.all_breakpoints | {(key, phase)}, conditions)

    def _set_breakpoints(
        self, entries: Iterable[tuple[str, str]], conditions: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        chosen = frozenset(entries)
        kept = {
            place: text
            for place, text in (self.all_conditions if conditions is None else conditions).items()
            if place in chosen
        }
        if (chosen, kept) != (self.all_breakpoints, self.all_conditions):
            self.all_breakpoints, self.all_conditions = chosen, kept
            self.engine.set_breakpoints(m.Breakpoint(*place, kept.get(place, "")) for place in chosen)
            self.breakpoints_changed.emit(self.breakpoints)

    def _keep_breakpoints(self, before: Nodes, now: Nodes) -> None:
        """After an edit: they go along into groups and out of them; those of nodes that are gone wait for them."""
        everything = {place: self.all_conditions.get(place, "") for place in self.all_breakpoints}
        if not self._asleep and all(key in now for key, _ in everything):
            return
        woken = {p: c for p, c in self._asleep.items() if self._sleepers.awake(p[0], now)}
        there = moved(before, now, {key for key, _ in everything})
        for (key, phase), condition in everything.items():
            if key not in there:
                self._asleep[key, phase] = condition
                self._sleepers.add(key, before.get(key))
        self._asleep = {p: c for p, c in self._asleep.items() if p not in woken}
        stayed = {(there[key], phase): c for (key, phase), c in everything.items() if key in there}
        chosen = woken | stayed
        self._set_breakpoints(chosen, {place: text for place, text in chosen.items() if text})

    def _forget_breakpoints(self) -> None:
        self._asleep.clear()
        self._set_breakpoints(())

    def toggle_breakpoint(self, node: str, phase: str = "forward") -> None:
        self.set_breakpoints(self.breakpoints ^ {(node, phase)})

    def toggle_breakpoint_at(self, key: str, phase: str) -> None:
        """The same at a node of the engine's."""
        self._set_breakpoints(self.all_breakpoints ^ {(key, phase)})
