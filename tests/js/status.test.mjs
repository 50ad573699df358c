// The staff's page keeps itself fresh: static/js/status.js on a make-believe page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";
import { World, answer, refusal } from "./world.mjs";

const source = readFileSync(new URL("../../static/js/status.js", import.meta.url), "utf8");
const WORDS = { out: "You are out", trouble: "In trouble: is old", silent: "No answer: is old" };
const FRESH = answer({ values: { waiting: "3" }, paths: { waiting: "M0 0" } });

// A page with one number, one line, and a place for trouble; its script has begun.
function open(answers) {
  const world = new World(answers);
  const parts = {
    '[data-part="trouble"]': { textContent: "", hidden: true },
    '[data-value="waiting"]': { textContent: "0" },
    '[data-path="waiting"]': { setAttribute: (name, value) => (parts.drawn = { [name]: value }) },
  };
  const page = { dataset: { status: "/staff/status/data/", words: JSON.stringify(WORDS) }, querySelector: (selector) => parts[selector] };
  world.document.querySelector = () => page;
  const { document, fetch, setTimeout, clearTimeout, AbortSignal } = world;
  vm.runInNewContext(source, { document, fetch, setTimeout, clearTimeout, AbortSignal });
  return { world, number: parts['[data-value="waiting"]'], trouble: parts['[data-part="trouble"]'], parts };
}

test("it asks every five seconds and shows what it gets", async () => {
  const { world, number, parts, trouble } = open([FRESH]);
  await world.pass(16000);
  assert.deepEqual(world.times, [5000, 10000, 15000]);
  assert.equal(number.textContent, "3");
  assert.deepEqual(parts.drawn, { d: "M0 0" });
  assert.equal(trouble.hidden, true);
});

test("it rests in a hidden tab and asks at once when it is seen again", async () => {
  const { world } = open([FRESH]);
  await world.pass(6000);
  world.show(false);
  await world.pass(60000);
  assert.deepEqual(world.times, [5000]);
  world.show(true);
  await world.pass(5000);
  assert.deepEqual(world.times, [5000, 66000, 71000]);
});

for (const [why, trouble] of [
  ["no answer", new TypeError("no network")],
  ["an error", refusal(500)],
]) {
  test(`after ${why} it says so, and tries again`, async () => {
    const opened = open([trouble, FRESH]);
    await opened.world.pass(6000);
    assert.match(opened.trouble.textContent, /is old/);
    assert.equal(opened.trouble.hidden, false);
    await opened.world.pass(5000);
    assert.equal(opened.trouble.hidden, true);
    assert.equal(opened.number.textContent, "3");
  });
}

for (const [who, response] of [
  ["signed out", { ok: false, status: 0, type: "opaqueredirect" }],
  ["staff no more", refusal(404)],
]) {
  test(`who is ${who} is told, and it asks no more`, async () => {
    const { world, trouble } = open([response]);
    await world.pass(60000);
    assert.deepEqual(world.times, [5000]);
    assert.match(trouble.textContent, /You are out/);
    world.show(false);
    world.show(true);
    await world.pass(60000);
    assert.equal(world.times.length, 1);
  });
}
