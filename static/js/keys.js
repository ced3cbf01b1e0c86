// Keys: a control says its own key with data-key ("d", "g q", "/", "Ctrl+Enter"); pressing it does what a click does.
// Off while typing, except keys with Ctrl; off altogether where the person chose so (body data-keys="off").

const SEQUENCE_MS = 1200;
let pending = "";
let pendingTimer;

export function startKeys() {
  document.addEventListener("keydown", onKey);
  document.querySelector("[data-keys-close]")?.addEventListener("click", closeLegend);
}

/** True while the person types text, where single keys belong to the text. */
export function isTyping(target) {
  return target.matches?.(
    "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])",
  );
}

export const keysAreOff = () => document.body.dataset.keys === "off";

function onKey(event) {
  if (event.defaultPrevented || event.altKey || event.metaKey || event.isComposing) return;
  if (event.ctrlKey) return onControlKey(event);
  if (event.key === "Escape") return onEscape(event);
  if (isTyping(event.target) || keysAreOff()) return;
  if (event.key === "?") return toggleLegend(event);
  const pressed = pending ? `${pending} ${event.key}` : event.key;
  const control = controlFor(pressed) ?? controlFor(event.key);
  clearPending();
  if (control) use(control, event);
  else if (event.key === "g") waitForSecondKey("g");
}

/** Ctrl+Enter sends the form one is in; outside a form it presses the control that claims it. */
function onControlKey(event) {
  if (event.key !== "Enter") return;
  const name = event.shiftKey ? "Ctrl+Shift+Enter" : "Ctrl+Enter";
  const form = event.target.closest?.("form");
  const control = form?.querySelector(`[data-key="${name}"]`) ?? controlFor(name);
  if (control) use(control, event);
  else if (form && !event.shiftKey) {
    event.preventDefault();
    form.requestSubmit();
  }
}

/** Esc closes what floats first; then it leaves a field; then it goes where the page says (data-key="Esc"). */
function onEscape(event) {
  const legend = document.getElementById("keys");
  if (legend && !legend.hidden) return closeLegend();
  const open = [...document.querySelectorAll("details.cd-drop[open]")].at(-1);
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
    return;
  }
  if (isTyping(event.target)) return event.target.blur();
  const control = controlFor("Esc");
  if (control) use(control, event);
}

function controlFor(name) {
  return [...document.querySelectorAll(`[data-key="${CSS.escape(name)}"]`)].find(isShown);
}

const isShown = (element) =>
  element.checkVisibility({ visibilityProperty: true }) || element.type === "radio";

function use(control, event) {
  event.preventDefault();
  if (isTyping(control)) {
    control.focus();
    control.select?.();
  } else {
    control.focus({ preventScroll: true });
    control.click();
  }
}

function waitForSecondKey(key) {
  pending = key;
  pendingTimer = setTimeout(clearPending, SEQUENCE_MS);
}

function clearPending() {
  clearTimeout(pendingTimer);
  pending = "";
}

let focusedBefore;

function toggleLegend(event) {
  const legend = document.getElementById("keys");
  if (!legend) return;
  event.preventDefault();
  if (!legend.hidden) return closeLegend();
  fillLegend(legend);
  focusedBefore = document.activeElement;
  legend.hidden = false;
  legend.focus();
}

function closeLegend() {
  document.getElementById("keys").hidden = true;
  focusedBefore?.focus();
}

/** Lists the keys of the controls that this page shows, after the keys that every page has. */
function fillLegend(legend) {
  const list = legend.querySelector("[data-keys-list]");
  list.querySelectorAll("[data-from-page]").forEach((row) => row.remove());
  const hasRows = document.querySelector("[data-list]") !== null;
  list.querySelectorAll("[data-needs-list]").forEach((row) => (row.hidden = !hasRows));
  const named = new Set();
  for (const control of document.querySelectorAll("[data-key]")) {
    const name = control.dataset.key;
    if (named.has(name) || !isShown(control)) continue;
    named.add(name);
    list.append(legendRow(name, labelOf(control)));
  }
}

function legendRow(name, label) {
  const row = document.createElement("div");
  row.dataset.fromPage = "";
  const keys = document.createElement("dt");
  name.split(/[ +]/).forEach((part, at) => {
    if (at) keys.append(" ");
    keys.append(Object.assign(document.createElement("kbd"), { textContent: part }));
  });
  row.append(keys, Object.assign(document.createElement("dd"), { textContent: label }));
  return row;
}

function labelOf(control) {
  if (control.dataset.keyLabel) return control.dataset.keyLabel;
  const copy = control.cloneNode(true);
  copy.querySelectorAll?.("kbd, .cd-count, svg").forEach((part) => part.remove());
  return (copy.textContent.trim() || control.getAttribute("aria-label") || "").replace(/\s+/g, " ");
}
