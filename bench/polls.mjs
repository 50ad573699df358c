// How often static/js/poll.js asks within an hour for a submission that never ends, on a clock that is moved by hand.

import { answer, Poller, World } from "../tests/js/world.mjs";

const world = new World([answer({ status: "queued" })]);
new Poller("/api/submissions/1/", { onAnswer() {}, onStop() {}, world }).start();
await world.pass(3_600_000);
console.log(world.asked.length);
