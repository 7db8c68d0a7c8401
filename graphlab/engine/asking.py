"""Asking: what a workspace is asked about besides the loss. While a question is open, one sees and steps its run.

The run that trains is kept as it was, and comes back when the question is over: at once, or before anything that is
about the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import GraphlabError
from . import messages as m
from .aside import Aside
from .asked import Asked
from .goals import SUM, At
from .moments import Moment
from .run import Run

if TYPE_CHECKING:
    from .workspace import Workspace

T = TypeVar("T")
OF_THE_LOSS = (  # commands that mean the loss
    *(m.Train, m.ToStage, m.Reset, m.SetWeights, m.Measure, m.Examine),
    *(m.Travel, m.Rejoin),
)


class Asking:
    """The open question of a workspace, if there is one."""

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._trained: Run | None = None  # the run that is kept aside
        self._passes: Aside | None = None
        self._update: tuple[Moment, dict[str, Any]] | None = (
            None  # one taken back for the question: before, after
        )

    @property
    def run(self) -> Asked | None:
        """The run of the open question."""
        run = self._space.run
        return run if isinstance(run, Asked) else None

    @property
    def trained(self) -> Run:
        """The run of the loss, also while a question is open."""
        return self._space.run if self._trained is None else self._trained

    @property
    def passes(self) -> Aside:
        """Whole passes beside the run of the loss, with gradients of their own."""
        if self._passes is None or not self._passes.serves(self.trained):
            self._passes = Aside(self.trained)
        return self._passes

    def told(self) -> m.Asked | None:
        """The open question as the window is told."""
        if self.run is None or self.run.plan.question is None:
            return None
        asked = self.run.plan.question
        return m.Asked(*asked.end, asked.at)

    def ask(self, node: str, output: str, at: tuple[int, ...] | None) -> None:
        """Asks how one element of an output (by key) changes, or with `at` None the sum of all, and goes back from it.

        Raises:
            GraphlabError: that cannot be asked; the run is where it was, and so is a question that was open.
        """
        place: At = SUM if at is None else at
        run = self.run
        if run is not None and run.plan.goal_end == (node, output):
            run.turn_to(place)
        else:
            self._begin(f"{node}.{output}", place)
        self._space.run.backward()

    def leave(self) -> None:
        """Back to the loss: everything is where it was when the question was asked."""
        asked, self._trained = self.run, None
        if asked is None:
            return
        taken_back, self._update = self._update, None
        self._space.run = asked.of
        if asked.is_touched:
            asked.leave()
        elif taken_back is not None:
            asked.of.redo(*taken_back)

    def touch(self) -> None:
        """Numbers are about to be set: the run that is kept aside has them too, and computes itself anew then."""
        if self.run is not None:
            self.run.is_touched = True

    def yields_to(self, command: m.Command) -> bool:
        """Whether a question is open and the command is about the loss."""
        if self.run is None or (isinstance(command, m.Examine) and command.by_the_way):
            return False
        is_update = isinstance(command, m.Phase | m.RunTo) and command.phase == "update"
        return is_update or isinstance(command, OF_THE_LOSS)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While open, the workspace stands at the loss; afterwards the question is put again."""
        asked = self.run
        self.leave()
        try:
            yield
        finally:
            self._put_again(asked)

    def around(self, edit: Callable[..., T], *args: Any) -> tuple[T, GraphlabError | None]:
        """What the edit gives, made at the loss; and why the question cannot be asked any more, if it was open."""
        asked = self.run
        self.leave()
        found = edit(*args)
        return found, self._put_again(asked)

    # Inside

    def _begin(self, goal: str, at: At) -> None:
        """What is asked about are the numbers shown: an update that changed the weights since is taken back for now."""
        trained = self.trained
        if self.run is not None and self.run.is_touched:
            self.run.leave()
            self._update = None
        moment = trained.moment if trained.cursor > trained.backward_end else None
        taken_back = None if moment is None else (moment, trained.state())
        if taken_back is not None:
            trained.back()
        elif trained.cursor > trained.backward_end:  # it cannot be: the numbers are those of the next pass
            trained.cursor = 0
        try:
            run = Asked(trained, goal, at)
        except GraphlabError:
            if taken_back is not None:
                trained.redo(*taken_back)
            raise
        self._space.run, self._trained = run, trained
        self._update = taken_back or self._update

    def _put_again(self, before: Asked | None) -> GraphlabError | None:
        """Asks what was asked before, and goes on as far as that was; why not, where it cannot be."""
        if before is None:
            return None
        try:
            self._begin(self._name_of(before), SUM if (at := before.plan.aim[1]) is None else at)
            self._go_as_far_as(before)
        except GraphlabError as error:
            self.leave()
            return error
        return None

    def _name_of(self, before: Asked) -> str:
        """The output asked about; a node that went into a group, or came out, has the same id at another place."""
        key, output = before.plan.goal_end
        nodes = self._space.run.plan.nodes
        moved = [other for other in nodes if other.rpartition("/")[2] == key.rpartition("/")[2]]
        return f"{moved[0] if key not in nodes and len(moved) == 1 else key}.{output}"

    def _go_as_far_as(self, before: Asked) -> None:
        run = self._space.run
        if before.cursor >= before.backward_end:
            run.backward()
        elif len(before.schedule) == len(run.schedule):
            run.go_to(before.cursor)
