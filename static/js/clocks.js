// Clocks: every minute the faces that end within a day are written again. Colours change only to late, by the clock itself;
// when a clock becomes "at risk" is the server's to say.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export function startClocks() {
  if (document.querySelector(".cd-clock[data-due]")) setInterval(writeAll, MINUTE);
}

function writeAll() {
  const now = Date.now();
  document.querySelectorAll(".cd-clock[data-due]").forEach((face) => {
    const left = Date.parse(face.dataset.due) - now;
    if (Math.abs(left) < DAY && !face.matches(".is-kept, .is-paused")) write(face, left);
  });
}

function write(face, left) {
  const late = left < 0;
  const text = inHours(Math.abs(left));
  const sentence = document.querySelector('meta[name="cd-late"]').content;
  face.querySelector("b").textContent = late ? sentence.replace("{left}", text) : text;
  if (!late) return;
  face.classList.remove("is-risk", "is-today");
  face.classList.add("is-late");
}

/** "4 h 18", "12 min". */
function inHours(span) {
  const minutes = Math.floor(span / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  const rest = String(minutes % 60).padStart(2, "0");
  return `${Math.floor(minutes / 60)} h ${rest}`;
}
