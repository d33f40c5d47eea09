// The prediction that is asked for before an experiment runs; red, because it is the learner's.
import { root, escape } from "./kit.js"

export default function ({ parentElement, data, setStateValue, key }) {
  const element = root(parentElement, "predict"), chosen = data.chosen
  const text = `<fieldset class="${data.locked ? "locked" : ""}"><legend>${escape(data.question)}</legend>${data.options.map((option, i) => `<label class="${i === chosen ? "chosen" : ""}">
    <input type="radio" name="predict" value="${i}" ${i === chosen ? "checked" : ""} ${data.locked ? "disabled" : ""}><span>${escape(option)}</span>
    <span class="marks">${i === chosen ? '<span class="said">chosen by you</span>' : ""}${i === data.right ? '<span class="right">✓ measured</span>' : ""}</span></label>`).join("")}</fieldset>`
  if (element.drawn === text) return
  const held = element.contains(element.getRootNode().activeElement)
  element.innerHTML = element.drawn = text
  if (held) element.querySelector("input:checked")?.focus()
  element.onchange = (event) => setStateValue("chosen", Number(event.target.value))
}
