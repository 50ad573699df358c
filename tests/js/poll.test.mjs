import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, begin, Poller, refusal } from "./world.mjs";

const HOUR = 3_600_000;
const queued = answer({ status: "queued" });
const running = answer({ status: "running", progress: { done: 1, total: 3 } });
const completed = answer({ status: "completed", verdict: "AC" });
const failed = answer({ status: "failed", failure: "dropped" });

function gaps(times) {
  return times.map((at, index) => at - (times[index - 1] ?? 0));
}

test("it stops when the submission is completed, and passes every answer on", async () => {
  const { world, told } = begin([queued, running, completed]);
  await world.pass(HOUR);
  assert.deepEqual(told.answers.map(({ status }) => status), ["queued", "running", "completed"]);
  assert.deepEqual(told.stops, [Poller.DONE]);
  assert.equal(world.timers.size, 0);
});

test("it stops when the submission has failed", async () => {
  const { world, told } = begin([failed]);
  await world.pass(HOUR);
  assert.deepEqual(told.stops, [Poller.DONE]);
  assert.equal(world.asked.length, 1);
});

test("it asks for fresh JSON, and gives up on an answer that doesn't come", async () => {
  const { world } = begin([completed]);
  await world.pass(HOUR);
  const { url, options } = world.asked[0];
  assert.equal(url, "/api/submissions/1/");
  assert.deepEqual(options, {
    headers: { Accept: "application/json" },
    cache: "no-store",
    signal: { timeout: 10_000 },
  });
});

test("the first attempts are quick, the others one second apart, and the thirtieth is the last", async () => {
  const { world, told } = begin([queued]);
  await world.pass(24 * HOUR);
  assert.deepEqual(gaps(world.times), [100, 200, 300, 500, ...Array(26).fill(1000)]);
  assert.deepEqual(told.stops, [Poller.TIRED]);
  assert.equal(world.timers.size, 0);
});

test("told to go on, it makes another thirty attempts and no more", async () => {
  const { world, told, poller } = begin([queued]);
  await world.pass(HOUR);
  poller.start();
  await world.pass(24 * HOUR);
  assert.equal(world.asked.length, 60);
  assert.deepEqual(told.stops, [Poller.TIRED, Poller.TIRED]);
});

test("starting twice doesn't ask twice", async () => {
  const { world, poller } = begin([queued]);
  poller.start();
  await world.pass(100);
  assert.equal(world.asked.length, 1);
  assert.equal(world.timers.size, 1);
});

test("a 404 ends it at once", async () => {
  const { world, told } = begin([queued, refusal(404)]);
  await world.pass(HOUR);
  assert.equal(world.asked.length, 2);
  assert.deepEqual(told.stops, [Poller.GONE]);
  assert.equal(told.answers.length, 1);
});

for (const status of [429, 503]) {
  test(`a ${status} is obeyed: it waits the seconds of Retry-After`, async () => {
    const { world, told } = begin([refusal(status, { "Retry-After": "7" }), completed]);
    await world.pass(HOUR);
    assert.deepEqual(gaps(world.times), [100, 7000]);
    assert.deepEqual(told.stops, [Poller.DONE]);
  });

  test(`a ${status} may name a date`, async () => {
    const date = "Tue, 24 Nov 2026 12:00:20 GMT"; // 20 s after the clock's beginning
    const { world } = begin([refusal(status, { "Retry-After": date }), completed]);
    await world.pass(HOUR);
    assert.deepEqual(world.times, [100, 20_000]);
  });

  test(`a ${status} without a usable Retry-After makes it ever slower`, async () => {
    const { world } = begin([refusal(status, { "Retry-After": "soon" }), refusal(status), refusal(status), completed]);
    await world.pass(HOUR);
    assert.deepEqual(gaps(world.times), [100, 2000, 4000, 8000]);
  });
}

test("a Retry-After of no time is no leave to hurry", async () => {
  const past = "Tue, 24 Nov 2026 11:00:00 GMT";
  const { world } = begin([queued, queued, queued, queued, refusal(429, { "Retry-After": "0" }),
    refusal(503, { "Retry-After": past }), completed]);
  await world.pass(HOUR);
  assert.deepEqual(gaps(world.times).slice(5), [1000, 1000]);
});

test("asked to stay away for long, it stops and leaves going on to the reader", async () => {
  const { world, told } = begin([refusal(503, { "Retry-After": "61" })]);
  await world.pass(HOUR);
  assert.equal(world.asked.length, 1);
  assert.deepEqual(told.stops, [Poller.TIRED]);
});

test("refusals count as attempts, so that they end too", async () => {
  const { world, told } = begin([refusal(429, { "Retry-After": "1" })]);
  await world.pass(24 * HOUR);
  assert.equal(world.asked.length, 30);
  assert.deepEqual(told.stops, [Poller.TIRED]);
});

test("a network that fails is tried again, more slowly each time, thirty times at most", async () => {
  const { world, told } = begin([new TypeError("no network")]);
  await world.pass(24 * HOUR);
  assert.deepEqual(gaps(world.times).slice(0, 7), [100, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  assert.equal(world.asked.length, 30);
  assert.deepEqual(told.stops, [Poller.TIRED]);
});

test("an answer after failures brings the usual pace back", async () => {
  const { world } = begin([new TypeError("no network"), refusal(500), queued, new TypeError("no network"), completed]);
  await world.pass(HOUR);
  assert.deepEqual(gaps(world.times), [100, 2000, 4000, 500, 2000]);
});

test("an answer that is no JSON counts as none", async () => {
  const html = { ...answer(), json: async () => JSON.parse("<!doctype html>") };
  const { world, told } = begin([html, completed]);
  await world.pass(HOUR);
  assert.deepEqual(gaps(world.times), [100, 2000]);
  assert.deepEqual(told.answers.map(({ status }) => status), ["completed"]);
});

test("in a hidden tab nothing is asked; its return asks at once", async () => {
  const { world, told } = begin([queued, completed]);
  await world.pass(100);
  world.show(false);
  await world.pass(HOUR);
  assert.equal(world.asked.length, 1);
  world.show(true);
  await world.pass(0);
  assert.equal(world.asked.length, 2);
  assert.deepEqual(told.stops, [Poller.DONE]);
});

test("begun in a hidden tab, it waits to be seen", async () => {
  const { world } = begin([completed], (world) => world.show(false));
  await world.pass(HOUR);
  assert.equal(world.asked.length, 0);
  world.show(true);
  await world.pass(0);
  assert.equal(world.asked.length, 1);
});

test("hiding and showing the tab doesn't hurry a wait that was asked for", async () => {
  const { world } = begin([refusal(429, { "Retry-After": "10" }), completed]);
  await world.pass(100);
  for (let second = 0; second < 9; second += 1) {
    world.show(false);
    world.show(true);
    await world.pass(1000);
  }
  assert.equal(world.asked.length, 1);
  assert.equal(world.timers.size, 1);
  await world.pass(1000);
  assert.equal(world.asked.length, 2);
});

test("hiding the tab uses no attempt up", async () => {
  const { world, told } = begin([queued]);
  await world.pass(5000);
  world.show(false);
  await world.pass(HOUR);
  world.show(true);
  await world.pass(HOUR);
  assert.equal(world.asked.length, 30);
  assert.deepEqual(told.stops, [Poller.TIRED]);
});

test("an answer under way when the tab is hidden or shown is not asked for twice", async () => {
  const { world, told } = begin([queued, completed]);
  let release;
  const slow = new Promise((resolve) => (release = resolve));
  const fetch = world.fetch;
  world.fetch = async (...args) => {
    const given = await fetch(...args);
    await slow;
    return given;
  };
  await world.pass(100);
  world.show(false);
  world.show(true);
  await world.pass(HOUR);
  assert.equal(world.asked.length, 1);
  release();
  await new Promise(setImmediate);
  await world.pass(HOUR);
  assert.equal(world.asked.length, 2);
  assert.deepEqual(told.stops, [Poller.DONE]);
});

test("once stopped, a tab that comes back changes nothing", async () => {
  const { world } = begin([completed]);
  await world.pass(HOUR);
  world.show(false);
  world.show(true);
  await world.pass(HOUR);
  assert.equal(world.asked.length, 1);
});
