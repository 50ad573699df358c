// A make-believe browser for the poller: a clock that only moves when told to, a tab to hide, answers laid out in advance.

import { readFileSync } from "node:fs";
import vm from "node:vm";

const source = new URL("../../static/js/poll.js", import.meta.url);

// The class as a page's script element would define it.
export const Poller = vm.runInThisContext(`${readFileSync(source, "utf8")}\nPoller;`, { filename: source.pathname });

export function answer(json) {
  return { ok: true, status: 200, headers: new Headers(), json: async () => json };
}

export function refusal(status, headers = {}) {
  return { ok: false, status, headers: new Headers(headers), json: async () => ({ status }) };
}

export class World {
  // `answers` are given out in turn, the last one for ever: a response, or an error to throw.
  constructor(answers) {
    this.answers = answers;
    this.asked = []; // {at, url, options} of every fetch
    this.now = Date.parse("2026-11-24T12:00:00Z");
    this.began = this.now;
    this.timers = new Map();
    this.document = Object.assign(new EventTarget(), { hidden: false });
    this.Date = { now: () => this.now };
    this.AbortSignal = { timeout: (ms) => ({ timeout: ms }) };
  }

  fetch = async (url, options) => {
    const given = this.answers[Math.min(this.asked.length, this.answers.length - 1)];
    this.asked.push({ at: this.now - this.began, url, options });
    if (given instanceof Error) throw given;
    return given;
  };

  setTimeout = (callback, ms) => {
    const id = (this.lastId = (this.lastId ?? 0) + 1);
    this.timers.set(id, { callback, at: this.now + ms });
    return id;
  };

  clearTimeout = (id) => this.timers.delete(id);

  // Lets `ms` pass, with all that falls due in them.
  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const [id, next] = [...this.timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!next || next.at > end) break;
      this.timers.delete(id);
      this.now = next.at;
      next.callback();
      await new Promise(setImmediate);
    }
    this.now = end;
  }

  show(visible) {
    this.document.hidden = !visible;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  get times() {
    return this.asked.map(({ at }) => at);
  }
}

// A poller that has begun, with a record of what it told the page.
export function begin(answers, prepare = () => {}) {
  const world = new World(answers);
  const told = { answers: [], stops: [] };
  const poller = new Poller("/api/submissions/1/", {
    onAnswer: (json) => told.answers.push(json),
    onStop: (why) => told.stops.push(why),
    world,
  });
  prepare(world);
  poller.start();
  return { world, told, poller };
}
