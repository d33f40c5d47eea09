"""Teacher forcing: the decoder reads the right translation up to each place and is asked for the word that follows."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer import catalog
from explorer.architectures.transformer import decoding
from explorer.architectures.transformer.model import Transformer
from explorer.architectures.transformer.small import build_small
from explorer.data import Dataset
from explorer.data.tokens import END, PAD, SPECIAL, START, UNKNOWN, TokenPairs, joined, rows, split
from explorer.spec import RunSpec, SpecError, float_of
from explorer.tasks import translation
from explorer.training.attention import recording
from explorer.training.batches import Batches
from explorer.training.reading import Hypothesis, Reading, Translation
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

EVALUATED_AT_ONCE = 128
MOST_WORDS = 30  # of an own text
MOST_SAID = 32  # tokens of a translation, START and END counted


class BatchesByLength(Batches):
    """Batches of sentences of about one length, in random order, so that little time goes into padding."""

    def __init__(self, inputs: Tensor, targets: Tensor, batch_size: int, seed: int) -> None:
        self._lengths = (targets != PAD).sum(1) + (inputs != PAD).sum(1) / 100
        super().__init__(inputs, targets, batch_size, seed)

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next batch, without the columns that are padding in all its rows."""
        inputs, targets = super().next()
        return trimmed(inputs), trimmed(targets)

    def _shuffled(self) -> Tensor:
        order = super()._shuffled()
        order = order[self._lengths[order].argsort(stable=True)]
        size = min(self._batch_size, len(order))
        whole = len(order) // size * size
        mixed = torch.randperm(whole // size, generator=self._generator, device=order.device)
        return torch.cat([order[:whole].view(-1, size)[mixed].flatten(), order[whole:]])


def trimmed(rows: Tensor) -> Tensor:
    """Return rows without the columns that hold only padding; on a GPU as they are, since it would have to wait."""
    if rows.device.type != "cpu":
        return rows
    return rows[:, : int((rows != PAD).any(0).sum())]


class TransformerTrainer(SupervisedTrainer):
    """Trains a Transformer on pairs of sentences."""

    model: Transformer
    dataset: TokenPairs

    def __init__(self, spec: RunSpec, device: torch.device, upload: Dataset | None) -> None:
        task = catalog.get(spec.architecture).task(spec.task)
        super().__init__(spec, task, build_small, device, upload)
        self._batches = BatchesByLength(*self.train, self._batch_size(), spec.seed)

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.answers(inputs, targets)
        return logits, translation.loss(logits, targets, float_of(self.hypers, "label_smoothing"))

    def answers(self, sources: Tensor, targets: Tensor) -> Tensor:
        """Return the logits after each token of the targets but the last: (B, T − 1, V)."""
        return self.model(sources, targets[:, :-1], sources == PAD)

    def evaluate(self) -> Mapping[str, float]:
        """Score the held-out pairs, also with each source replaced by another's: what the target alone gives away.

        "test_inversion": of the held-out places where adjective and noun change order, the share in which one head of
        the last cross-attention, the best, looks most at the right word to say either.
        """
        sources, targets = self.test
        others = sources.roll(1, 0)
        totals = torch.zeros(4, device=self.device)  # loss, right, right with another's source, known words
        tokens, looks = 0.0, []
        with evaluating(self.model), recording(self.model) as seen:
            for part in torch.arange(len(sources), device=self.device).split(EVALUATED_AT_ONCE):
                seen.clear()
                logits = self.answers(sources[part], targets[part])
                looks.append(seen[-1].weights)  # B H T S
                wrong = self.answers(others[part], targets[part])
                wanted = targets[part][:, 1:]
                counted = (wanted != PAD).sum()
                known = wanted > UNKNOWN
                tokens += float(counted)
                totals += torch.stack([
                    translation.loss(logits, targets[part]) * counted,
                    ((logits.argmax(2) == wanted) & known).sum(),
                    ((wrong.argmax(2) == wanted) & known).sum(),
                    known.sum(),
                ])  # fmt: skip
        loss, right, by_chance, known = totals.tolist()
        return {
            "test_loss": loss / tokens,
            "test_accuracy": right / known,
            "test_wrong_source": by_chance / known,
            **self._inversion(torch.cat(looks)),
        }

    def _inversion(self, weights: Tensor) -> dict[str, float]:
        """Return the share of crossings that the best head shows, of (N, H, T, S); nothing where the data have none."""
        if not len(self.dataset.crossings):
            return {}
        row, adjective, noun, said_adjective, said_noun = torch.from_numpy(self.dataset.crossings).to(self.device).T
        looks = weights.argmax(3).transpose(1, 2)  # N T H
        right = looks[row, said_adjective - 1] == adjective[:, None]  # crossings H
        right &= looks[row, said_noun - 1] == noun[:, None]
        return {"test_inversion": float(right.float().mean(0).max())}

    # ---- for those who look ----------------------------------------------------------------------------------------

    def reading(self, text: str, index: int) -> Reading:
        """Read English of one's own with the network's own French, or a held-out pair with the right French."""
        source, words, index = self._source(text, index)
        with evaluating(self.model):
            said = decoding.greedy(self.model, source, MOST_SAID) if index < 0 else trimmed(self.test[1][[index]])
        target = said[:, :-1] if int(said[0, -1]) == END else said
        vocabulary = self.dataset.classes
        return Reading(
            joined(word for word in words if word != SPECIAL[END]),
            (source, target),
            {"encoder": words, "decoder": tuple(vocabulary[token] for token in target[0].tolist())},
            words,
            vocabulary,
            "decoder",
            self._notes(words) if index < 0 else (),
            index,
            len(self.test[0]),
        )

    def translate(self, text: str, index: int, width: int) -> Translation:
        """Return the best translations and, for the best, the probabilities of every word at each step."""
        source, words, index = self._source(text, index)
        vocabulary = self.dataset.classes
        with evaluating(self.model):
            found = decoding.beam(self.model, source, width, MOST_SAID)
            best = torch.tensor([[START, *found[0].tokens[:-1]]], device=self.device)
            steps = self.model(source, best)[0].softmax(1)  # T V
        hypotheses = [
            Hypothesis(tuple(vocabulary[token] for token in each.tokens), decoding.shares(each), each.score)
            for each in found
        ]
        wanted = self.test[1][index].tolist() if index >= 0 else []
        right = [vocabulary[token] for token in wanted if token not in (PAD, START, END)]
        notes = self._notes(words) if index < 0 else ()
        return Translation(words, tuple(right), tuple(hypotheses), steps.cpu().numpy(), vocabulary, notes)

    def _source(self, text: str, index: int) -> tuple[Tensor, tuple[str, ...], int]:
        """Return one source (1, S), its words, and the number of the held-out pair it is, −1 for an own one."""
        if not text.strip():
            index %= len(self.test[0])
            source = trimmed(self.test[0][[index]])
            return source, tuple(self.dataset.classes[token] for token in source[0].tolist() if token != PAD), index
        words = split(text)
        if len(words) > MOST_WORDS:
            raise SpecError(f"the text has {len(words)} words and signs; at most {MOST_WORDS} are read at once")
        if not words:
            raise SpecError("there is no word in this text; type some English, such as: the red car")
        ids = {word: at for at, word in enumerate(self.dataset.classes)}
        return torch.from_numpy(rows([words], ids, False)).to(self.device), (*words, SPECIAL[END]), -1

    def _notes(self, words: tuple[str, ...]) -> tuple[str, ...]:
        known = self.dataset.source_words | set(SPECIAL)
        strange = list(dict.fromkeys(word for word in words if word not in known))
        if not strange:
            return ()
        named = ", ".join(f"“{word}”" for word in strange)
        return (f"Never seen in English: {named}. What stands there for the network is a word without meaning.",)

    def example_inputs(self) -> tuple[Tensor, ...]:
        return self.test[0][:1], self.test[1][:1, :-1]


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of the small Transformer."""
    return TransformerTrainer(spec, device, upload)
