"""Files of one window: new, open, save, recent, drag and drop, and the question before unsaved work would go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPixmap, QRegion
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from ..errors import GraphlabError
from ..graph import Graph
from ..graph.contents import contents_of
from ..io import diagram, load, save
from ..io.examples import Example, is_example
from ..io.onnx_in import is_onnx, lost_in
from ..io.saving import write_atomically
from . import settings
from .canvas import export
from .notice import of_error

if TYPE_CHECKING:
    from .window import MainWindow

Answer = Literal["save", "discard", "cancel"]
SUFFIX = ".graphlab"
PREVIEW = 480  # pixels

KINDS = "Graphs (*.graphlab *.json)"
OPENABLE = "Graphs and ONNX models (*.graphlab *.json *.onnx)"
_ROWS = "*.csv *.tsv *.txt *.npy *.npz *.bin *ubyte *ubyte.gz *.idx *.idx.gz *.png *.jpg *.jpeg *.bmp *.gif *.webp"
DATA = f"Data ({_ROWS})"
INSERTABLE = (f"Graphs and data (*.graphlab *.json *.onnx {_ROWS})", OPENABLE)
DRAWINGS = ";;".join(
    ["SVG (*.svg)", "PDF (*.pdf)", "PNG (*.png)", "Mermaid (*.mmd)", "Graphviz DOT (*.dot)", "TikZ (*.tex)"]
)


class Files(QObject):
    """What the File menu does. `ask`, `choose_open` and `choose_save` talk to the person; tests put others in."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.session = window.session
        self.ask: Callable[[str], Answer] = self._ask
        self.choose_open: Callable[[], str] = self._choose_open
        self.choose_save: Callable[[str, str], str] = self._choose_save
        self.choose_insert: Callable[[], list[str]] = self._choose_insert
        self.choose_folder: Callable[[], str] = self._choose_folder
        self.choose_data: Callable[[], list[str]] = self._choose_data

    @property
    def name(self) -> str:
        """What the window is called: the file's name, or the graph's."""
        return self.session.path.stem if self.session.path else self.session.whole.name

    def may_leave(self) -> bool:
        """Whether the present document may go: it is saved, was saved just now, or the person gave it up."""
        if not self.session.is_modified:
            return True
        answer = self.ask(self.name)
        return answer == "discard" or (answer == "save" and self.save())

    def new(self) -> None:
        """An empty graph, in a tab of its own unless this one is empty."""
        if self._window.shell is not None:
            self._place()
        elif self.may_leave():
            self.session.open(Graph())

    def open_new(self, graph: Graph, weights: dict[str, Any] | None = None) -> bool:
        """Opens a graph that no file holds, in a tab of its own unless this one is empty."""
        if self._window.shell is None and not self.may_leave():
            return False
        window = self._place()
        window.session.open(graph, weights=weights)
        window.leave_start_page()
        return True

    def open(self, path: Path | str | None = None) -> bool:
        """Opens a file, asked for if not given, in a tab of its own unless this one is empty.

        Without tabs it takes the place of the present document. One that is open already comes to the front. Of an
        example it opens a copy, wherever it was found.
        """
        if path is None:
            path = self.choose_open()
        if not path:
            return False
        path = Path(path)
        return self._is_open(path) or self._read(path, keep_path=not is_example(path))

    def open_example(self, example: Example) -> bool:
        """Opens a copy of an example; saving asks for a name."""
        return self._read(example.path, keep_path=False)

    def insert(self) -> None:
        """Puts files that are asked for onto the sheet."""
        self._window.insert([Path(name) for name in self.choose_insert()])

    def import_data(self) -> None:
        """Puts files of rows that are asked for onto the sheet, and shows what is in them."""
        names = self.choose_data()
        if names:
            self._window.insert([Path(name) for name in names])
            self._window.docks.show("data")

    def insert_folder(self) -> None:
        """Puts the images of a folder that is asked for onto the sheet."""
        name = self.choose_folder()
        self._window.insert([Path(name)] if name else [])

    def _is_open(self, path: Path) -> bool:
        """Whether a tab has that file; it is brought to the front."""
        shell = self._window.shell
        for window in shell.windows if shell is not None else ():
            if window.session.path is not None and window.session.path.absolute() == path.absolute():
                shell.tabs.setCurrentWidget(window)
                return True
        return False

    def _place(self) -> MainWindow:
        """The window that a document opens in: this one while it is blank, else a new tab."""
        window = self._window
        return window if window.shell is None or window.is_blank else window.shell.add()

    def save(self) -> bool:
        """Saves where it was opened; asks for a place when there is none."""
        return self._write(self.session.path) if self.session.path else self.save_as()

    def save_as(self) -> bool:
        start = str(self.session.path or self._folder() / f"{self.name}{SUFFIX}")
        chosen = self.choose_save(start, KINDS)
        if not chosen:
            return False
        path = Path(chosen)
        return self._write(path if path.suffix else path.with_suffix(SUFFIX))

    def save_picture(self) -> None:
        """Saves the window as a PNG."""
        window = self._window
        picture = window.grab()
        chosen = self.choose_save(str(self._folder() / f"{self.name}.png"), "Pictures (*.png)")
        if not chosen:
            return
        path = Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(".png")
        if picture.save(str(path)):
            self.session.notify("info", f"Saved the picture as {path.name}.")
        else:
            self.session.notify("error", f"{path} cannot be written.", "Choose another folder.")

    def export(self) -> bool:
        """Writes the graph as a picture (SVG, PDF, PNG) or as the text of one (Mermaid, DOT, TikZ)."""
        start = str(self._folder() / f"{self.name}.svg")
        chosen = self.choose_save(start, DRAWINGS)
        if not chosen:
            return False
        path = Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(".svg")
        return self.session.attempt(self._export, path)

    def _export(self, path: Path) -> None:
        text = diagram.FORMATS.get(path.suffix.lower())
        if text is not None:
            write_atomically(path, text(self.session.document).encode())
        else:
            export.export(self._window.canvas, path)
        self.session.notify("info", f"Saved the drawing as {path.name}.")

    def copy_picture(self) -> None:
        """Puts the graph on the clipboard as an image."""
        self.session.attempt(lambda: QGuiApplication.clipboard().setImage(export.image(self._window.canvas)))

    def copy_text(self, suffix: str) -> None:
        """Puts the graph on the clipboard as Mermaid (".mmd"), DOT (".dot") or TikZ (".tex")."""
        QGuiApplication.clipboard().setText(diagram.FORMATS[suffix](self.session.document))

    def _read(self, path: Path, *, keep_path: bool) -> bool:
        try:
            graph, weights = load(path)
        except GraphlabError as error:
            self.session.tell(of_error(error))
            return False
        if self._window.shell is None and not self.may_leave():
            return False
        keeps_path = keep_path and not is_onnx(path)  # saving makes a file of our own
        session = self._place().session
        session.open(graph, path if keeps_path else None, dict(weights))
        if story := lost_in(graph.document):
            session.notify(
                "warning", f"{path.name}: {story}", "Each says why; what does not depend on it runs."
            )
        if keep_path:
            settings.remember(path)
        return True

    def _write(self, path: Path) -> bool:
        try:
            save(self.session.root, path, weights=self.session.weights() or None, preview=self._preview())
        except GraphlabError as error:
            self.session.tell(of_error(error))
            return False
        self.session.mark_saved(path)
        settings.remember(path)
        lost = path.suffix.lower() == ".json" and contents_of(self.session.whole)
        if lost:
            self.session.notify(
                "warning",
                f"{path.name} holds no rows of tables.",
                "Save as .graphlab to keep them in the file.",
            )
        else:
            self.session.notify("info", f"Saved as {path.name}.")
        return True

    def _preview(self) -> bytes | None:
        """A small PNG of the canvas, without what lies over it, for whoever lists files."""
        canvas = self._window.canvas
        picture = QPixmap(canvas.size() * canvas.devicePixelRatioF())
        if picture.isNull():
            return None
        picture.setDevicePixelRatio(canvas.devicePixelRatioF())
        canvas.render(picture, QPoint(), QRegion(), QWidget.RenderFlag.DrawWindowBackground)
        store = QByteArray()
        buffer = QBuffer(store)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        small = picture.scaledToWidth(PREVIEW, Qt.TransformationMode.SmoothTransformation)
        return bytes(store.data()) if small.save(buffer, "PNG") else None

    def _folder(self) -> Path:
        recent = settings.recent()
        return recent[0].parent if recent else Path.home()

    def _ask(self, name: str) -> Answer:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("Save changes?")
        box.setText(f"Save the changes to “{name}”?")
        box.setInformativeText("They are lost otherwise.")
        button = QMessageBox.StandardButton
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        answers: dict[int, Answer] = {button.Save: "save", button.Discard: "discard"}
        return answers.get(box.exec(), "cancel")

    def _choose_open(self) -> str:
        return QFileDialog.getOpenFileName(self._window, "Open a graph", str(self._folder()), OPENABLE)[0]

    def _choose_insert(self) -> list[str]:
        start = str(self._folder())
        return QFileDialog.getOpenFileNames(self._window, "Insert files", start, ";;".join(INSERTABLE))[0]

    def _choose_data(self) -> list[str]:
        return QFileDialog.getOpenFileNames(self._window, "Import data", str(self._folder()), DATA)[0]

    def _choose_folder(self) -> str:
        return QFileDialog.getExistingDirectory(
            self._window, "Insert the images of a folder", str(self._folder())
        )

    def _choose_save(self, start: str, kinds: str) -> str:
        return QFileDialog.getSaveFileName(self._window, "Save", start, kinds)[0]
