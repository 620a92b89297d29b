// Controls of a text. They are made once and then only told their values: a result never touches
// one, and the one that is being moved is left alone.
import { el, byId, nameOf, options } from "./dom.js";

const keyOf = (control) => JSON.stringify(control.path);

export class Levers {
  // onMove(control, value, isLast): a value was chosen; isLast is false while it is being dragged.
  constructor(titles, groups, onMove) {
    this.titles = titles; this.groups = groups; this.onMove = onMove;
    this.shown = new Map(); this.shape = ""; this.active = null;
    byId("find").addEventListener("input", () => this.filter());
    byId("all").addEventListener("change", () => this.filter());
  }

  update(controls) {
    // A value that becomes the text's own does not move its control.
    const shape = controls.map((c) => keyOf(c) + c.kind + (c.context || []).join()).sort().join();
    if (shape !== this.shape) this.#build(controls, shape);
    let isSame = shape === this.told;
    this.told = shape;
    for (const control of controls) {
      const own = this.shown.get(keyOf(control));
      const said = JSON.stringify(control);
      // Most are as they were: to tell all of them again takes longer than an answer that is known.
      if (own.said === said && this.active !== own.box) continue;
      isSame &&= own.control.is_lever === control.is_lever;
      Object.assign(own, { control, said });
      own.box.classList.toggle("own", control.origin === "own");
      own.back.hidden = control.origin !== "own" || JSON.stringify(control.value) === JSON.stringify(control.resting);
      own.origin.textContent = control.origin === "own" ? `set here${control.line ? `, line ${control.line}` : ""}` : control.origin === "default" ? "default" : `from ${control.origin}`;
      if (this.active !== own.box) own.show(control.value);
    }
    if (!isSame) this.filter();
  }

  lock(isLocked) {
    byId("controls").toggleAttribute("inert", isLocked);
  }

  say(control, message) {
    const own = this.shown.get(keyOf(control));
    if (own) own.wrong.textContent = message;
  }

  filter() {
    const words = byId("find").value.trim().toLowerCase();
    const all = byId("all").checked;
    for (const { box, control } of this.shown.values()) {
      const told = `${nameOf(control, " ")} ${control.help || ""} ${control.path.join(".")}`.toLowerCase();
      box.hidden = words ? !told.includes(words) : !(all || control.is_lever);
    }
    for (const head of byId("controls").querySelectorAll("h3, details")) {
      const within = head.tagName === "H3" ? head.parentElement : head;
      head.hidden = !within.querySelector(".lever:not([hidden])");
      if (head.tagName === "DETAILS" && words) head.open = true;
    }
  }

  step(direction) {
    const boxes = [...byId("controls").querySelectorAll(".lever:not([hidden])")];
    const at = boxes.findIndex((box) => box.contains(document.activeElement));
    const next = boxes[(at + direction + boxes.length) % boxes.length];
    if (!next) return;
    next.closest("details").open = true;
    next.querySelector(".row input, .row select, .row button")?.focus();
  }

  #build(controls, shape) {
    const focused = document.activeElement?.closest?.(".lever")?.dataset.key;
    const open = new Set([...byId("controls").querySelectorAll("details[open]")].map((d) => d.dataset.group));
    const first = !this.shape;
    this.shape = shape; this.shown.clear();
    const parts = [];
    for (const [group, title] of Object.entries(this.groups)) {
      const own = controls.filter((c) => c.group === group);
      if (!own.length) continue;
      const details = el("details", { class: "group", "data-group": group, open: first ? ["target", "agreements", "borders"].includes(group) && own.some((c) => c.is_lever) : open.has(group) }, el("summary", null, title));
      const contexts = new Map();
      for (const control of own) {
        const context = (control.context || []).join(" · ");
        if (!contexts.has(context)) contexts.set(context, []);
        contexts.get(context).push(control);
      }
      for (const [context, list] of contexts) {
        details.append(el("div", null, context ? el("h3", null, context) : null, list.map((c) => this.#lever(c))));
      }
      parts.push(details);
    }
    byId("controls").replaceChildren(...parts);
    if (focused) byId("controls").querySelector(`[data-key="${CSS.escape(focused)}"]`)?.querySelector("input, select")?.focus();
  }

  #lever(control) {
    const id = `c${this.shown.size}`;
    const name = nameOf(control, ", ");
    const wrong = el("small", { class: "wrong", role: "alert" });
    const origin = el("span", { class: "origin" });
    const back = el("button", { class: "small", "aria-label": `Put back: ${name}`, title: "Put back" }, "↺");
    const about = el("small", { id: `${id}-about`, hidden: true }, `${control.help || ""}${control.effect ? ` Can matter from ${control.effect}.` : " Acts from the start, so answers take longer."} Key: ${control.path.join(".")}`);
    const info = el("button", { class: "small", "aria-expanded": "false", "aria-controls": about.id, "aria-label": `About ${name}`, onclick: () => { about.hidden = !about.hidden; info.setAttribute("aria-expanded", String(!about.hidden)); } }, "?");
    const move = (value, isLast) => { wrong.textContent = ""; this.onMove(this.shown.get(keyOf(control)).control, value, isLast); };
    const { parts, show } = (KINDS[control.kind] || KINDS.text)(control, { id, name, move, titles: this.titles[control.names] || {} });
    const box = el("div", { class: "lever", "data-key": keyOf(control) },
      el("div", { class: "head" }, el("span", { class: "label", id: `${id}-name` }, control.title + (control.unit && control.unit !== "share" ? ` (${control.unit})` : "")), origin, back, info),
      el("div", { class: "row" }, parts), about, wrong);
    box.addEventListener("pointerdown", (event) => { if (event.target.type === "range") { this.active = box; document.body.classList.add("dragging"); if (matchMedia("(max-width: 700px)").matches) { window.scrollTo(0, 0); box.scrollIntoView({ block: "nearest" }); } } });
    box.addEventListener("change", () => { this.active = null; document.body.classList.remove("dragging"); });
    box.addEventListener("focusout", () => { this.active = null; });
    back.addEventListener("click", () => move(this.shown.get(keyOf(control)).control.resting, true));
    this.shown.set(keyOf(control), { control, box, back, origin, show, wrong });
    return box;
  }
}

const numberIn = (text) => (text.trim() === "" ? null : Number(text));

function slider(control, { name, move }, scale, unit) {
  const [low, high] = control.slider || [control.low ?? 0, control.high ?? 1];
  const step = (control.step || (control.kind === "share" ? 0.01 : 1)) * scale;
  const number = el("input", { type: "number", step: "any", "aria-label": `${name}${unit}`, min: control.low === undefined ? null : control.low * scale, max: control.high === undefined ? null : control.high * scale });
  const given = (text) => { const value = numberIn(text); return value === null ? null : Number((value / scale).toPrecision(12)); };
  number.addEventListener("change", () => move(given(number.value), true));
  if (!control.slider && control.kind !== "share") return { parts: [number], show: (v) => { number.value = v === null ? "" : v * scale; } };
  const range = el("input", { type: "range", min: low * scale, max: high * scale, step, "aria-label": `${name}, slider` });
  const text = () => range.setAttribute("aria-valuetext", `${range.value}${unit}`);
  range.addEventListener("input", () => { number.value = range.value; text(); move(given(range.value), false); });
  range.addEventListener("change", () => move(given(range.value), true));
  return {
    parts: [range, number, scale === 100 && el("span", { "aria-hidden": "true" }, "%")].filter(Boolean),
    show: (v) => { const shown = v === null || v === undefined ? "" : Number((v * scale).toPrecision(10)); number.value = shown; range.value = shown === "" ? low * scale : shown; text(); },
  };
}

function choice(control, { name, move, titles }, none) {
  const words = control.options || [];
  const select = el("select", { "aria-label": name }, none ? el("option", { value: "" }, "–") : null,
    words.map((word) => el("option", { value: word }, word.replaceAll("_", " "))), options(titles));
  select.addEventListener("change", () => move(select.value || null, true));
  return { parts: [select], show: (v) => { if (v && ![...select.options].some((o) => o.value === String(v))) select.append(el("option", { value: v }, String(v))); select.value = v ?? ""; } };
}

const field = (attributes) => (control, { name, move }) => {
  const box = el("input", { ...attributes, "aria-label": name });
  box.addEventListener("change", () => move(box.value || null, true));
  return { parts: [box], show: (v) => { box.value = v ?? ""; } };
};

const KINDS = {
  share: (control, means) => slider(control, means, 100, " %"),
  number: (control, means) => slider(control, means, 1, control.unit ? ` ${control.unit}` : ""),
  choice: (control, means) => choice(control, means, false),
  name: (control, means) => choice(control, means, control.resting === null),
  switch: (control, { name, move }) => {
    const box = el("input", { type: "checkbox", role: "switch", "aria-label": name });
    const word = el("span", { "aria-hidden": "true" });
    box.addEventListener("change", () => { word.textContent = box.checked ? "yes" : "no"; move(box.checked, true); });
    return { parts: [box, word], show: (v) => { box.checked = Boolean(v); word.textContent = v ? "yes" : "no"; } };
  },
  quarter: (control, { name, move }) => {
    const words = control.options || [];
    const year = el("input", { type: "number", min: 1990, max: 2100, "aria-label": `${name}, year` });
    const part = el("select", { "aria-label": `${name}, quarter` }, control.resting === null || control.value === null ? el("option", { value: "" }, "none") : null, ["Q1", "Q2", "Q3", "Q4", ...words].map((w) => el("option", null, w)));
    const told = () => { if (words.includes(part.value)) return part.value; return part.value && year.value ? `${year.value}${part.value}` : null; };
    year.addEventListener("change", () => { if (!part.value) part.value = "Q4"; move(told(), true); });
    part.addEventListener("change", () => { if (part.value.startsWith("Q") && !year.value) year.value = 2027; move(told(), true); });
    year.addEventListener("keydown", (event) => {
      const turn = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!turn || !year.value || !part.value.startsWith("Q")) return;
      event.preventDefault();
      const at = Number(year.value) * 4 + Number(part.value[1]) - 1 + turn * (event.shiftKey ? 10 : 1);
      year.value = Math.floor(at / 4); part.value = `Q${(at % 4) + 1}`;
      move(told(), true);
    });
    return { parts: [year, part], show: (v) => { const m = /^(\d{4})(Q\d)$/.exec(v || ""); year.value = m ? m[1] : ""; part.value = m ? m[2] : v || ""; } };
  },
  day: field({ type: "date" }),
  names: (control, { name, move, titles }) => {
    let now = [];
    const words = control.options || [];
    const chips = el("span", { class: "chips" });
    const add = el("select", { "aria-label": `Add to ${name}` });
    const show = (v) => {
      now = Array.isArray(v) ? v : v === null || v === undefined ? [] : [v];
      chips.replaceChildren(...now.map((item) => el("button", { class: "small", "aria-label": `Remove ${titles[item] || item} from ${name}`, onclick: () => { const left = now.filter((other) => other !== item); move(left.length ? left : control.resting, true); } }, `${titles[item] || item} ×`)));
      add.replaceChildren(el("option", { value: "" }, now.length ? "add…" : "all; choose…"), ...words.filter((w) => !now.includes(w)).map((w) => el("option", null, w)), ...options(titles).filter((o) => !now.includes(o.value)));
    };
    add.addEventListener("change", () => { if (add.value) move(words.includes(add.value) ? add.value : [...now.filter((i) => !words.includes(i)), add.value], true); });
    return { parts: [chips, add], show };
  },
  tuple: (control, { name, move, titles }) => {
    const boxes = (control.value || [0, 0]).map((_, k) => Object.keys(titles).length
      ? el("select", { "aria-label": `${name}, ${k + 1}` }, options(titles))
      : el("input", { type: "number", step: "any", "aria-label": `${name}, ${k + 1}` }));
    const told = () => boxes.map((box) => (box.tagName === "SELECT" ? box.value : Number(box.value)));
    for (const box of boxes) box.addEventListener("change", () => move(told(), true));
    return { parts: boxes, show: (v) => (v || []).forEach((value, k) => { if (boxes[k]) boxes[k].value = value; }) };
  },
  text: field({ type: "text", size: 32 }),
};
