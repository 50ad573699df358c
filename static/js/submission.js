// Follows a submission until it is judged. The page came with what was known when it was loaded; every answer is put
// into the same places in the same words (data-words), so that it looks as if it were loaded again.

"use strict";

{
  const page = document.querySelector("[data-submission]");
  const words = JSON.parse(page.dataset.words);
  const part = (name) => page.querySelector(`[data-part="${name}"]`);
  const isFinal = (answer) => answer.status === "completed" || answer.status === "failed";

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text; // a live region speaks at every writing
  }

  // KiB as MB with one digit, halves rounded up.
  function megabytes(kilobytes) {
    return `${(Math.round((kilobytes * 10) / 1024) / 10).toFixed(1)} MB`;
  }

  function showHeading({ status, verdict }) {
    const heading = verdict ? `${verdict} · ${words[verdict]}` : words[status];
    part("heading").dataset.verdict = verdict ?? "";
    write(part("heading"), heading);
    document.title = `${heading} · ${page.dataset.title}`;
  }

  function showProgress(answer) {
    const { done, total } = answer.progress;
    const bar = part("progress").querySelector("progress");
    [bar.value, bar.max] = [done, total];
    write(part("count"), `${done} of ${total} tests`);
    part("progress").hidden = isFinal(answer);
  }

  function showFigures({ timeMs, memoryKb }) {
    part("figures").hidden = timeMs === null;
    if (timeMs === null) return;
    write(part("time"), `${timeMs} ms`);
    write(part("memory"), megabytes(memoryKb));
  }

  function showWords({ failure, compileOutput }) {
    part("failure").hidden = !failure;
    write(part("failure"), failure ?? "");
    part("compiler").hidden = !compileOutput;
    write(part("compile-output"), compileOutput);
  }

  function showQueue({ status, paused }) {
    part("paused").hidden = !paused;
    const cancel = part("cancel"); // only for those who may
    if (cancel) cancel.hidden = status !== "queued";
  }

  function fillRow(row, number, test, waiting) {
    const cell = (name) => row.querySelector(`[data-cell="${name}"]`);
    write(cell("number"), String(number));
    cell("verdict").dataset.verdict = test?.verdict ?? "";
    write(cell("verdict"), test ? words[test.verdict] : waiting);
    write(cell("note"), [test?.isSample && "sample", test?.detail].filter(Boolean).join(", "));
    write(cell("time"), test ? `${test.timeMs} ms` : "");
    write(cell("memory"), test ? megabytes(test.memoryKb) : "");
  }

  function showTests(answer) {
    const { tests, progress } = answer;
    const body = part("tests").querySelector("tbody");
    const rows = isFinal(answer) && tests.length === 0 ? 0 : Math.max(tests.length, progress.total);
    const waiting = words[isFinal(answer) ? "not run" : "pending"];
    while (body.rows.length > rows) body.deleteRow(-1);
    while (body.rows.length < rows) body.append(page.querySelector("template").content.cloneNode(true));
    [...body.rows].forEach((row, index) => fillRow(row, index + 1, tests[index], waiting));
    part("tests").hidden = rows === 0;
  }

  function show(answer) {
    page.dataset.status = answer.status;
    showHeading(answer);
    showProgress(answer);
    showFigures(answer);
    showQueue(answer);
    showWords(answer);
    showTests(answer);
  }

  function showStopped(why) {
    for (const message of page.querySelectorAll("[data-stopped]")) message.hidden = message.dataset.stopped !== why;
  }

  const poller = new Poller(page.dataset.submission, { onAnswer: show, onStop: showStopped });
  part("go-on").addEventListener("click", () => {
    showStopped(null);
    poller.start();
  });
  poller.start();
}
