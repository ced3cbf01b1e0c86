// Focus: what came back with errors is read first; after a swap the focus stays where it was; a lost update is said.

export function startFocus() {
  const first = document.querySelector("[data-focus]");
  if (first) first.focus();
  // the browser itself jumps to the address's target when all is loaded, and takes the focus away
  else
    addEventListener("load", () =>
      setTimeout(() => document.activeElement === document.body && writeAt(location.hash)),
    );
  document.addEventListener("click", onJump);
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

/** Who comes to a form that is there to be written in, by key, link or address, writes at once. */
function writeAt(hash) {
  const form = hash.length > 1 ? document.getElementById(hash.slice(1)) : null;
  if (form?.matches("[data-writes]")) form.querySelector("textarea")?.focus();
}

function onJump(event) {
  const link = event.target.closest?.('a[href*="#"]');
  const isHere = link && link.pathname === location.pathname && link.search === location.search;
  if (isHere && !event.defaultPrevented) requestAnimationFrame(() => writeAt(link.hash));
}

function sayLost(isLost) {
  const box = document.querySelector("[data-lost]");
  if (!box) return;
  box.hidden = !isLost;
  const sentence = document.querySelector('meta[name="cd-lost"]').content;
  box.querySelector("span").textContent = isLost ? sentence : "";
}
