// Buttons that copy a program as it was sent: characters that are shown by their code points become themselves again.

"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;

  function say(words) {
    button.textContent = words;
    setTimeout(() => (button.textContent = label), 2000);
  }

  button.hidden = !navigator.clipboard; // which there is on secure pages only
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).cloneNode(true);
    for (const unseen of text.querySelectorAll("[data-code]")) {
      unseen.textContent = String.fromCodePoint(Number.parseInt(unseen.dataset.code, 16));
    }
    try {
      await navigator.clipboard.writeText(text.textContent);
      say(button.dataset.done);
    } catch {
      say(button.dataset.failed);
    }
  });
}
