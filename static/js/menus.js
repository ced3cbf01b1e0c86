// Menus and chips are <details>: a click beside them or the opening of another closes them. Toasts can be closed by hand.

export function startMenus() {
  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    if (event.target.closest("[data-dismiss]")) event.target.closest("[data-toast]").remove();
  });
  document.addEventListener("focusin", (event) => closeMenus(event.target));
  document.querySelectorAll("[data-dismiss]").forEach((button) => (button.hidden = false));
  document.addEventListener("toggle", focusFirstField, true);
}

function closeMenus(target) {
  document.querySelectorAll("details.cd-drop[open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
}

/** An opened filter is there to be filled in. */
function focusFirstField(event) {
  if (!event.target.matches?.("details.cd-drop[open]")) return;
  event.target.querySelector(".cd-pop :is(input:not([type=hidden]), select, textarea)")?.focus();
}
