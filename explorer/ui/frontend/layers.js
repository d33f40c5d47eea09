// The layer table: blocks fold and open, a row is chosen by click or Enter, the chosen one is marked.
import { count, escape, glyphSvg, root, short } from "./kit.js"

export default function layers({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "layers")
  if (element.signature !== data.signature) {
    element.signature = data.signature
    element.open = new Set()
  }
  for (const id of data.around) element.open.add(id)
  const draw = (focus) => {
    const rows = shown(data.rows, element.open), most = Math.max(1, ...rows.map((row) => row.macs))
    element.innerHTML = `<table aria-label="Layers"><thead><tr><th scope="col">Layer</th><th scope="col">Output</th><th scope="col">Parameters</th><th scope="col">Multiply–adds</th><th aria-hidden="true"></th></tr></thead><tbody>` +
      rows.map((row) => line(row, element.open, data.selected, most)).join("") + `</tbody></table><p class="caption">${rows.length} of ${data.rows.length} rows. Bar: multiply–adds. Grey rows neither learn nor multiply.</p>`
    const press = (event) => {
      const fold = event.target.closest("[data-fold]"), id = event.target.closest("tr")?.dataset.id
      if (fold) { element.open.has(id) ? element.open.delete(id) : element.open.add(id); draw(`[data-id="${CSS.escape(id)}"] [data-fold]`) }
      else if (id) setTriggerValue("select", id)
    }
    element.querySelector("tbody").onclick = press
    if (focus) element.querySelector(focus)?.focus()
  }
  draw()
}

// Rows whose blocks are all open, in order.
function shown(rows, open) {
  let hidden = Infinity
  return rows.filter((row) => {
    if (row.depth > hidden) return false
    hidden = row.block && !open.has(row.id) ? row.depth : Infinity
    return true
  })
}

function line(row, open, selected, most) {
  const chosen = row.id === selected, fold = row.block
    ? `<button data-fold class="fold" aria-expanded="${open.has(row.id)}" aria-label="${open.has(row.id) ? "Close" : "Open"} ${escape(row.name)}">${open.has(row.id) ? "▾" : "▸"}</button>` : ""
  return `<tr data-id="${escape(row.id)}" class="${chosen ? "chosen" : ""} ${row.quiet ? "quiet" : ""}"><th scope="row" style="padding-left:${4 + 14 * row.depth}px">${fold}<button class="name" aria-pressed="${chosen}">${glyphSvg(row.kind, 12)} ${escape(row.name)}</button></th>` +
    `<td class="code">${escape(row.shape)}</td><td>${row.quiet ? "" : count(row.parameters)}</td><td>${row.macs ? short(row.macs).replace("B", "G") : row.quiet ? "" : "0"}</td><td><i style="width:${(100 * row.macs) / most}%;background:var(--${chosen ? "hand" : row.kind})"${row.macs ? "" : " hidden"}></i></td></tr>`
}
