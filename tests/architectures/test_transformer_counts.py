"""Counts of the Transformer, BERT and GPT variants, worked out here without the models."""

from __future__ import annotations

import pytest

from explorer import catalog
from explorer.spec import Variant

TRANSFORMERS = {"transformer-base": (6, 512, 2048), "transformer-big": (6, 1024, 4096)}  # Table 3: N, d_model, d_ff
BERTS = {"bert-base": (12, 768), "bert-large": (24, 1024)}  # sec. 3: L, H
GPTS = {  # layers, d_model, vocabulary, context, tensors of the last norm
    "gpt1": (12, 768, 40_478, 512, 0),
    "gpt2-small": (12, 768, 50_257, 1024, 2),
    "gpt2-medium": (24, 1024, 50_257, 1024, 2),
    "gpt2-large": (36, 1280, 50_257, 1024, 2),
    "gpt2-xl": (48, 1600, 50_257, 1024, 2),
    "gpt3-small": (12, 768, 50_257, 2048, 2),
    "gpt3-medium": (24, 1024, 50_257, 2048, 2),
    "gpt3-large": (24, 1536, 50_257, 2048, 2),
    "gpt3-xl": (24, 2048, 50_257, 2048, 2),
    "gpt3-2.7b": (32, 2560, 50_257, 2048, 2),
    "gpt3-6.7b": (32, 4096, 50_257, 2048, 2),
    "gpt3-13b": (40, 5140, 50_257, 2048, 2),
    "gpt3-175b": (96, 12_288, 50_257, 2048, 2),
}
REFERENCE = {  # other implementations' counts, or the sum on paper where there is none
    "transformer-base": 63_082_496,
    "transformer-big": 214_245_376,
    "bert-base": 109_482_240,
    "bert-base-pretraining": 110_106_428,
    "bert-large": 335_141_888,
    "bert-large-pretraining": 336_226_108,
    "gpt1": 116_534_784,
    "gpt2-small": 124_439_808,
    "gpt2-medium": 354_823_168,
    "gpt2-large": 774_030_080,
    "gpt2-xl": 1_557_611_200,
    "gpt3-small": 125_226_240,
    "gpt3-2.7b": 2_651_553_280,
    "gpt3-13b": 12_952_938_780,
    "gpt3-175b": 174_604_259_328,
}


def found(id: str) -> Variant:
    return catalog.get(id.partition("-")[0].rstrip("123")).variant(id)


def dense(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def attention(d: int) -> int:
    return 4 * dense(d, d)


def feed_forward(d: int, inner: int) -> int:
    return dense(d, inner) + dense(inner, d)


def products(queries: int, keys: int, d: int) -> int:
    """Four projections, scores and mix: multiply–adds."""
    return 2 * queries * d * d + 2 * keys * d * d + 2 * queries * keys * d


@pytest.mark.parametrize("id", TRANSFORMERS)
def test_transformer_layer_by_layer(id: str) -> None:
    n, d, inner = TRANSFORMERS[id]
    encoder = attention(d) + feed_forward(d, inner) + 2 * 2 * d
    decoder = 2 * attention(d) + feed_forward(d, inner) + 3 * 2 * d
    variant = found(id)
    assert variant.parameters == 37_000 * d + n * (encoder + decoder)  # one matrix of words, positions are free
    layer = products(512, 512, d) + 2 * 512 * d * inner
    assert variant.macs == n * (2 * layer + products(512, 512, d)) + 512 * d * 37_000


def test_no_single_vocabulary_gives_both_counts_that_the_transformers_paper_prints() -> None:
    fitting = []
    for id, printed in (("transformer-base", 65), ("transformer-big", 213)):
        d = TRANSFORMERS[id][1]
        rest = found(id).parameters - 37_000 * d
        fitting.append({v for v in range(30_000, 50_000) if round((rest + v * d) / 1e6) == printed})
    base, big = fitting
    assert 40_700 in base
    assert 35_800 in big
    assert not base & big
    assert round((found("transformer-big").parameters + (40_700 - 37_000) * 1024) / 1e6) == 218


@pytest.mark.parametrize("id", BERTS)
def test_bert_layer_by_layer_and_with_its_heads(id: str) -> None:
    layers, d = BERTS[id]
    embeddings = (30_522 + 512 + 2) * d + 2 * d
    layer = attention(d) + feed_forward(d, 4 * d) + 2 * 2 * d
    bare, full = found(id), found(f"{id}-pretraining")
    assert bare.parameters == embeddings + layers * layer + dense(d, d)
    words, next_sentence = dense(d, d) + 2 * d + 30_522, dense(d, 2)  # the words' matrix is the embedding's
    assert full.parameters == bare.parameters + words + next_sentence
    macs = layers * (products(512, 512, d) + 2 * 512 * d * 4 * d) + d * d
    assert bare.macs == macs
    assert full.macs == macs + 512 * (d * d + d * 30_522) + 2 * d


def test_the_numbers_that_berts_lesson_names() -> None:
    assert dense(768, 2) == 1538
    assert 512 * 768 == 393_216


@pytest.mark.parametrize("id", GPTS)
def test_gpt_block_by_block(id: str) -> None:
    layers, d, vocabulary, context, last = GPTS[id]
    block = attention(d) + feed_forward(d, 4 * d) + 2 * 2 * d
    assert block == 12 * d * d + 13 * d
    variant = found(id)
    assert variant.parameters == layers * block + (vocabulary + context) * d + last * d
    work = layers * (products(context, context, d) + 2 * context * d * 4 * d)
    assert variant.macs == work + context * d * vocabulary


def test_counts_are_those_of_other_implementations() -> None:
    assert {id: found(id).parameters for id in REFERENCE} == REFERENCE


def test_what_the_lessons_say_of_the_shares() -> None:
    tokens, d, layers = 2048, 12_288, 96
    whole = found("gpt3-175b").macs
    assert whole is not None
    assert round(100 * layers * 2 * tokens * tokens * d / whole, 1) == 2.7
    assert round(100 * layers * 8 * tokens * d * d / whole) == 65
    assert 0.003 < (50_257 + 2048) * d / found("gpt3-175b").parameters < 0.005
    assert (40_478 + 512) * 768 / found("gpt1").parameters > 0.25
    assert found("gpt2-small").parameters + 50_257 * 768 == 163_037_184


@pytest.mark.parametrize(("id", "inner"), [("gpt3-xl", 3072), ("gpt3-13b", 5120)])
def test_heads_as_table_2_1_prints_them_would_not_round_to_the_printed_counts(id: str, inner: int) -> None:
    layers, d = GPTS[id][:2]
    literal = found(id).parameters + layers * (3 * dense(d, inner) + dense(inner, d) - attention(d))
    printed = found(id).published
    assert printed is not None
    assert printed.parameters is not None
    assert round(found(id).parameters / 1e8) == printed.parameters // 10**8
    assert round(literal / 1e8) != printed.parameters // 10**8
    assert literal in (1_517_123_584, 12_936_488_380)


def test_a_width_of_5120_does_not_round_to_13_0_billion() -> None:
    d = 5120
    assert 40 * (12 * d * d + 13 * d) + (50_257 + 2048) * d + 2 * d == 12_853_386_240


def test_catalog_holds_exactly_the_named_variants() -> None:
    named = {
        "transformer": set(TRANSFORMERS),
        "bert": {*BERTS, *(f"{id}-pretraining" for id in BERTS)},
        "gpt": set(GPTS),
    }
    assert {key: {one.id for one in catalog.get(key).variants} for key in named} == named
