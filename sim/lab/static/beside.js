// What stands beside the answer: kept settings, runs in full and studies, new questions.
import { el, byId, nameOf, note, options, rounded, signed } from "./dom.js";
import { table } from "./charts.js";
import { stream } from "./api.js";

const LETTERS = "ABC";
export const isFinal = (answer) => ["final", "parts", "ledgers"].includes(answer.stage);
const percent = (e) => (e ? `${rounded(100 * e.value, 2)} % (${rounded(100 * (e.low ?? 0), 2)} to ${rounded(100 * (e.high ?? 1), 2)})` : "–");
const musd = (e) => (e ? `${rounded(e.value, 2)} (${rounded(e.low ?? 0, 2)} to ${rounded(e.high ?? 0, 2)})` : "–");

// A difference with its interval; told as none where zero lies within.
function change(told, what, scale) {
  const each = told?.targets && Object.values(told.targets)[0]?.[what];
  if (!each) return told?.reason || (told?.targets ? "another target" : "…");
  const [low, high] = [each.low ?? -Infinity, each.high ?? Infinity];
  const range = Number.isFinite(low) && Number.isFinite(high) ? ` (${signed(scale * low, 2)} to ${signed(scale * high, 2)})` : "";
  return low <= 0 && high >= 0 ? `cannot be told apart${range}` : `${signed(scale * each.value, 2)}${range}`;
}

// Settings kept beside the present one: answers of each, and values in which they differ.
// The first is what the others are compared with, on the same pairs of paths.
export function sideBySide(kept, now, differenceOf) {
  const all = [...kept, now];
  const names = [...kept.map((_, k) => LETTERS[k]), "now"];
  const row = (title, read) => [title, ...all.map((each) => read(each.answer.targets[0].answer, each.answer))];
  const rows = [
    row("Chance of the target", (a) => percent(a.chance)), row("without agreements", (a) => percent(a.chance_without_agreements)),
    row("Median trade, million USD", (a) => musd(a.trade_musd)), row("of which agreements", (a) => musd(a.trade_musd_difference)),
    ["against A: chance, points", "–", ...all.slice(1).map((each) => change(differenceOf(each), "chance", 100))],
    ["against A: median, million USD", "–", ...all.slice(1).map((each) => change(differenceOf(each), "median", 1))],
    row("Sureness", (a, whole) => `${isFinal(whole) ? "final" : whole.stage}, ${whole.runs} runs`),
  ];
  const paths = [...new Set(all.flatMap((each) => [...each.values.keys()]))];
  const said = (each, path) => JSON.stringify(each.values.get(path)?.value ?? null);
  for (const path of paths.filter((p) => all.some((each) => said(each, p) !== said(all[0], p))).slice(0, 30)) {
    const control = all.map((each) => each.values.get(path)).find(Boolean);
    rows.push([nameOf(control, " · "), ...all.map((each) => { const v = each.values.get(path)?.value; return v === null || v === undefined ? "–" : control.kind === "share" ? `${rounded(100 * v)} %` : String(v); })]);
  }
  return table({ columns: ["", ...names].map((title) => ({ title })), rows, caption: "All on the same runs. Against A: paired differences with 90 % intervals, in which what differs is the setting and not chance; other intervals are of each answer by itself." });
}

// A run in full or a study of the saved file; lines as they come, then the report.
export function fullRun(kind, file, body, isDone) {
  const said = el("pre", { "aria-live": "off" });
  const state = el("p", { role: "status" }, "At work…");
  const stop = el("button", null, "Stop");
  body.replaceChildren(state, said, el("p", null, stop));
  const control = new AbortController();
  stop.onclick = () => { control.abort(); state.textContent = "Stopped; nothing was written."; stop.hidden = true; isDone(); };
  stream("/api/full", { kind, file }, control.signal, (event, told) => {
    if (event === "line") said.append(`${told.line}\n`);
    if (event === "report") state.replaceChildren("Done: ", el("a", { href: `/results/${told.path}`, target: "_blank", rel: "noopener" }, "open the report"));
    if (event === "failed") state.textContent = told.message;
    if (event === "done" || event === "failed") { stop.hidden = true; if (state.textContent === "At work…") state.textContent = "Ended without a report; the lines above say why."; isDone(); }
  });
}

// Levers that the inverse question may move, with what each costs.
export function reachForm(controls) {
  const fit = controls.filter((c) => c.is_lever && (c.kind === "share" || (c.kind === "number" && c.slider)) && typeof c.value === "number" && ["agreements", "tariffs", "energy"].includes(c.group)).slice(0, 10);
  const rows = fit.map((c) => {
    const [low, high] = c.slider || [c.low ?? 0, c.high ?? 1];
    const name = nameOf(c, ", ");
    const field = (value, what) => el("input", { type: "number", step: "any", value, class: "short", "aria-label": `${name}, ${what}` });
    const row = { path: c.path.join("."), use: el("input", { type: "checkbox", checked: true }), low: field(low, "costs nothing at"), high: field(high, "full cost at"), cost: field(10, "cost in million USD") };
    row.line = el("tr", null, el("th", { scope: "row" }, el("label", null, row.use, ` ${name}`)), el("td", null, row.low), el("td", null, row.high), el("td", null, row.cost));
    return row;
  });
  const chance = el("input", { type: "number", min: 1, max: 99, value: 50, class: "short" });
  const body = rows.length ? [el("p", null, el("label", null, "Chance wanted, % ", chance)), el("table", null, el("thead", null, el("tr", null, ["Lever", "from", "to", "cost, million USD"].map((t) => el("th", { scope: "col" }, t)))), el("tbody", null, rows.map((r) => r.line)))]
    : [el("p", null, "This scenario has no lever with a range; add an agreement first.")];
  const value = () => ({ probability: Number(chance.value) / 100, levers: Object.fromEntries(rows.filter((r) => r.use.checked).map((r) => [r.path, { from: Number(r.low.value), to: Number(r.high.value), cost_musd: Number(r.cost.value) }])) });
  return { body, value, isAble: rows.length > 0 };
}

// A new question about two States.
export function questionForm(regions) {
  const choice = () => el("select", null, options(regions));
  const [a, b, name] = [choice(), choice(), el("input", { value: "my-question", size: 20, spellcheck: "false" })];
  b.selectedIndex = 1;
  const body = [el("p", { class: "fields" }, el("label", null, "Trade between ", a), el("label", null, " and ", b)), el("p", null, el("label", null, "Name of the file ", name)),
    note("A preference of both begins the text, on the folder's baseline; change it by the levers. Nothing is saved before you save it.")];
  return { body, value: () => ({ pair: [a.value, b.value], name: name.value.trim() }) };
}

export const known = (facts) => [el("p", null, "What the world already knows of the two; it acts by itself:"), el("ul", null, facts.map((fact) => el("li", null, fact)))];
export const section = (id, ...children) => { byId(id).hidden = !children.length; byId(id).querySelector("div").replaceChildren(...children); };
