// Sets the formulas of a statement. Each came as <span class="math inline|display" data-tex="…"> around a form that
// reads well without this, and keeps it where KaTeX can't read the formula.

"use strict";

function setMaths(root) {
  for (const formula of root.querySelectorAll(".math[data-tex]")) {
    try {
      const set = document.createElement("span");
      katex.render(formula.dataset.tex, set, {
        displayMode: formula.classList.contains("display"),
        strict: "ignore",
        maxSize: 30,
        maxExpand: 500,
      });
      formula.replaceChildren(set);
    } catch (error) {
      if (!(error instanceof katex.ParseError)) throw error;
    }
  }
}

setMaths(document);
