// Focus: what came back with errors is read first; after a swap the focus stays where it was; a lost update is said.

export function startFocus() {
  document.querySelector("[data-focus]")?.focus();
  let kept = null;
  document.addEventListener("htmx:beforeSwap", () => (kept = document.activeElement?.id || null));
  document.addEventListener("htmx:afterSettle", (event) => {
    const errors = event.detail.elt?.querySelector?.("[data-focus]");
    if (errors) errors.focus();
    else if (kept && document.activeElement === document.body) document.getElementById(kept)?.focus();
    sayLost(false);
  });
  document.addEventListener("htmx:responseError", () => sayLost(true));
  document.addEventListener("htmx:sendError", () => sayLost(true));
}

function sayLost(isLost) {
  const box = document.querySelector("[data-lost]");
  if (!box) return;
  box.hidden = !isLost;
  const sentence = document.querySelector('meta[name="cd-lost"]').content;
  box.querySelector("span").textContent = isLost ? sentence : "";
}
