// Which class is taken for which among the held-out pictures, and the mistakes it was surest of.
import { colour, count, escape, percent, root, unpack } from "./kit.js"
import { picture } from "./maps.js"

export default function ({ parentElement, data }) {
  const element = root(parentElement, "confusion"), theme = element.dataset.theme
  const view = element.view ??= build(element)
  const key = `${theme}/${data.arrays.matrix.data}/${JSON.stringify(data.mistakes)}`
  if (view.key === key) return
  view.key = key
  const { values } = unpack(data.arrays.matrix), names = data.classes, n = names.length
  if (view.names !== names.join()) { view.names = names.join(); lay(view, names) }
  view.rows.forEach((cells, i) => {
    const row = values.subarray(i * n, (i + 1) * n), all = Math.max(1, row.reduce((a, b) => a + b, 0))
    cells.forEach((cell, j) => {
      if (j === n) { cell.textContent = percent(row[i] / all, 0); return }
      const share = row[j] / all
      cell.textContent = row[j] || ""
      cell.style.background = colour(Math.sqrt(share) * 0.85, "magnitude", theme)
      cell.style.color = Math.sqrt(share) * 0.85 > 0.45 ? (theme === "dark" ? "#15171B" : "#FFFFFF") : "inherit"
    })
  })
  view.note.innerHTML = `<b>Taken for what?</b> Row: what it is. Column: what it was taken for. ${count(data.wrong)} of ${count(data.held_out)} held-out are wrong.`
  worst(view, data, theme)
}

function build(element) {
  element.innerHTML = `<figure><table></table><figcaption></figcaption></figure><figure><h4>Surest mistakes</h4><div class="worst"></div></figure>`
  return { table: element.querySelector("table"), note: element.querySelector("figcaption"), worst: element.querySelector(".worst") }
}

function lay(view, names) {
  view.table.innerHTML = `<thead><tr><th></th>${names.map((name) => `<th scope="col" title="${escape(name)}">${escape(name)}</th>`).join("")}<th scope="col">right</th></tr></thead><tbody>` +
    names.map((name) => `<tr><th scope="row">${escape(name)}</th>${names.map(() => "<td></td>").join("")}<td></td></tr>`).join("") + "</tbody>"
  view.rows = [...view.table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td")])
}

function worst(view, data, theme) {
  if (!data.arrays.worst) { view.worst.parentElement.hidden = true; return }
  const { values, shape } = unpack(data.arrays.worst), size = values.length / Math.max(1, shape[0])
  view.worst.replaceChildren(...data.mistakes.map((mistake, i) => {
    const box = document.createElement("div"), canvas = document.createElement("canvas")
    const text = `${data.classes[mistake.true]}, taken for ${data.classes[mistake.answer]} at ${percent(mistake.probability, 0)}`
    canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", text)
    picture(canvas, { values: values.subarray(i * size, (i + 1) * size), shape: shape.slice(1) }, theme)
    box.append(canvas, text)
    return box
  }))
  if (!data.mistakes.length) view.worst.textContent = "None: every held-out picture is right."
}
