// The editor of the problem page: CodeMirror 6, bundled to static/vendor/editor/editor.min.js by `npm run build`.
//
// It stands in for a <textarea>, which keeps the text and goes on being what the form sends and what scripts listen to.
// It lives in a shadow root: there CodeMirror sets its styles by `adoptedStyleSheets`, which our
// Content-Security-Policy allows; in the document it would make a <style> element. Colours are the custom properties of
// static/css/tokens.css, which reach into the shadow root and change with the theme.

import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import {
  HighlightStyle,
  StreamLanguage,
  bracketMatching,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { c, cpp, java } from "@codemirror/legacy-modes/mode/clike";
import { go } from "@codemirror/legacy-modes/mode/go";
import { javascript } from "@codemirror/legacy-modes/mode/javascript";
import { python } from "@codemirror/legacy-modes/mode/python";
import { rust } from "@codemirror/legacy-modes/mode/rust";
import { searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

// By the ids of execution/languages.py.
const MODES = { c, cpp, go, java, javascript, python3: python, pypy3: python, rust };
const INDENTS = { go: "\t", javascript: "  " };

const LOOKS = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--raised)", fontSize: "0.9rem" },
  "&.cm-focused": { outline: "none" }, // the host shows the focus
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.45" },
  ".cm-content": { caretColor: "var(--ink)", padding: "var(--space-2) 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { color: "var(--muted)", backgroundColor: "var(--sunken)", borderRight: "1px solid var(--line)" },
  ".cm-activeLineGutter": { color: "var(--ink)", backgroundColor: "var(--plain-tint)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--plain-tint)",
  },
  "&.cm-focused .cm-matchingBracket, &.cm-focused .cm-nonmatchingBracket": {
    backgroundColor: "transparent",
    outline: "1px solid var(--edge)",
  },
  "&.cm-focused .cm-nonmatchingBracket": { color: "var(--bad)" },
  ".cm-panels": { color: "var(--ink)", backgroundColor: "var(--sunken)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search": { fontFamily: "var(--sans)" },
  ".cm-textfield": { color: "inherit", backgroundColor: "var(--raised)", border: "1px solid var(--edge)" },
  ".cm-button": {
    color: "var(--accent)",
    background: "var(--raised)",
    border: "1px solid var(--edge)",
    borderRadius: "var(--radius)",
  },
  ".cm-panel.cm-search [name=close]": { color: "var(--ink)", padding: "var(--space-1) var(--space-2)" },
  ".cm-searchMatch": { backgroundColor: "var(--limit-tint)", outline: "1px solid var(--limit)" },
  ".cm-searchMatch.cm-searchMatch-selected": { backgroundColor: "var(--good-tint)", outlineColor: "var(--good)" },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string), tags.character], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--limit)" },
  { tag: [tags.comment, tags.docComment], color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.standard(tags.name), tags.className], color: "var(--crash)" },
  { tag: [tags.meta, tags.processingInstruction, tags.annotation], color: "var(--plain)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

// After Escape, Tab leaves the editor, until something is typed again: CodeMirror's own two seconds are too short.
const LEAVING = [
  keymap.of([{ key: "Escape", run: (view) => Boolean(view.setTabFocusMode(true)) }]),
  EditorView.updateListener.of(({ docChanged, view }) => docChanged && view.setTabFocusMode(false)),
];

// Ctrl+Enter is the page's.
const KEYS = defaultKeymap.filter(({ key }) => key !== "Mod-Enter");

function settingsOf(language) {
  const mode = MODES[language];
  return [mode ? StreamLanguage.define(mode) : [], indentUnit.of(INDENTS[language] ?? "    ")];
}

// The change between two texts that leaves what they begin and end with alone, and the cursor that is there.
function difference(old, text) {
  const shortest = Math.min(old.length, text.length);
  let from = 0;
  while (from < shortest && old[from] === text[from]) from += 1;
  let same = 0;
  while (same < shortest - from && old.at(-1 - same) === text.at(-1 - same)) same += 1;
  return { from, to: old.length - same, insert: text.slice(from, text.length - same) };
}

// Puts the editor where `textarea` is, in an element `<div class="editor">` of its own, and hides the textarea.
// `label` names it and `hint` describes it to those who can't see it.
export function mount(textarea, { language, label, hint }) {
  const host = document.createElement("div");
  host.className = "editor";
  const root = host.attachShadow({ mode: "open" });
  const described = document.createElement("span");
  [described.id, described.textContent, described.hidden] = ["hint", hint, true];
  root.append(described);
  textarea.after(host);

  const mode = new Compartment();
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: textarea.value,
      extensions: [
        lineNumbers(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        EditorState.allowMultipleSelections.of(true),
        EditorState.tabSize.of(4),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        LEAVING,
        keymap.of([...closeBracketsKeymap, ...KEYS, ...searchKeymap, ...historyKeymap, indentWithTab]),
        mode.of(settingsOf(language)),
        syntaxHighlighting(COLOURS),
        LOOKS,
        EditorView.contentAttributes.of({
          "aria-label": label,
          "aria-describedby": described.id,
          spellcheck: "false",
          autocapitalize: "off",
          autocorrect: "off",
        }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          textarea.value = update.state.doc.toString();
          textarea.dispatchEvent(new Event("input", { bubbles: true }));
        }),
      ],
    }),
  });
  textarea.hidden = true;
  for (const name of textarea.labels) name.addEventListener("click", () => view.focus());

  return {
    focus: () => view.focus(),
    setLanguage: (id) => view.dispatch({ effects: mode.reconfigure(settingsOf(id)) }),
    // One step, which can be undone.
    setText: (text) =>
      view.dispatch({
        changes: difference(view.state.doc.toString(), text.replaceAll(/\r\n?/g, "\n")),
        annotations: isolateHistory.of("full"),
      }),
  };
}
