// Drafts: a form with data-draft-url is saved one second after the last change, per person.
// Answers: 2xx, with {"at": "10:41"} where the server says its time. A failed save is tried again with the next change,
// after ten seconds, and when the line is back.

const PAUSE_MS = 1000;
const RETRY_MS = 10000;

export function startDrafts() {
  document.querySelectorAll("form[data-draft-url]").forEach(keepDraft);
}

function keepDraft(form) {
  let timer;
  let saving = false;
  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };
  form.addEventListener("input", () => later(PAUSE_MS));
  form.addEventListener("submit", () => clearTimeout(timer));
  window.addEventListener("online", () => timer && later(0));

  async function save() {
    if (saving) return later(PAUSE_MS);
    saving = true;
    try {
      show(form, "saved", await post(form));
      timer = undefined;
    } catch {
      show(form, "failed");
      later(RETRY_MS);
    } finally {
      saving = false;
    }
  }
}

/** The time of saving as read by the person. Throws where the draft was not kept. */
async function post(form) {
  const body = new FormData(form);
  body.delete("csrf_token");
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  const answer = await fetch(form.dataset.draftUrl, {
    method: "POST",
    headers: {
      "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
      Accept: "application/json",
    },
    body,
  });
  if (!answer.ok || answer.redirected) throw new Error(`draft not kept: ${answer.status}`);
  const said = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
  return said.at ?? new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format();
}

function show(form, state, time = "") {
  const place = form.querySelector("[data-draft-state]");
  if (!place) return;
  place.textContent = place.dataset[state].replace("{time}", time);
  place.classList.toggle("risk", state === "failed");
}
