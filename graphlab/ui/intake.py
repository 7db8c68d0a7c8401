"""Files of one's own put on the sheet: a graph as a group, rows as a Table or a Text, a small array as an Input; and
pictures.

Reading is done by the session's worker; what comes of it is one undo entry each. Nothing here knows the screen.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QInputDialog

from .. import data
from ..data import arrays, files, pictures
from ..data.characters import LENGTH, LONGEST
from ..data.cifar import batches_in
from ..data.delimited import read_text, sniff
from ..data.idx import without_labels
from ..data.photo import Photo, photo_of
from ..data.photo import told as told_of_picture
from ..data.reading import Reading
from ..data.text import Prose
from ..errors import GraphlabError
from ..graph import Document, Graph, Point, edits
from ..graph.groups import title_of
from ..graph.inserting import insert
from ..graph.naming import free_name
from ..io import load, rows
from ..io.weight_files import SAFETENSORS
from . import numbers
from .notice import of_error
from .pictures import pixels_of
from .recovery import folder as autosaves
from .worker import Progress

if TYPE_CHECKING:
    from .session import Session

Job = Callable[[Progress], Reading]

GRAPHS = (".graphlab", ".json", ".onnx")
SMALL = 4096  # numbers of an array that may stand in the document itself
BELOW = 170.0  # canvas units between several files dropped together
LONGEST_TEXT = 20_000_000
KEPT = (
    "form",
    "shape",
    "dtype",
    "missing",
    "standardise",
    "called",
)  # what a Table keeps when its file is replaced


class Intake:
    """Takes files, images and tables onto the sheet that a session shows.

    `choose` asks which array of an archive is meant, "" for none; `ask_length` how many characters of a text make a
    row, 0 for giving it up; tests put others in.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.choose: Callable[[str, Sequence[str]], str] = _ask
        self.ask_length: Callable[[str], int] = _ask_length

    def take(self, paths: Sequence[Path], place: Point) -> None:
        """Puts these files on the sheet, the first at that place, the others below it. Images become one set."""
        x, y = place
        for path in [path for path in paths if path.suffix.lower() == SAFETENSORS]:
            self._session.transferring.load(path)
        paths = [path for path in paths if path.suffix.lower() != SAFETENSORS]
        for path in paths:
            if _is_graph(path):
                self._session.attempt(self.insert_graph, path, (x, y))
                y += BELOW
        for name, job in self._jobs([path for path in paths if not _is_graph(path)]):
            self._read(name, job, (x, y))
            y += BELOW

    def insert_graph(self, path: Path, place: Point) -> str:
        """Puts the model of a graph file on the sheet, as a group with its weights; the node's id. GraphlabError."""
        graph, weights = load(path)
        name = title_of(path.stem)
        sheet = self._session.graph.document
        after, node = insert(sheet, graph.document, place, name)
        inner = after.definitions[str(node.params["definition"])]
        self._session.brought.expect(inner, graph.document, weights)
        try:
            self._session.graph.replace(after, f"Insert {path.name}")
        except GraphlabError:
            self._session.brought.forget(inner)
            raise
        self._session.select({node.id})
        told = f"{path.name} is the group {node.name}"
        if weights:
            self._session.notify("info", f"{told}, with its weights.", "Freeze it (Shift+F) to keep them so.")
        else:
            self._session.notify("info", f"{told}.")
        return node.id

    def take_image(self, image: QImage, place: Point) -> None:
        """Puts an image from the clipboard on the sheet."""
        self._session.attempt(lambda: self._place(photo_of(pixels_of(image), "picture"), place))

    def take_photo(self, node: str, found: Photo) -> None:
        """Gives a Picture on the sheet another picture that is at hand."""
        self._session.attempt(self._put_in, self._session.graph, node, found)

    def take_text(self, text: str, place: Point) -> bool:
        """Puts a table from the clipboard on the sheet; False when the text is no table."""
        if not is_table(text):
            return False
        self._session.attempt(lambda: self._place(read_text(text), place))
        return True

    def replace(self, node: str, path: Path) -> None:
        """Gives a Table, Text or Picture on the sheet another file. What was set of it stays, as far as it suits."""
        graph = self._session.graph
        job = self._job(path, graph.document.nodes[node].op)
        if job is None:
            return
        self._start(path.name, job, lambda found: self._put_in(graph, node, found))

    # Reading

    def _jobs(self, paths: Sequence[Path]) -> Iterator[tuple[str, Job]]:
        """What reads these files, and what to call each: one for all images, one for all folders."""
        folders = [path for path in paths if path.is_dir()]
        images = [path for path in paths if _is_image(path)]
        for path in without_labels(paths):
            if not path.is_dir() and not _is_image(path) and (job := self._job(path)) is not None:
                yield path.name, job
        if images:
            name = _common(images)
            alone = images[0] if len(images) == 1 else None
            yield (
                name,
                lambda progress: (
                    data.picture(alone) if alone else pictures.read_images(images, (), name, progress)
                ),
            )
        if folders:
            yield _common(folders), lambda progress: _read_folders(folders, progress)

    def _job(self, path: Path, into: str = "") -> Job | None:
        """What reads a file; None when nobody chose which part of it.

        into: the operation that it is for, such as Text, which takes any file as a text; "" for what suits it.
        """
        kind = path.suffix.lower()
        if into == Prose.op:
            return lambda progress: data.text(path)
        if into == Photo.op:
            return lambda progress: data.picture(path)
        if kind in pictures.SUFFIXES:
            return lambda progress: pictures.read_images([path], (), path.name, progress)
        if path.is_dir():
            return lambda progress: _read_folders([path], progress)
        chosen, length = "", LENGTH
        if files.is_prose(path):
            length = self.ask_length(path.name)
            if not length:
                return None
            if not into:
                return lambda progress: data.text(path, length)
        if kind == ".npz":
            try:
                names = arrays.choices(arrays.heads(path))
            except GraphlabError as error:
                self._session.tell(of_error(error))
                return None
            chosen = self.choose(path.name, names) if names else ""
            if names and not chosen:
                return None
        return lambda progress: data.read(path, array=chosen, length=length, progress=progress)

    def _read(self, name: str, job: Job, place: Point) -> None:
        self._start(name, job, lambda found: self._place(found, place))

    def _start(self, name: str, job: Job, done: Callable[[Reading], object]) -> None:
        def prepared(progress: Progress) -> Reading:
            found = job(progress)
            _put_by(found.params["content"])  # counts and hashes the rows, here and not on the main thread
            return found

        def arrived(found: Reading) -> None:
            if session.root is root:  # else it was for a document that is gone
                session.attempt(done, found)

        session, root = self._session, self._session.root
        session.worker.start(
            name,
            prepared,
            arrived,
            lambda error: session.tell(of_error(error)),
        )

    # What comes of it

    def _place(self, found: Reading, place: Point) -> None:
        graph = self._session.graph
        stem = title_of(Path(found.file).stem)
        op, params = node_for(found)
        document, node = edits.add_node(
            graph.document, op, params, free_name(graph.document.ids_by_name, stem), place
        )
        graph.replace(document, f"Insert {found.file}")
        self._session.select({node.id})
        self._session.notify("info", story(found), " ".join(found.notes))

    def _put_in(self, graph: Graph, node: str, found: Reading) -> None:
        document: Document = graph.document
        if node not in document.nodes:
            return
        before = document.nodes[node].make().params
        again = found.in_place_of(before) if isinstance(found, Prose | Photo) else with_kept(found, before)
        if again["content"] == before["content"] and all(before[k] == v for k, v in again.items()):
            self._session.look_again()  # the rows that were missing are here now
        else:
            graph.replace(
                edits.set_params(document, node, again), f"Replace the file of {document.nodes[node].name}"
            )
        self._session.notify("info", story(found), " ".join(found.notes))


def _put_by(content: str) -> None:
    """Writes rows where autosaves look for them, so that the next autosave is done in a moment."""
    with contextlib.suppress(GraphlabError, OSError):  # autosaving will try again, and tell
        autosaves().mkdir(parents=True, exist_ok=True)
        rows.write_content(autosaves(), content)


def node_for(found: Reading) -> tuple[str, dict[str, Any]]:
    """The operation, and its params, that shows what was read; an Input for a small array."""
    value = found.value
    if value is None or found.target or value.size > SMALL:
        return found.op, dict(found.params)
    kind = "int" if value.dtype.kind in "iu" and value.ndim <= 1 else "float"
    return "Input", {"value": np.asarray(value).tolist(), "dtype": kind}


def with_kept(found: Reading, before: Mapping[str, Any]) -> dict[str, Any]:
    """The params of a Table whose file is replaced: what a person had set is kept where it still makes sense."""
    target = before["target"]
    if target and target in found.columns and target != found.target:
        found = found.with_target(target)
    params = dict(found.params)
    features = tuple(name for name in before["features"] if name in found.columns)
    same = before["features"] and len(features) == len(before["features"])
    params["features"] = before["features"] if same else ()
    if found.columns == before["columns"] and params["unnamed"] == before["unnamed"]:
        params |= {name: before[name] for name in KEPT}
        params["target"] = target
        params["categories"] = tuple(
            sorted({**dict(params["categories"]), **_classes_of(target, before, found)}.items())
        )
    return params


def _classes_of(target: str, before: Mapping[str, Any], found: Reading) -> dict[str, tuple[str, ...]]:
    """The classes that the target had, where the new rows would not tell them."""
    classes = dict(before["categories"]).get(target)
    return {target: classes} if classes and target in found.whole and target not in found.categories else {}


def story(found: Reading) -> str:
    """ "iris.csv: 150 rows × 5 columns; species is the target."."""
    if isinstance(found, Prose):
        return (
            f"{found.file}: {numbers.count(len(found.cells), 'character')}, {len(found.alphabet)} different."
        )
    if isinstance(found, Photo):
        return f"{found.file}: {told_of_picture(found.size)}."
    height, width = found.cells.shape
    shape = f" of {numbers.shape(found.shape)}" if found.shape else f" × {numbers.count(width, 'column')}"
    target = f"; {found.target} is the target" if found.target else ""
    return f"{found.file}: {numbers.count(height, 'row')}{shape}{target}."


def is_table(text: str) -> bool:
    """Whether a text looks like a table: several lines of as many cells, with a column of numbers."""
    lines = [line for line in text.strip().splitlines()[:200] if line.strip()]
    if len(lines) < 2 or len(text) > LONGEST_TEXT:
        return False
    try:
        form = sniff("clipboard", "\n".join(lines).encode("utf-8", "replace"))
    except GraphlabError:
        return False
    rows = form.head
    if not rows or any(len(row) != len(form.names) for row in rows):
        return False
    return any(all(_is_number(row[k]) for row in rows) for k in range(len(form.names)))


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().replace(",", ".", 1))
    except ValueError:
        return False
    return True


def _is_graph(path: Path) -> bool:
    return path.suffix.lower() in GRAPHS and not path.is_dir()


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in pictures.SUFFIXES and not path.is_dir()


def _read_folders(folders: Sequence[Path], progress: Progress) -> Reading:
    """The images of one folder, or of several of which each is a class."""
    if len(folders) == 1:
        if batches_in(folders[0]):
            return data.read(folders[0], progress=progress)
        paths, labels = pictures.files_of(folders[0])
        return pictures.read_images(paths, labels, folders[0].name, progress)
    found = [(path, folder.name) for folder in folders for path in pictures.files_of(folder)[0]]
    return pictures.read_images(
        [p for p, _ in found], [name for _, name in found], _common(folders), progress
    )


def _common(paths: Sequence[Path]) -> str:
    """What to call several files together."""
    return paths[0].name if len(paths) == 1 else paths[0].parent.name or "images"


def _ask(title: str, names: Sequence[str]) -> str:
    chosen, ok = QInputDialog.getItem(
        QApplication.activeWindow(), title, "Which array?", list(names), 0, False
    )
    return chosen if ok else ""


def _ask_length(title: str) -> int:
    number, ok = QInputDialog.getInt(
        QApplication.activeWindow(), title, "How many characters make a row?", LENGTH, 1, LONGEST
    )
    return number if ok else 0


def can_take(path: Path) -> bool:
    """Whether a file is of a kind that can stand on the sheet, or holds weights for what stands there."""
    kind = path.suffix.lower()
    return kind in (*GRAPHS, *pictures.SUFFIXES, SAFETENSORS) or files.can_read(path) or path.is_dir()
