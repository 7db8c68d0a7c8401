"""Run: the schedule entry by entry, by phase, and training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...graph.document import ORDERS
from ..canvas.order_told import explain_order
from .edit import has_selection, one_selected
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


ORDER_WORDS = {
    "created": "in the order in which they were created",
    "layers": "layer by layer",
    "depth": "branch by branch, each to its end",
}


def has_schedule(window: MainWindow) -> bool:
    return bool(window.session.whole.nodes)


def can_go_back(window: MainWindow) -> bool:
    status = window.session.status
    return bool(window.session.schedule) and (status.cursor > 0 or status.step > 0)


def is_running(window: MainWindow) -> bool:
    return window.session.is_running


def can_train(window: MainWindow) -> bool:
    """Also when nothing can be learnt yet: pressing it then says what is missing."""
    return has_schedule(window) and not is_running(window)


def can_step_out(window: MainWindow) -> bool:
    return window.session.strides.can_step_out


def can_reset(window: MainWindow) -> bool:
    return bool(window.session.schedule)


@action(
    "run.to_start", "To the start", "Ctrl+Shift+F10", when=can_go_back, icon="run-to-start", section="step"
)
def to_start(window: MainWindow) -> None:
    """Go back to the start of this step"""
    window.session.go_to(0)


@action("run.back", "Step back", "Shift+F10", when=can_go_back, icon="step-back", section="step")
def back(window: MainWindow) -> None:
    """Take back one node of the schedule; a group at once"""
    window.session.strides.back()


@action("run.step", "Step", "F10", when=has_schedule, icon="step", section="step")
def step(window: MainWindow) -> None:
    """Compute the next node of the schedule; a group at once"""
    window.session.strides.over()


@action("run.into", "Step into", "F11", when=has_schedule, icon="step-into", section="step")
def into(window: MainWindow) -> None:
    """Compute the next node, and enter the group that it stands in"""
    window.session.strides.into()


@action("run.out", "Step out", "Shift+F11", when=can_step_out, icon="step-out", section="step")
def out(window: MainWindow) -> None:
    """Compute the rest of this group in this phase, and go up to what is around it"""
    window.session.strides.out()


@action(
    "run.back_into", "Step back into", "Ctrl+F11", when=can_go_back, icon="step-back-into", section="step"
)
def back_into(window: MainWindow) -> None:
    """Take back one node, and enter the group in which the run stands then"""
    window.session.strides.back_into()


@action("run.to_end", "To the end", "Ctrl+F5", when=has_schedule, icon="run-to-end", section="step")
def to_end(window: MainWindow) -> None:
    """Finish this training step: forward, backward, update"""
    window.session.train_step()


@action("run.stage", "One stage", "Ctrl+F7", when=has_schedule, icon="loop", section="step")
def stage(window: MainWindow) -> None:
    """Go on to the end of the next stage of the loop: batch, forward, loss, backward, update"""
    window.session.to_stage()


@action("run.epoch", "One epoch", "Ctrl+Shift+F7", when=can_train, icon="loop", section="train")
def epoch(window: MainWindow) -> None:
    """Train to the end of the epoch under way"""
    window.session.train_epoch()


@action(
    "run.to_node",
    "Run to the selected node",
    "Ctrl+F10",
    when=one_selected,
    icon="run-to-node",
    section="step",
)
def to_node(window: MainWindow) -> None:
    """Compute until the selected node has its value; if it has one, its gradient"""
    window.run_to_selected()


@action("run.watch", "Watch a number …", "Ctrl+Alt+W", when=one_selected, icon="watch", section="step")
def watch(window: MainWindow) -> None:
    """Follow a number at the selected node over the steps, such as the norm of its gradient"""
    window.ask_watch()


@action("run.why_order", "Why this order?", "Ctrl+Shift+O", when=one_selected, icon="help", section="order")
def why_order(window: MainWindow) -> None:
    """Say which nodes the selected one waits for, and where else in the order it could stand"""
    explain_order(window.canvas, window.session.selected_node)


@action("run.order", "Compute in another order", when=has_schedule, icon="timeline", section="order")
def order(window: MainWindow) -> None:
    """Go through the orders: as created, layer by layer, each branch to its end; the numbers are the same"""
    training = window.session.whole.training
    after = (ORDERS.index(training.order) + 1) % len(ORDERS) if training.order in ORDERS else 0
    window.session.attempt(window.session.root.configure, order=ORDERS[after])
    window.session.notify("info", f"Nodes are computed {ORDER_WORDS[ORDERS[after]]}.")


@action("run.breakpoint", "Breakpoint", "F9", when=has_selection, icon="breakpoint", section="step")
def breakpoint_here(window: MainWindow) -> None:
    """Stop at the selected node: forward, then backward, then not at all"""
    window.cycle_breakpoint()


@action("run.condition", "Pause when …", "Shift+F9", when=one_selected, icon="breakpoint", section="step")
def condition(window: MainWindow) -> None:
    """Pause at the selected node only under a condition, such as grad.norm > 10"""
    window.ask_condition()


@action(
    "run.forward", "Forward", "Ctrl+1", when=has_schedule, icon="forward", section="phase", phase="forward"
)
def forward(window: MainWindow) -> None:
    """Compute every value up to the loss"""
    window.session.phase("forward")


@action(
    "run.backward",
    "Backward",
    "Ctrl+2",
    when=has_schedule,
    icon="backward",
    section="phase",
    phase="backward",
)
def backward(window: MainWindow) -> None:
    """Compute every gradient back from the loss"""
    window.session.phase("backward")


@action("run.update", "Update", "Ctrl+3", when=has_schedule, icon="update", section="phase", phase="update")
def update(window: MainWindow) -> None:
    """Let the optimizer change the parameters by their gradients"""
    window.session.phase("update")


@action("run.train", "Train", "F5", when=can_train, icon="train", section="train")
def train(window: MainWindow) -> None:
    """Train, at the speed of the slider"""
    window.session.train()


@action("run.pause", "Pause", "Ctrl+F6", "Pause", when=is_running, icon="pause", section="train")
def pause(window: MainWindow) -> None:
    """Pause where it is"""
    window.session.pause()


@action("run.stop", "Stop", "Shift+F5", when=can_reset, icon="stop", section="train")
def stop(window: MainWindow) -> None:
    """Stop training and go to the start of the step; the weights stay"""
    window.session.stop()


@action("run.reset", "Reset weights", "Ctrl+Shift+F5", when=can_reset, icon="reset", section="train")
def reset(window: MainWindow) -> None:
    """Begin again: fresh weights, step 0, an empty loss curve"""
    if window.session.status.step:
        window.session.new_weights.keep_former("Reset weights")
    window.session.reset()


@action("run.slower", "Slower", "Ctrl+[", icon="speed", section="speed")
def slower(window: MainWindow) -> None:
    """Play in slower motion"""
    window.session.player.set_level(window.session.player.level - 1)


@action("run.faster", "Faster", "Ctrl+]", icon="speed", section="speed")
def faster(window: MainWindow) -> None:
    """Play faster, up to full speed"""
    window.session.player.set_level(window.session.player.level + 1)
