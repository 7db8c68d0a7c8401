"""The status bar: what the engine does, where it is, and how large the graph is."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from . import numbers, totals
from .painting import painting
from .session import Session
from .theme import mono_font, theme


class Light(QWidget):
    """A small round light."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._token = "faint"
        self.setFixedSize(QSize(18, 16))

    def set(self, token: str) -> None:
        """Takes the colour of that theme token."""
        self._token = token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour: QColor = getattr(theme(), self._token)
            painter.setPen(colour)
            painter.setBrush(colour)
            painter.drawEllipse(7, 5, 7, 7)


class StatusLine(QStatusBar):
    """Shows the session; owns no state."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setSizeGripEnabled(False)
        self._light = Light(self)
        self.addWidget(self._light)
        self.state, self.place, self.anew = (self._label(False) for _ in range(3))
        self.speed, self.totals, self.nodes, self.faults = (self._label(True) for _ in range(4))
        for label in (self.faults, self.nodes, self.totals, self.speed):
            self.addPermanentWidget(label)
        session.status_changed.connect(self.refresh)
        session.inference_changed.connect(self.refresh)
        session.compiled.connect(self.refresh)
        session.travel.changed.connect(self.refresh)
        session.tallied.connect(self.refresh)
        session.player.changed.connect(self.refresh)
        session.editing.recomputed.connect(self.refresh)
        self.refresh()

    def _label(self, permanent: bool) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", "secondary")
        label.setFont(mono_font(11))
        label.setContentsMargins(6, 0, 6, 0)
        if not permanent:
            self.addWidget(label)
        return label

    def refresh(self, *_: object) -> None:
        """Writes everything anew."""
        session, status = self._session, self._session.status
        text, token = self._state()
        self._light.set(token)
        self.state.setText(text)
        self.place.setText(self._place())
        self.anew.setText(session.editing.told)
        self.nodes.setText(numbers.count(len(session.document.nodes), "node"))
        parameters, tally = session.seen.whole.total_parameters, session.engine.totals
        self.totals.setText(totals.summary(parameters, tally))
        self.totals.setToolTip(
            totals.explanation(parameters, tally, is_partial=bool(session.seen.whole.problems))
        )
        rate = status.steps_per_second
        training = status.state == "training"
        self.speed.setText(f"{numbers.short(rate)} steps/s" if training and rate else "")
        faults = len(session.seen.whole.problems)
        self.faults.setText(numbers.count(faults, "problem") if faults else "")
        self.faults.setStyleSheet(f"color: {theme().warning.name()};" if faults else "")

    def _state(self) -> tuple[str, str]:
        session = self._session
        if not session.engine.is_up:
            return ("starting the engine …", "warning")
        if session.travel.under_way is not None:
            return (f"on the way, {session.travel.under_way.left:,} steps to go", "accent")
        if session.player.is_playing:
            return (f"playing, {session.player.text}", "accent")
        return {
            "training": ("training", "good"),
            "paused": ("paused", "update"),
            "finished": ("finished", "accent"),
        }.get(session.status.state, ("ready", "faint"))

    def _place(self) -> str:
        status = self._session.status
        if status.hit:
            return f"at {status.hit}"
        if not status.step and not status.cursor:
            return ""
        travel = self._session.travel
        of = f" of {travel.end:,}" if travel.is_past else ""
        wanted = self._session.whole.training.epochs
        done = f"{status.epoch:,} of {max(wanted, status.epoch):,} epochs"
        words = [f"step {self._session.step_number:,}{of}", done]
        if status.entry and status.state != "training":
            words.append(f"{status.entry.phase} {self._session.name_of(status.entry.node)}".strip())
        return " · ".join(words)
