// Figures of an answer as SVG: real text, names for those who listen, dashes besides colours.
import { el, svg, rounded, signed } from "./dom.js";

const path = (kind, d) => svg("path", { class: kind, d });
const BANDS = ["q05", "q25", "q50", "q75", "q95"];

// Ends of an axis, in parts of a power of ten, and into how many round steps each is divided.
const ENDS = [[1, 4], [1.5, 3], [2, 4], [3, 3], [4, 4], [5, 5], [6, 3], [8, 4], [10, 4]];

function nice(most) {
  const power = 10 ** Math.floor(Math.log10(most || 1));
  const [end, steps] = ENDS.find(([k]) => k * power >= most);
  return { end: end * power, steps };
}

const yearOf = (key) => Number(key.slice(0, 4)) + (Number(key.slice(5)) || 4) / 4 - 1;
const points = (years, values, x, y) => years.map((year, k) => `${k ? "L" : "M"}${x(year).toFixed(1)} ${y(values[k]).toFixed(1)}`).join("");

function band(years, low, high, x, y) {
  const back = [...years].reverse();
  return `${points(years, low, x, y)}${points(back, [...high].reverse(), x, y).replace("M", "L")}Z`;
}

// The end of the value axis: held while a control is dragged, so that movement is policy.
export function axisEnd(target, held) {
  const by = target.answer.trade_musd_by_year;
  const last = Math.max(...Object.keys(by).filter((key) => Number(key.slice(0, 4)) <= target.answer.year).map((key) => by[key].q95));
  return held || nice(1.08 * Math.max(target.answer.target_musd, last));
}

export function fan(target, width, { end, steps }, lastYear, kept = []) {
  const answer = target.answer;
  const keys = Object.keys(answer.trade_musd_by_year);
  const years = keys.map(yearOf);
  const q = Object.fromEntries(BANDS.map((b) => [b, keys.map((key) => answer.trade_musd_by_year[key][b])]));
  const ghost = target.without_by_year;
  const narrow = width < 520;
  const height = narrow ? 250 : 320;
  const m = { left: 52, right: narrow ? 16 : 60, top: 16, bottom: 26 };
  const first = years[0] - 1;
  const final = Math.max(lastYear || 0, years[years.length - 1]);
  const x = (year) => m.left + ((year - first) / (final - first)) * (width - m.left - m.right);
  const y = (value) => height - m.bottom - (Math.min(value, end) / end) * (height - m.top - m.bottom);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": fanName(target) });
  for (let k = 0; k <= steps; k++) {
    const value = (end * k) / steps;
    root.append(svg("line", { class: k ? "grid" : "axis", x1: m.left, x2: width - m.right, y1: y(value), y2: y(value) }),
      svg("text", { x: m.left - 6, y: y(value) + 4, "text-anchor": "end" }, rounded(value)));
  }
  const step = narrow ? 3 : 1;
  for (let year = Math.ceil(first); year <= final; year++) {
    if ((year - answer.year) % step === 0) root.append(svg("text", { x: x(year), y: height - 8, "text-anchor": "middle" }, String(year)));
  }
  root.append(path("outer", band(years, q.q05, q.q95, x, y)),
    path("inner", band(years, q.q25, q.q75, x, y)),
    path("edge", points(years, q.q05, x, y)), path("edge", points(years, q.q95, x, y)),
    path("median", points(years, q.q50, x, y)));
  if (ghost) {
    const old = Object.keys(ghost);
    const at = old.map(yearOf);
    for (const b of ["q05", "q50", "q95"]) {
      root.append(path(b === "q50" ? "ghost" : "ghost thin", points(at, old.map((key) => ghost[key][b]), x, y)));
    }
  }
  kept.forEach((each, n) => {
    const by = each.answer.trade_musd_by_year;
    const old = Object.keys(by);
    const last = old[old.length - 1];
    root.append(path("kept", points(old.map(yearOf), old.map((key) => by[key].q50), x, y)), svg("text", { x: x(yearOf(last)) - 12, y: y(by[last].q50) - 4 }, "ABC"[n]));
  });
  for (const dot of answer.recorded_musd || []) {
    const year = Number(/\d{4}/.exec(dot.period)?.[0]);
    if (year >= first && year <= final) root.append(svg("circle", { class: "recorded", cx: x(year), cy: y(dot.trade_musd), r: 3 }, svg("title", null, `${dot.statistics} ${dot.period}: ${rounded(dot.trade_musd)}`)));
  }
  const by = x(yearOf(answer.by));
  root.append(svg("line", { class: "target", x1: m.left, x2: by, y1: y(answer.target_musd), y2: y(answer.target_musd) }),
    path("targetmark", `M${by - 6} ${y(answer.target_musd)}l6 -6l6 6l-6 6z`),
    svg("text", { class: "over", x: m.left + 4, y: y(answer.target_musd) - 6 }, `target ${rounded(answer.target_musd)} by ${answer.by}`));
  if (!narrow) {
    const k = years.length - 1;
    for (const [b, name] of [["q95", "95 %"], ["q50", "median"], ["q05", "5 %"]]) {
      if (q[b][k] <= end) root.append(svg("text", { class: "quiet", x: x(years[k]) + 4, y: y(q[b][k]) + 4 }, name));
    }
  }
  const clipped = Math.max(...q.q95) > end;
  return { root, note: clipped ? `The axis ends at ${rounded(end)} million USD; the 95 % line goes beyond it.` : "" };
}

function fanName(target) {
  const a = target.answer;
  const without = a.trade_musd_without_agreements;
  return `${target.pair.join(" and ")}: median trade ${rounded(a.trade_musd.value, 2)} million USD in ${target.year}`
    + (without ? `, ${rounded(without.value, 2)} without agreements` : "") + `; target ${rounded(a.target_musd)}.`;
}

export function fanTable(target) {
  const by = target.answer.trade_musd_by_year;
  const ghost = target.without_by_year || {};
  const columns = ["Year", "5 %", "25 %", "Median", "75 %", "95 %", "Median, no agreement"].map((title, k) => ({ title, is_number: k > 0 }));
  const rows = Object.keys(by).map((key) => [key.endsWith("Q4") ? key.slice(0, 4) : key, ...BANDS.map((b) => rounded(by[key][b])), ghost[key] ? rounded(ghost[key].q50) : "–"]);
  return table({ columns, rows, caption: "Trade of both directions, million USD a year" });
}

// A table; a first cell with a short form unfolds to the whole.
export function table(block, kind) {
  const first = (cell, row) => { const short = block.short?.[row]; return !short || short === cell ? cell : el("details", null, el("summary", null, short), cell); };
  return el("table", { class: kind }, el("caption", null, block.caption),
    el("thead", null, el("tr", null, block.columns.map((c) => el("th", { scope: "col", class: c.is_number ? "n" : null }, c.title)))),
    el("tbody", null, block.rows.map((row, n) => el("tr", null, row.map((cell, k) => el("td", { class: block.columns[k].is_number ? "n" : cell === "–" ? "none" : null }, k ? cell : first(cell, n)))))));
}

// Bars with intervals, one a row: filled circles rise, open ones fall; a row without value is to come.
export function bars(rows, width, unit, name) {
  const height = 24 * rows.length + 26;
  const left = Math.min(190, width * 0.42);
  const right = rows.some((r) => r.words) ? 125 : 92;
  const known = rows.filter((r) => r.mid !== undefined);
  const low = Math.min(0, ...known.map((r) => r.low ?? r.mid));
  const high = Math.max(0, ...known.map((r) => r.high ?? r.mid));
  const x = (value) => left + ((value - low) / (high - low || 1)) * (width - left - right);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name });
  root.append(svg("line", { class: "axis", x1: x(0), x2: x(0), y1: 4, y2: height - 22 }));
  rows.forEach((row, k) => {
    const y = 24 * k + 16;
    const up = row.mid >= 0;
    const isKnown = known.includes(row);
    root.append(svg("text", { x: 0, y: y + 4 }, row.name, svg("title", null, row.name)),
      svg("text", { x: width, y: y + 4, "text-anchor": "end", class: isKnown ? null : "quiet" }, isKnown ? row.words || `${signed(row.mid, 2)} ${row.mark || ""}` : "computing"));
    if (isKnown) {
      root.append(svg("line", { class: `span ${up ? "up" : "down"}`, x1: x(row.low ?? row.mid), x2: x(row.high ?? row.mid), y1: y, y2: y }),
        svg("circle", { class: up ? "gain" : "loss", cx: x(row.mid), cy: y, r: 5 }));
    }
  });
  root.append(svg("text", { class: "quiet", x: width, y: height - 6, "text-anchor": "end" }, unit));
  return root;
}
