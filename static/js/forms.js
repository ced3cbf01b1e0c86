// Forms: a control that cannot be used now stays focusable but does nothing; a form is sent once; a password can be shown;
// a select or tick with data-submit sends its form at once; typing into a field with data-chooses ticks the choice it belongs
// to; a jump from the error box opens what hides its field.

export function startForms() {
  document.addEventListener("click", (event) => {
    if (event.target.closest('[aria-disabled="true"]')) event.preventDefault();
    revealPassword(event.target.closest("[data-reveal]"));
  });
  document.addEventListener("submit", sendOnce);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("input", (event) => {
    const choice = document.getElementById(event.target.dataset.chooses ?? "");
    if (choice) choice.checked = true;
  });
  document.querySelectorAll("[data-reveal]").forEach((button) => (button.hidden = false));
  window.addEventListener("pageshow", () =>
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent),
  );
  document.addEventListener("click", focusField);
}

/** A second press while the first is under way does nothing; after ten seconds one may try again. */
function sendOnce(event) {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 10_000);
}

function revealPassword(button) {
  if (!button) return;
  const field = document.getElementById(button.dataset.reveal);
  const show = field.type === "password";
  field.type = show ? "text" : "password";
  button.setAttribute("aria-pressed", String(show));
  [button.textContent, button.dataset.hide] = [button.dataset.hide, button.textContent];
}

function focusField(event) {
  const link = event.target.closest(".cd-error-box a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest("details:not([open])")?.setAttribute("open", "");
  (field.matches("input, select, textarea") ? field : (field.querySelector("input") ?? field)).focus();
}
