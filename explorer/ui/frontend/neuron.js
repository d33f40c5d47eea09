// The neuron as a toy: one neuron to drag, a layer as a matrix product, three neurons that learn. All computed here.
import { root, paint, escape } from "./kit.js"
import { bare, layer, plus } from "./neuron_layer.js"

const sigmoid = (z) => 1 / (1 + Math.exp(-z))
const phi = (z) => 0.5 * (1 + erf(z / Math.SQRT2))
const density = (z) => Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI)
// Abramowitz and Stegun 7.1.26, error below 1.5e-7.
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const y = 1 - (((((1.061405429 * t - 1.453152027) * t) + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x)
  return Math.sign(x) * y
}
const FUNCTIONS = {
  step: ["Step", (z) => (z > 0 ? 1 : 0), () => 0], identity: ["Identity", (z) => z, () => 1],
  sigmoid: ["Sigmoid", sigmoid, (z) => sigmoid(z) * (1 - sigmoid(z))], tanh: ["Tanh", Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
  relu: ["ReLU", (z) => Math.max(0, z), (z) => (z > 0 ? 1 : 0)], leaky: ["Leaky ReLU", (z) => (z > 0 ? z : 0.1 * z), (z) => (z > 0 ? 1 : 0.1)],
  gelu: ["GELU", (z) => z * phi(z), (z) => phi(z) + z * density(z)], softplus: ["Softplus", (z) => Math.log1p(Math.exp(z)), sigmoid],
}

export default function ({ parentElement, data }) {
  const element = root(parentElement, "neuron")
  if (!element.started) { element.started = true; ({ one, layer, backward })[data.part](element) }
  element.redraw()
}

// ---- one neuron -------------------------------------------------------------------------------------------------------

const DIALS = [["x1", "input x₁", 0.6], ["x2", "input x₂", -0.4], ["w1", "weight w₁", 1.2], ["w2", "weight w₂", 0.8], ["b", "bias b", 0.1]]

function one(element) {
  const at = Object.fromEntries(DIALS.map(([key, , value]) => [key, value]))
  at.f = "sigmoid"
  element.innerHTML = `<div class="two"><div class="picture"></div>
    <div class="dials">${DIALS.map(([key, label]) => `<label for="${key}">${label}</label><input type="range" id="${key}" min="-3" max="3" step="0.05"><output for="${key}"></output>`).join("")}</div>
    <figure><div class="bend"></div><figcaption><b>The function</b> over the sum z,<br>and where this neuron is on it.</figcaption></figure>
    <figure><canvas role="img"></canvas><figcaption><b>The output over the plane.</b><br>Drag the point.</figcaption></figure></div>
    <div class="gallery" role="group" aria-label="Activation functions">${Object.entries(FUNCTIONS).map(([key, [name, f, slope]]) => `<button type="button" data-f="${key}">${curve(f, slope)}${name}</button>`).join("")}</div>
    <p class="caption"><b>Solid: the function,</b> dashed: its slope, by which backpropagation multiplies. Both over z from −4 to 4.</p>`
  const yours = (id) => element.querySelector(`#${id}`).classList.add("yours")
  element.querySelectorAll("input").forEach((input) => { input.oninput = () => { at[input.id] = +input.value; at.moved = true; yours(input.id); element.redraw() } })
  element.querySelectorAll("[data-f]").forEach((button) => { button.onclick = () => { at.f = button.dataset.f; button.classList.add("yours"); element.redraw() } })
  const canvas = element.querySelector("canvas")
  const drag = (event) => {
    const box = canvas.getBoundingClientRect(), inside = (v) => Math.max(-3, Math.min(3, Math.round(v * 20) / 20))
    at.x1 = inside(((event.clientX - box.left) / box.width) * 6 - 3)
    at.x2 = inside(3 - ((event.clientY - box.top) / box.height) * 6)
    yours("x1"); yours("x2"); at.moved = true
    element.redraw()
  }
  canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); drag(event) }
  canvas.onpointermove = (event) => { if (event.buttons) drag(event) }
  element.redraw = () => drawOne(element, at)
}

function curve(f, slope) {
  const line = (g) => Array.from({ length: 49 }, (_, i) => { const z = -4 + i / 6; return `${(i * 2).toFixed(0)},${(34 - Math.max(-1.6, Math.min(2, g(z))) * 14).toFixed(1)}` }).join(" ")
  return `<svg width="98" height="58" viewBox="0 0 98 58" aria-hidden="true"><path d="M0 34H98M48 2V56" stroke="var(--line)"/><polyline points="${line(slope)}" fill="none" stroke="var(--convolution)" stroke-dasharray="4 2.5" stroke-width="1.3"/><polyline points="${line(f)}" fill="none" stroke="var(--text)" stroke-width="1.8"/></svg>`
}

function drawOne(element, at) {
  const [name, f, slope] = FUNCTIONS[at.f], z = at.w1 * at.x1 + at.w2 * at.x2 + at.b, y = f(z)
  for (const [key] of DIALS) {
    const input = element.querySelector(`#${key}`)
    input.value = at[key]
    input.nextElementSibling.textContent = bare(at[key])
  }
  element.querySelectorAll("[data-f]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.f === at.f))
  const edge = (w, from) => `<path d="M58 ${from}L150 90" stroke="${w < 0 ? "var(--linear)" : "var(--convolution)"}" stroke-width="${(0.6 + 1.5 * Math.abs(w)).toFixed(1)}"/>`
  element.querySelector(".picture").innerHTML = `<svg width="390" height="172" viewBox="16 0 424 190" role="img" aria-label="${escape(`A neuron: sum ${bare(z)}, ${name} of it ${bare(y, 3)}.`)}">
    ${edge(at.w1, 40)}${edge(at.w2, 140)}<path d="M185 90H250M320 90H366" stroke="var(--text2)" stroke-width="1.4"/><path d="M168 166V112" stroke="var(--text2)"/>
    ${[[40, at.x1, "x₁"], [140, at.x2, "x₂"]].map(([cy, v, n]) => `<circle cx="38" cy="${cy}" r="20" fill="var(--surface)" stroke="var(--text2)"/><text x="38" y="${cy + 4}" text-anchor="middle">${bare(v, Number.isInteger(+(v * 10).toFixed(6)) ? 1 : 2)}</text><text class="small" x="38" y="${cy - 26}" text-anchor="middle">${n}</text>`).join("")}
    <text class="small" x="96" y="44" text-anchor="middle">× ${bare(at.w1)}</text><text class="small" x="96" y="150" text-anchor="middle">× ${bare(at.w2)}</text>
    <circle cx="168" cy="90" r="20" fill="var(--surface)" stroke="var(--linear)" stroke-width="1.5"/><text class="big" x="168" y="96" text-anchor="middle">Σ</text><text class="small" x="168" y="182" text-anchor="middle">bias ${bare(at.b)}</text>
    <text x="217" y="82" text-anchor="middle">z = ${bare(z)}</text><rect x="250" y="66" width="70" height="48" rx="4" fill="var(--surface)" stroke="var(--activation)" stroke-width="1.3"/><text x="285" y="94" text-anchor="middle">${name}</text>
    <text class="small" x="285" y="132" text-anchor="middle">slope ${bare(slope(z))}</text><text class="big" x="372" y="96">${bare(y, 3)}</text><text class="small" x="372" y="72">output y</text></svg>`
  element.querySelector(".bend").innerHTML = bend(f, slope, z, at)
  surface(element, at, f)
}

// The activation function from −6 to 6, its tangent at the neuron's own sum, and the output.
function bend(f, slope, z, at) {
  const wide = 180, high = 180, sums = Array.from({ length: 121 }, (_, i) => -6 + i / 10), top = Math.max(...sums.map(f), 1), low = Math.min(...sums.map(f), -1)
  const X = (v) => ((v + 6) / 12) * wide, Y = (v) => 8 + (1 - (v - low) / (top - low)) * (high - 16), here = Math.max(-6, Math.min(6, z)), y = f(here), m = slope(here)
  const run = 3.2 / Math.hypot(1, (m * 12) / (top - low)), own = at.moved ? "hand" : "text"
  return `<svg width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" role="img" aria-label="${escape(`The function over the sum: at ${bare(z)} it gives ${bare(f(z), 3)}, with slope ${bare(slope(z))}.`)}"><rect x=".5" y=".5" width="${wide - 1}" height="${high - 1}" fill="var(--surface)" stroke="var(--line2)"/>
    <path d="M0 ${Y(0)}H${wide}M${X(0)} 0V${high}" stroke="var(--line)"/><polyline points="${sums.map((v) => `${X(v).toFixed(1)},${Y(f(v)).toFixed(1)}`).join(" ")}" fill="none" stroke="var(--text)" stroke-width="1.8"/>
    <path d="M${X(here - run)} ${Y(y - m * run)}L${X(here + run)} ${Y(y + m * run)}" stroke="var(--convolution)" stroke-width="1.6" stroke-dasharray="4 2.5"/><path d="M${X(here)} ${Y(0)}V${Y(y)}H${X(0)}" fill="none" stroke="var(--text2)" stroke-dasharray="2 3"/>
    <circle cx="${X(here)}" cy="${Y(y)}" r="4.5" fill="var(--${own})"/><text class="small" x="${X(here) > 150 ? X(here) - 8 : X(here) + 8}" y="${Math.max(18, Math.min(high - 8, Y(y) + 18))}" text-anchor="${X(here) > 150 ? "end" : "start"}">${bare(f(z), 2)}</text></svg>`
}

function surface(element, at, f) {
  const side = 100, values = new Float32Array(side * side), canvas = element.querySelector("canvas")
  for (let i = 0; i < side; i++) for (let j = 0; j < side; j++) values[i * side + j] = f(at.w1 * (j / side * 6 - 3) + at.w2 * (3 - i / side * 6) + at.b)
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-9)
  paint(canvas, values, side, side, "signed", element.dataset.theme, -largest, largest)
  const context = canvas.getContext("2d")
  context.beginPath()
  context.arc((at.x1 + 3) / 6 * side, (3 - at.x2) / 6 * side, 3, 0, 7)
  const style = getComputedStyle(element)
  for (const [colour, width] of [["--surface", 3.5], [at.moved ? "--hand" : "--text", 1.5]]) {
    context.strokeStyle = style.getPropertyValue(colour)
    context.lineWidth = width
    context.stroke()
  }
  canvas.setAttribute("aria-label", `The output over both inputs from −3 to 3, between ${bare(-largest)} in amber and ${bare(largest)} in blue.`)
}

// ---- three neurons in a chain of two and one: forward, loss, backward, update -------------------------------------------

const START = { w1: 0.8, b1: 0.1, w2: -0.6, b2: 0.2, v1: 1.0, v2: -0.9, c: 0.0 }
const X = 1.0, TARGET = 1.0, RATE = 0.5

export function pass(p) {
  const h1 = sigmoid(p.w1 * X + p.b1), h2 = sigmoid(p.w2 * X + p.b2), y = sigmoid(p.v1 * h1 + p.v2 * h2 + p.c), loss = (y - TARGET) ** 2 / 2
  const dy = y - TARGET, dz = dy * y * (1 - y), d1 = dz * p.v1 * h1 * (1 - h1), d2 = dz * p.v2 * h2 * (1 - h2)
  return { h1, h2, y, loss, dy, dz, d1, d2, slopes: { w1: d1 * X, b1: d1, w2: d2 * X, b2: d2, v1: dz * h1, v2: dz * h2, c: dz } }
}

const STORY = [
  () => `The input is ${X}, the answer wanted is ${TARGET}. Seven numbers can change: four weights and three biases.`,
  (p, s) => `Forward, first layer: h₁ = σ(${bare(p.w1)} × ${X} ${plus(p.b1)}) = ${s.h1.toFixed(3)}, and h₂ = ${s.h2.toFixed(3)}.`,
  (p, s) => `Forward, output: ŷ = σ(${bare(p.v1)} × ${s.h1.toFixed(3)} ${plus(p.v2)} × ${s.h2.toFixed(3)} ${plus(p.c)}) = ${s.y.toFixed(3)}.`,
  (p, s) => `Loss: half the squared miss, ½ (${s.y.toFixed(3)} − ${TARGET})² = ${s.loss.toFixed(4)}.`,
  (p, s) => `Backward, output: the miss ${bare(s.dy, 3)} times the slope ŷ(1 − ŷ) = ${(s.y * (1 - s.y)).toFixed(3)} gives ∂L/∂z = ${bare(s.dz, 4)}. Times h₁ it is the gradient of v₁: ${bare(s.slopes.v1, 4)}.`,
  (p, s) => `Backward, hidden: through v₁ = ${bare(p.v1)} and the slope of h₁, ∂L/∂z₁ = ${bare(s.d1, 4)}; through v₂, ∂L/∂z₂ = ${bare(s.d2, 4)}. Each product of slopes is smaller than the last.`,
  (p, s) => `Update: every number moves against its gradient, times the learning rate ${RATE}. v₁ goes from ${bare(p.v1, 3)} to ${bare(p.v1 - RATE * s.slopes.v1, 3)}. Then it all begins again.`,
]
const PHASES = ["Start", "Forward: hidden", "Forward: output", "Loss", "Backward: output", "Backward: hidden", "Update"]

function backward(element) {
  const state = { p: { ...START }, phase: 0, round: 0 }
  element.innerHTML = `<div class="two"><div class="net"></div><div><p class="caption"><b class="phase"></b></p><p class="story" role="status"></p>
    <div class="go"><button type="button" class="primary next">Next step</button><button type="button" class="ten">Ten whole rounds</button><button type="button" class="again">Start again</button></div></div></div>`
  const update = () => { const { slopes } = pass(state.p); for (const key in slopes) state.p[key] -= RATE * slopes[key]; state.round++ }
  const on = (name, act) => { element.querySelector(name).onclick = () => { act(); element.redraw() } }
  on(".next", () => { if (state.phase === 6) update(); state.phase = state.phase === 6 ? 1 : state.phase + 1 })
  on(".ten", () => { for (let i = 0; i < 10; i++) update(); state.phase = 3 })
  on(".again", () => { state.p = { ...START }; state.phase = state.round = 0 })
  element.redraw = () => drawBackward(element, state)
}

function drawBackward(element, { p, phase, round }) {
  const s = pass(p), back = phase >= 4, number = (key) => back && (phase >= 5 || key[0] === "v" || key === "c") ? `= ${bare(p[key])}  (∂ ${bare(s.slopes[key], 3)})` : `= ${bare(p[key])}`
  element.querySelector(".phase").textContent = `Round ${round + 1} · ${PHASES[phase]} · loss ${s.loss.toFixed(4)}`
  element.querySelector(".story").textContent = STORY[phase](p, s)
  const edge = (x1, y1, x2, y2, on) => `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="${!on ? "var(--line2)" : back ? "var(--loss)" : "var(--text)"}" stroke-width="${on ? 2.6 : 1.3}" ${back && on ? 'stroke-dasharray="6 3"' : ""}/>`
  const hidden = phase === 1 || phase >= 5, output = phase === 2 || phase === 4 || phase === 6
  const node = (x, y, name, value, shown) => `<circle cx="${x}" cy="${y}" r="23" fill="var(--surface)" stroke="var(--linear)" stroke-width="1.5"/><text x="${x}" y="${y + 4}" text-anchor="middle">${shown ? value : name}</text>`
  element.querySelector(".net").innerHTML = `<svg width="520" height="220" viewBox="0 0 520 220" role="img" aria-label="One input, two hidden neurons, one output; ${PHASES[phase]}">
    ${edge(50, 110, 200, 50, hidden)}${edge(50, 110, 200, 170, hidden)}${edge(200, 50, 370, 110, output)}${edge(200, 170, 370, 110, output)}${edge(370, 110, 470, 110, phase === 3)}
    ${node(50, 110, "x", "1.0", true)}${node(200, 50, "h₁", s.h1.toFixed(2), phase >= 1)}${node(200, 170, "h₂", s.h2.toFixed(2), phase >= 1)}${node(370, 110, "ŷ", s.y.toFixed(3), phase >= 2)}
    <text x="478" y="114">${phase >= 3 ? s.loss.toFixed(3) : "L"}</text>
    <text class="small" x="112" y="66" text-anchor="middle">w₁ ${number("w1")}</text><text class="small" x="112" y="164" text-anchor="middle">w₂ ${number("w2")}</text>
    <text class="small" x="306" y="62" text-anchor="middle">v₁ ${number("v1")}</text><text class="small" x="306" y="170" text-anchor="middle">v₂ ${number("v2")}</text>
    <text class="small" x="200" y="18" text-anchor="middle">b₁ ${number("b1")}</text><text class="small" x="200" y="212" text-anchor="middle">b₂ ${number("b2")}</text><text class="small" x="385" y="154" text-anchor="middle">c ${number("c")}</text></svg>`
}
