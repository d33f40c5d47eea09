import { root, unpack } from "./kit.js"
export default function ({ parentElement, data, setTriggerValue }) {
  const e = root(parentElement, "graph"); e.innerHTML = "<b>x "+[...unpack(data.a).values].join()+"</b>"; e.onclick=()=>setTriggerValue("picked","q"+Math.random())
}
