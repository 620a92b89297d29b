// The map of a pair's routes: crossings are buttons that shut and open them.
import { el, note, svg, rounded } from "./dom.js";

const day = (date) => date.toISOString().slice(0, 10);
const after = (date) => day(new Date(Date.parse(`${date}T00:00:00Z`) + 864e5));
const until = (spell) => (spell.until ? `to ${spell.until}` : "and stays shut");
const inWords = (spell) => `${spell.from} ${until(spell)}${spell.share && spell.share !== 1 ? `, ${Math.round(100 * spell.share)} % of it` : ""}`;

// A narrow map shows the routes by land that carry most.
function frame(map, lines, width, most) {
  const least = (width < 520 ? 0.05 : 0) * most;
  const ends = lines.filter((l) => l.mode !== "sea" && l.mode !== "ferry" && Math.max(l.before, l.after) >= least).flatMap((l) => [l.tail, l.head]);
  const spots = (ends.length ? ends : lines.flatMap((l) => [l.tail, l.head])).map((n) => map.nodes[n]).filter(Boolean);
  const [xs, ys] = [spots.map((s) => s.x), spots.map((s) => s.y)];
  const box = { left: Math.min(...xs) - 2.5, right: Math.max(...xs) + 2.5, low: Math.min(...ys) - 2, high: Math.max(...ys) + 2 };
  const shrink = Math.cos(((box.low + box.high) / 2) * Math.PI / 180);
  const scale = Math.min(width / ((box.right - box.left) * shrink), 460 / (box.high - box.low));
  const extra = (width / (scale * shrink) - (box.right - box.left)) / 2;
  box.left -= extra; box.right += extra;
  return { box, height: (box.high - box.low) * scale, x: (v) => (v - box.left) * shrink * scale, y: (v) => (box.high - v) * scale };
}

export function routeMap(map, lines, closures, width, side, onGate) {
  const most = Math.max(1, ...lines.flatMap((l) => [l.before, l.after]));
  const { box, height, x, y } = frame(map, lines, width, most);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height.toFixed(0)}`, class: "map", role: "group", "aria-label": "Map of the pair's routes; crossings are buttons" });
  const ring = (points) => `${points.map(([a, b], k) => `${k ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("")}Z`;
  root.append(svg("path", { class: "land", d: map.land.map(ring).join(""), "fill-rule": "evenodd" }));
  const load = new Map();
  for (const line of lines) {
    const [a, b] = [map.nodes[line.tail], map.nodes[line.head]];
    const tonnes = line[side];
    for (const node of [line.tail, line.head]) load.set(node, (load.get(node) || 0) + tonnes / 2);
    if (!a || !b || tonnes < 0.004 * most) continue;
    const use = line.use < 0 ? "unknown" : line.use < 0.8 ? "easy" : line.use < 1 ? "busy" : "full";
    root.append(svg("line", { class: `stretch ${use}${/sea|ferry/.test(line.mode) ? " sea" : ""}`, x1: x(a.x), y1: y(a.y), x2: x(b.x), y2: y(b.y), "stroke-width": Math.max(1, 8 * tonnes / most).toFixed(1) },
      svg("title", null, `${a.name} – ${b.name}, ${line.mode}: ${rounded(tonnes, 2)} t a year`)));
  }
  const gates = Object.entries(map.nodes).filter(([, n]) => n.gate && n.x > box.left && n.x < box.right && n.y > box.low && n.y < box.high).sort((a, b) => !!closures[b[1].gate] - !!closures[a[1].gate] || (load.get(b[0]) || 0) - (load.get(a[0]) || 0));
  const isNamed = ([key, node]) => closures[node.gate] || (load.get(key) || 0) > 0.004 * most;
  const taken = gates.filter(isNamed).map(([, n]) => [x(n.x) - 5, y(n.y) - 5, x(n.x) + 5, y(n.y) + 5]);
  const name = (node) => {
    const long = node.name.length * 6.2;
    for (const [turn, lift] of [0, 12, -12, 22, -22].flatMap((each) => [[1, each], [-1, each]])) {
      const [from, top] = [x(node.x) + 9 * turn, y(node.y) + lift];
      const at = [Math.min(from, from + turn * long), top - 8, Math.max(from, from + turn * long), top + 8];
      if (at[0] < 0 || at[2] > width || at[3] > height || taken.some((o) => at[0] < o[2] && o[0] < at[2] && at[1] < o[3] && o[1] < at[3])) continue;
      taken.push(at);
      return svg("text", { x: from, y: top + 4, "text-anchor": turn < 0 ? "end" : "start" }, node.name);
    }
    return null;
  };
  const seen = new Set();
  for (const [key, node] of gates) {
    if (seen.has(node.gate)) continue;
    seen.add(node.gate);
    const shut = closures[node.gate];
    const carries = (load.get(key) || 0) > 0.004 * most;
    const group = svg("g", { class: `gate${shut ? " shut" : ""}${carries ? " used" : ""}`, role: "button", tabindex: 0, "data-gate": node.gate, "aria-label": `${node.name}: ${shut ? `shut ${inWords(shut.spells[shut.spells.length - 1])}` : "no closure in this scenario"}; change` },
      svg("circle", { class: "room", cx: x(node.x), cy: y(node.y), r: 12 }), svg("circle", { class: "dot", cx: x(node.x), cy: y(node.y), r: carries ? 5 : 3 }),
      shut ? svg("path", { class: "cross", d: `M${x(node.x) - 5} ${y(node.y) - 5}l10 10m0 -10l-10 10` }) : null, isNamed([key, node]) ? name(node) : null);
    group.addEventListener("click", () => onGate(node.gate));
    group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); onGate(node.gate); } });
    root.append(group);
  }
  return root;
}

// What is shut when, and fields to shut a crossing or a whole border; `change(list)` edits the text.
export function crossing(gate, { gates, closures, borders }, year, change) {
  const name = gates[gate] || gate;
  // The last of all holds ports and straits, which have no border in common.
  const [border, all] = Object.entries(borders).slice(0, -1).find(([, own]) => own.includes(gate)) || ["", [gate]];
  const whole = el("input", { type: "radio", name: "scope" });
  const scope = () => (whole.checked ? all : [gate]);
  const spells = (g) => closures[g]?.spells || [];
  const free = (g) => { const end = spells(g).at(-1)?.until; return end ? after(end) : ""; };
  const first = el("input", { type: "date", value: free(gate) || day(new Date()) });
  const end = el("input", { type: "date", value: `${year}-12-31` });
  const part = el("input", { type: "number", min: 1, max: 100, value: 100, class: "short" });
  const own = all.filter((g) => closures[g]?.is_own);
  const open = () => change(scope().filter((g) => own.includes(g)).map((g) => [["closures", g], closures[g].below, closures[g].below]));
  const told = all.filter((g) => spells(g).length).map((g) => el("li", null, `${gates[g]}: shut ${spells(g).map(inWords).join("; ")}`));
  const body = [
    told.length ? el("ul", null, told) : el("p", null, "No closure beyond those on record in this scenario."),
    all.length > 1 ? el("p", { class: "scope" }, el("label", null, el("input", { type: "radio", name: "scope", checked: true }), ` ${name} alone`), el("label", null, whole, ` all ${all.length} crossings between ${border}: ${all.map((g) => gates[g]).join(", ")}`)) : null,
    el("p", { class: "fields" }, el("label", null, "Shut from ", first), " ", el("label", null, "to (blank: stays shut) ", end), " ", el("label", null, "share shut, % ", part)),
    told.length ? note("What is listed stays; yours comes after it. To end it earlier: “Closed until” under Borders.") : null,
    own.length ? el("p", null, el("button", { onclick: open }, "Take back what is set here")) : null,
  ].filter(Boolean);
  const shut = () => change(scope().filter((g) => !spells(g).length || spells(g).at(-1).until).map((g) => {
    const spell = { from: first.value > free(g) ? first.value : free(g) };
    if (end.value) spell.until = end.value;
    if (Number(part.value) < 100) spell.share = Number(part.value) / 100;
    return [["closures", g], [...spells(g), spell], closures[g]?.below ?? null];
  }));
  return { title: `Crossing: ${name}`, body, act: { name: "Shut", run: shut } };
}
