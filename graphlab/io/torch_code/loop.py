"""The training loop over mini-batches beside a module of PyTorch, with the optimizer of the document and its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from ...engine import Trainer
from ...errors import GraphlabError, SaveError
from ...graph import Document
from .layout import wrapped

Ends = Mapping[str, tuple[str, str]]

# The settings that PyTorch's optimizers take, besides lr: theirs, ours.
SETTINGS = {
    "SGD": ("momentum", "nesterov"),
    "Adam": ("betas", "amsgrad"),
    "AdamW": ("betas", "amsgrad"),
    "NAdam": ("betas",),
    "RMSprop": ("alpha", "momentum", "centered"),
    "Adagrad": (),
    "Adadelta": ("rho",),
}


def loop_lines(document: Document, title: str, takes: Ends, has_loss: bool) -> list[str]:
    """`train`, and what runs it, each as one text. SaveError where there is nothing to train with."""
    if not has_loss:
        raise SaveError("There is no loss to train with.", hint="Leave the training loop out, or add a loss.")
    return ["\n".join(_train(document, takes)), "\n".join(_main(document, title, takes))]


def _train(document: Document, takes: Ends) -> Iterator[str]:
    settings = document.training
    yield f"def train(model, data, epochs={settings.epochs}):"
    yield '    """Makes the loss small, one mini-batch after the other."""'
    yield from wrapped(f"optimizer = torch.optim.{_optimizer(document)}", 1)
    yield "    model.train()"
    yield "    for epoch in range(epochs):"
    yield "        total = 0.0"
    names = ", ".join(takes)
    yield f"        for {names}{',' if len(takes) == 1 else ''} in data:"
    yield f"            loss = model.loss({names})"
    yield "            optimizer.zero_grad()"
    yield "            loss.backward()"
    if settings.clip_value:
        yield f"            nn.utils.clip_grad_value_(model.parameters(), {settings.clip_value})"
    if settings.clip_norm:
        yield f"            nn.utils.clip_grad_norm_(model.parameters(), {settings.clip_norm})"
    yield "            optimizer.step()"
    yield "            total += loss.item()"
    yield '        print(f"epoch {epoch + 1}: loss {total / len(data):.4f}")'
    yield "    return model.eval()"


def _optimizer(document: Document) -> str:
    """`Adam(model.parameters(), lr=0.01)`. SaveError for one that PyTorch does not have."""
    settings = document.training
    if settings.optimizer not in SETTINGS:
        raise SaveError(
            f"PyTorch has no optimizer {settings.optimizer}.",
            hint=f"Choose one of {', '.join(SETTINGS)}, or leave the training loop out.",
        )
    words = [f"lr={settings.lr}"]
    for name in SETTINGS[settings.optimizer]:
        value = (settings.beta1, settings.beta2) if name == "betas" else getattr(settings, name)
        usual = {"betas": (0.9, 0.999), "alpha": 0.99, "rho": 0.9}.get(name, 0)
        if value != usual:
            words.append(f"{name}={value}")
    if settings.weight_decay or settings.optimizer == "AdamW":
        words.append(f"weight_decay={settings.weight_decay}")
    return f"{settings.optimizer}(model.parameters(), {', '.join(words)})"


def _main(document: Document, title: str, takes: Ends) -> Iterator[str]:
    settings = document.training
    yield 'if __name__ == "__main__":'
    yield '    rows = np.load(Path(__file__).with_suffix(".npz"))'
    rows = ", ".join(f'torch.from_numpy(rows["{name}"])' for name in takes)
    yield from wrapped(f"data = TensorDataset({rows})", 1)
    yield from wrapped(
        f"train({title}(), DataLoader(data, batch_size={settings.batch_size}, shuffle={settings.shuffle}))", 1
    )


def rows_of(document: Document, takes: Ends) -> dict[str, npt.NDArray[np.generic]]:
    """The rows that the document is trained with, by the names of the arguments. SaveError where it brings none."""
    try:
        batches = Trainer(document).batches
    except GraphlabError as error:
        raise SaveError(f"There are no rows to train with: {error.message}", hint=error.hint) from error
    rows = batches.rows("train")
    if missing := [name for name, end in takes.items() if end not in batches.columns]:
        raise SaveError(
            f"No rows come with {', '.join(missing)}.", hint="Use a Dataset, or leave the loop out."
        )
    return {name: batches.columns[end][rows] for name, end in takes.items()}
