// The text: lines with their numbers, problems at their lines and in a list.
import { el, byId } from "./dom.js";

export class Editor {
  constructor(onType) {
    this.area = byId("text"); this.gutter = byId("gutter"); this.bad = new Map();
    this.area.addEventListener("input", () => { this.#number(); onType(this.area.value); });
    this.area.addEventListener("scroll", () => { this.gutter.scrollTop = this.area.scrollTop; });
    this.area.addEventListener("keydown", (event) => {
      // Tab leaves the text, as everywhere; two spaces indent.
      if (event.key === "Escape") this.area.blur();
    });
  }

  get text() { return this.area.value; }

  set text(text) {
    if (text === this.area.value) return;
    const { selectionStart, selectionEnd, scrollTop } = this.area;
    this.area.value = text;
    this.area.setSelectionRange(Math.min(selectionStart, text.length), Math.min(selectionEnd, text.length));
    this.area.scrollTop = scrollTop;
    this.#number();
  }

  show(problems, warnings) {
    this.bad = new Map(problems.filter((p) => !p.file).map((p) => [p.line, p]));
    this.#number();
    const item = (problem, kind) => el("li", { class: kind }, el("button", { onclick: () => this.goTo(problem) },
      `${problem.file ? `${problem.file} ` : ""}${problem.line ? `line ${problem.line}: ` : ""}${problem.message}${problem.wanted ? `; ${problem.wanted}` : ""}${problem.nearest ? `; did you mean ${problem.nearest}?` : ""}`));
    byId("problems").replaceChildren(...problems.map((p) => item(p, "problem")), ...warnings.map((p) => item(p, "warning")));
  }

  goTo(problem) {
    if (problem.file || !problem.line) return;
    const lines = this.area.value.split("\n");
    const start = lines.slice(0, problem.line - 1).reduce((n, line) => n + line.length + 1, 0);
    const at = start + Math.max(0, problem.column - 1);
    this.area.focus();
    this.area.setSelectionRange(at, at);
    this.area.scrollTop = Math.max(0, (problem.line - 6) * 19);
  }

  #number() {
    const n = this.area.value.split("\n").length;
    const lines = [];
    for (let k = 1; k <= n; k++) lines.push(this.bad.has(k) ? el("span", { class: "bad" }, `${k}!`) : String(k), "\n");
    this.gutter.replaceChildren(...lines, "\n\n");
    this.gutter.scrollTop = this.area.scrollTop;
  }
}
