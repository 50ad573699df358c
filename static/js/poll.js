// Asks one address again and again until what stands there has come to its end, but never for ever.
//
// A poller makes at most 30 attempts, whatever they bring: a few quick ones, then one a second. It stops at `completed`
// and `failed`, at 404, and after its last attempt; it waits as long as a 429 or 503 asks for, and rests while the tab
// is hidden. It knows nothing of the page: it tells `onAnswer(json)` what it got, and `onStop(why)` that it has
// stopped, why being one of DONE, GONE, TIRED. After TIRED, `start()` begins anew.

"use strict";

class Poller {
  static DONE = "done"; // the answer is final
  static GONE = "gone"; // 404: it isn't there, or not for this reader
  static TIRED = "tired"; // the last attempt is used up, or we were asked to stay away for long

  static ATTEMPTS = 30;
  static QUICK = [100, 200, 300, 500]; // ms before each of the first attempts
  static STEADY = 1000; // ms before each of the others
  static BACKOFF = [2000, 4000, 8000, 15000]; // ms after the first, second … refusal in a row that names no time
  static LONGEST_WAIT = 60000; // ms; a server that asks for more is left alone
  static TIMEOUT = 10000; // ms an answer may take

  constructor(url, { onAnswer, onStop, world = globalThis }) {
    this.url = url;
    this.onAnswer = onAnswer;
    this.onStop = onStop;
    this.world = world;
    this.running = false;
    this.woken = () => this.#visibilityChanged();
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.world.document.addEventListener("visibilitychange", this.woken);
    this.attempts = 0;
    this.refusals = 0;
    this.asking = false;
    this.#planNext(0);
  }

  #stop(why) {
    this.running = false;
    this.world.document.removeEventListener("visibilitychange", this.woken);
    this.onStop(why);
  }

  // `wait` is the least time to let pass, in ms.
  #planNext(wait) {
    if (this.attempts >= Poller.ATTEMPTS || wait > Poller.LONGEST_WAIT) return this.#stop(Poller.TIRED);
    this.due = this.world.Date.now() + Math.max(wait, Poller.QUICK[this.attempts] ?? Poller.STEADY);
    this.#sleep();
  }

  #sleep() {
    this.world.clearTimeout(this.timer);
    if (this.world.document.hidden) return; // the tab's return wakes us
    this.timer = this.world.setTimeout(() => this.#ask(), Math.max(0, this.due - this.world.Date.now()));
  }

  #visibilityChanged() {
    if (this.running && !this.asking) this.#sleep();
  }

  async #ask() {
    this.attempts += 1;
    this.asking = true;
    const response = await this.#fetch();
    const answer = response?.ok ? await this.#json(response) : null;
    this.asking = false;
    if (response?.status === 404) return this.#stop(Poller.GONE);
    if (answer === null) return this.#planNext(this.#backoff(response));
    this.refusals = 0;
    this.onAnswer(answer);
    if (answer.status === "completed" || answer.status === "failed") return this.#stop(Poller.DONE);
    return this.#planNext(0);
  }

  // The response, or null where none came.
  async #fetch() {
    try {
      return await this.world.fetch(this.url, {
        headers: { Accept: "application/json" },
        cache: "no-store",
        signal: this.world.AbortSignal.timeout(Poller.TIMEOUT),
      });
    } catch {
      return null;
    }
  }

  async #json(response) {
    try {
      return await response.json();
    } catch {
      return null;
    }
  }

  #backoff(response) {
    const refusal = Math.min(this.refusals, Poller.BACKOFF.length - 1);
    this.refusals += 1;
    const told = response && (response.status === 429 || response.status === 503);
    return (told ? this.#retryAfter(response) : null) ?? Poller.BACKOFF[refusal];
  }

  // Retry-After in ms: it is a number of seconds or a date (RFC 9110, section 10.2.3). Null where it is neither.
  #retryAfter(response) {
    const value = response.headers.get("Retry-After") ?? "";
    if (/^\d+$/.test(value)) return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? null : Math.max(0, date - this.world.Date.now());
  }
}
