// The page: one text, controls that edit it, an answer to it. The text is the only state.
import { Question, post, start } from "./api.js";
import { el, byId, note, options, rounded, signed } from "./dom.js";
import { Levers } from "./levers.js";
import { Editor } from "./editor.js";
import { axisEnd, bars, fan, fanTable, table } from "./charts.js";
import { crossing, routeMap } from "./map.js";
import { fullRun, isFinal, known, questionForm, reachForm, section, sideBySide } from "./beside.js";

const STEPS = 200;
const state = {
  file: "", original: "", hash: null, text: "", valid: "", sound: "", past: [], future: [], link: "", command: "",
  answer: null, answered: "", question: null, dragging: false, held: {}, lastYear: 0, worldHash: "", tables: new Set(),
  closures: {}, controls: [], kept: [], side: "after", map: null, gates: {}, borders: {}, regions: {}, notes: [],
};
let levers; let editor; let checking = 0; let typeTimer; let lastTyped = 0; let edits = Promise.resolve(); let waitingEdit = null; let editing = false; let moved = null; let aheadTimer;
let stepped = false; let panel = "levers"; let notice = "";

// --- the text and its steps

function setText(text, { step = true, from = "control" } = {}) {
  if (text === state.text) return;
  if (step) remember();
  state.text = text;
  if (from !== "typing") editor.text = text;
  keep();
  buttons();
}

function remember() {
  if (state.past[state.past.length - 1] !== state.text) state.past.push(state.text);
  if (state.past.length > STEPS) state.past.shift();
  state.future = [];
  stepped = true;
}

// An edit under way comes to its end first, or it would be put over what is gone back to.
async function travel(from, to) {
  await edits;
  if (!from.length) return;
  to.push(state.text);
  state.text = from.pop();
  stepped = true;
  editor.text = state.text;
  keep(); buttons();
  settleAtOnce();
}

function buttons() {
  byId("undo").disabled = !state.past.length;
  byId("redo").disabled = !state.future.length;
  byId("reset").disabled = state.text === state.original;
}

const storeKey = () => `sim-lab ${state.worldHash.slice(0, 8)} ${state.file}`;

function keep() {
  try {
    if (state.text === state.original) localStorage.removeItem(storeKey());
    else localStorage.setItem(storeKey(), JSON.stringify({ text: state.text, hash: state.hash, date: new Date().toISOString() }));
  } catch {
    // A browser may refuse to keep anything: then nothing is kept.
  }
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(storeKey()));
  } catch { return null; }
}

// --- reading it

async function check() {
  const number = ++checking;
  const text = state.text;
  let told;
  try {
    told = await post("/api/check", { file: state.file, text, original: state.original });
  } catch (error) { fail(error); return false; }
  if (number !== checking || text !== state.text) return false;
  editor.show(told.problems, told.warnings);
  const n = told.problems.length;
  byId("valid").textContent = n ? `${n} problem${n > 1 ? "s" : ""}; the answer is that of the last valid text` : `valid${told.warnings.length ? `, ${told.warnings.length} warning${told.warnings.length > 1 ? "s" : ""}` : ""}`;
  for (const list of told.replaces || []) byId("valid").textContent += ` · line ${list.line}: ${list.path.join(".")} replaces ${list.n} of ${list.file}`;
  document.title = `${n ? `(${n}) ` : ""}${told.title || state.file} – lab`;
  if (told.title) byId("title").textContent = told.title;
  if (told.controls) {
    levers.lock(false);
    levers.update(told.controls);
    Object.assign(state, { controls: told.controls, closures: told.closures || {} });
    const end = told.controls.find((c) => c.path.join(".") === "horizon.end")?.value;
    state.lastYear = end ? Number(end.slice(0, 4)) : 0;
  } else levers.lock(true);
  state.link = told.link || state.link;
  state.command = told.command;
  if (told.link) visit();
  if (!n) state.valid = state.sound = text;
  else if (state.valid === text) state.valid = state.sound;
  return !n;
}

// The address leads to the text and panel shown; each step of the text is one of the history, so
// that Back takes it back.
const address = () => state.link + (panel === "levers" ? "" : `&p=${panel}`);

function visit() {
  history[stepped ? "pushState" : "replaceState"]({ file: state.file, text: state.text }, "", address());
  stepped = false;
}

async function revisit({ state: then }) {
  await edits;
  if (then?.file !== state.file) await open({ link: location.hash });
  else if (then.text !== state.text) { setText(then.text); stepped = false; settleAtOnce(); }
}

const ALL = ["rough", "firm", "final", "parts", "ledgers"];

// Check a text that has come to rest, and ask until it is final.
async function settle() {
  mark();
  if (await check()) ask(ALL);
}

// What a control wrote, or was there before, is asked about before it is checked: a text that is not
// valid gets no answer, and the last valid one is asked about again.
async function settleAtOnce() {
  mark();
  state.valid = state.text;
  ask(ALL);
  await state.question.begun;
  if (!(await check()) && state.valid && state.asked !== state.valid) ask(ALL);
}

function ask(stages) {
  const text = state.valid;
  // An older question about the same text is not given up: the newer one shares its work.
  if (state.asked !== text) state.question?.stop();
  state.asked = text;
  notice = "";
  byId("stop").hidden = false;
  state.question = new Question({ file: state.file, text, stages }, (event, told) => {
    if (event === "answer") { state.answer = told; state.answered = text; draw(); }
    if (event === "failed") { tell(told.message); byId("stop").hidden = true; }
    if (event === "notice") notice = told.message;
    if (["done", "stopped", "problem"].includes(event)) byId("stop").hidden = true;
    if (event === "done") lookAhead();
  });
}

// Nothing has happened for a while: the next steps of the slider that was moved last are worked out.
function lookAhead() {
  clearTimeout(aheadTimer);
  if (!moved || moved.text !== state.text || state.dragging) return;
  const asked = { ...moved, file: state.file, original: state.original };
  aheadTimer = setTimeout(() => post("/api/ahead", asked).catch(() => {}), 5000);
}

// While a control moves one question is under way and comes to its end, so that something is seen of
// the way; then the newest setting is asked about.
const PACE_MS = 300;
let onTheMove = false;

async function askOnTheMove() {
  if (onTheMove) return;
  onTheMove = true;
  while (state.dragging && state.asked !== state.valid) {
    const pause = new Promise((done) => setTimeout(done, PACE_MS));
    ask(["rough"]);
    await Promise.all([state.question.finished, pause]);
  }
  onTheMove = false;
}

// --- controls

// While a control moves one edit is under way and the newest waits; each asks for a rough answer.
function move(control, value, isLast) {
  if (!state.dragging) { remember(); buttons(); }
  state.dragging = !isLast;
  waitingEdit = { control, value, isLast };
  mark();
  if (editing) return;
  editing = true;
  edits = edits.then(run);
}

// Put a value into the text; where the text changed on the way (one types on), into the new one.
async function put(path, value, resting) {
  for (;;) {
    const text = state.text;
    const told = await post("/api/edit", { file: state.file, text, original: state.original, path, value, resting });
    if (text === state.text) { setText(told.text, { step: false }); return; }
  }
}

async function run() {
  while (waitingEdit) {
    const { control, value, isLast } = waitingEdit;
    waitingEdit = null;
    try {
      // The last of a drag is often where it is already.
      if (moved?.control !== control || moved.value !== value || moved.text !== state.text) await put(control.path, value, control.resting);
      moved = { control, value, text: state.text };
      if (isLast) { state.held = {}; await settleAtOnce(); } else { state.valid = state.text; askOnTheMove(); }
    } catch (error) {
      levers.say(control, error.message);
      tell(error.message);
      await check();
    }
  }
  editing = false;
}

// Edits that no control makes, such as closures of crossings: together they are one step.
function change(list) {
  edits = edits.then(async () => {
    remember(); mark();
    try {
      for (const [path, value, resting = null] of list) await put(path, value, resting);
      buttons();
      await settle();
    } catch (error) { fail(error); await check(); }
  });
  return edits;
}

function shut(gate) {
  const target = state.answer?.targets[0];
  const { title, body, act } = crossing(gate, state, target?.answer.by.slice(0, 4) || new Date().getFullYear() + 5, (list) => { byId("dialog").close(); change(list); });
  dialog(title, body, act);
}

// --- the answer

const fail = (error) => tell(error.message);

// What a link or a worker has to say stays: of the file, or until the next question.
function tell(message) {
  byId("told").textContent = [...state.notes, notice, message].filter(Boolean).join(" ");
  byId("told").hidden = !byId("told").textContent;
}

// What is shown is for an earlier setting until the next answer comes.
function mark() {
  clearTimeout(aheadTimer);
  document.body.classList.add("stale");
  if (state.answer) byId("stage-name").textContent = "for the earlier setting · computing";
}


function draw() {
  const answer = state.answer;
  const isCurrent = state.answered === state.text || state.answered === state.valid;
  document.body.classList.toggle("stale", !isCurrent);
  document.body.classList.toggle("rough", answer.stage === "rough");
  tell("");
  const many = answer.targets.length > 1;
  byId("lines").replaceChildren(...answer.targets.flatMap((t) => [many ? el("h3", null, `${t.pair.join("–")}, ${t.name}`) : null, ...t.lines.map((line) => el("p", null, line))].filter(Boolean)));
  byId("ledgers").replaceChildren(...ledgerLines(answer, many));
  byId("stage-name").textContent = (isFinal(answer) ? `✓ final · as sim run (${answer.runs} runs)` : `${answer.stage} · ${answer.runs} runs`) + (state.text === state.valid ? "" : " · of the last valid text");
  byId("stage-name").title = `Scenario ${answer.scenario_hash.slice(0, 8)}, world ${answer.world_hash.slice(0, 8)}, seed ${answer.seed}`;
  const sure = isFinal(answer) ? "final" : answer.stage;
  if (sure !== "rough" && state.heard !== (state.heard = sure + state.answered)) byId("heard").textContent = `${sure}: ${answer.targets.map((t) => t.lines.join(" ")).join(" ")}`;
  drawFans(answer);
  const first = answer.targets[0];
  drawAdded(first);
  drawGains(first);
  drawRoutes(first);
  drawKept();
  section("energy", ...(first.energy ? [table(first.energy)] : []));
  if (!isCurrent) mark();
}

// The same question by other statistics, which comes last.
function ledgerLines(answer, many) {
  const lines = answer.targets.flatMap((t) => t.other_ledgers.map((other) => (many ? `${t.name}. ` : "") + other.line));
  return (answer.stage === "ledgers" ? lines : ["By other statistics: computing, follows the final answer."]).map((line) => note(line));
}

function drawRoutes(target) {
  if (target.map?.length) state.lines = target.map;
  // The map stays where nothing moves any more: what was shut can be opened there.
  else if (target.map || !target.routes) state.lines = (state.lines || []).map((line) => ({ ...line, before: 0, after: 0 }));
  const other = state.side === "after" ? "before" : "after";
  const turn = el("button", { onclick: () => { state.side = other; drawRoutes(target); } }, other === "before" ? "show without agreements" : "show with the agreements");
  const focused = document.activeElement?.dataset?.gate;
  section("routes", ...(state.lines?.length ? [el("figure", null, routeMap(state.map, state.lines, state.closures, Math.min(1000, room("routes")), state.side, shut),
      el("figcaption", null, `In ${target.year}, ${state.side === "after" ? "with" : "without"} the agreements. Width: tonnes of the pair; dashed: at sea; darker: the crossing at an end is nearly full; ×: shut for some time in this scenario. `, turn))] : []),
    target.routes ? table(target.routes, "wide") : note("No route of this pair is open or on record."));
  if (focused) byId("routes").querySelector(`[data-gate="${CSS.escape(focused)}"]`)?.focus();
}

const present = () => ({ text: state.answered, answer: state.answer, values: new Map(state.controls.map((c) => [c.path.join("."), c])) });

function keepSetting() {
  if (!state.answer || state.answered !== state.text) { tell("Keep a setting once its answer is there."); return; }
  state.kept = [...state.kept, present()].slice(-3);
  draw();
}

// The difference to the setting kept first, worked out when both have their final answers.
function differenceToFirst(each) {
  const [first] = state.kept;
  if (!isFinal(each.answer) || !isFinal(first.answer)) return null;
  const key = JSON.stringify([state.file, first.text, each.text]);
  if (!(key in state.differences)) {
    state.differences[key] = null;
    post("/api/difference", { file: state.file, text: each.text, against: first.text, original: state.original })
      .catch((error) => ({ reason: error.message })).then((told) => { state.differences[key] = told; drawKept(); });
  }
  return state.differences[key];
}

function drawKept() {
  byId("beside").hidden = !state.kept.length;
  if (!state.kept.length) return;
  section("beside", sideBySide(state.kept, present(), differenceToFirst), el("p", { class: "buttons" }, state.kept.map((each, k) => el("button", { onclick: () => { setText(each.text); settleAtOnce(); } }, `Go back to ${"ABC"[k]}`)),
    el("button", { onclick: () => { state.kept = []; draw(); } }, "Keep none")));
}

const room = (id) => Math.max(280, byId(id).clientWidth || 640);

function drawFans(answer) {
  const width = Math.min(1000, room("fans"));
  byId("fans").replaceChildren(...answer.targets.map((target) => {
    const end = axisEnd(target, state.dragging ? state.held[target.name] : null);
    state.held[target.name] = end;
    const { root, note } = fan(target, width, end, state.lastYear, state.kept.map((k) => k.answer.targets.find((t) => t.name === target.name)).filter(Boolean));
    const isTable = state.tables.has(target.name);
    const button = el("button", { "aria-pressed": String(isTable), onclick: () => { if (isTable) state.tables.delete(target.name); else state.tables.add(target.name); draw(); } }, isTable ? "as figure" : "as table");
    return el("figure", null, isTable ? fanTable(target) : root,
      el("figcaption", null, `Million USD a year. Bands: 50 and 90 % intervals; dashed: no agreement (median, 5 and 95 %); dots: recorded, ${answer.ledger} first${state.kept.length ? "; lines A, B, C: medians of kept settings" : ""}. ${note} `, button));
  }));
}

// What each agreement adds, told as the first lines tell what all add; those still to come too.
function drawAdded(target) {
  const rows = target.levers.map((l) => ({ name: l.name, ...l.median, mid: l.median?.value }));
  const all = target.levers.filter((l) => l.median).map((l) => `${l.name} ${l.median.words}`).join(", ");
  section("added", ...(rows.length ? [el("figure", null, bars(rows, Math.min(620, room("added")), "million USD a year", `What agreements add to median trade in ${target.year}: ${all}`.slice(0, 200)),
    el("figcaption", null, `Added to the median of ${target.year}, as in the answer above; bars: 90 % intervals.${rows.length > 1 ? " Each agreement alone, then all together." : ""}`))] : []));
}

function drawGains(target) {
  const gains = target.gains;
  if (!gains || !gains.rows.length) { section("gains"); return; }
  const rows = gains.rows.slice(0, 14).map((r) => ({ name: r.name + (r.is_own || r.is_member ? " •" : ""), low: r.low, mid: r.mid, high: r.high, mark: r.must_ratify ? "!" : "" }));
  const losers = gains.rows.filter((r) => r.must_ratify).map((r) => `${r.name} loses (${signed(r.mid, 2)}) and must ratify.`);
  const rest = gains.n_rest ? `${gains.n_rest} other regions change by less than ${rounded(gains.most_of_rest, 1)}.` : "";
  section("gains", el("figure", null, bars(rows, Math.min(620, room("gains")), gains.unit, `Change of real income in ${target.year}, million USD: ${gains.rows.slice(0, 3).map((r) => `${r.name} ${signed(r.mid, 2)}`).join(", ")}`),
    el("figcaption", null, `Change of real income in ${target.year} against no agreement; • own States and members. ${rest}`)),
  ...losers.map((line) => note(line)));
}

// --- buttons, keys, panels

const copy = (text) => navigator.clipboard.writeText(text).catch(() => {});

function dialog(title, children, act) {
  byId("dialog-name").textContent = title;
  byId("dialog-body").replaceChildren(...children);
  byId("dialog-do").hidden = !act;
  if (act) { byId("dialog-do").textContent = act.name; byId("dialog-do").onclick = () => { byId("dialog").close(); act.run(); }; }
  byId("dialog").showModal();
}

async function save(hash = state.hash) {
  const name = byId("name").value.trim() || state.file.replace(/\.yaml$/, "");
  const own = name === state.file.replace(/\.yaml$/, "");
  try {
    const told = await post("/api/save", { name, text: state.text, hash: own || hash !== state.hash ? hash : null });
    if (told.conflict) {
      dialog(`${told.conflict} holds something else`, [el("p", null, "What saving would change:"), el("pre", null, told.difference.join("\n"))], { name: "Save over it", run: () => save(told.hash) });
      return;
    }
    if (told.saved === state.file) { state.original = state.text; state.hash = told.hash; keep(); buttons(); await check(); }
    tell(""); byId("valid").textContent = `saved as ${told.saved}`;
  } catch (error) { fail(error); }
}

function download() {
  const address = URL.createObjectURL(new Blob([state.text], { type: "application/yaml" }));
  el("a", { href: address, download: state.file }).click();
  URL.revokeObjectURL(address);
}

const KEYS = [["/", "find a lever"], ["[ and ]", "previous, next lever"], ["arrows", "one step; with Shift ten quarters"], ["Enter", "compute now"], ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo"], ["Ctrl+S", "save"], ["c", "keep this setting to compare with"], ["?", "about the lever in focus"], ["Esc", "close; leave the text"], ["F1", "these keys"]];

function keys(event) {
  const isTyping = /^(TEXTAREA|SELECT)$/.test(event.target.tagName) || (event.target.tagName === "INPUT" && !/^(range|checkbox)$/.test(event.target.type));
  const control = event.ctrlKey || event.metaKey;
  const act = (run) => { event.preventDefault(); run(); };
  if (control && event.key.toLowerCase() === "z") act(() => (event.shiftKey ? travel(state.future, state.past) : travel(state.past, state.future)));
  else if (control && event.key.toLowerCase() === "s") act(() => save());
  else if (event.key === "F1") act(() => byId("help").click());
  else if (control || event.altKey || byId("dialog").open) return;
  else if (event.key === "Enter" && event.target.tagName === "INPUT" && event.target.type === "range") act(() => settle());
  else if (isTyping) return;
  else if (event.key === "/") act(() => { choose("levers"); byId("find").focus(); });
  else if (event.key === "[" || event.key === "]") act(() => { choose("levers"); levers.step(event.key === "]" ? 1 : -1); });
  else if (event.key === "c") act(keepSetting);
  else if (event.key === "?") act(() => document.activeElement.closest?.(".lever")?.querySelector("[aria-controls]")?.click());
}

function choose(name) {
  panel = name;
  for (const tab of byId("tabs").children) {
    const isChosen = tab.dataset.panel === name;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    byId(tab.dataset.panel).classList.toggle("shown", isChosen);
  }
  if (state.answer) { draw(); visit(); }
}

async function open(asked) {
  show(await post("/api/open", asked));
}

// A question about two States: its text is new and not saved yet.
function askQuestion() {
  const form = questionForm(state.regions);
  dialog("New question", form.body, { name: "Begin", run: async () => {
    try {
      const told = await post("/api/question", form.value());
      history.pushState(null, "", "#");
      await show({ file: told.file, original: told.text, text: told.text, hash: null, notes: [] });
      dialog("What is on record", known(told.known));
    } catch (error) { fail(error); }
  } });
}

const STUDIES = { run: "Run and report", explain: "What each lever adds", reach: "What it would take" };

// Save if that is to be done, then start a command of `sim` and show what it says.
async function runInFull(kind) {
  if (state.text !== state.original || !state.hash) await save();
  if (state.text !== state.original) return;
  const body = el("div", null);
  dialog(STUDIES[kind], [el("p", null, el("code", null, state.command.replace(/^sim run/, `sim ${kind}`))), body]);
  fullRun(kind, state.file, body, () => {});
}

function askReach() {
  const form = reachForm(state.controls);
  dialog("What it would take to reach the target", form.body, form.isAble && { name: "Save and search", run: async () => { await change([[["reach"], form.value()]]); if (state.valid === state.text) await runInFull("reach"); } });
}

async function show(told) {
  Object.assign(state, { file: told.file, original: told.original, hash: told.hash, text: told.text, valid: told.text, sound: told.text, past: [], future: [], answer: null, answered: "", held: {}, kept: [], differences: {}, lines: null, notes: told.notes });
  editor.text = told.text;
  byId("name").value = told.file.replace(/\.yaml$/, "");
  byId("scenarios").value = told.file;
  const unsaved = kept();
  buttons();
  await settle();
  if (unsaved && unsaved.text !== state.text && state.text === state.original) {
    dialog("There is unsaved text", [el("p", null, `Of ${unsaved.date.slice(0, 16).replace("T", " ")}${unsaved.hash === state.hash ? "" : "; the file on disk has changed since"}.`)], { name: "Take it", run: () => { setText(unsaved.text); settle(); } });
  }
}

async function begin() {
  const first = await start();
  Object.assign(state, { worldHash: first.world_hash, map: first.map, gates: first.titles.gates || {}, borders: first.borders, regions: first.titles.regions || {} });
  levers = new Levers(first.titles, first.groups, move);
  editor = new Editor((text) => {
    const now = Date.now();
    if (now - lastTyped > 1000) remember();
    lastTyped = now;
    setText(text, { step: false, from: "typing" });
    mark();
    clearTimeout(typeTimer);
    typeTimer = setTimeout(() => settle(), 250);
  });
  byId("scenarios").replaceChildren(...options(Object.fromEntries(first.scenarios.map((s) => [s.file, s.title]))));
  byId("scenarios").addEventListener("change", () => { history.pushState(null, "", "#"); open({ file: byId("scenarios").value }).catch(fail); });
  const pick = byId("shut");
  pick.append(...Object.entries(first.borders).map(([label, own]) => el("optgroup", { label }, own.map((value) => el("option", { value }, state.gates[value])))));
  pick.addEventListener("change", () => { if (pick.value) shut(pick.value); pick.value = ""; });
  if (first.read_only) byId("save").disabled = true;
  for (const [id, act] of Object.entries({
    undo: () => travel(state.past, state.future),
    redo: () => travel(state.future, state.past),
    reset: () => { setText(state.original); settle(); },
    stop: () => { state.question?.stop(); byId("stop").hidden = true; },
    copy: () => copy(state.text),
    share: () => { const link = `${location.origin}/${address()}`; dialog("Link to this setting", [el("p", null, "It holds the setting, the file's name and the world's mark, and is sent nowhere."), el("pre", null, link)], { name: "Copy", run: () => copy(link) }); },
    download,
    save: () => save(),
    full: () => dialog("Run in full", [
      el("p", null, "The whole report, with the same numbers as the final answer. In a terminal:"), el("pre", null, state.command),
      ...(first.read_only ? [] : [el("p", { class: "buttons" }, Object.entries(STUDIES).map(([kind, name]) => el("button", { onclick: () => { byId("dialog").close(); if (kind === "reach") askReach(); else runInFull(kind); } }, name))),
        note("The text is saved under its name first.")]),
    ], { name: "Copy the command", run: () => copy(state.command) }),
    keep: keepSetting,
    new: askQuestion,
    help: () => dialog("Keys", [el("table", null, KEYS.map(([key, what]) => el("tr", null, el("th", { scope: "row" }, key), el("td", null, what))))]),
    tabs: (event) => { if (event.target.dataset.panel) choose(event.target.dataset.panel); },
  })) byId(id).onclick = act;
  byId("tabs").onkeydown = (event) => {
    const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const tabs = [...byId("tabs").children];
    if (turn) { const next = tabs[(tabs.indexOf(document.activeElement) + turn + tabs.length) % tabs.length]; next.focus(); choose(next.dataset.panel); }
  };
  document.addEventListener("keydown", keys);
  window.addEventListener("popstate", (event) => revisit(event).catch(fail));
  window.addEventListener("beforeprint", () => { byId("printed").textContent = `${state.command} · ${byId("stage-name").title}\n\n${state.text}`; });
  let drawn = window.innerWidth;
  window.addEventListener("resize", () => { if (state.answer && window.innerWidth !== drawn) { drawn = window.innerWidth; draw(); } });
  const link = location.hash;
  choose(/&p=(parts|tables|file)/.exec(link)?.[1] || "levers");
  await open(link.length > 2 ? { link } : { file: first.scenarios[0]?.file });
}

// For tests and the curious: what the page shows now.
window.lab = { state, idle: () => edits };
begin().catch(fail);
