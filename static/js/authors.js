// The authors' pages: keeps the table of tagged submissions fresh while they are judged, and a statement's preview
// fresh while its source is typed. Both come from the server as HTML, and in its words.

"use strict";

{
  const page = document.querySelector("[data-comparison]");
  let shown; // the table's HTML
  const part = (name) => page.querySelector(`[data-part="${name}"]`);

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text; // a live region speaks at every writing
  }

  function show({ words, html }) {
    write(part("words"), words);
    if (html !== shown) part("table").innerHTML = shown = html;
  }

  function showStopped(why) {
    for (const message of page.querySelectorAll("[data-stopped]")) message.hidden = message.dataset.stopped !== why;
  }

  if (page) {
    const poller = new Poller(page.dataset.comparison, { onAnswer: show, onStop: showStopped });
    part("go-on").addEventListener("click", () => {
      showStopped(null);
      poller.start();
    });
    poller.start();
  }
}

{
  const PAUSE = 600; // ms without a keystroke before the server is asked
  const LONGEST_WAIT = 60000; // ms it may ask us to stay away
  const TIMEOUT = 20000; // ms an answer may take: LaTeX is not quick
  const editing = document.querySelector("[data-preview]");
  let timer;
  let asking = false;
  let isDirty = false; // since the preview was asked for
  let isUnsaved = editing ? "unsaved" in editing.dataset : false; // since a preview without scripts, or a refusal

  function complain(words) {
    const trouble = editing.querySelector('[data-part="trouble"]');
    if (trouble.textContent !== words) trouble.textContent = words;
    trouble.hidden = !words;
  }

  function show(html) {
    const preview = editing.querySelector('[data-part="preview"]');
    preview.innerHTML = html;
    setMaths(preview);
    complain("");
  }

  function plan(wait) {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  }

  // How long to stay away, in ms.
  function refused(response) {
    const isLater = response.status === 429 || response.status === 503;
    isDirty ||= isLater;
    complain(isLater ? editing.dataset.many : editing.dataset.old);
    return Math.min(LONGEST_WAIT, Number(response.headers.get("Retry-After") || 5) * 1000);
  }

  async function ask() {
    if (asking) return; // what is typed meanwhile is asked for afterwards
    let wait = PAUSE;
    asking = true;
    isDirty = false;
    try {
      const body = new URLSearchParams(new FormData(editing.querySelector("form")));
      const signal = AbortSignal.timeout(TIMEOUT);
      const response = await fetch(editing.dataset.preview, { method: "POST", body, redirect: "manual", signal });
      if (response.ok) show(await response.text());
      else wait = refused(response);
    } catch {
      complain(editing.dataset.old);
    }
    asking = false;
    if (isDirty) plan(wait);
  }

  if (editing) {
    editing.querySelector("textarea").addEventListener("input", () => {
      isDirty = isUnsaved = true;
      plan(PAUSE);
    });
    editing.querySelector("form").addEventListener("submit", () => (isUnsaved = false));
    addEventListener("beforeunload", (event) => {
      if (isUnsaved) event.preventDefault(); // the browser asks first
    });
  }
}
