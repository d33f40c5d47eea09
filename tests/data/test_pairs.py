"""Sentences in two languages: what the grammar makes, how verses are read and split, rows of tokens."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from explorer import data
from explorer.data import grammar, verses
from explorer.data.grammar import COLOURS, PEOPLE, THINGS, noun_phrase, sentences
from explorer.data.tokens import END, PAD, SPECIAL, START, UNKNOWN, TokenPairs, joined, rows, split

SETS = ("grammar.english_french", "verses.english_french")


def loaded(name: str, seed: int = 0) -> TokenPairs:
    one = data.load(name, {"sentences": 2000}, seed)
    assert isinstance(one, TokenPairs)
    return one


def noun(english: str):
    return next(each for each in PEOPLE + grammar.ANIMALS + THINGS if each.english[0] == english)


def adjective(english: str):
    return next(each for each in COLOURS + grammar.QUALITIES + grammar.BEFORE if each.english == english)


def french(article: str, *words: str, plural: bool = False) -> str:
    """Return the French of "the old red car": the last word is the noun."""
    qualities = [adjective(word) for word in words[:-1]]
    first = next((each for each in qualities if each in grammar.BEFORE), None)
    last = next((each for each in qualities if each not in grammar.BEFORE), None)
    return joined(noun_phrase(noun(words[-1]), article, plural, first, last).french)


@pytest.mark.parametrize("name", SETS)
def test_rows_begin_end_and_are_filled_up_as_agreed(name: str) -> None:
    one = loaded(name)
    for sources, targets in ((one.train_inputs, one.train_targets), (one.test_inputs, one.test_targets)):
        assert sources.dtype == targets.dtype == np.int64
        assert len(sources) == len(targets) > 0
        assert (targets[:, 0] == START).all()
        assert not (sources == START).any()
        for table in (sources, targets):
            lengths = (table != PAD).sum(1)
            assert (table[np.arange(len(table)), lengths - 1] == END).all()
            assert ((table == END).sum(1) == 1).all()
    assert one.classes[: len(SPECIAL)] == SPECIAL
    assert len(one.classes) == len(set(one.classes)) > max(one.train_inputs.max(), one.train_targets.max())
    assert one.length == max(one.train_inputs.shape[1], one.train_targets.shape[1])


def test_the_grammars_sentences_follow_the_seed_and_those_held_out_are_never_learnt() -> None:
    one, again, other = loaded(SETS[0], 3), data.load(SETS[0], {"sentences": 2000}, 3), loaded(SETS[0], 4)
    assert np.array_equal(one.train_inputs, again.train_inputs)
    assert not np.array_equal(one.train_inputs, other.train_inputs)
    assert np.array_equal(one.test_inputs, other.test_inputs)
    learnt = {tuple(row[row > PAD]) for row in one.train_inputs}
    held_out = {tuple(row[row > PAD]) for row in one.test_inputs}
    assert (len(learnt), len(held_out)) == (2000, grammar.HELD_OUT)
    assert not learnt & held_out


def test_one_english_sentence_has_one_french() -> None:
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for seed in range(3):
        for each in sentences(1500, seed):
            assert known.setdefault(each.english, each.french) == each.french


def test_every_word_of_the_grammar_is_in_its_vocabulary_and_comes_up() -> None:
    words, english = grammar.vocabulary()
    made = sentences(6000, 1)
    said = {word for each in made for word in (*each.english, *each.french)}
    assert said == set(words) - set(SPECIAL)
    assert {word for each in made for word in each.english} == english
    assert 300 < len(words) < 500


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("the", "red", "car"), "la voiture rouge"),
        (("the", "old", "tree"), "le vieil arbre"),
        (("the", "tree"), "l'arbre"),
        (("the", "owl"), "le hibou"),
        (("the", "man"), "l'homme"),
        (("this", "man"), "cet homme"),
        (("this", "beautiful", "man"), "ce bel homme"),
        (("my", "school"), "mon école"),
        (("my", "white", "cow"), "ma vache blanche"),
        (("a", "new", "green", "house"), "une nouvelle maison verte"),
    ],
)
def test_french_agrees_elides_and_turns_the_adjective(words: tuple[str, ...], says: str) -> None:
    assert french(*words) == says


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("the", "grey", "horse"), "les chevaux gris"),
        (("a", "flower"), "des fleurs"),
        (("a", "beautiful", "flower"), "de belles fleurs"),
        (("this", "old", "friend"), "ces vieux amis"),
    ],
)
def test_french_in_the_plural(words: tuple[str, ...], says: str) -> None:
    assert french(*words, plural=True) == says


def test_sentences_agree_with_what_is_far_away() -> None:
    made = {joined(each.english): joined(each.french) for each in sentences(5000, 7)}
    contracted = [text for text in made.values() if " de le " in text or " de les " in text]
    assert contracted == []
    negated = [text for english, text in made.items() if " not " in english]
    assert negated
    assert all((" ne " in text or " n'" in text) and " pas" in text for text in negated)
    two = [text for english, text in made.items() if " and " in english]
    assert two
    assert all(" et " in text and " sont " in text and text[-1] in "sx" for text in two)


def test_crossings_are_an_adjective_and_its_noun_in_both_languages() -> None:
    one = loaded(SETS[0])
    colours = {each.english for each in COLOURS + grammar.QUALITIES}
    assert len(one.crossings) > 100
    for row, first, second, said_first, said_second in one.crossings:
        assert second == first + 1
        assert said_first == said_second + 1
        assert one.classes[one.test_inputs[row, first]] in colours
        english = noun_of(one.classes[one.test_inputs[row, second]], 0)
        assert one.classes[one.test_targets[row, said_second]] in english.french


def noun_of(word: str, language: int):
    return next(each for each in grammar.ANY if word in (each.english, each.french)[language])


def test_no_book_of_the_verses_is_on_both_sides_and_rare_words_are_unknown() -> None:
    books = {verse[0] for verse in verses.verses()}
    assert set(verses.HELD_OUT) < books
    one = loaded(SETS[1])
    held_out = sum(verse[0] in verses.HELD_OUT for verse in verses.verses())
    assert (len(one.test_inputs), len(one.train_inputs)) == (held_out, len(verses.verses()) - held_out)
    counts = Counter(
        word for verse in verses.verses() if verse[0] not in verses.HELD_OUT for side in verse[1:] for word in set(side)
    )
    assert "moses" in one.classes
    rare = next(word for word, count in counts.items() if count == 1)
    assert rare not in one.classes
    assert (one.train_targets == UNKNOWN).any()


def test_text_is_split_into_words_signs_and_elided_articles_and_put_together_again() -> None:
    assert split("L'arbre n’est pas là!") == ["l'", "arbre", "n'", "est", "pas", "là", "!"]
    assert joined(["l'", "arbre", ",", "aujourd'", "hui", "."]) == "l'arbre, aujourd'hui."
    assert split("<script>") == ["<", "script", ">"]


def test_an_unknown_word_is_one_token_and_rows_are_as_long_as_the_longest() -> None:
    table = rows([["a", "zebra"], ["a"]], {"a": 7}, True)
    assert table.tolist() == [[START, 7, UNKNOWN, END], [START, 7, END, PAD]]
