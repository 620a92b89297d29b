// Elements made from text: what comes from files is put in as text, never as HTML.
const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

export const el = (name, attributes, ...children) => filled(document.createElement(name), attributes, children);
export const svg = (name, attributes, ...children) => filled(document.createElementNS(SVG, name), attributes, children);
export const byId = (id) => document.getElementById(id);
export const options = (titles) => Object.entries(titles).map(([value, title]) => el("option", { value }, title));
// A control in words: its title, then what it belongs to.
export const nameOf = (control, between) => [control.title, ...(control.context || [])].join(between);
export const note = (...words) => el("p", { class: "note" }, ...words);

// Makers of numbers by their decimals: a new one for each number takes a tenth of a millisecond.
const formats = [];

// A number with at most so many digits, thousands apart.
export function rounded(value, digits = 3) {
  if (!Number.isFinite(value) || value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  const places = Math.max(0, digits - 1 - size);
  const whole = 10 ** Math.max(0, size - digits + 1);
  const near = places ? value : Math.round(value / whole) * whole;
  const most = Math.min(places, 6);
  return (formats[most] ??= new Intl.NumberFormat("en-GB", { maximumFractionDigits: most })).format(near).replace("-", "−");
}

export const signed = (value, digits = 3) => (value > 0 ? "+" : "") + rounded(value, digits);
