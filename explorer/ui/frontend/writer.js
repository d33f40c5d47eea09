// Writing with a network: the shares of the next token, reshaped here by temperature, top-k and top-p, and a text that grows.
import { colour, escape, legible, percent, root, unpack } from "./kit.js"

const BARS = 14, WAIT = 500 // bars shown; milliseconds without a key before a text is sent
const HAND = ["temperature", "top_k", "top_p", "seed"]

export default function ({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "writer"), view = element.view ??= build(element, data)
  view.ask = (options) => setTriggerValue("ask", { options, id: Date.now() + Math.random() })
  view.theme = element.dataset.theme
  view.data = data
  view.logits = unpack(data.arrays.logits).values
  answered(view)
  remark(view)
  reshape(view)
}

function build(element, data) {
  const control = Object.fromEntries(data.controls.map((each) => [each.name, each]))
  element.innerHTML = `
    <label class="begin"><span>${escape(control.text.label)}</span><textarea rows="3" maxlength="${control.text.most}" spellcheck="false"></textarea></label>
    <div class="both">
      <div class="hand">${HAND.map((name) => slider(control[name])).join("")}
        <p class="kept" aria-live="polite"></p></div>
      <figure><h4>Next <span></span></h4><div class="bars"></div></figure>
    </div>
    <div class="press"><button type="button" class="primary" data-more>Write 40 more</button><button type="button" data-away>Take it away</button></div>
    <p class="text" aria-live="polite"></p>
    <p class="remark" hidden></p>
    <p class="caption">${captioned(data.caption)}</p>`
  const find = (selector) => element.querySelector(selector)
  const view = { element, data, added: [], answer: Number(control.more.value), field: find("textarea"), bars: find(".bars"), kept: find(".kept"), note: find("h4 span"), text: find(".text"), more: find("[data-more]"), away: find("[data-away]"), remark: find(".remark") }
  view.field.value = view.begin = control.text.value
  for (const name of HAND) view[name] = Number(control[name].value)
  wire(view)
  return view
}

function captioned(text) {
  const end = text.search(/[.:?]\s/) + 1
  return `<b>${escape(text.slice(0, end))}</b>${escape(text.slice(end))}`
}

const slider = (each) => `<label><span>${escape(each.label)} <output></output></span><input type="range" name="${escape(each.name)}" min="${each.low}" max="${each.high}" step="${each.step}" value="${each.value}" data-words="${escape(JSON.stringify(each.words))}"></label>`

function wire(view) {
  let timer
  view.field.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(() => { view.begin = view.field.value; view.added = []; view.ask({ text: view.begin, more: 0 }); written(view) }, WAIT)
  })
  for (const field of view.element.querySelectorAll("input[type=range]")) {
    say(field)
    field.addEventListener("input", () => { view[field.name] = Number(field.value); field.parentElement.classList.add("yours"); say(field); reshape(view) })
  }
  view.more.addEventListener("click", () => {
    view.more.disabled = true // until the answer is here
    view.ask({ text: tail(view), more: view.answer + 1, ...Object.fromEntries(HAND.map((name) => [name, view[name]])) })
  })
  view.away.addEventListener("click", () => { view.added = []; view.ask({ text: view.begin, more: 0 }); written(view) })
  written(view)
}

function say(field) {
  const words = JSON.parse(field.dataset.words)
  field.parentElement.querySelector("output").textContent = words[Math.round((field.value - field.min) / field.step)] ?? field.value
}

// The end of all that stands there: more than the network can read, and little enough to send.
const tail = (view) => (view.begin + view.added.map(([piece]) => piece).join("")).slice(-view.field.maxLength)

// Take over what was written, once; then ask what comes after it.
function answered(view) {
  view.more.disabled = view.more.disabled && view.data.answer <= view.answer
  if (!view.data.added || view.data.answer <= view.answer) return
  view.answer = view.data.answer
  view.added.push(...view.data.added)
  written(view)
  view.ask({ text: tail(view), more: 0 })
}

function remark(view) {
  view.remark.textContent = view.data.remark
  view.remark.hidden = !view.data.remark
}

function written(view) {
  view.away.disabled = !view.added.length
  view.text.innerHTML = escape(view.begin) + view.added.map(([piece, share]) => {
    const ground = colour(share * share * 0.5, "attention", view.theme)
    return `<span style="background:${ground};color:${legible(ground)}" title="drawn at ${percent(share)}">${escape(piece)}</span>`
  }).join("")
}

// ---- reshaping: as explorer/lenses/_writing.py does when it writes ------------------------------------------------------

export function shares(logits, temperature) {
  const most = Math.max(...logits), raised = Array.from(logits, (each) => Math.exp((each - most) / temperature))
  const sum = raised.reduce((a, b) => a + b, 0)
  return raised.map((each) => each / sum)
}

// Which tokens are left, the likeliest first, and their shares among themselves.
export function reshaped(logits, temperature, topK, topP) {
  const all = shares(logits, temperature), order = [...all.keys()].sort((a, b) => all[b] - all[a] || a - b)
  const first = topK ? order.slice(0, topK) : order, sum = first.reduce((a, i) => a + all[i], 0)
  let before = 0
  const kept = first.filter((i) => { const stays = before < topP * sum; before += all[i]; return stays })
  const left = kept.reduce((a, i) => a + all[i], 0)
  return { order, kept: new Map(kept.map((i) => [i, all[i] / left])) }
}

function reshape(view) {
  const plain = shares(view.logits, 1)
  const { order, kept } = reshaped(view.logits, view.temperature / 10, view.data.top_ks[view.top_k], view.top_p / 100)
  const name = (i) => escape(view.data.names[i])
  view.bars.innerHTML = order.slice(0, BARS).map((i) => `<div class="bar${kept.has(i) ? "" : " cut"}"><b>${name(i)}</b><span class="way"><i class="plain" style="width:${100 * plain[i]}%"></i><i style="width:${100 * (kept.get(i) ?? 0)}%"></i></span><span>${kept.has(i) ? percent(kept.get(i)) : "–"}</span></div>`).join("")
  view.note.textContent = "above: the network's share; below: what is drawn from"
  view.kept.textContent = `${kept.size} of ${order.length} tokens left. The network reads the last ${Math.min(view.data.read, view.data.context)}.`
}
