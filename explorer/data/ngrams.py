"""How well counting alone foretells Austen's next character: the reference lines beside the networks that read.

`python -m explorer.data.ngrams` prints nats a character on all that is held out, for contexts of 0 to 4 characters.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache

from explorer.console import say
from explorer.data.pieces import novels


def nats(learnt: str, held_out: str, context: int, alphabet: int) -> float:
    """Return the mean −ln p of each held-out character after the `context` before it.

    Counts of ever shorter contexts are mixed as Witten and Bell (1991) do: a context seen n times, with t different
    characters after it, has the weight n / (n + t); the rest goes to the context shorter by one, at last to all of
    the `alphabet` alike.
    """
    counts = [Counter(learnt[at : at + size + 1] for at in range(len(learnt) - size)) for size in range(context + 1)]
    seen = [Counter[str]() for _ in counts]
    kinds = [Counter[str]() for _ in counts]
    for size, table in enumerate(counts):
        for text, count in table.items():
            seen[size][text[:-1]] += count
            kinds[size][text[:-1]] += 1

    @cache
    def share(text: str) -> float:
        """Return the probability of the text's last character after those before it."""
        size, before = len(text) - 1, text[:-1]
        shorter = share(text[1:]) if size else 1 / alphabet
        total = seen[size][before] + kinds[size][before]
        return (counts[size][text] + kinds[size][before] * shorter) / total if total else shorter

    found = [share(held_out[max(0, at - context) : at + 1]) for at in range(len(held_out))]
    return -sum(map(math.log, found)) / len(found)


def main() -> None:
    """Print the figures."""
    learnt, held_out = novels()
    alphabet = len(set("".join(learnt + held_out)))
    for context in range(5):
        figure = nats("".join(learnt), "".join(held_out), context, alphabet)
        say(f"{context} characters before: {figure:.3f} nats a character")


if __name__ == "__main__":
    main()
