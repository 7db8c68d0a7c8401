"""The one style sheet and palette of the window, made from the tokens of a theme."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path
from string import Template

from PySide6.QtGui import QColor, QPalette

from .colour import alpha, mix
from .icons import recoloured
from .theme import Theme

_MARKS = {
    "down": ("chevron-down", "secondary"),
    "up": ("chevron-up", "secondary"),
    "left": ("chevron-left", "secondary"),
    "right": ("chevron-right", "secondary"),
    "down_off": ("chevron-down", "faint"),
    "up_off": ("chevron-up", "faint"),
    "tick": ("check", "on_accent"),
    "tick_off": ("check", "faint"),
    "close": ("close", "secondary"),
    "more": ("more", "secondary"),
    "float": ("float", "secondary"),
}


def palette(theme: Theme) -> QPalette:
    """The palette for what the style draws by itself."""
    roles = QPalette.ColorRole
    colours = {
        roles.Window: theme.panel,
        roles.WindowText: theme.text,
        roles.Base: theme.well,
        roles.AlternateBase: theme.raised,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.error,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.secondary,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.on_accent,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.accent,
        roles.Accent: theme.accent,
        roles.Light: theme.hover,
        roles.Midlight: theme.raised,
        roles.Mid: theme.line,
        roles.Dark: theme.line,
        roles.Shadow: mix(theme.canvas, QColor("black"), 0.5),
    }
    result = QPalette()
    for role, colour in colours.items():
        result.setColor(role, colour)
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, role, theme.faint)
    result.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, theme.line)
    return result


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Style sheets take pictures from files only, so the recoloured marks lie here until the program ends."""
    return tempfile.TemporaryDirectory(prefix="graphlab-", ignore_cleanup_errors=True)


def _marks(theme: Theme) -> dict[str, str]:
    """Paths of the small pictures that the sheet uses, drawn in this theme's colours; none if none can be written."""
    colours = theme.colours()
    try:
        base = Path(_folder().name)
        paths = {}
        for mark, (name, token) in _MARKS.items():
            path = base / f"{theme.name}-{mark}.svg"
            path.write_text(recoloured(name, colours[token]), encoding="utf-8")
            paths[mark] = f'url("{path.as_posix()}")'
        return paths
    except OSError:
        return dict.fromkeys(_MARKS, "none")


def sheet(theme: Theme) -> str:
    """The style sheet of this theme."""
    words = {name: colour.name() for name, colour in theme.colours().items()}
    words |= {
        "scroll": mix(theme.panel, theme.secondary, 0.35).name(),
        "scroll_hover": mix(theme.panel, theme.secondary, 0.6).name(),
        "edge": mix(theme.line, theme.secondary, 0.25).name(),
        "accent_soft": _rgba(alpha(theme.accent, 0.16)),
        "accent_hover": mix(theme.accent, theme.text, 0.12).name(),
        "error_soft": mix(theme.well, theme.error, 0.12).name(),
    }
    return Template(_SHEET).substitute(words, **_marks(theme))


def _rgba(colour: QColor) -> str:
    return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {colour.alphaF():.2f})"


_SHEET = """
* { outline: none; }
QMainWindow, QDialog { background: $panel; }
/* wide enough to grab, drawn as a hair line */
QMainWindow::separator { width: 5px; height: 5px; }
QMainWindow::separator:horizontal {
  background: qlineargradient(x1: 0, y1: 0, x2: 0, y2: 1, stop: 0 $panel, stop: 0.4 $panel, stop: 0.41 $line,
    stop: 0.59 $line, stop: 0.6 $panel, stop: 1 $panel);
}
QMainWindow::separator:vertical {
  background: qlineargradient(x1: 0, y1: 0, x2: 1, y2: 0, stop: 0 $panel, stop: 0.4 $panel, stop: 0.41 $line,
    stop: 0.59 $line, stop: 0.6 $panel, stop: 1 $panel);
}
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $raised; color: $text; border: 1px solid $edge; padding: 5px 7px; }
QLabel { background: transparent; }
QLabel[role="heading"] { color: $secondary; font-weight: 600; font-size: 11px; }
QLabel[role="secondary"] { color: $secondary; }
QLabel[role="error"] { color: $error; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="empty"] { color: $secondary; border: 1px dashed $edge; border-radius: 6px; padding: 14px 12px; }
QLabel[role="title"] { font-weight: 600; font-size: 15px; }
QFrame[role="card"] { background: $raised; border-radius: 6px; }
QFrame[role="popup"] { background: $raised; border: 1px solid $edge; border-radius: 8px; }
QWidget[role="row"]:hover { background: $hover; border-radius: 4px; }
QWidget[role="row"]:focus { background: $selection; border-radius: 4px; }
QFrame[role="rule"] { background: $line; max-height: 1px; border: none; }

QPushButton, QToolButton[role="button"] {
  background: $raised; color: $text; border: 1px solid $line; border-radius: 6px; padding: 4px 12px;
  min-height: 20px;
}
QPushButton:hover, QToolButton[role="button"]:hover { background: $hover; border-color: $edge; }
QPushButton:pressed, QToolButton[role="button"]:pressed { background: $pressed; }
QPushButton:checked, QToolButton[role="button"]:checked {
  background: $selection; border-color: $accent; color: $text;
}
QPushButton:focus, QToolButton[role="button"]:focus { border-color: $accent; }
QPushButton:disabled, QToolButton[role="button"]:disabled { color: $faint; background: $panel; }
QPushButton:default, QPushButton[role="primary"] {
  background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
}
QPushButton:default:hover, QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton[role="primary"]:disabled { background: $panel; color: $faint; border-color: $line; }
/* what is in the accent's colour already shows the keyboard by a border in the colour of text */
QPushButton:default:focus, QPushButton[role="primary"]:focus {
  border: 2px solid $text; padding: 3px 11px;
}
QPushButton:checked:focus, QToolButton[role="button"]:checked:focus { border-color: $text; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton[role="small"] { padding: 2px 6px; }
QPushButton[role="offer"] { padding: 2px 8px; min-height: 18px; text-align: left; }
QPushButton[role="link"] {
  background: transparent; border: none; color: $accent; padding: 2px 0; text-align: left;
}
QPushButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus { text-decoration: underline; }
QToolButton {
  background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; color: $text;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $pressed; }
QToolButton:checked { background: $selection; border-color: $accent; }
QToolButton:focus { border-color: $accent; }
QToolButton:checked:focus { border-color: $text; }
QToolButton:disabled { color: $faint; }
QToolButton::menu-indicator { image: none; }
QPushButton::menu-indicator { image: $down; width: 12px; height: 12px; right: 6px; subcontrol-position: right center; }

QAbstractScrollArea { background: $panel; border: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QGraphicsView { background: $canvas; border: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
  background: $well; color: $text; border: 1px solid $line; border-radius: 6px; padding: 3px 8px;
  selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 20px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $edge; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
  border-color: $accent;
}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $faint; background: $panel; }
QLineEdit[invalid="true"], QLineEdit[invalid="true"]:focus, QAbstractSpinBox[invalid="true"],
QAbstractSpinBox[invalid="true"]:focus { border-color: $error; background: $error_soft; }
QLineEdit[role="title"] {
  background: transparent; border-color: transparent; font-size: 15px; font-weight: 600; padding: 2px 4px;
}
QLineEdit[role="title"]:hover { border-color: $line; }
QLineEdit[role="title"]:focus { border-color: $accent; background: $well; }
QTextBrowser { background: $panel; border: 1px solid transparent; padding: 0; }
QTextBrowser:focus { border-color: $accent; }
QLabel:focus { background: $selection; border-radius: 4px; }
QScrollArea { border: 1px solid transparent; }
QScrollArea:focus { border-color: $accent; }
QAbstractSpinBox { padding: 3px 20px 3px 4px; min-height: 18px; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus, QAbstractSpinBox QLineEdit[invalid="true"] {
  background: transparent; border: none; padding: 0; min-height: 0;
}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
  subcontrol-origin: border; width: 18px; border: none; background: transparent;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 2px 2px 0; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; border-radius: 3px; }
QAbstractSpinBox::up-arrow { image: $up; width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: $down; width: 9px; height: 9px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::up-arrow:disabled { image: $up_off; }
QAbstractSpinBox::down-arrow:off, QAbstractSpinBox::down-arrow:disabled { image: $down_off; }
QComboBox { padding-right: 22px; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; width: 22px; border: none; }
QComboBox::down-arrow { image: $down; width: 10px; height: 10px; }
QComboBox::down-arrow:disabled { image: $down_off; }
QComboBox QAbstractItemView {
  background: $raised; border: 1px solid $edge; border-radius: 6px; padding: 4px; color: $text;
  selection-background-color: $selection; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; border-radius: 4px; }

QCheckBox, QRadioButton { spacing: 8px; color: $text; background: transparent; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }
QCheckBox::indicator, QRadioButton::indicator, QListView::indicator, QTreeView::indicator {
  width: 15px; height: 15px; border: 1px solid $edge; border-radius: 4px; background: $well;
}
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked, QListView::indicator:checked, QTreeView::indicator:checked {
  background: $accent; border-color: $accent; image: $tick;
}
QCheckBox::indicator:checked:focus { border: 2px solid $text; width: 13px; height: 13px; }
QRadioButton::indicator:focus { border-color: $text; }
QCheckBox::indicator:disabled { border-color: $line; background: $panel; }
QCheckBox::indicator:checked:disabled { image: $tick_off; }
QRadioButton::indicator:checked { background: $on_accent; border: 5px solid $accent; width: 7px; height: 7px; }

QSlider { min-height: 20px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal {
  width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: $text; border: none;
}
QSlider::handle:horizontal:hover { background: $accent; }
QSlider::handle:horizontal:focus { background: $accent; border: 2px solid $text; width: 10px; height: 10px; }
QSlider::groove:vertical { width: 4px; border-radius: 2px; background: $line; }
QSlider::add-page:vertical { width: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:vertical { width: 14px; height: 14px; margin: 0 -5px; border-radius: 7px; background: $text; }
QSlider::sub-page:disabled, QSlider::handle:disabled { background: $faint; }
QProgressBar {
  background: $line; border: none; border-radius: 3px; max-height: 6px; color: transparent; text-align: center;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $scroll_hover; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTabWidget::pane { border: none; border-top: 1px solid $line; background: $panel; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab {
  background: transparent; color: $secondary; padding: 5px 12px; border: none;
  border-bottom: 2px solid transparent; margin: 0;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:selected:focus { color: $accent; background: $selection; }
QTabBar::tab:disabled { color: $faint; }
QTabBar::close-button { image: $close; width: 12px; height: 12px; }
QTabBar::scroller { width: 32px; }
QTabBar QToolButton { background: $panel; border: none; }
QTabBar QToolButton::left-arrow { image: $left; width: 12px; height: 12px; }
QTabBar QToolButton::right-arrow { image: $right; width: 12px; height: 12px; }
QTabBar[role="segments"] { background: $raised; border-radius: 6px; }
QTabBar[role="segments"]::tab:selected:focus { color: $text; border: 1px solid $accent; }
QTabBar[role="segments"]::tab {
  border: none; border-radius: 4px; margin: 3px; padding: 4px 14px; min-width: 40px;
}
QTabBar[role="segments"]::tab:selected { background: $pressed; color: $text; }
QTabBar[role="segments"]::tab:hover:!selected { background: $hover; }

QDockWidget {
  color: $secondary; font-weight: 600; font-size: 11px; titlebar-close-icon: $close; titlebar-normal-icon: $float;
}
QDockWidget::title { background: $panel; padding: 7px 10px; border-bottom: 1px solid $line; text-align: left; }
QDockWidget > QWidget { background: $panel; font-weight: normal; font-size: 13px; }
QDockWidget::close-button, QDockWidget::float-button { border: none; border-radius: 4px; padding: 1px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $hover; }

QMenuBar { background: $panel; color: $text; padding: 2px 4px; }
QMenuBar::item { background: transparent; padding: 5px 10px; border-radius: 6px; }
QMenuBar::item:selected { background: $hover; }
QMenuBar::item:pressed { background: $pressed; }
QMenuBar::item:disabled { color: $faint; }
QMenu { background: $raised; border: 1px solid $edge; padding: 5px; color: $text; }
QMenu::item { padding: 5px 26px 5px 10px; border-radius: 4px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: 5px 6px; }
QMenu::icon { padding-left: 8px; }
QMenu::right-arrow { image: $right; width: 10px; height: 10px; margin-right: 8px; }
QMenu::indicator { width: 13px; height: 13px; margin-left: 8px; border-radius: 4px; border: 1px solid $edge; }
QMenu::indicator:checked { background: $accent; border-color: $accent; image: $tick; }
QToolBar { background: $panel; border: none; border-bottom: 1px solid $line; padding: 5px 8px; spacing: 4px; }
QToolBar::separator { background: $line; width: 1px; margin: 5px 7px; }
QToolBar QToolButton { padding: 5px 7px; }
QToolBarExtension { qproperty-icon: none; image: $more; }
QStatusBar { background: $panel; color: $secondary; border-top: 1px solid $line; }
QStatusBar::item { border: none; }

QAbstractItemView {
  background: $panel; alternate-background-color: $raised; border: 1px solid transparent; color: $text;
  selection-background-color: $selection; selection-color: $text;
}
QAbstractItemView:focus { border-color: $accent; border-radius: 4px; }
QTreeView::item, QListView::item { padding: 4px; border-radius: 4px; }
QTreeView::item:hover, QListView::item:hover { background: $hover; }
QTreeView::item:selected, QListView::item:selected { background: $selection; color: $text; }
QTreeView::branch { background: $panel; }
QTreeView::branch:has-children:!has-siblings:closed, QTreeView::branch:closed:has-children:has-siblings {
  image: $right; padding: 4px;
}
QTreeView::branch:open:has-children:!has-siblings, QTreeView::branch:open:has-children:has-siblings {
  image: $down; padding: 4px;
}
QTableView { gridline-color: $line; }
QTableView::indicator { width: 13px; height: 13px; border-radius: 4px; border: 1px solid $edge; }
QTableView::indicator:checked { background: $accent; border-color: $accent; image: $tick; }
QHeaderView { background: $panel; }
QHeaderView::section {
  background: $panel; color: $secondary; border: none; border-bottom: 1px solid $line; padding: 4px 8px;
  font-weight: 600; font-size: 11px;
}
QHeaderView::up-arrow { image: $up; width: 8px; height: 8px; subcontrol-position: top center; }
QHeaderView::down-arrow { image: $down; width: 8px; height: 8px; subcontrol-position: top center; }
QTableCornerButton::section { background: $panel; border: none; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }
QGroupBox {
  border: 1px solid $line; border-radius: 6px; margin-top: 18px; padding: 8px; color: $secondary; font-weight: 600;
}
QGroupBox::title { subcontrol-origin: margin; subcontrol-position: top left; padding: 0 2px; }
"""
