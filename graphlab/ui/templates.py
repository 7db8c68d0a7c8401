"""Templates in one window: begin with one, save the graph as one, and look after those that were saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QMessageBox

from ..errors import NameTakenError
from ..io import templates as stored
from ..io.templates import Template
from . import settings
from .icons import icon

if TYPE_CHECKING:
    from .window import MainWindow


class Templates(QObject):
    """`ask_name` and `confirm` talk to the person; tests put others in."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.ask_name: Callable[[str], str] = self._ask_name
        self.confirm: Callable[[str, str], bool] = self._confirm

    def all(self) -> list[Template]:
        """Ours, then the person's own."""
        return stored.templates(settings.templates_folder())

    def own(self) -> list[Template]:
        return stored.own_templates(settings.templates_folder())

    def begin(self, template: Template) -> bool:
        """Opens a new graph made of it, which no file holds. What cannot be read is told."""
        opened = False

        def open_new() -> None:
            nonlocal opened
            opened = self._window.files.open_new(template.graph())

        return self._window.session.attempt(open_new) and opened

    def keep(self) -> bool:
        """Saves the graph, without its weights, as a template under a name that is asked for."""
        name = self.ask_name(self._window.files.name)
        return bool(name) and self._window.session.attempt(self._keep, name)

    def _keep(self, name: str) -> None:
        document, folder = self._window.session.whole, settings.templates_folder()
        try:
            kept = stored.keep(document, name, folder)
        except NameTakenError:
            if not self.confirm(f"Replace the template “{name.strip()}”?", "The old one is lost."):
                return
            kept = stored.keep(document, name, folder, replace=True)
        self._window.session.notify("info", f"Saved the template “{kept.title}”.", "File has it under New.")

    def manage(self) -> None:
        """Opens the list of the person's own."""
        from .template_list import TemplateList

        TemplateList(self, self._window).show()

    def show_folder(self) -> None:
        """Shows where they lie, in the system's file manager."""
        folder = settings.templates_folder()
        folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def fill(self, menu: QMenu) -> None:
        """The menu to begin with one."""
        menu.clear()
        for below in menu.findChildren(QMenu):  # clearing leaves them
            below.deleteLater()
        menu.setToolTipsVisible(True)
        was_own = False
        for template in self.all():
            if template.is_own and not was_own:
                menu.addSeparator()
            was_own = template.is_own
            self._offer(menu, template)
        menu.addSeparator()
        networks = menu.addMenu(icon("template"), "Network for pictures")
        networks.setToolTipsVisible(True)
        for template in stored.network_templates():
            self._offer(networks, template)
        menu.addSeparator()
        menu.addAction("Manage templates …", self.manage)

    def _offer(self, menu: QMenu, template: Template) -> None:
        made = menu.addAction(icon("template"), template.title.replace("&", "&&"))
        made.setToolTip(template.description)
        made.triggered.connect(partial(self._begin, template))

    def _begin(self, template: Template, *_: object) -> None:
        self.begin(template)

    def _ask_name(self, start: str) -> str:
        title, label = "Save as template", "Name of the template"
        name, is_given = QInputDialog.getText(self._window, title, label, QLineEdit.EchoMode.Normal, start)
        return name if is_given else ""

    def _confirm(self, question: str, more: str) -> bool:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("Templates")
        box.setText(question)
        box.setInformativeText(more)
        button = QMessageBox.StandardButton
        box.setStandardButtons(button.Yes | button.Cancel)
        box.setDefaultButton(button.Cancel)
        return box.exec() == button.Yes
