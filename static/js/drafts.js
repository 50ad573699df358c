// Keeps what is typed in this browser: one draft for each language of a problem, under `prefix` (which names the
// problem, whose drafts they are and, where one that was sent is changed, the submission). `storage` is the browser's;
// it may be missing, full or forbidden, and then nothing is kept and nothing else goes wrong. A draft is stored as
// "<time>\n<text>": the oldest make room for new ones.

"use strict";

class Drafts {
  static FAMILY = "verdict:draft:"; // what every draft's key begins with, of whichever problem
  static LANGUAGE = "verdict:language"; // the one that was chosen last

  constructor(prefix, storage, now = Date.now) {
    this.prefix = `${Drafts.FAMILY}${prefix}:`;
    this.storage = storage;
    this.now = now;
  }

  // The browser's storage, or null where reading the property alone is forbidden.
  static storage(world = globalThis) {
    try {
      return world.localStorage;
    } catch {
      return null;
    }
  }

  static textOf(value) {
    return value === null ? null : value.slice(value.indexOf("\n") + 1);
  }

  key(language) {
    return this.prefix + language;
  }

  // The text, or null where none is kept.
  get(language) {
    return Drafts.textOf(this.#read(this.key(language)));
  }

  set(language, text) {
    const value = `${this.now()}\n${text}`;
    while (!this.#write(this.key(language), value)) {
      const oldest = this.#oldest(this.key(language));
      if (oldest === null) return;
      this.storage.removeItem(oldest);
    }
  }

  get language() {
    return this.#read(Drafts.LANGUAGE);
  }

  set language(id) {
    this.#write(Drafts.LANGUAGE, id);
  }

  #read(key) {
    try {
      return this.storage?.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  // Whether there is room.
  #write(key, value) {
    try {
      this.storage?.setItem(key, value);
      return true;
    } catch {
      return false;
    }
  }

  // The key of the draft that was written longest ago, but for `spared`; null where there is no other.
  #oldest(spared) {
    try {
      const keys = Object.keys(this.storage).filter((key) => key.startsWith(Drafts.FAMILY) && key !== spared);
      const times = keys.map((key) => [Number.parseInt(this.storage.getItem(key), 10), key]);
      return times.sort(([one], [other]) => one - other)[0]?.[1] ?? null;
    } catch {
      return null;
    }
  }
}
