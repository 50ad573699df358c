// The page of a problem: an editor that keeps drafts, Submit and Run without leaving the page, and what becomes of
// them. Words, addresses and samples come from the form's data-*. Where nobody may submit there is no form.

"use strict";

// What is wider than its box is scrolled in it, by the keyboard, too. A formula within a line can break between its
// parts; one with a part that is too wide gets a line of its own.
function fitStatement() {
  for (const formula of document.querySelectorAll(".statement .math.inline:not(table *)")) {
    const block = formula.closest("p, li, dd, .statement");
    if (formula.offsetWidth > block.clientWidth) formula.classList.add("wide");
  }
  for (const box of document.querySelectorAll(".statement :is(table, .math.display, .math.wide)")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

function desk(form) {
  const LARGEST = 65536; // bytes of a file that the editor takes
  const LOADING = 10000; // ms that an answer may take
  const LATE = 10000; // ms in the queue after which it is said that one need not stay
  const { language, code, file } = form.elements;
  const words = JSON.parse(form.dataset.words);
  const extensions = JSON.parse(form.dataset.extensions);
  const title = document.title;
  const trial = document.getElementById("trial-input");
  const own = document.getElementById("own-input");
  const submissions = document.querySelector('[data-part="more"] a').href; // where each has its page
  const bar = document.querySelector(".verdict-box progress");
  const drafts = new Drafts(form.dataset.drafts, Drafts.storage());
  const given = code.value; // what the server put there: refused just now, or sent before and to be changed
  let following = false; // another tab
  let busy = false;
  let sent = 0; // how often something was
  let began; // when it was, the last time
  let poller;

  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const say = (name, values) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text; // a live region speaks at every writing
  }

  // -- What is typed -----------------------------------------------------------------------------------------------

  function offers(id) {
    return [...language.options].some(({ value }) => value === id);
  }

  function changeLanguage() {
    drafts.language = language.value;
    editor.setLanguage(language.value);
    const draft = drafts.get(language.value);
    if (draft !== null) editor.setText(draft);
    else if (code.value) drafts.set(language.value, code.value); // pasted before the language was chosen
  }

  function keep() {
    file.value = ""; // what was done last is what is sent
    if (!following) drafts.set(language.value, code.value);
  }

  // Another tab with the same draft goes on; one with a text of its own keeps it.
  function follow({ key, oldValue, newValue }) {
    if (key !== drafts.key(language.value) || newValue === null) return;
    if ((Drafts.textOf(oldValue) ?? "") !== code.value) return;
    following = true;
    editor.setText(Drafts.textOf(newValue));
    following = false;
  }

  // The text of a source file; null of what is none, which is sent as it is.
  async function sourceOf(chosen) {
    if (chosen.size > LARGEST || chosen.name.endsWith(".zip")) return null;
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(await chosen.arrayBuffer());
    } catch {
      return null;
    }
  }

  function chooseLanguageOf(name) {
    const fits = (id) => extensions[id]?.some((extension) => name.endsWith(extension));
    if (fits(language.value)) return;
    const found = [...language.options].find(({ value }) => fits(value));
    if (!found) return;
    language.value = drafts.language = found.value;
    editor.setLanguage(found.value);
  }

  async function open() {
    const [chosen] = file.files;
    if (!chosen) return;
    const text = await sourceOf(chosen);
    clear();
    if (text === null) return write(part("advice"), say("file as it is", chosen));
    chooseLanguageOf(chosen.name);
    editor.setText(text);
    file.value = ""; // also where that was the text already
    write(part("advice"), say("loaded", chosen));
  }

  // -- What becomes of it ------------------------------------------------------------------------------------------

  function head(heading, verdict = "") {
    part("heading").dataset.verdict = verdict;
    write(part("heading"), heading);
    document.title = heading ? `${heading} · ${title}` : title;
  }

  function clear() {
    head("");
    for (const name of ["advice", "note", "trouble"]) write(part(name), "");
    for (const name of ["trouble", "logged-out", "paused", "more"]) part(name).hidden = true;
    bar.hidden = true;
    part("details").replaceChildren();
    tell(null);
  }

  function tell(why) {
    for (const message of document.querySelectorAll("[data-stopped]")) message.hidden = message.dataset.stopped !== why;
  }

  function complain(message) {
    part("trouble").hidden = !message;
    write(part("trouble"), message ?? "");
  }

  function pane(name, text) {
    const box = document.createElement("div");
    const heading = box.appendChild(document.createElement("h3"));
    heading.textContent = words[name];
    const shown = box.appendChild(document.createElement(text ? "pre" : "p"));
    if (!text) {
      [shown.className, shown.textContent] = ["muted", words.nothing];
      return box;
    }
    shown.tabIndex = 0;
    shown.ariaLabel = words[name];
    shown.appendChild(document.createElement("samp")).textContent = text;
    return box;
  }

  // Side by side; `panes` are {name: text}, of which those that are undefined aren't there.
  function showPanes(panes) {
    const row = document.createElement("div");
    row.className = "panes";
    for (const [name, text] of Object.entries(panes)) if (text !== undefined) row.append(pane(name, text));
    part("details").append(row);
  }

  function showMoving({ status, place, paused, progress }, running) {
    part("paused").hidden = !paused;
    part("late").hidden = paused || status !== "queued" || Date.now() - began < LATE;
    if (status === "queued") return head(place ? say("place", { place }) : words.queued);
    head(running);
    const { done, total } = progress;
    if (total < 2) return;
    [bar.value, bar.max, bar.hidden] = [done, total, false];
    write(part("note"), say("count", { number: Math.min(done + 1, total), total }));
  }

  // What submissions and runs have in common once they have ended.
  function showEnd({ status, failure, timeMs, memoryKb }) {
    bar.hidden = part("paused").hidden = true;
    write(part("note"), timeMs === null ? "" : say("figures", { time: timeMs, memory: (memoryKb / 1024).toFixed(1) }));
    if (status === "failed") head(words.failed);
    complain(failure);
  }

  function showSubmission(answer) {
    if (answer.status === "queued" || answer.status === "running") return showMoving(answer, words.running);
    showEnd(answer);
    const { id, verdict, tests } = answer;
    if (!verdict) return;
    showFindings(id);
    const failed = verdict === "AC" ? undefined : tests.find((test) => test.verdict === verdict);
    if (!failed) {
      head(words[verdict], verdict);
      return write(part("advice"), verdict === "CE" ? words["see compiler"] : "");
    }
    head(say("on test", { verdict: words[verdict], number: failed.number }), verdict);
    write(part("advice"), [failed.detail, words[failed.isSample ? "see sample" : "secret"]].filter(Boolean).join(". "));
  }

  // What the submission's own page says about it: the compiler's words, the samples that were failed. Where that can't
  // be had, the link to it is still there.
  async function showFindings(id) {
    const asked = sent;
    const signal = AbortSignal.timeout(LOADING);
    const response = await fetch(`${submissions}${id}/result/`, { cache: "no-store", signal }).catch(() => null);
    const html = response?.ok ? await response.text().catch(() => "") : "";
    const findings = new DOMParser().parseFromString(html, "text/html").querySelector(".findings");
    if (!findings || asked !== sent) return;
    part("details").replaceChildren(findings);
    part("result").scrollIntoView({ block: "nearest" });
  }

  function showRun(answer, { input, output }) {
    if (answer.status === "queued" || answer.status === "running") return showMoving(answer, words["run running"]);
    showEnd(answer);
    if (answer.status === "failed") return;
    const { verdict, tests, compileOutput, stdout, stderr } = answer;
    head(verdict ? words[verdict] : words.ran, verdict ?? "");
    write(part("advice"), tests[0]?.detail ?? "");
    if (compileOutput) showPanes({ compiler: compileOutput });
    if (tests.length) showPanes({ input, expected: output, printed: stdout, errors: stderr || undefined });
  }

  function showStopped(why) {
    busy = false;
    part("late").hidden = true;
    part("result").scrollIntoView({ block: "nearest" });
    if (why === Poller.DONE) return;
    bar.hidden = true;
    head(words[why === Poller.GONE ? "gone" : "stopped"]);
    tell(why);
  }

  // -- Submit and Run ----------------------------------------------------------------------------------------------

  // The cookie's is newer where somebody has logged in again in another tab.
  function token() {
    return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? form.elements.csrfmiddlewaretoken.value;
  }

  async function start(url, body, show) {
    if (busy) return write(part("advice"), words.busy);
    busy = true;
    sent += 1;
    began = Date.now();
    clear();
    head(words.sending);
    part("result").scrollIntoView({ block: "nearest" });
    const program = { language: language.value, code: code.value };
    const { accepted, refusal, message } = await send(url, { ...program, ...body }, token());
    if (!accepted) return refuse(refusal, message);
    if (body.problem) {
      part("more").hidden = false;
      part("more").firstElementChild.href = `${submissions}${accepted.id}/`;
    }
    poller = new Poller(accepted.url, { onAnswer: show, onStop: showStopped });
    poller.start();
  }

  function refuse(refusal, message) {
    busy = false;
    head(words.refused);
    if (refusal === "logged-out") part("logged-out").hidden = false;
    else complain(message ?? words.unreachable);
  }

  function submit(event) {
    if (file.files.length) return void (code.disabled = true); // as without scripts; and the file, not the text
    event.preventDefault();
    start(form.dataset.submissions, { problem: form.dataset.problem }, showSubmission);
  }

  function run() {
    const sample = trial.value ? { ...trial.selectedOptions[0].dataset } : { input: own.value };
    start(form.dataset.runs, { input: sample.input }, (answer) => showRun(answer, sample));
  }

  function press(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.repeat) return;
    if (event.key === "Enter") form.requestSubmit();
    else if (event.key === "'") run();
    else return;
    event.preventDefault();
  }

  // -- Beginning ---------------------------------------------------------------------------------------------------

  if (!given && offers(drafts.language)) language.value = drafts.language;
  const kept = drafts.get(language.value) ?? given;
  const [before, first] = "refused" in form.dataset ? [kept, given] : [given || kept, kept];
  code.value = before; // which undoing brings back
  const editor = ProgramEditor.mount(code, { language: language.value, label: words.program, hint: words.leaving });
  if (first !== before) editor.setText(first);
  if (given && kept === given) drafts.set(language.value, given); // to be come back to from another language

  for (const element of document.querySelectorAll("[data-scripted]")) element.hidden = false;
  const chooseTrial = () => (part("own").hidden = trial.value !== "");
  chooseTrial();

  language.addEventListener("change", changeLanguage);
  code.addEventListener("input", keep);
  file.addEventListener("change", open);
  trial.addEventListener("change", chooseTrial);
  form.addEventListener("submit", submit);
  part("run").addEventListener("click", run);
  part("go-on").addEventListener("click", () => {
    tell(null);
    busy = true;
    poller.start();
  });
  document.addEventListener("keydown", press);
  window.addEventListener("storage", follow);
  window.addEventListener("pageshow", () => (code.disabled = false)); // come back to, after a file was sent
}

window.addEventListener("load", fitStatement); // once fonts and pictures are there

{
  const form = document.querySelector("form.desk");
  if (form) desk(form);
}
