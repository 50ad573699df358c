// What becomes of a program that is posted: static/js/sending.js with answers laid out in advance.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

import { World } from "./world.mjs";

const source = readFileSync(new URL("../../static/js/sending.js", import.meta.url), "utf8");
const send = vm.runInThisContext(`${source}\nsend;`);
const ACCEPTED = { id: "1", status: "queued", url: "/api/runs/1/" };

const answer = (status, json) => ({ status, json: async () => json });

async function outcome(given) {
  const world = new World([given]);
  return { world, got: await send("/api/runs/", { code: "é" }, "secret", world) };
}

test("it is posted as JSON with the token, and what was accepted comes back", async () => {
  const { world, got } = await outcome(answer(202, ACCEPTED));
  assert.deepEqual({ ...got }, { accepted: ACCEPTED });
  const { url, options } = world.asked[0];
  assert.equal(url, "/api/runs/");
  assert.equal(options.method, "POST");
  assert.equal(options.headers["X-CSRFToken"], "secret");
  assert.equal(options.headers["Content-Type"], "application/json");
  assert.deepEqual(JSON.parse(options.body), { code: "é" });
  assert.deepEqual(options.signal, { timeout: 20_000 });
});

for (const status of [403, 429, 503]) {
  test(`a ${status} is told in the API's words`, async () => {
    const { got } = await outcome(answer(status, { message: "Wait 7 seconds.", status }));
    assert.deepEqual({ ...got }, { refusal: "told", message: "Wait 7 seconds." });
  });
}

test("what is wrong with the fields is told, all of it", async () => {
  const errors = { code: ["It is empty.", "It is late."], language: ["There is none."] };
  const { got } = await outcome(answer(400, { message: "The input is not valid.", errors }));
  assert.deepEqual({ ...got }, { refusal: "told", message: "It is empty. It is late. There is none." });
});

test("a session that is over is told apart", async () => {
  const { got } = await outcome(answer(401, { message: "Sign in first." }));
  assert.deepEqual({ ...got }, { refusal: "logged-out" });
});

for (const [why, given] of [
  ["no answer", new TypeError("no network")],
  ["an answer that is no JSON", { status: 502, json: async () => JSON.parse("<html>") }],
]) {
  test(`${why} means that the server can't be reached`, async () => {
    const { got } = await outcome(given);
    assert.deepEqual({ ...got }, { refusal: "unreachable" });
  });
}
