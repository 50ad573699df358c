/* Swagger UI is dark where the rest is: by the reader's choice, else as the system has it. It goes by a class. */

"use strict";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  root.classList.toggle("dark-mode", isDark);
}

follow();
system.addEventListener("change", follow);
