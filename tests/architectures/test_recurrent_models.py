"""What the recurrent networks compute, beside their counts."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer import catalog
from explorer.architectures.esn import model as esn
from explorer.architectures.lstm import model as lstm
from explorer.architectures.rnn import model as rnn
from explorer.spec import SpecError, Value
from explorer.tracing.trace import blueprint

BUILD = {"rnn": rnn.build, "lstm": lstm.build, "esn": esn.build}
VARIANTS = [(key, one.id) for key in BUILD for one in catalog.get(key).variants]
GENERATORS = ("esn-melody-400", "esn-1000-1pct")  # have no input to look ahead in
SMALL = {"inputs": 3, "hidden_size": 5, "steps": 7}


def built(id: str, **chosen: Value) -> nn.Module:
    torch.manual_seed(0)
    card = catalog.get(id.partition("-")[0])
    return BUILD[card.key](card.settings(card.variant(id), chosen))


def outputs_of(net: nn.Module, path: str) -> list[Tensor]:
    """Return a list that fills with what the module gives, call by call."""
    found: list[Tensor] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        found.append(output)

    net.get_submodule(path).register_forward_hook(note)
    return found


def copied(rows: slice, layer: nn.Module, reference: nn.Module) -> None:
    """Take the weights of one gate out of torch's stacked ones."""
    for ours, theirs in (("from_input", "ih"), ("from_hidden", "hh")):
        linear = layer.get_submodule(ours)
        assert isinstance(linear, nn.Linear)
        with torch.no_grad():
            linear.weight.copy_(reference.get_parameter(f"weight_{theirs}_l0")[rows])
            if linear.bias is not None:
                linear.bias.copy_(reference.get_parameter(f"bias_{theirs}_l0")[rows])


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("form", ["torch", "textbook"])
def test_the_layer_computes_what_torchs_does(form: str, activation: str) -> None:
    ours = built(f"rnn-{form}-128-256", activation=activation, **SMALL)
    theirs = nn.RNN(3, 5, nonlinearity=activation, batch_first=True)
    if form == "textbook":
        nn.init.zeros_(theirs.get_parameter("bias_hh_l0"))
    copied(slice(0, 5), ours.get_submodule("cell"), theirs)
    sequence = torch.randn(2, 7, 3)
    assert torch.allclose(ours(sequence), theirs(sequence)[0], atol=1e-6)


@pytest.mark.parametrize("form", ["torch", "textbook"])
def test_the_lstm_computes_what_torchs_does(form: str) -> None:
    ours, theirs = built(f"lstm-{form}-128-256", **SMALL), nn.LSTM(3, 5, batch_first=True)
    if form == "textbook":
        nn.init.zeros_(theirs.get_parameter("bias_hh_l0"))
    for place, name in enumerate(("input_gate", "forget_gate", "candidate", "output_gate")):  # torch's order
        copied(slice(5 * place, 5 * place + 5), ours.get_submodule(f"cell.{name}"), theirs)
    sequence = torch.randn(2, 7, 3)
    assert torch.allclose(ours(sequence), theirs(sequence)[0], atol=1e-6)


@pytest.mark.parametrize("id", ["rnn-28-128-10", "lstm-28-128-10"])
def test_an_answer_after_the_last_row_is_the_last_of_the_answers_at_every_row(id: str) -> None:
    rows = torch.randn(2, 28, 28)
    last, every = built(id), built(id, answers="at every step")
    assert last(rows).shape == (2, 10)
    assert torch.equal(last(rows), every(rows)[:, -1])


def test_elmans_context_starts_half_way_and_lets_no_error_through() -> None:
    net = built("rnn-elman-letters")
    heard = outputs_of(net, "context")
    letters = torch.rand(1, 4, 6, requires_grad=True)
    answers = net(letters)
    assert answers.shape == (1, 4, 6)
    assert torch.equal(heard[0], torch.full((1, 20), 0.5))
    (grad,) = torch.autograd.grad(answers[0, 3].sum(), letters)
    assert float(grad[0, 3].abs().sum()) > 0
    assert float(grad[0, :3].abs().sum()) == 0  # the past is heard, and not blamed
    changed = letters.detach().clone()
    changed[0, 0] = 1 - changed[0, 0]
    assert not torch.equal(net(changed)[0, 3], answers[0, 3])


def test_in_a_layer_of_today_the_error_reaches_the_first_step() -> None:
    net, sequence = built("rnn-torch-128-256", **SMALL), torch.randn(1, 7, 3, requires_grad=True)
    (grad,) = torch.autograd.grad(net(sequence)[0, -1].sum(), sequence)
    assert bool((grad[0].abs().sum(1) > 0).all())


@pytest.mark.parametrize(("key", "id"), [one for one in VARIANTS if one[1] not in GENERATORS])
def test_no_network_looks_ahead(key: str, id: str) -> None:
    chosen = {"answers": "at every step"} if id.endswith("28-128-10") else {}
    net = built(id, **chosen)
    sequence = torch.randn(1, 6, catalog.get(key).variant(id).input_shape[1])
    changed = sequence.clone()
    changed[0, 4:] += 1
    before, after = net(sequence)[0], net(changed)[0]
    assert torch.equal(before[:4], after[:4])
    assert not torch.equal(before[4:], after[4:])


def test_gates_that_are_open_and_shut_keep_a_memory_whole() -> None:
    cell = lstm.Cell(3, 5, biases=1)
    with torch.no_grad():
        for layer, bias in ((cell.forget_gate, 50.0), (cell.input_gate, -50.0), (cell.output_gate, 50.0)):
            layer.from_input.bias.fill_(bias)
    c = kept = torch.randn(1, 5)
    h = torch.zeros(1, 5)
    for _ in range(100):
        h, c = cell(torch.randn(1, 3), h, c)
    assert torch.allclose(c, kept, atol=1e-6)
    assert torch.allclose(h, torch.tanh(kept), atol=1e-6)


def test_the_memory_of_1997_is_only_added_to() -> None:
    cell = lstm.Cell1997(3, 5)
    x, h, c = torch.randn(1, 3), torch.randn(1, 5), torch.randn(1, 5)
    written = cell.input_gate(x, h) * cell.candidate(x, h)
    assert torch.allclose(cell(x, h, c)[1], c + written)
    (slope,) = torch.autograd.grad(cell(x, h, c.requires_grad_())[1].sum(), c)
    assert torch.equal(slope, torch.ones(1, 5))  # the constant error carousel


def test_the_bends_of_1997_have_the_ranges_of_the_appendix() -> None:
    far = torch.tensor([-100.0, 0.0, 100.0])
    assert lstm.CentredSigmoid(2)(far).tolist() == [-2.0, 0.0, 2.0]
    assert lstm.CentredSigmoid(1)(far).tolist() == [-1.0, 0.0, 1.0]


def test_peepholes_show_each_gate_its_own_cell_the_output_gate_the_new_state() -> None:
    torch.manual_seed(0)
    cell = lstm.PeepholeCell(3, 5)
    gates = (cell.forget_gate, cell.input_gate, cell.output_gate)
    for gate in gates:
        nn.init.normal_(gate.peephole.weight)
    x, h, c = torch.randn(1, 3), torch.randn(1, 5), torch.randn(1, 5)
    f, i, o = (gate.from_input(x) + gate.from_hidden(h) for gate in gates)
    f, i = (torch.sigmoid(each + gate.peephole.weight * c) for each, gate in zip((f, i), gates, strict=False))
    new = f * c + i * cell.candidate(x, h)
    shown, state = cell(x, h, c)
    assert torch.allclose(state, new)
    assert torch.allclose(shown, torch.sigmoid(o + cell.output_gate.peephole.weight * new) * new)


@pytest.mark.parametrize(("units", "density", "radius"), [(100, 0.05, 0.88), (400, 0.0125, 0.908), (50, 1.0, 1.3)])
def test_a_reservoir_is_as_sparse_as_asked_and_scaled_to_its_radius(units: int, density: float, radius: float) -> None:
    torch.manual_seed(0)
    weights = esn.reservoir(units, density, radius)
    sizes = weights[weights != 0].abs()
    assert float(torch.linalg.eigvals(weights).abs().max()) == pytest.approx(radius, rel=1e-4)
    assert len(sizes) / units**2 == pytest.approx(density, rel=0.15)
    assert float(sizes.max() - sizes.min()) == pytest.approx(0, abs=1e-6)
    assert 0.4 < float((weights[weights != 0] > 0).float().mean()) < 0.6


def test_a_reservoir_without_a_loop_is_refused() -> None:
    with pytest.raises(SpecError, match=r"no loop .* Try a density of 0\.5"):
        esn.reservoir(20, 0.0, 0.9)


def test_the_reports_weights_of_0_4_come_out_of_its_radius() -> None:
    torch.manual_seed(0)
    weights = esn.reservoir(100, 0.05, 0.88)
    assert float(weights.abs().max()) == pytest.approx(0.4, abs=0.05)


def test_two_starts_converge_below_the_edge_and_not_above() -> None:
    def apart(radius: float) -> float:
        net = built("esn-sin7-100", spectral_radius=radius).get_submodule("reservoir")
        x, other = torch.randn(1, 100), torch.randn(1, 100)
        for n in range(300):
            u = torch.sin(torch.tensor([[n / 5]])) * 0.1
            x, other = net(u, x, torch.zeros(1, 1)), net(u, other, torch.zeros(1, 1))
        return float((x - other).norm())

    assert apart(0.5) < 1e-5
    assert apart(2.0) > 1e-1


def test_a_trained_read_out_turns_the_sine_into_its_seventh_power() -> None:
    net = built("esn-sin7-100", f_out="linear")
    n = torch.arange(300.0)
    signal, wanted = torch.sin(n / 5), 0.5 * torch.sin(n / 5) ** 7
    states = outputs_of(net, "reservoir")
    with torch.no_grad():
        net(signal[None, :, None])
        solution = torch.linalg.lstsq(torch.cat(states)[100:200], wanted[100:200, None]).solution
        net.get_parameter("readout.W_out.weight").copy_(solution.T)
        error = (net(signal[None, :, None])[0, 200:, 0] - wanted[200:]).square().mean()
    assert float(error) < 1e-4 * float(wanted.square().mean())


def test_only_the_read_out_of_an_echo_state_network_can_learn() -> None:
    net = built("esn-melody-400", units=20, density=0.2)
    assert [name for name, each in net.named_parameters() if each.requires_grad] == ["readout.W_out.weight"]


def test_a_network_without_input_hears_its_own_last_value() -> None:
    net = built("esn-melody-400", units=20, density=0.2, steps=3)
    heard: list[Tensor] = []
    net.get_submodule("reservoir.W_back").register_forward_hook(lambda module, inputs, output: heard.append(inputs[0]))
    answers = net(torch.randn(1, 20), torch.tensor([[0.7]])).detach()
    assert torch.cat(heard).flatten().tolist() == pytest.approx([0.7, *answers[0, :2, 0].tolist()])


def test_a_leak_mixes_old_and_new() -> None:
    leaky, whole = (built("esn-sin7-100", units=20, density=0.2, leak=leak) for leak in (0.25, 1.0))
    x, u, y = torch.randn(1, 20), torch.randn(1, 1), torch.zeros(1, 1)
    expected = 0.75 * x + 0.25 * whole.get_submodule("reservoir")(u, x, y)
    assert torch.allclose(leaky.get_submodule("reservoir")(u, x, y), expected)


@pytest.mark.parametrize(
    ("chosen", "advice"),
    [
        ({"units": 50, "density": 0.01}, r"density = 0\.01 gives 50 × 0\.01 = 0\.5 .* Try 0\.02"),
        ({"units": 30, "density": 0.03}, r"Try 0\.034"),  # 0.033 would be too few again
        ({"inputs": 0}, "Try inputs = 1"),
        ({"steps": 20, "unrolled": True}, "Try 12 or fewer"),
    ],
)
def test_what_cannot_be_is_refused_with_advice(chosen: dict[str, Value], advice: str) -> None:
    with pytest.raises(SpecError, match=advice):
        blueprint("esn", "esn-sin7-100", chosen)


@pytest.mark.parametrize(("key", "id"), VARIANTS)
def test_too_many_steps_apart_are_refused(key: str, id: str) -> None:
    assert blueprint(key, id, {"steps": 12, "unrolled": True}).parameters
    with pytest.raises(SpecError, match=r"steps = 13 .* Try 12"):
        blueprint(key, id, {"steps": 13, "unrolled": True})


@pytest.mark.parametrize(("key", "id"), VARIANTS)
def test_the_loop_is_drawn_once_and_every_step_apart_when_asked(key: str, id: str) -> None:
    card = catalog.get(key)
    body = {"esn": "reservoir", "rnn": "hidden" if "elman" in id else "cell"}.get(key, "cell")
    rolled, apart = blueprint(key, id, {"steps": 6}), blueprint(key, id, {"steps": 6, "unrolled": True})
    blocks = [[one.path for one in found.groups if one.path.split("~")[0] == body] for found in (rolled, apart)]
    assert [len(each) for each in blocks] == [1, 6]
    assert {node.times for node in rolled.nodes if node.path.startswith(body)} == {6}
    assert (rolled.parameters, rolled.macs) == (apart.parameters, apart.macs)
    assert card.variant(id).parameters == rolled.trainable


def test_what_the_loop_carries_is_an_edge_backwards() -> None:
    edges = blueprint("lstm", "lstm-textbook-128-256", {}).edges
    assert ("cell.hidden_state", "cell.forget_gate.from_hidden") in edges
    assert ("cell.cell_state", "cell:mul") in edges
    assert ("cell.cell_state", "cell.cell_state") in blueprint("lstm", "lstm-1997-noforget-128-256", {}).edges
    assert ("readout.f_out", "reservoir.W_back") in blueprint("esn", "esn-melody-400", {}).edges
    assert ("hidden.activation", "context") in blueprint("rnn", "rnn-elman-letters", {}).edges
