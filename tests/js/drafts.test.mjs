// What is typed stays in the browser: static/js/drafts.js on a make-believe storage.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("../../static/js/drafts.js", import.meta.url), "utf8");
const Drafts = vm.runInThisContext(`${source}\nDrafts;`);

// Keys are properties, as in a browser. `room` is how many characters all values may have together.
class Storage {
  constructor(room = Infinity) {
    Object.defineProperty(this, "room", { value: room });
  }

  getItem(key) {
    return this[key] ?? null;
  }

  setItem(key, value) {
    const others = Object.keys(this).filter((other) => other !== key);
    const used = others.reduce((sum, other) => sum + this[other].length, 0);
    if (used + value.length > this.room) throw new Error("QuotaExceededError");
    this[key] = value;
  }

  removeItem(key) {
    delete this[key];
  }
}

const forbidden = new Proxy(new Storage(), {
  get() {
    throw new Error("SecurityError");
  },
});

test("each language has a draft of its own", () => {
  const drafts = new Drafts("7:sums", new Storage());
  drafts.set("c", "int main;");
  drafts.set("go", "package main\n\n");
  assert.equal(drafts.get("c"), "int main;");
  assert.equal(drafts.get("go"), "package main\n\n");
  assert.equal(drafts.get("rust"), null);
});

test("neither another problem's nor another user's are seen", () => {
  const storage = new Storage();
  new Drafts("7:sums", storage).set("c", "int main;");
  assert.equal(new Drafts("7:sum", storage).get("c"), null);
  assert.equal(new Drafts("8:sums", storage).get("c"), null);
  assert.equal(new Drafts("7:sums", storage).get("c"), "int main;");
});

test("an empty text is a draft, too", () => {
  const drafts = new Drafts("7:sums", new Storage());
  drafts.set("c", "");
  assert.equal(drafts.get("c"), "");
});

test("the language is remembered whatever the problem", () => {
  const storage = new Storage();
  assert.equal(new Drafts("7:sums", storage).language, null);
  new Drafts("7:sums", storage).language = "go";
  assert.equal(new Drafts("8:other", storage).language, "go");
});

test("the oldest drafts make room, and nothing else does", () => {
  let now = 100;
  const storage = new Storage(50);
  storage.setItem("theme", "dark");
  const drafts = (slug) => new Drafts(slug, storage, () => now++);
  drafts("one").set("c", "x".repeat(10));
  drafts("two").set("c", "x".repeat(10));
  drafts("one").set("c", "y".repeat(10));
  drafts("three").set("c", "x".repeat(20));
  assert.equal(drafts("two").get("c"), null);
  assert.equal(drafts("one").get("c"), "y".repeat(10));
  assert.equal(drafts("three").get("c"), "x".repeat(20));
  assert.equal(storage.getItem("theme"), "dark");
});

test("what is larger than all the room there is keeps the draft that was there", () => {
  const drafts = new Drafts("one", new Storage(30));
  drafts.set("c", "short");
  drafts.set("c", "x".repeat(100));
  assert.equal(drafts.get("c"), "short");
});

for (const [why, storage] of [
  ["missing", null],
  ["forbidden", forbidden],
]) {
  test(`where storage is ${why} nothing is kept, and nothing breaks`, () => {
    const drafts = new Drafts("7:sums", storage);
    drafts.set("c", "int main;");
    drafts.language = "c";
    assert.equal(drafts.get("c"), null);
    assert.equal(drafts.language, null);
  });
}

test("even asking for the storage may be forbidden", () => {
  const world = Object.defineProperty({}, "localStorage", {
    get() {
      throw new Error("SecurityError");
    },
  });
  assert.equal(Drafts.storage(world), null);
  assert.equal(Drafts.storage({ localStorage: 1 }), 1);
});
