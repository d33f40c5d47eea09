"""What the Transformer, BERT and GPT compute, at small sizes, against torch's own layers and the papers' statements."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer import catalog
from explorer.architectures.bert.model import BERT, BERTForPretraining
from explorer.architectures.gpt.model import GPT, Block
from explorer.architectures.transformer.model import (
    Attention,
    DecoderLayer,
    Embedding,
    EncoderLayer,
    Transformer,
    causal_mask,
    check_heads,
    hiding,
    sinusoids,
)
from explorer.blueprint import Blueprint
from explorer.spec import SpecError
from explorer.tracing.trace import blueprint

D, H, INNER, V, CONTEXT = 16, 4, 24, 30, 10


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def tokens(batch: int = 2, length: int = CONTEXT) -> Tensor:
    return torch.randint(V, (batch, length))


def gpt(pre: bool = True) -> GPT:
    return GPT(V, D, H, 2, INNER, CONTEXT, pre=pre).eval()


def transformer(positions: str = "sinusoids") -> Transformer:
    return Transformer(V, D, H, 2, INNER, CONTEXT, positions=positions).eval()


def bert() -> BERTForPretraining:
    return BERTForPretraining(V, D, H, 2, INNER, CONTEXT).eval()


def stir(module: nn.Module) -> nn.Module:
    """Give every parameter a value of its own, biases and norms included, so that none can be forgotten unnoticed."""
    with torch.no_grad():
        for each in module.parameters():
            each.normal_(std=0.3)
    return module.eval()


def give_attention(ours: Attention, theirs: nn.MultiheadAttention) -> None:
    packed = (ours.query, ours.key, ours.value)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([each.weight for each in packed]))
        theirs.in_proj_bias.copy_(torch.cat([each.bias for each in packed]))
    theirs.out_proj.load_state_dict(ours.output_projection.state_dict())


def give_layer(ours: EncoderLayer | DecoderLayer | Block, theirs: nn.Module) -> None:
    """Copy what all layers have into torch's ready-made one; norms have the same names."""
    for name in ("linear1", "linear2"):
        theirs.get_submodule(name).load_state_dict(ours.feed_forward.get_submodule(name).state_dict())
    for name, module in ours.named_children():
        if name.startswith("norm"):
            theirs.get_submodule(name).load_state_dict(module.state_dict())


@pytest.mark.parametrize("masked", [False, True])
def test_attention_is_torchs_own_scaled_product(masked: bool) -> None:
    layer = stir(Attention(D, H))
    assert isinstance(layer, Attention)
    x, memory = torch.randn(2, 5, D), torch.randn(2, 5 if masked else 7, D)
    mask = causal_mask(5, x) if masked else None
    parts = (layer.heads(layer.query(x)), layer.heads(layer.key(memory)), layer.heads(layer.value(memory)))
    mixed = F.scaled_dot_product_attention(*parts, is_causal=masked).transpose(1, 2).flatten(2)
    assert torch.allclose(layer(x, memory, mask), layer.output_projection(mixed), atol=1e-5)


def test_an_encoder_layer_is_torchs_with_the_norm_after_the_sum() -> None:
    ours = stir(EncoderLayer(D, H, INNER, 0.1, nn.ReLU()))
    theirs = nn.TransformerEncoderLayer(D, H, INNER, batch_first=True, norm_first=False).eval()
    assert isinstance(ours, EncoderLayer)
    give_layer(ours, theirs)
    give_attention(ours.self_attention, theirs.self_attn)
    x = torch.randn(2, 6, D)
    assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_a_decoder_layer_is_torchs_with_three_sublayers() -> None:
    ours = stir(DecoderLayer(D, H, INNER, 0.1))
    theirs = nn.TransformerDecoderLayer(D, H, INNER, batch_first=True, norm_first=False).eval()
    assert isinstance(ours, DecoderLayer)
    give_layer(ours, theirs)
    give_attention(ours.self_attention, theirs.self_attn)
    give_attention(ours.cross_attention, theirs.multihead_attn)
    x, memory = torch.randn(2, 6, D), torch.randn(2, 4, D)
    causal = causal_mask(6, x)
    assert torch.allclose(ours(x, memory, causal), theirs(x, memory, tgt_mask=causal), atol=1e-5)


@pytest.mark.parametrize("pre", [False, True])
def test_a_gpt_block_is_torchs_layer_with_the_norm_before_or_after(pre: bool) -> None:
    ours = stir(Block(D, H, INNER, 0.1, pre))
    theirs = nn.TransformerEncoderLayer(
        D, H, INNER, batch_first=True, norm_first=pre, activation=lambda x: F.gelu(x, approximate="tanh")
    ).eval()
    assert isinstance(ours, Block)
    give_layer(ours, theirs)
    give_attention(ours.attention, theirs.self_attn)
    x = torch.randn(2, 6, D)
    mask = causal_mask(6, x)
    assert torch.allclose(ours(x, mask), theirs(x, src_mask=mask), atol=1e-5)


@pytest.mark.parametrize("pre", [False, True])
@pytest.mark.parametrize("place", [1, 5, CONTEXT - 1])
def test_changing_a_token_changes_nothing_before_it_in_gpt(pre: bool, place: int) -> None:
    model, text = gpt(pre), tokens()
    other = text.clone()
    other[:, place] = (text[:, place] + 1) % V
    before, after = model(text), model(other)
    assert torch.equal(before[:, :place], after[:, :place])
    assert not torch.isclose(before[:, place:], after[:, place:]).all(-1).any()


def test_changing_a_target_word_changes_nothing_before_it_but_a_source_word_changes_all() -> None:
    model, source, target = transformer(), tokens(), tokens()
    later, elsewhere = target.clone(), source.clone()
    later[:, 6], elsewhere[:, -1] = (target[:, 6] + 1) % V, (source[:, -1] + 1) % V
    usual = model(source, target)
    assert torch.equal(usual[:, :6], model(source, later)[:, :6])
    assert not torch.allclose(usual[:, 6:], model(source, later)[:, 6:])
    assert not torch.isclose(usual, model(elsewhere, target)).all(-1).any()


def test_bert_looks_both_ways() -> None:
    model, text = bert(), tokens()
    segments, other = torch.zeros_like(text), text.clone()
    other[:, -1] = (text[:, -1] + 1) % V
    assert not torch.allclose(model(text, segments)[0][:, 0], model(other, segments)[0][:, 0])


@pytest.mark.parametrize("positions", ["sinusoids", "learned", "none"])
def test_without_positions_the_encoder_cannot_tell_orders_apart(positions: str) -> None:
    model, source = transformer(positions), tokens()
    order = torch.randperm(CONTEXT)

    def read(words: Tensor) -> Tensor:
        return model.encoder(model.source_embedding(words))

    alike = torch.allclose(read(source)[:, order], read(source[:, order]), atol=1e-5)
    assert alike is (positions == "none")


def test_positions_are_the_sines_and_cosines_of_section_3_5_and_no_parameters() -> None:
    table = sinusoids(7, 6)
    for place in range(7):
        for i in range(3):
            angle = place / 10_000 ** (2 * i / 6)
            assert table[place, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-5)
            assert table[place, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-5)
    names = [name for name, _ in transformer().named_parameters()]
    assert not [name for name in names if "position" in name]


def test_how_well_two_sinusoidal_positions_fit_depends_on_their_distance_only() -> None:
    table = sinusoids(12, 32)
    fit = table @ table.T
    for distance in range(5):
        assert torch.allclose(fit.diagonal(distance), fit[0, distance].expand(12 - distance), atol=1e-4)


def test_embeddings_are_scaled_by_the_root_of_the_width() -> None:
    embedding = Embedding(V, D, CONTEXT, 0.1, "none").eval()
    words = tokens()
    assert torch.allclose(embedding(words), 4.0 * embedding.token.weight[words])


def test_one_matrix_serves_source_target_and_output() -> None:
    model = transformer()
    assert model.source_embedding.token.weight is model.target_embedding.token.weight
    assert model.source_embedding.token.weight is model.head.weight
    assert sum(each.numel() == V * D for each in model.parameters()) == 1


def test_gpts_head_and_berts_decoder_are_their_token_embeddings() -> None:
    generator, reader = gpt(), bert()
    assert generator.head.weight is generator.token_embedding.weight
    assert reader.masked_words.decoder.weight is reader.embeddings.token.weight
    reader.masked_words(torch.randn(1, 3, D)).sum().backward()
    assert reader.embeddings.token.weight.grad is not None


def test_segments_are_added_to_the_words_they_belong_to() -> None:
    embeddings = bert().embeddings
    text = tokens()
    first, second = torch.zeros_like(text), torch.ones_like(text)
    assert not torch.allclose(embeddings(text, first), embeddings(text, second))
    mixed = torch.cat((first[:, :4], second[:, 4:]), dim=1)
    assert torch.equal(embeddings(text, mixed)[:, :4], embeddings(text, first)[:, :4])
    with torch.no_grad():
        embeddings.segment.weight[1] = embeddings.segment.weight[0]
    assert torch.equal(embeddings(text, first), embeddings(text, second))


def test_the_pooler_reads_the_first_place_and_the_heads_have_the_papers_shapes() -> None:
    model, text = bert(), tokens()
    words, follows = model(text, torch.zeros_like(text))
    assert (words.shape, follows.shape) == ((2, CONTEXT, V), (2, 2))
    states, pooled = BERT.forward(model, text, torch.zeros_like(text))
    assert torch.allclose(pooled, torch.tanh(model.pooler.linear(states[:, 0])))


def test_what_stands_behind_padding_changes_nothing() -> None:
    text, other, padding = tokens(), tokens(), torch.zeros(2, CONTEXT, dtype=torch.bool)
    padding[:, 7:] = True
    other[:, :7] = text[:, :7]
    segments, target, reader, translator = torch.zeros_like(text), tokens(), bert(), transformer()
    states = [reader(each, segments, padding)[0][:, :7] for each in (text, other)]
    translations = [translator(each, target, padding) for each in (text, other)]
    assert torch.allclose(*states, atol=1e-6)
    assert torch.allclose(*translations, atol=1e-6)
    assert not torch.allclose(translator(text, target), translator(other, target), atol=1e-6)


def test_a_mask_holds_nothing_but_zero_and_minus_infinity() -> None:
    assert hiding(torch.tensor([True, False])).tolist() == [-math.inf, 0.0]
    assert causal_mask(3, torch.zeros(1)).tolist() == [[0, -math.inf, -math.inf], [0, 0, -math.inf], [0, 0, 0]]


def test_gpt_starts_knowing_nothing() -> None:
    model, text = GPT(V, 64, H, 3, 128, CONTEXT).eval(), tokens(16)
    loss = F.cross_entropy(model(text)[:, :-1].flatten(0, 1), text[:, 1:].flatten())
    assert loss.item() == pytest.approx(math.log(V), abs=0.1)


def test_what_joins_gpts_stream_starts_smaller_the_deeper_it_is() -> None:
    deep = GPT(V, 64, H, 8, 256, CONTEXT)
    layer = deep.get_submodule("blocks.0.feed_forward")
    small, usual = (layer.get_submodule(name).get_parameter("weight").std().item() for name in ("linear2", "linear1"))
    assert usual == pytest.approx(0.02, rel=0.05)
    assert small == pytest.approx(0.02 / math.sqrt(16), rel=0.05)


@pytest.mark.parametrize("make", [gpt, transformer, bert])
def test_dropout_acts_while_training_only(make) -> None:
    model, text = make(), tokens()
    given = (text,) if isinstance(model, GPT) else (text, torch.zeros_like(text))

    def answer() -> Tensor:
        found = model(*given)
        return found[0] if isinstance(found, tuple) else found

    assert torch.equal(answer(), answer())
    model.train()
    assert not torch.equal(answer(), answer())


@pytest.mark.parametrize(("width", "heads", "said"), [(768, 7, "768 mod 7 = 5"), (5140, 40, "20 heads, .* 5120")])
def test_heads_that_do_not_divide_the_width_are_refused_with_the_sum_and_the_nearest(
    width: int, heads: int, said: str
) -> None:
    with pytest.raises(SpecError, match=said):
        check_heads(width, heads)


@pytest.mark.parametrize(("key", "id"), [("transformer", "transformer-base"), ("bert", "bert-base"), ("gpt", "gpt1")])
def test_the_nearest_heads_and_width_that_a_refusal_names_do_work(key: str, id: str) -> None:
    usual = blueprint(key, id, {})
    with pytest.raises(SpecError) as refused:
        blueprint(key, id, {"num_heads": 7})
    words = str(refused.value).rstrip(".").split()
    heads, width = int(words[words.index("Try") + 1]), int(words[-1])
    assert blueprint(key, id, {"num_heads": heads}).parameters == usual.parameters  # heads cost nothing
    assert blueprint(key, id, {"num_heads": 7, "embed_dim": width}).parameters != usual.parameters


def members(found: Blueprint, path: str) -> list[str]:
    """The parts of a block, without those that are folded into one before them."""
    groups = {group.path: group for group in found.groups}
    folded = {each for group in found.groups for each in group.repeats}
    return [each for each in groups[path].members if each not in folded]


def test_ninety_six_blocks_are_one_and_attention_opens_into_its_steps() -> None:
    found = blueprint("gpt", "gpt3-175b", {})
    assert members(found, "") == [
        "input", "token_embedding", "position_embedding", ":add", "blocks.0", "norm", "head",
    ]  # fmt: skip
    assert len(next(group for group in found.groups if group.path == "blocks.0").repeats) == 95
    steps = ["query", "key", "value", "scores", "mask", "softmax", "mix", "output_projection"]
    assert members(found, "blocks.0.attention") == [f"blocks.0.attention.{step}" for step in steps]
    assert ("blocks.0:add", "blocks.0:add~2") in found.edges  # the stream passes by
    assert found.links == (("token_embedding", "head", "same matrix"),)


def test_gpt1_has_no_last_norm_and_normalises_after_each_sum() -> None:
    found = blueprint("gpt", "gpt1", {})
    assert "norm" not in members(found, "")
    assert ("blocks.0:add", "blocks.0.norm1") in found.edges
    assert ("blocks.0.norm1", "blocks.0:add") not in found.edges


def test_the_transformers_picture_is_figure_1() -> None:
    found = blueprint("transformer", "transformer-base", {})
    parts = ["input", "input~2", "source_embedding", "encoder", "target_embedding", "decoder", "head"]
    assert members(found, "") == parts
    assert [node.label for node in found.nodes[:2]] == ["source", "target"]
    layer = "decoder.layers.0"
    steps = ["self_attention", ":add", "norm1", "cross_attention", ":add~2", "norm2", "feed_forward", ":add~3", "norm3"]
    named = [f"{layer}{step}" if step.startswith(":") else f"{layer}.{step}" for step in steps]
    assert members(found, layer) == named
    last = [f"encoder.layers.5.norm2->decoder.layers.{i}.cross_attention.key" for i in range(6)]
    assert {*last} <= {f"{source}->{target}" for source, target in found.edges}  # every layer reads the encoder's top
    assert not [node.id for node in found.nodes if "mask" in node.id and not node.id.endswith("self_attention.mask")]


@pytest.mark.parametrize("key", ["transformer", "bert", "gpt"])
@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_every_knob_can_go_to_both_ends(key: str, end: str) -> None:
    card = catalog.get(key)
    for knob in card.knobs:
        for value in knob.choices or (getattr(knob, end),):
            divided = {"num_heads": 1} if knob.name == "embed_dim" else {}
            wide = {"embed_dim": 1024} if knob.name == "num_heads" else {}
            assert blueprint(key, card.variants[0].id, {**divided, **wide, knob.name: value}).parameters > 0
