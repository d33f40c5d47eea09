"""What each layer would already say, if the network ended there: the read-out applied to the stream on its way.

For networks with `blocks` that add to one stream, perhaps a `norm`, and a `head` that reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import catching
from explorer.lenses._sheet import Colours, Heat, Words, sheet
from explorer.lenses._writing import Writer, own_text, writer
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

WIDE = 74  # characters of a row of code on the page


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the end of the option `text`, as much of it as fits in a row."""
    writes = writer(trainer, "logit_lens")
    own = own_text(writes, request)
    said = _said(writes, own.tokens)  # L T V
    tokens, said, width = _fitting(writes, own.tokens, said)
    best = said.max(2)
    following = [*tokens[1:], int(said[-1, -1].argmax())]
    wanted = torch.tensor(following, dtype=torch.long, device=said.device).expand(len(said), -1)  # L T
    right = said.gather(2, wanted[..., None])[..., 0]
    names = ("before the first block", *(f"after block {at}" for at in range(1, len(said))))
    written = [writes.name(token) for token in tokens]
    return sheet(
        Words(
            "The text", [_cell(each, width) for each in written], code=True,
            note="each guess below is for the token after",
        ),
        *(
            _guesses(name, written, [writes.name(int(at)) for at in places], shares.tolist(), width)
            for name, shares, places in zip(names, best.values, best.indices, strict=True)
        ),
        Heat(
            "How likely each layer finds what really follows", right.cpu().numpy().astype(np.float32), names,
            written, colours=Colours.ATTENTION, low=0, high=1, cell=16,
            note="under the last token: what the network itself says",
        ),
        caption=own.caption(
            "The answer is made step by step. Each block adds to one stream, which can be read early. Before the first "
            "block it says each token back, where reading and predicting share one matrix; the guess comes after."
        ),
        controls=(own.field,),
    )  # fmt: skip


def _guesses(level: str, text: list[str], guesses: list[str], shares: list[float], width: int) -> Words:
    found = zip(text, guesses, shares, strict=True)
    tips = [f"after {token}: {guess}, {share:.0%}" for token, guess, share in found]
    return Words(level.capitalize(), [_cell(each, width) for each in guesses], shares, tips, code=True)


def _said(writes: Writer, tokens: list[int]) -> Tensor:
    """Return what would be said before the first block and after each, as probabilities (L, T, V)."""
    model = writes.trainer.model
    blocks, head, norm = getattr(model, "blocks", None), getattr(model, "head", None), getattr(model, "norm", None)
    if not isinstance(blocks, nn.ModuleList) or not isinstance(head, nn.Module):
        raise SpecError(f"the logit lens reads a stream between blocks; {writes.trainer.spec.architecture} has none")
    stream: list[Tensor] = []
    named = [(str(at), each) for at, each in enumerate(blocks)]
    with _beginning(blocks[0], stream), catching(named, lambda _, x: stream.append(x)):
        writes.logits(tokens)
    with evaluating(model):
        found = torch.cat(stream)  # L T D
        return head(norm(found) if isinstance(norm, nn.Module) else found).softmax(2)


@contextmanager
def _beginning(block: nn.Module, stream: list[Tensor]) -> Iterator[None]:
    """Inside, what goes into the block is put into `stream` before it runs."""
    handle = block.register_forward_pre_hook(lambda _, inputs: stream.append(inputs[0]))
    try:
        yield
    finally:
        handle.remove()


def _fitting(writes: Writer, tokens: list[int], said: Tensor) -> tuple[list[int], Tensor, int]:
    """Return the last tokens that fit in a row, what is said after each, and the characters that each cell takes."""
    read = tokens[-said.shape[1] :]
    width = 1 + max(max(len(writes.text.classes[token]) for token in read), int(len(writes.text.classes) > 100) * 5)
    count = min(len(read), WIDE // width)
    return read[-count:], said[:, -count:], width


def _cell(name: str, width: int) -> str:
    return name[: width - 1].ljust(width)
