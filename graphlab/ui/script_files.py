"""The script of the graph as a file, written off the main thread, with what the engine holds at the moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.flatten import End
from ..engine.goals import SUM, At
from ..engine.messages import TensorKey
from ..errors import GraphlabError
from ..io.numpy_code import script_at
from .notice import of_error
from .plans import plan_of

if TYPE_CHECKING:
    from .session import Session

KINDS = "Python (*.py)"


def file_name(session: Session) -> str:
    """What the script is called where nobody says otherwise."""
    name = session.path.stem if session.path is not None else session.whole.name
    return f"{name or 'graph'}.py"


def save_script(session: Session, path: Path) -> None:
    """Writes the script there, and its arrays beside it; tells what was written, or why nothing was."""
    weights, state = session.weights(), session.engine.state
    document, fed, aim = session.whole, _fed(session), _aim(session)

    def work(progress: object) -> list[Path]:
        return script_at(document, weights, state, fed, aim).save(path)

    def saved(paths: list[Path]) -> None:
        names = " and ".join(each.name for each in paths)
        session.notify("info", f"Saved the script as {names}.", f"Run it by: python {paths[0].name}")

    def failed(error: GraphlabError) -> None:
        session.tell(of_error(error))

    session.worker.start(path.name, work, saved, failed, doing="Writing")


def _aim(session: Session) -> tuple[str, At] | None:
    """What gradients are asked of instead of the loss."""
    asked = session.asking.asked
    return None if asked is None else (f"{asked.node}.{asked.socket}", SUM if asked.at is None else asked.at)


def _fed(session: Session) -> dict[End, Any]:
    """What is fed now, as far as all of it is here: a person may have changed a number of it by hand."""
    plan = plan_of(session)
    found: dict[End, Any] = {}
    for key in plan.nodes:
        for name in plan.op(key).results() if plan.op(key).source else ():
            tensor = session.tensor_at(TensorKey("value", key, name))
            if tensor is not None and tensor.fresh and tensor.array.shape == tensor.shape:
                found[key, name] = tensor.array
    return found
