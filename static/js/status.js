// Keeps the staff's page fresh: asks every 5 s while the tab is seen, and puts what it gets where its name stands.

"use strict";

{
  const EVERY = 5000; // ms from an answer to the next question
  const TIMEOUT = 10000; // ms an answer may take
  const page = document.querySelector("[data-status]");
  const words = JSON.parse(page.dataset.words);
  const trouble = page.querySelector('[data-part="trouble"]');
  let timer;
  let asking = false;
  let over = false;

  function complain(text) {
    if (trouble.textContent !== text) trouble.textContent = text; // it is read out at every writing
    trouble.hidden = !text;
  }

  function show({ values, paths }) {
    for (const [name, text] of Object.entries(values)) page.querySelector(`[data-value="${name}"]`).textContent = text;
    for (const [name, path] of Object.entries(paths)) page.querySelector(`[data-path="${name}"]`).setAttribute("d", path);
    complain("");
  }

  async function ask() {
    asking = true;
    try {
      const response = await fetch(page.dataset.status, {
        headers: { Accept: "application/json" },
        cache: "no-store",
        redirect: "manual", // to the log-in page
        signal: AbortSignal.timeout(TIMEOUT),
      });
      over = response.type === "opaqueredirect" || response.status === 404;
      if (over) complain(words.out);
      else if (response.ok) show(await response.json());
      else complain(words.trouble);
    } catch {
      complain(words.silent);
    }
    asking = false;
    plan(EVERY);
  }

  function plan(wait) {
    clearTimeout(timer);
    if (!over && !asking && !document.hidden) timer = setTimeout(ask, wait);
  }

  document.addEventListener("visibilitychange", () => plan(0));
  plan(EVERY);
}
