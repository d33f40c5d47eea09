// Train, pause, step, rewind, start again: the row above the figure. Space and "." work anywhere but in a field.
import { count, escape, root } from "./kit.js"

const WORD = { waiting: "waiting", live: "live", paused: "paused", finished: "finished", diverged: "diverged", failed: "failed",
  asleep: "asleep", recorded: "recorded" }

export default function ({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "transport")
  const view = element.view ??= build(element)
  view.say = (command) => setTriggerValue("command", command)
  view.send = (name, step = 0) => say(element, view, { name, step, id: Date.now() })
  update(element, view, data)
  return () => { if (!element.isConnected) document.removeEventListener("keydown", view.onKey) }
}

function build(element) {
  element.innerHTML = `<button class="primary" data-do="main"></button><button data-do="step">Step<kbd>.</kbd></button>
    <button data-do="rewind">Rewind…</button><button data-do="again">Start again</button><button data-do="stop">Stop</button>
    <div class="track"><input type="range" min="0" step="1" aria-label="step of the run; drag back to rewind"><div class="marks"></div></div>
    <div class="count"></div><div class="asked" hidden></div><div class="sr" role="status" aria-live="polite"></div>`
  const one = (selector) => element.querySelector(selector)
  const view = { range: one("input"), marks: one(".marks"), count: one(".count"), asked: one(".asked"), status: one(".sr"), dragging: false }
  for (const button of element.querySelectorAll("[data-do]")) {
    view[button.dataset.do] = button
    button.addEventListener("click", () => act(view, button.dataset.do))
  }
  view.range.addEventListener("input", () => { view.dragging = true; fill(view); ask(view, nearest(view, Number(view.range.value))) })
  view.onKey = (event) => onKey(element, view, event)
  document.addEventListener("keydown", view.onKey)
  return view
}

function update(element, view, data) {
  const { state, started } = data, moving = state === "live" || state === "waiting"
  const was = view.data
  view.data = data
  const main = !started ? ["Train", "train"] : moving ? ["Pause", "pause"] : state === "recorded" ? ["Train it yourself", "again"]
    : data.over ? ["Train again", "again"] : ["Train on", "resume"]
  view.mainDo = main[1]
  setHtml(view.main, `${main[0]}<kbd>space</kbd>`)
  const held = state === "diverged"
  view.main.disabled = held
  view.step.disabled = !data.ready || data.over || held
  view.rewind.disabled = view.range.disabled = !started || state === "failed" || state === "recorded" || !data.rewindable.length
  view.again.disabled = !started
  view.stop.disabled = !started || data.over
  view.range.max = Math.max(1, data.step)
  if (!view.dragging) { view.range.value = data.step; fill(view) }
  setHtml(view.marks, data.marks.map((mark) => `<i class="mark" title="${escape(mark.text)}" style="left:${(100 * mark.step) / Math.max(1, data.step)}%"></i>`).join(""))
  const fact = state === "waiting" && data.waiting ? `waiting: ${data.waiting} runs before yours` : moving ? (data.speed >= 1 ? `${count(data.speed)} steps/s` : WORD[state]) : WORD[state] ?? ""
  setHtml(view.count, started ? `<b>step ${count(data.step)}</b> · <span>${fact}</span>` : "<span>not started</span>")
  if (was?.state !== state && started) view.status.textContent = `${WORD[state]} at step ${count(data.step)}`
  else if (moving && (!view.told || Date.now() - view.told > 10000)) { view.told = Date.now(); view.status.textContent = `step ${count(data.step)}` }
}

// A page that is just being drawn anew can miss what was pressed: say it again until Python has heard it. Once is carried out.
function say(element, view, command, times = 6) {
  view.say(command)
  clearTimeout(view.repeat)
  view.repeat = setTimeout(() => {
    if (element.isConnected && times > 1 && view.data.heard !== command.id) say(element, view, command, times - 1)
  }, 1500)
}

function setHtml(element, html) { if (element.shown !== html) element.innerHTML = element.shown = html }
function fill(view) { view.range.style.setProperty("--at", `${(100 * view.range.value) / view.range.max}%`) }

const nearest = (view, step) => view.data.rewindable.filter((each) => each <= step).at(-1) ?? 0

function act(view, what) {
  if (what === "main") return view.send(view.mainDo)
  if (what === "rewind") return ask(view, view.data.rewindable.filter((each) => each < view.data.step).at(-1) ?? 0)
  view.send(what)
}

// Going back drops what came after: say to which step, and let the hand confirm it.
function ask(view, step) {
  view.asked.hidden = false
  view.asked.innerHTML = `<label>Go back to step <input class="to" type="number" min="0" max="${view.data.step}" value="${step}" style="width:8ch"></label>
    <button class="yes">Go back</button><button class="no">Stay</button>`
  const close = () => { view.asked.hidden = true; view.dragging = false; view.range.value = view.data.step; fill(view) }
  view.asked.querySelector(".yes").addEventListener("click", () => {
    const wanted = Math.max(0, Math.min(view.data.step, Math.round(Number(view.asked.querySelector(".to").value) || 0)))
    view.send("rewind", wanted)
    close()
  })
  view.asked.querySelector(".no").addEventListener("click", close)
}

function onKey(element, view, event) {
  if (!element.isConnected) return document.removeEventListener("keydown", view.onKey)
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
  const target = event.composedPath()[0]
  if (target instanceof Element && target.closest("input, textarea, select, [contenteditable=true], [role=slider], [role=combobox], [role=option]")) return
  if (event.key === "." && !view.step.disabled) { event.preventDefault(); view.send("step") }
  const pressable = target instanceof Element && target.closest("button, a, summary, [role=button], [role=radio], [role=tab]")
  if (event.key === " " && !pressable && !view.main.disabled) { event.preventDefault(); view.send(view.mainDo) }
}
