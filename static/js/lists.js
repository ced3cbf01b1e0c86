// Lists: j and k move a cursor over the rows, Enter opens, x selects, Shift+x selects up to the cursor.
// The bulk bar shows how many are selected and, where rows carry data-amount, their sum in minor units.
import { isTyping, keysAreOff } from "./keys.js";

let lastSelected = null;

export function startLists() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) selectAll(event.target.checked);
    if (event.target.matches("[data-select], [data-select-all]")) showSelection();
  });
  document.addEventListener("reset", (event) => {
    if (event.target.matches("[data-bulk]")) setTimeout(showSelection);
  });
  document.addEventListener("htmx:afterSwap", showSelection);
  document.querySelectorAll("[data-select-all]").forEach((box) => (box.hidden = false));
  showSelection();
}

const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];
const cursorRow = () => document.querySelector("[data-row].is-cursor");

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || keysAreOff()) return;
  const all = rows();
  if (!all.length) return;
  const deeds = {
    j: () => move(all, 1),
    k: () => move(all, -1),
    x: () => select(false),
    X: () => select(true),
  };
  if (deeds[event.key]) {
    event.preventDefault();
    deeds[event.key]();
  } else if (event.key === "Enter" && !event.target.closest("a, button, summary, input")) {
    cursorRow()?.querySelector("[data-open]")?.click();
  } else if (event.key === "Escape" && selected().length) {
    document.querySelector("[data-bulk]")?.reset();
    event.preventDefault();
  }
}

/** Puts the cursor on the next row that is shown; the focus goes to its link, so that readers follow. */
function move(all, step) {
  const at = all.indexOf(cursorRow());
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
  all.forEach((row) => row.classList.toggle("is-cursor", row === next));
  next.querySelector("[data-open]")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function select(asRange) {
  const all = rows();
  const here = cursorRow();
  const box = here?.querySelector("[data-select]");
  if (!box) return;
  box.checked = !box.checked;
  if (asRange && lastSelected && all.includes(lastSelected)) {
    const [from, to] = [all.indexOf(lastSelected), all.indexOf(here)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((row) => (row.querySelector("[data-select]").checked = true));
  }
  lastSelected = here;
  showSelection();
}

const selected = () => [...document.querySelectorAll("[data-select]:checked")];

function selectAll(on) {
  document.querySelectorAll("[data-select]").forEach((box) => (box.checked = on));
}

function showSelection() {
  const chosen = selected();
  rows().forEach((row) =>
    row.classList.toggle("is-selected", row.querySelector("[data-select]")?.checked ?? false),
  );
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  bar.hidden = chosen.length === 0;
  const count = bar.querySelector("[data-bulk-count]");
  const words = chosen.length === 1 ? count.dataset.one : count.dataset.many;
  count.textContent = words.replace("{n}", chosen.length);
  showSum(bar.querySelector("[data-bulk-sum]"), chosen);
}

function showSum(place, chosen) {
  const amounts = chosen.map((box) => box.closest("[data-row]")?.dataset.amount).filter(Boolean);
  const currency = place?.dataset.currency;
  if (!place || !currency) return;
  const total = amounts.reduce((sum, minor) => sum + Number(minor), 0);
  place.textContent = amounts.length ? written(total, currency) : "";
}

/** As the server writes money: "1,149.60 EUR" in English, "1 149,60 €" in French. */
function written(minor, currency) {
  const lang = document.documentElement.lang;
  const style = { style: "currency", currency, currencyDisplay: lang === "fr" ? "symbol" : "code" };
  const parts = new Intl.NumberFormat(lang, style).formatToParts(0);
  const decimals = parts.find((part) => part.type === "fraction")?.value.length ?? 0;
  const unit = parts.find((part) => part.type === "currency").value;
  const figure = new Intl.NumberFormat(lang, { minimumFractionDigits: decimals }).format(
    minor / 10 ** decimals,
  );
  return `${figure}\u00a0${unit}`;
}
