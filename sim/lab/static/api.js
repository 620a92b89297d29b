// Requests to the lab that this page came from, and to nothing else.
const TAB = crypto.getRandomValues(new Uint32Array(2)).join("-");
const HEADERS = { "Content-Type": "application/json", "X-Sim-Lab": "1", "X-Sim-Tab": TAB };

class Refused extends Error {}

export async function post(path, body) {
  const response = await fetch(path, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });
  const told = (response.headers.get("content-type") || "").includes("json")
    ? await response.json() : { message: await response.text() };
  if (!response.ok && response.status !== 409) throw new Refused(told.message || `error ${response.status}`);
  return told;
}

export async function start() {
  const response = await fetch("/api/start");
  if (!response.ok) throw new Refused(await response.text());
  return response.json();
}

// One question: its messages in turn, until it is done or given up.
export class Question {
  static newest = 0;

  constructor(body, onMessage) {
    this.number = ++Question.newest;
    this.control = new AbortController();
    // Its first message, or soon: what is known is shown before anything else is done.
    this.begun = new Promise((done) => { this.hasBegun = done; setTimeout(done, 40); });
    this.finished = this.#run({ ...body, tab: TAB, number: this.number }, onMessage);
  }

  stop() {
    this.control.abort();
  }

  async #run(body, onMessage) {
    await stream("/api/ask", body, this.control.signal, (event, told) => {
      // What belongs to an older question is dropped, however late it comes.
      if (this.number === Question.newest && !this.control.signal.aborted) onMessage(event, told);
      this.hasBegun();
    });
  }
}

// Messages of a long request, in turn.
export async function stream(path, body, signal, onMessage) {
  try {
    const response = await fetch(path, { method: "POST", headers: HEADERS, body: JSON.stringify(body), signal });
    if (!response.ok) {
      const told = await response.json().catch(() => ({}));
      onMessage("failed", { message: told.message || `error ${response.status}` });
      return;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) {
        const event = /^event: (.*)$/m.exec(part); const data = /^data: (.*)$/m.exec(part);
        if (event && data) onMessage(event[1], JSON.parse(data[1]));
      }
    }
  } catch (error) {
    if (error.name !== "AbortError") onMessage("failed", { message: "The lab does not answer; is sim lab still running?" });
  }
}
