"""The engine process: reads commands from its standard input, owns the run, writes events to its standard output."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

import msgspec

from ..data import store
from ..errors import BrokenFileError, EngineLostError, GraphlabError, MemoryBudgetError, NumericsError
from ..graph import Document
from ..graph.codec import Reader
from . import messages as m
from .advancing import train_to_breakpoint
from .aim import Aim
from .answers import ANSWERS
from .breakpoints import Breakpoints
from .changing import edited, refused
from .check_slices import CheckInSlices
from .circuit import to_stage
from .endings import Endings
from .experiments.in_slices import COMMANDS as EXPERIMENTS
from .pacing import Stopwatch
from .single import Single
from .stopwatch import time_steps
from .strides import stride
from .vitals import vitals

log = logging.getLogger("graphlab.engine")

SLICE = 0.01  # seconds of training between looks at the inbox
MOVES = (
    m.Load,
    m.Step,
    m.Back,
    m.Stride,
    m.RunTo,
    m.GoTo,
    m.Phase,
    m.Train,
    m.ToStage,
    m.Reset,
    m.Travel,
    m.Rejoin,
    m.Part,
)  # these leave a breakpoint


class Host(Endings):
    """Carries out commands one after the other; between them it trains, if it is told to."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        super().__init__()
        self._source, self._sink = source, sink
        self._inbox: deque[m.Command] = deque()
        self._arrived = threading.Event()
        self._reader = Reader()
        self._last_read = 0  # the number of the document that the reader stands at
        self._aim = Aim()
        self._check: CheckInSlices | None = None
        self._slice_steps = 1

    def serve(self) -> None:
        """Runs until it is told to shut down, or the window is gone."""
        threading.Thread(target=self._read, name="commands", daemon=True).start()
        self._send(m.Ready(os.getpid()))
        while True:
            command = self._next_command()
            if isinstance(command, m.Shutdown):
                return
            if command is not None:
                self._guard(partial(self._carry_out, command))
                continue
            if self._check is not None:
                self._guard(self._check_on)
            if self._journey is not None:
                self._guard(self._travel_on)
            if self.experiments.is_busy:
                self._guard(self._experiment_on)
            if self.state == "training":
                self._guard(self._train_on)

    def _read(self) -> None:
        """In a thread of its own: a blocked read must not keep training waiting."""
        try:
            while (payload := m.read_payload(self._source)) is not None:
                self._inbox.append(m.decode_command(payload))
                self._arrived.set()
        except (EngineLostError, msgspec.DecodeError, OSError) as error:
            log.error("The commands broke off: %s", error)
        except Exception:  # whatever is wrong with a message, a host that hears nothing more must not live on
            log.exception("A command could not be read")
        self._inbox.append(m.Shutdown())
        self._arrived.set()

    def _next_command(self) -> m.Command | None:
        """The next command; waits for it unless there is training, checking, a journey or an experiment to do."""
        is_busy = self._check is not None or self._journey is not None or self.experiments.is_busy
        if not self._inbox and self.state != "training" and not is_busy:
            self._arrived.wait()
        self._arrived.clear()
        return self._inbox.popleft() if self._inbox else None

    def _guard(self, act: Callable[[], None]) -> None:
        """What a person caused is told in its words; anything else is a bug, logged, and told as such."""
        try:
            act()
        except NumericsError as error:
            self._stop("paused")
            entry = self.space.last_entry
            if entry is not None and (entry.node, entry.phase) == (error.node, error.phase):
                self._hit = f"{entry.node}, {entry.phase}: NaN or infinity"
            self._fail(error.message, error.hint, error.node, self._step_before)
            self._show()
        except GraphlabError as error:
            self._stop("paused" if self.state == "training" else self.state)
            self._fail(error.message, error.hint, error.node)
            self._show()
        except MemoryError:
            self._stop("idle")
            self._fail("The engine ran out of memory.", "Make the graph or the batch smaller.", "")
            self._send_status()
        except (
            Exception
        ) as error:  # the one place where a bug is caught: the run is kept, the log has the traceback
            log.exception("The engine met an unexpected fault")
            self._stop("idle")
            self._fail(f"The engine met an unexpected fault: {error!r}.", "The log has the details.", "")
            self._send_status()

    # Commands

    def _carry_out(self, command: m.Command) -> None:
        if isinstance(command, m.Load) and self._is_outdated(command):
            self._known = self._read_document(command)
            self.run_id = command.run
            if self._journey is None:
                self._say_where()
            return
        if isinstance(command, MOVES):
            if self._is_late(command):
                return
            self._hit = ""
        if isinstance(command, (*MOVES, m.Pause, m.SetWeights, m.SetElements)):
            self._stop_travelling(command)
        if isinstance(command, (*MOVES, m.SetWeights, m.Differentiate)) and not isinstance(command, m.Load):
            self._show_batch()
        if self.space.asking.yields_to(command):
            self._do_differentiate(m.Differentiate())
        answer = ANSWERS.get(type(command))
        if answer is not None:
            watch = Stopwatch()
            self._send(answer(self.space, self.run_id, command))
            self._pay(watch)
        elif isinstance(command, EXPERIMENTS):
            self._send_all(self.experiments.take(self.space, self.run_id, command))
        else:
            getattr(self, f"_do_{type(command).__name__.lower()}")(command)

    def _is_late(self, command: m.Command) -> bool:
        """Whether it was sent before its sender could hear of the breakpoint that was hit since."""
        if not isinstance(command, m.Step) or command.since is None or not self._hit:
            return False
        return command.since != (self.space.run.steps_done, self.space.run.cursor)

    def _do_load(self, command: m.Load) -> None:
        document = self._known = self._read_document(command)
        self.run_id = command.run
        if not command.keep:
            self.space.asking.leave()
        was_asked, batches = self.space.asking.told(), self.space.batches
        compiled, over = self.space.asking.around(self.space.load, document, command.keep)
        if not command.keep:
            self.state = "idle"
        elif self.state == "training" and self.space.obstacle is not None:
            self._stop("paused")
        if compiled or self.space.anew is not None:
            self._send_all(self.experiments.drop(self.run_id))
        if compiled:
            self._check = None  # it was of another graph
            if self.state == "finished":
                self.state = "idle"
        if self.space.trainer is not None:
            self._aim.follow(self.space.trainer, document.training.epochs)
        if compiled or was_asked != self.space.asking.told() or batches != self.space.batches:
            self._announce()
        if over is not None:
            self._fail(over.message, over.hint, over.node)
        error = self.space.obstacle
        if isinstance(error, MemoryBudgetError):  # told at once, since not even values can be shown
            self._fail(error.message, error.hint, error.node)
        self._show_batch()
        self._show()

    def _do_lookatsample(self, command: m.LookAtSample) -> None:
        if self.state == "training":
            self._stop("paused")
        if self.space.asking.told() is not None:
            self._do_differentiate(m.Differentiate())
        if not command.title:
            self._show_batch()
        else:
            try:
                self.space.single = Single(self.space, command)
            except GraphlabError as error:
                self._send(m.SampleShown(self.run_id, "", error.message, error.hint))
            else:
                self._send(m.SampleShown(self.run_id, command.title))
        self._show()

    def _show_batch(self) -> None:
        """Nobody looks at one sample any more; all that is shown is sent again."""
        if self.space.single is not None:
            self.space.single = None
            self._sent = {}
            self._send(m.SampleShown(self.run_id, ""))

    def _do_rows(self, command: m.Rows) -> None:
        store.keep_as(command.content, command.cells)
        self.space.look_again()

    def _read_document(self, command: m.Load) -> Document:
        """BrokenFileError, also for a change of a document that could not be read; the window then sends it whole."""
        if not command.since:
            document = self._reader.read(command.document)
        elif command.since == self._last_read:
            document = self._reader.follow(command.document)
        else:
            raise BrokenFileError("The engine missed an edit.", hint="Make another, and it has them all.")
        self._last_read = command.run
        return document

    def _do_setweights(self, command: m.SetWeights) -> None:
        strays = self.space.set_weights(command.arrays, command.state)
        if strays:
            more = f" and {len(strays) - 3} more" if len(strays) > 3 else ""
            self._fail(
                f"Weights for {', '.join(strays[:3])}{more} fit nothing in this graph.",
                "They were left out.",
                "",
            )
        self._show()

    def _do_watch(self, command: m.Watch) -> None:
        known = {item.key: item.limit for item in self.watched}
        self.watched = command.items
        self._frames.soon()
        if self.state == "training":
            return
        if self._shown == self.run_id:  # the rest was sent already, and nothing has happened since
            self._send(self._frame(i for i in command.items if known.get(i.key, 0) < i.limit))
        else:
            self._show()

    def _do_step(self, command: m.Step) -> None:
        self._leave_training()
        if command.since is not None:
            self._hit = self.space.step_to_breakpoint(command.count)
        else:
            self.space.step(command.count)
        self._show()

    def _do_back(self, command: m.Back) -> None:
        self._leave_training()
        self.space.back(command.count)
        self._show()

    def _do_stride(self, command: m.Stride) -> None:
        self._leave_training()
        self._hit = stride(self.space, command.sheet, command.way, command.apart)
        self._show()

    def _do_runto(self, command: m.RunTo) -> None:
        self._leave_training()
        self.space.run_to(command.node, command.phase)
        self._show()

    def _do_goto(self, command: m.GoTo) -> None:
        self._leave_training()
        self.space.go_to(command.cursor)
        self._show()

    def _do_phase(self, command: m.Phase) -> None:
        self._leave_training()
        self.space.phase(command.phase)
        self._show()

    def _do_tostage(self, command: m.ToStage) -> None:
        self._leave_training()
        self._hit = to_stage(self.space, command.stage)
        self._show()

    def _do_train(self, command: m.Train) -> None:
        if self.space.obstacle is not None:
            raise self.space.obstacle
        trainer = self.space.trainer
        assert trainer is not None
        self._aim.take(command, trainer, self.space.document.training.epochs)
        self.state = "training"
        self._begin_watching()
        self._reports.soon()  # a curve begins with the first epoch
        self._speed.restart(trainer.steps_done)
        self._sampler.begin()
        self._purse.fill()
        self._send_status()

    def _do_pause(self, command: m.Pause) -> None:
        if self.state == "training":
            self._stop("paused")
            self._report()
        self._show()

    def _do_reset(self, command: m.Reset) -> None:
        self.state = "idle"
        self.space.reset()
        self._show()

    def _do_breakpoints(self, command: m.Breakpoints) -> None:
        self.space.breakpoints = Breakpoints(command.entries)

    def _do_probes(self, command: m.Probes) -> None:
        self._sampler.set(command.entries)
        self._send_probed()

    def _do_watchnorms(self, command: m.WatchNorms) -> None:
        self._sampler.norms.set(command)
        self._send_norms()

    def _do_watchspreads(self, command: m.WatchSpreads) -> None:
        self._sampler.spreads.set(command)
        self._send_spreads()

    def _do_setelements(self, command: m.SetElements) -> None:
        run_id, fault = self.run_id, None
        try:
            found = self.space.set_elements(command, compute=self.state != "training")
        except GraphlabError as error:
            self._send(refused(run_id, command, error))
        else:
            self._send(edited(run_id, self.space, command, found))
            fault = found.anew.fault
        self._show()
        if fault is not None:
            raise fault

    def _do_differentiate(self, command: m.Differentiate) -> None:
        self._leave_training()
        asking, asked = self.space.asking, command.asked
        try:
            asking.leave() if asked is None else asking.ask(asked.node, asked.socket, asked.at)
        finally:
            self._announce()
        self._show()

    def _do_gradientcheck(self, command: m.GradientCheck) -> None:
        self._check = None
        self._check = CheckInSlices(self.space.run, command)

    def _do_stopcheck(self, command: m.StopCheck) -> None:
        check, self._check = self._check, None
        if check is not None:
            self._send(check.found(self.run_id, stopped=True))

    def _check_on(self) -> None:
        """A slice of the gradient check, and how far it is."""
        check, self._check = self._check, None  # what fails is not tried again
        assert check is not None
        if (event := check.go_on(self.run_id, SLICE)) is not None:
            self._send(event)
        self._check = None if check.is_done else check

    def _experiment_on(self) -> None:
        """A slice of the experiments, and how far they are."""
        is_shared = self.state == "training"
        self._send_all(self.experiments.go_on(self.space, self.run_id, SLICE, is_shared))

    def _do_measure(self, command: m.Measure) -> None:
        self._leave_training()
        run = self.space.run
        run.plan.require_healthy()
        timing = time_steps(run)
        seconds = {
            key: (timing.nodes.get(("forward", key), 0.0), timing.nodes.get(("backward", key), 0.0))
            for key in run.plan.nodes
        }
        self._send(m.Profiled(self.run_id, {**seconds, "": (timing.overheads["update"], 0.0)}))
        self._show()

    def _do_examine(self, command: m.Examine) -> None:
        run = self.space.run
        is_whole = run.cursor >= run.backward_end
        if command.by_the_way and (
            not is_whole or run.plan.question is not None or self.state == "training"
        ):  # it may have begun since somebody asked by the way, and goes on
            return
        if (
            self.state == "training" or not is_whole
        ):  # a finished run that needs nothing computed stays finished
            self._leave_training()
        if not is_whole:
            self.space.phase("backward" if run.plan.goal else "forward")
        self._send(m.Examined(self.run_id, vitals(self.space)))
        self._show()

    # Training

    def _train_on(self) -> None:
        """A slice of training, and whatever is due after it."""
        trainer = self.space.trainer
        assert trainer is not None
        began = time.perf_counter()
        if self.space.breakpoints.places(self.space.run.plan):
            self._hit = train_to_breakpoint(self.space)
            if self._hit:
                self._stop("paused")
                self._show()
                return
            self._sampler.note(self.space)
        else:
            due = self.experiments.travelled.until_next(self.space.run)
            most = min(self._slice_steps, self._aim.target - trainer.steps_done, due)
            self._sampler.train(self.space, most)
            self._aim_slice(time.perf_counter() - began)
        self.experiments.travelled.note(self.space.run)
        at_end = trainer.steps_done >= self._aim.target
        if at_end or self._is_measured or (trainer.at_epoch_end and self._reports.is_due()):
            self._report()
        reason = self._enough()
        at_end = at_end or bool(reason)
        if at_end:
            self._stop("finished")
            self._end_for(reason)
        if at_end or (self._purse.is_open and self._frames.is_due()):
            self._show()
            self._signs.done(Stopwatch())  # that was one
        elif self._signs.is_due():
            self._give_sign()
        if at_end or self._checkpoints.is_due():
            self._checkpoint()

    def _aim_slice(self, seconds: float) -> None:
        """Twice as many steps while a slice is shorter than it may be, half as many when it was longer."""
        if seconds < SLICE / 2:
            self._slice_steps = min(self._slice_steps * 2, 4096)
        elif seconds > SLICE:
            self._slice_steps = max(1, self._slice_steps // 2)

    def _leave_training(self) -> None:
        if self.state == "training":
            self._stop("paused")
        elif self.state == "finished":
            self.state = "paused"

    def _stop(self, state: str) -> None:
        self.state = state

    def _send(self, event: m.Event) -> None:
        try:
            self._sink.write(m.encode(event))
            self._sink.flush()
        except (BrokenPipeError, OSError):  # the window is gone; the reader will say so too
            self._inbox.appendleft(m.Shutdown())
            self._arrived.set()


def main() -> None:
    """Serves on the process's own pipes. What anything prints goes to standard error instead."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the window to act on
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Host(sys.stdin.buffer, sink).serve()
    sink.flush()
    logging.shutdown()
    os._exit(0)  # an orderly exit would wait for the thread that is blocked in reading
