// Scrolls: a frame that a narrow window makes scroll (a wide table, the clock strip) can be reached and moved by key, under the table's name.
// A frame with data-scroll-end starts at its end, where the newest is, unless the address names a place in it.

export function startScrolls() {
  if (!location.hash.startsWith("#entry-"))
    document.querySelectorAll("[data-scroll-end]").forEach((frame) => (frame.scrollTop = frame.scrollHeight));
  const frames = document.querySelectorAll(".cd-scroll, .cd-strip");
  if (!frames.length) return;
  const watcher = new ResizeObserver((entries) => entries.forEach((entry) => reach(entry.target)));
  frames.forEach((frame) => watcher.observe(frame));
}

/** A clock strip that does not fit begins where the days are now. */
function showToday(strip) {
  const now = strip.querySelector(".now");
  if (!now) return;
  const from = now.getBoundingClientRect().left - strip.getBoundingClientRect().left;
  strip.scrollLeft += from - strip.clientWidth / 2;
}

function reach(frame) {
  const scrolls = frame.scrollWidth > frame.clientWidth + 1;
  if (!scrolls || frame.hasAttribute("tabindex")) return;
  frame.tabIndex = 0;
  showToday(frame);
  if (frame.hasAttribute("aria-label") || frame.hasAttribute("aria-labelledby")) return;
  const caption =
    frame.querySelector("caption")?.textContent.trim() ?? document.querySelector("h1")?.textContent;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", caption);
}
