"""A small grammar that makes English sentences and their French, with all that makes the pair worth translating.

Articles and adjectives agree with their noun, verbs with their subject; before a vowel "le" becomes "l'", "ce" "cet",
"ma" "mon", "beau" "bel"; most adjectives follow the noun (red car → voiture rouge), a few stay before it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from explorer.data import number
from explorer.data.tokens import SPECIAL, TokenPairs, rows
from explorer.spec import Settings

HELD_OUT = 400
MOST_WORDS = 11  # of an English sentence
FIXED_SEED = 1  # of the held-out sentences: the same for every run


@dataclass(frozen=True)
class Noun:
    """A noun in both languages, one and many."""

    english: tuple[str, str]
    french: tuple[str, str]
    feminine: bool
    person: bool


@dataclass(frozen=True)
class Adjective:
    """An adjective with its four French forms."""

    english: str
    forms: tuple[str, str, str, str]  # masculine, feminine, and both in the plural
    open: str = ""  # masculine before a vowel, where it differs


@dataclass(frozen=True)
class Verb:
    """A verb as one does it and as many do."""

    english: tuple[str, str]
    french: tuple[str, str]


@dataclass(frozen=True)
class Phrase:
    """A noun phrase in both languages; `crossings`: English place of adjective and noun, French place of the same."""

    english: tuple[str, ...]
    french: tuple[str, ...]
    feminine: bool = False
    plural: bool = False
    crossings: tuple[tuple[int, int, int, int], ...] = ()

    def __add__(self, other: Phrase) -> Phrase:
        """Return this phrase with the other behind it; gender and number stay this one's."""
        behind, after = len(self.english), len(self.french)
        moved = tuple((a + behind, b + behind, c + after, d + after) for a, b, c, d in other.crossings)
        return replace(
            self, english=self.english + other.english, french=self.french + other.french,
            crossings=self.crossings + moved,
        )  # fmt: skip


ASPIRATED = ("hibou", "hiboux")


def begins_with_vowel(word: str) -> bool:
    """Whether "le" becomes "l'" before the word: a vowel or a mute h."""
    return word[0] in "aeiouéèêàâîôœ" or (word[0] == "h" and word not in ASPIRATED)


def _nouns(text: str, people: bool = False) -> tuple[Noun, ...]:
    """Read "cat chat m", with irregular plurals after it: "horse cheval m horses chevaux"."""
    found = []
    for line in text.split(","):
        english, french, gender, *irregular = line.split()
        plural, pluriel = irregular if irregular else (f"{english}s", f"{french}s")
        found.append(Noun((english, plural), (french, pluriel), gender == "f", people))
    return tuple(found)


PEOPLE = _nouns(
    "girl fille f, boy garçon m, child enfant m children enfants, woman femme f women femmes, man homme m men hommes, "
    "friend ami m, queen reine f, king roi m, student élève m, teacher professeur m, neighbour voisine f",
    people=True,
)
ANIMALS = _nouns(
    "cat chat m, dog chien m, horse cheval m horses chevaux, bird oiseau m birds oiseaux, owl hibou m owls hiboux, "
    "mouse souris f mice souris, cow vache f, bee abeille f, ant fourmi f, bear ours m bears ours"
)
THINGS = _nouns(
    "car voiture f, house maison f, tree arbre m, apple pomme f, book livre m, flower fleur f, table table f, "
    "door porte f, hat chapeau m hats chapeaux, boat bateau m boats bateaux, school école f, train train m, "
    "orange orange f, key clé f, garden jardin m, letter lettre f, chair chaise f, knife couteau m knives couteaux, "
    "star étoile f, island île f, river rivière f, bridge pont m, window fenêtre f, shirt chemise f, lamp lampe f",
)


def _adjectives(text: str) -> tuple[Adjective, ...]:
    """Read "red rouge" or "white blanc blanche"; feminine and plural follow the rule where they are not written."""
    found = []
    for line in text.split(","):
        english, masculine, *rest = line.split()
        feminine = rest[0] if rest else masculine if masculine.endswith("e") else f"{masculine}e"
        plural = rest[1] if len(rest) > 1 else masculine if masculine.endswith(("s", "x")) else f"{masculine}s"
        found.append(Adjective(english, (masculine, feminine, plural, f"{feminine}s"), "".join(rest[2:])))
    return tuple(found)


COLOURS = _adjectives(
    "red rouge, black noir, white blanc blanche, blue bleu, green vert, yellow jaune, grey gris, "
    "heavy lourd, round rond"
)
QUALITIES = _adjectives(
    "strange étrange, quick rapide, clean propre, quiet tranquille, famous célèbre, lost perdu, tired fatigué"
)
BEFORE = _adjectives(
    "big grand, small petit, beautiful beau belle beaux bel, old vieux vieille vieux vieil, "
    "new nouveau nouvelle nouveaux nouvel, good bon bonne, young jeune, pretty joli"
)


def _verbs(text: str) -> tuple[Verb, ...]:
    """Read "sees see voit voient"."""
    lines = (line.split() for line in text.split(","))
    return tuple(Verb((one, many), (un, plusieurs)) for one, many, un, plusieurs in lines)


TO_ANYONE = _verbs(
    "sees see voit voient, loves love aime aiment, finds find trouve trouvent, draws draw dessine dessinent, "
    "loses lose perd perdent, hears hear entend entendent, follows follow suit suivent"
)
TO_THINGS = _verbs(
    "wants want veut veulent, takes take prend prennent, carries carry porte portent, buys buy achète achètent, "
    "sells sell vend vendent, hides hide cache cachent, washes wash lave lavent"
)
BEING = _verbs(  # by oneself
    "sleeps sleep dort dorment, sings sing chante chantent, arrives arrive arrive arrivent, falls fall tombe tombent, "
    "dances dance danse dansent, runs run court courent, laughs laugh rit rient, waits wait attend attendent"
)
IS = Verb(("is", "are"), ("est", "sont"))
WHERE = (("under", "sous"), ("behind", "derrière"), ("on", "sur"), ("with", "avec"), ("in", "dans"), ("for", "pour"))
ALIVE, ANY = PEOPLE + ANIMALS, PEOPLE + ANIMALS + THINGS
ARTICLES = ("the", "a", "this", "my", "our")


# ---- phrases --------------------------------------------------------------------------------------------------------


def _article(name: str, feminine: bool, plural: bool, following: str, adjective_first: bool) -> tuple[str, str]:
    """Return the article in English, an/a left open as "a", and in French before the word that follows there."""
    vowel = begins_with_vowel(following)
    match name:
        case "the":
            return "the", "les" if plural else "l'" if vowel else "la" if feminine else "le"
        case "a" if plural:
            return "some", "de" if adjective_first else "des"
        case "a":
            return "a", "une" if feminine else "un"
        case "this":
            return ("these", "ces") if plural else ("this", "cette" if feminine else "cet" if vowel else "ce")
        case "my":
            return "my", "mes" if plural else "ma" if feminine and not vowel else "mon"
        case _:
            return "our", "nos" if plural else "notre"


def _agreed(adjective: Adjective, feminine: bool, plural: bool, following: str = "") -> str:
    """Return the adjective as French writes it with its noun; "beau" is "bel" before a vowel."""
    if adjective.open and not feminine and not plural and following and begins_with_vowel(following):
        return adjective.open
    return adjective.forms[feminine + 2 * plural]


def noun_phrase(noun: Noun, article: str, plural: bool, before: Adjective | None, after: Adjective | None) -> Phrase:
    """Put a noun phrase together; English has all adjectives before the noun, French one on each side."""
    name = noun.french[plural]
    first = (_agreed(before, noun.feminine, plural, name),) if before else ()
    last = (_agreed(after, noun.feminine, plural),) if after else ()
    words = (*(each.english for each in (before, after) if each), noun.english[plural])
    english, french = _article(article, noun.feminine, plural, first[0] if first else name, before is not None)
    if english == "a" and words[0][0] in "aeio":
        english = "an"
    at, place = len(words), 1 + len(first)
    crossings = ((at - 1, at, place + 1, place),) if after else ()
    return Phrase((english, *words), (french, *first, name, *last), noun.feminine, plural, crossings)


def _behind(noun: Noun) -> tuple[Adjective, ...]:
    """Return the adjectives that follow this noun in French; people are given no colour."""
    return QUALITIES if noun.person else COLOURS + QUALITIES


def _any_phrase(chance: random.Random, nouns: tuple[Noun, ...]) -> Phrase:
    noun = chance.choice(nouns)
    before = chance.choice(BEFORE) if chance.random() < 0.25 else None
    after = chance.choice(_behind(noun)) if chance.random() < (0.15 if before else 0.55) else None
    return noun_phrase(noun, chance.choice(ARTICLES), chance.random() < 0.35, before, after)


def _of(owner: Phrase) -> Phrase:
    """Return "of the king" for "the king": "de le" is "du", "de les" is "des"."""
    short = {"le": ("du",), "les": ("des",)}.get(owner.french[0], ("de", owner.french[0]))
    shift = len(short) - 1
    crossings = tuple((a + 1, b + 1, c + shift, d + shift) for a, b, c, d in owner.crossings)
    return Phrase(("of", *owner.english), (*short, *owner.french[1:]), owner.feminine, owner.plural, crossings)


def _does(verb: Verb, plural: bool, negated: bool) -> Phrase:
    """Return the verb in both languages; "ne" is "n'" before a vowel."""
    if not negated:
        return Phrase((verb.english[plural],), (verb.french[plural],))
    french = verb.french[plural]
    around = ("n'" if begins_with_vowel(french) else "ne", french, "pas")
    if verb is IS:
        return Phrase((verb.english[plural], "not"), around)
    return Phrase(("do" if plural else "does", "not", verb.english[1]), around)


# ---- sentences ------------------------------------------------------------------------------------------------------


def _alone(chance: random.Random) -> Phrase:
    return _any_phrase(chance, ANY)


def _to_something(chance: random.Random) -> Phrase:
    one, verb = _any_phrase(chance, ALIVE), chance.choice(TO_ANYONE + TO_THINGS)
    does = _does(verb, one.plural, chance.random() < 0.15)
    return one + does + _any_phrase(chance, ANY if verb in TO_ANYONE else ANIMALS + THINGS)


def _by_itself(chance: random.Random) -> Phrase:
    one = _any_phrase(chance, ALIVE)
    sentence = one + _does(chance.choice(BEING), one.plural, chance.random() < 0.2)
    if chance.random() < 0.3:
        return sentence
    english, french = chance.choice(WHERE)
    return sentence + Phrase((english,), (french,)) + _any_phrase(chance, ANY)


def _is_so(chance: random.Random) -> Phrase:
    """An adjective far from its noun: "the key of my friend is old" agrees with the key, not with the friend."""
    noun = chance.choice(ANIMALS + THINGS)
    one = noun_phrase(noun, chance.choice(ARTICLES), chance.random() < 0.35, None, None)
    subject = one
    if chance.random() < 0.5:
        owner = noun_phrase(chance.choice(ALIVE), chance.choice(("the", "my")), chance.random() < 0.3, None, None)
        subject = one + _of(owner)
    return subject + _does(IS, one.plural, chance.random() < 0.2) + _so(chance, noun, one.feminine, one.plural)


def _both(chance: random.Random) -> Phrase:
    """Two together are many; with one masculine among them, masculine."""
    one, other = _any_phrase(chance, ALIVE), chance.choice(PEOPLE)
    another = noun_phrase(other, chance.choice(ARTICLES), chance.random() < 0.35, None, None)
    together = one + Phrase(("and",), ("et",)) + another
    return together + _does(IS, True, False) + _so(chance, other, one.feminine and other.feminine, True)


def _so(chance: random.Random, noun: Noun, feminine: bool, plural: bool) -> Phrase:
    quality = chance.choice(_behind(noun) + BEFORE)
    return Phrase((quality.english,), (_agreed(quality, feminine, plural),))


KINDS: tuple[tuple[float, Callable[[random.Random], Phrase]], ...] = (
    (0.12, _alone), (0.42, _to_something), (0.2, _by_itself), (0.18, _is_so), (0.08, _both),
)  # fmt: skip


def sentences(count: int, seed: int, apart: frozenset[tuple[str, ...]] = frozenset()) -> list[Phrase]:
    """Return so many different sentences of at most MOST_WORDS English words, none of them in `apart`."""
    chance = random.Random(seed)
    weights, kinds = zip(*KINDS, strict=True)
    found: dict[tuple[str, ...], Phrase] = {}
    while len(found) < count:
        sentence = chance.choices(kinds, weights)[0](chance)
        if len(sentence.english) <= MOST_WORDS and sentence.english not in apart:
            found.setdefault(sentence.english, sentence)
    return list(found.values())


def vocabulary() -> tuple[tuple[str, ...], frozenset[str]]:
    """Return every token of both languages, the special ones first, and those that English uses."""
    verbs = (*TO_ANYONE, *TO_THINGS, *BEING, IS)
    english = {word for each in (*ANY, *verbs) for word in each.english}
    english |= {each.english for each in COLOURS + QUALITIES + BEFORE} | {word for word, _ in WHERE}
    english |= {"the", "a", "an", "some", "this", "these", "my", "our", "of", "do", "does", "not", "and"}
    french = {word for each in (*ANY, *verbs) for word in each.french}
    french |= {form for each in COLOURS + QUALITIES + BEFORE for form in (*each.forms, each.open) if form}
    french |= {word for _, word in WHERE}
    french |= {"le", "la", "l'", "les", "un", "une", "des", "de", "du", "ce", "cet", "cette", "ces", "mon", "ma"}
    french |= {"mes", "notre", "nos", "ne", "n'", "pas", "et"}
    return (*SPECIAL, *sorted(english | french)), frozenset(english)


@lru_cache(4)
def _pairs(count: int, seed: int) -> TokenPairs:
    words, english = vocabulary()
    ids = {word: at for at, word in enumerate(words)}
    held_out = sentences(HELD_OUT, FIXED_SEED)
    learnt = sentences(count, seed + 1000, frozenset(each.english for each in held_out))

    def coded(some: list[Phrase]) -> tuple[np.ndarray, np.ndarray]:
        return rows([each.english for each in some], ids, False), rows([each.french for each in some], ids, True)

    (train_inputs, train_targets), (test_inputs, test_targets) = coded(learnt), coded(held_out)
    crossings = [(row, a, b, c + 1, d + 1) for row, each in enumerate(held_out) for a, b, c, d in each.crossings]
    return TokenPairs(
        train_inputs,
        train_targets,
        test_inputs,
        test_targets,
        words,
        f"English and French made by a grammar, {count:,} sentences to learn from, {HELD_OUT} others held out",
        english,
        np.array(crossings, np.int64),
    )


def _load(settings: Settings, seed: int) -> TokenPairs:
    return _pairs(int(number(settings, "sentences", 10_000)), seed)


DATASETS: dict[str, Callable[[Settings, int], TokenPairs]] = {"english_french": _load}
