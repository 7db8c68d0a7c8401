"""The engine: plan, run, step and train a document. No Qt."""

from .asked import ask, jacobian
from .finding import Problem
from .gradient_check import GradientReport, check_gradients
from .inference import Inference, infer
from .optimizers import OPTIMIZERS, SGD, Adam, Optimizer, make_optimizer
from .plan import Entry, Plan
from .profile import Profile, profile
from .readings import StepReport
from .run import Run
from .schedules import SCHEDULES, Schedule
from .training import Evaluation, Report, Trainer

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "Adam",
    "Entry",
    "Evaluation",
    "GradientReport",
    "Inference",
    "Optimizer",
    "Plan",
    "Problem",
    "Profile",
    "Report",
    "Run",
    "Schedule",
    "StepReport",
    "Trainer",
    "ask",
    "check_gradients",
    "infer",
    "jacobian",
    "make_optimizer",
    "profile",
]
