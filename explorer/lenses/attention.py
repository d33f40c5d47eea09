"""Attention of every layer and head, from word to word, and how it comes about: scores, mask, softmax.

Any network whose attention is made of the parts `scores`, (`mask`,) `softmax` and `mix` can be looked at, if its
trainer reads text. Arrays: weights_0 … (layers, heads, rows, columns) float32, one for each place where the network
attends; of the head that is enlarged, (rows, columns): scores float32, and hidden uint8, 1 where the mask hides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import text_option
from explorer.spec import SpecError
from explorer.training.attention import Head, Seen, attentions, recording, switched_off
from explorer.training.reading import Reading, Reads
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

MOST_CHARACTERS = 400
ASKED = ("text", "index", "place", "layer", "head", "off")
SHARPEST = -1


@dataclass
class Place:
    """One of the places where a network attends: the layers of a stack that stand at the same spot."""

    key: str  # module path with the layer's number left out
    layers: list[Seen]
    rows: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def weights(self) -> Tensor:
        """Return the weights of all layers, (layers, heads, rows, columns)."""
        return torch.stack([each.weights[0] for each in self.layers]).float()

    @property
    def title(self) -> str:
        """Return what looks at what, as people say it."""
        one, masked = self.layers[0], self.layers[0].masked is not self.layers[0].scores
        stack = self.key.split(".")[0]
        named = stack.capitalize() if stack in ("encoder", "decoder") else "Each word"
        return f"{named} looks at the source" if one.crosses else f"{named} looks {'back' if masked else 'at itself'}"


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at held-out text `index` or an own `text`; `place`, `layer`, `head` (−1: the sharpest) say what is enlarged.

    `off` names heads that are switched off, as "place.layer.head", separated by blanks.

    Raises SpecError for a network that reads no text or does not attend, and for a text that cannot be read.
    """
    if not isinstance(trainer, Reads) or not attentions(trainer.model):
        raise SpecError(f"{trainer.spec.architecture} has no attention between words that could be looked at")
    text = text_option(request.options, "text", "", MOST_CHARACTERS)
    off = _switched_off(trainer, str(request.options.get("off", "")))
    with evaluating(trainer.model), switched_off(trainer.model, [head for _, head in off]):
        reading = trainer.reading(text, int_option(request, "index", 0, 0, 10**9))
        with recording(trainer.model) as seen:
            answers = trainer.model(*reading.inputs)
    places = _places(seen, reading)
    arrays = {f"weights_{at}": each.weights.cpu().numpy() for at, each in enumerate(places)}
    place = int_option(request, "place", _usual(places), 0, len(places) - 1)
    spreads = [entropy(each.weights) for each in places]
    sharpest = int(spreads[place].min(1).values.argmin())
    layer = int_option(request, "layer", sharpest, 0, len(places[place].layers) - 1)
    head = int_option(request, "head", SHARPEST, SHARPEST, arrays[f"weights_{place}"].shape[1] - 1)
    if head == SHARPEST:
        head = int(spreads[place][layer].argmin())
    enlarged = places[place].layers[layer]
    arrays["scores"] = enlarged.scores[0, head].float().cpu().numpy()
    arrays["hidden"] = enlarged.masked[0, head].isinf().to(torch.uint8).cpu().numpy()
    facts: dict[str, Json] = {
        "component": "attention",
        "places": [_told(each, spread, reading) for each, spread in zip(places, spreads, strict=True)],
        "chosen": [place, layer, head],
        "scale": enlarged_size(trainer, enlarged.path),
        "off": [name for name, _ in off],
        "text": text if reading.index < 0 else "",
        "held": reading.text,
        "index": reading.index,
        "held_out": reading.held_out,
        "notes": list(reading.notes),
        "segments": list(reading.segments),
        "hint": reading.hint,
        "controls": [{"name": name} for name in ASKED],
        "parts": [],
        **_answers(answers, reading),
    }
    return Frame(arrays, facts)


def entropy(weights: Tensor) -> Tensor:
    """Return the mean entropy of the rows in bits, (layers, heads): 0 where each looks at one word alone."""
    return -(weights * weights.clamp_min(1e-12).log2()).sum(-1).mean(-1)


def enlarged_size(trainer: Trainer, path: str) -> int:
    """Return the features of a head of the attention at the path: the root of it divides the scores."""
    module = trainer.model.get_submodule(path)
    query, heads = getattr(module, "query", None), getattr(module, "num_heads", 1)
    return int(query.out_features) // int(heads) if isinstance(query, torch.nn.Linear) else 0


def _places(seen: Sequence[Seen], reading: Reading) -> list[Place]:
    """Put the layers that stand at the same spot of a stack together, in the order in which they ran first."""
    found: dict[str, Place] = {}
    for each in seen:
        key = re.sub(r"\.?\b\d+\b", "", each.path)
        rows = reading.words.get(each.path.split(".")[0], reading.words.get("", ()))
        columns = reading.memory if each.crosses else rows
        if each.weights.shape[-2:] != (len(rows), len(columns)):
            raise SpecError(
                f"{each.path} attends over {tuple(each.weights.shape[-2:])} places, the text has {len(rows)}"
            )
        found.setdefault(key, Place(key, [], rows, columns)).layers.append(each)
    return list(found.values())


def _usual(places: Sequence[Place]) -> int:
    """Return the place to begin with: where one text looks at another, if there is one."""
    crossing = [at for at, each in enumerate(places) if each.layers[0].crosses]
    return crossing[-1] if crossing else len(places) - 1


def _told(place: Place, spread: Tensor, reading: Reading) -> Json:
    return {
        "title": place.title,
        "rows": list(place.rows),
        "columns": list(place.columns),
        "paths": [each.path for each in place.layers],
        "masked": place.layers[0].masked is not place.layers[0].scores,
        "crosses": place.layers[0].crosses,
        "answers": reading.answers in (place.key.split(".")[0], ""),
        "entropy": [[round(float(bits), 3) for bits in layer] for layer in spread],
    }


def _answers(answers: object, reading: Reading) -> dict[str, Json]:
    """Return the likeliest next word after each place, with its share, where the network answers with words."""
    if reading.answers is None or not isinstance(answers, Tensor):
        return {"says": [], "sure": []}
    shares, words = answers[0].float().softmax(-1).max(-1)
    return {
        "says": [reading.vocabulary[word] for word in words.tolist()],
        "sure": [round(share, 4) for share in shares.tolist()],
    }


def _switched_off(trainer: Trainer, asked: str) -> list[tuple[str, Head]]:
    """Return the heads that are switched off, each with the name it was asked by; raises SpecError for none such."""
    keys: dict[str, list[str]] = {}
    for path in attentions(trainer.model):
        keys.setdefault(re.sub(r"\.?\b\d+\b", "", path), []).append(path)
    found: list[tuple[str, Head]] = []
    for name in asked.split()[:256]:
        numbers = [int(part) for part in name.split(".") if part.isdecimal() and len(part) < 6]
        place, layer, head = numbers if len(numbers) == 3 else (-1, -1, -1)
        paths = list(keys.values())[place] if 0 <= place < len(keys) else []
        heads = getattr(trainer.model.get_submodule(paths[layer]), "num_heads", 0) if 0 <= layer < len(paths) else 0
        if not 0 <= head < heads:
            raise SpecError(f"there is no head '{name[:20]}' to switch off")
        found.append((name, (paths[layer], head)))
    return found
