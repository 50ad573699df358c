// Follows a submission until it is judged. The page came with what was known when it was loaded; every answer is put
// into the same places in the same words (data-words). Once the verdict is known, the server's own words about it
// (data-result) take the section's place, so that it looks as if it were loaded again.

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

  function head(heading, verdict = "") {
    part("heading").dataset.verdict = verdict;
    write(part("heading"), heading);
    document.title = `${heading} · ${page.dataset.title}`;
  }

  function showHeading({ status, verdict }) {
    head(verdict ? `${verdict} · ${words[verdict]}` : words[status], verdict ?? "");
  }

  function showProgress(answer) {
    const { done, total } = answer.progress;
    const bar = part("progress").querySelector("progress");
    [bar.value, bar.max] = [done, total];
    write(part("count"), words.count.replace("{done}", done).replace("{total}", total));
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
    write(cell("note"), [test?.isSample && words.sample, test?.detail].filter(Boolean).join(", "));
    write(cell("time"), test ? `${test.timeMs} ms` : "");
    write(cell("memory"), test ? megabytes(test.memoryKb) : "");
    // There are none where a limit isn't known.
    for (const bar of row.querySelectorAll('[data-cell="time-bar"]')) bar.value = test?.timeMs ?? 0;
    for (const bar of row.querySelectorAll('[data-cell="memory-bar"]')) bar.value = test?.memoryKb ?? 0;
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

  // The section as the server writes it once all is known; null where it can't be had.
  async function loadResult() {
    try {
      const response = await fetch(page.dataset.result, { cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (!response.ok) return null;
      const loaded = new DOMParser().parseFromString(await response.text(), "text/html");
      return loaded.querySelector("[data-submission]");
    } catch {
      return null;
    }
  }

  // Puts what comes after `loaded` in the place of what comes after `kept`.
  function replaceAfter(kept, loaded) {
    while (kept.nextSibling) kept.nextSibling.remove();
    while (loaded.nextSibling) kept.parentNode.append(loaded.nextSibling);
  }

  // The live region stays, and so speaks of what has changed in it.
  function replaceWith(result) {
    const held = page.contains(document.activeElement);
    const [heading, loaded] = [part("heading"), result.querySelector('[data-part="heading"]')];
    head(loaded.textContent, loaded.dataset.verdict);
    write(part("advice"), result.querySelector('[data-part="advice"]').textContent);
    replaceAfter(heading.parentNode, loaded.parentNode);
    replaceAfter(page.firstElementChild, result.firstElementChild);
    page.dataset.status = result.dataset.status;
    if (held) heading.focus();
  }

  async function showAll(answer) {
    const result = await loadResult();
    if (result) return replaceWith(result);
    show(answer);
    tell("bare");
  }

  function tell(why) {
    for (const message of page.querySelectorAll("[data-stopped]")) message.hidden = message.dataset.stopped !== why;
  }

  // Whatever was last known, it isn't followed any more.
  function showStopped(why) {
    if (why === Poller.DONE) return;
    head(words[why === Poller.GONE ? "gone" : "stopped"]);
    part("progress").hidden = true;
    tell(why);
  }

  const poller = new Poller(page.dataset.submission, {
    onAnswer: (answer) => (isFinal(answer) ? showAll(answer) : show(answer)),
    onStop: showStopped,
  });
  part("go-on").addEventListener("click", () => {
    tell(null);
    poller.start();
  });
  poller.start();
}
