// Zones: on a phone the zones of a page become tabs, the first one shown. Without this module the tabs jump to the zone.

export function startZones() {
  const tabs = document.querySelector("[data-zones]");
  const zones = document.querySelector(".cd-zones");
  if (!tabs || !zones) return;
  const links = [...tabs.querySelectorAll("a[href^='#']")];
  const show = (link) => {
    links.forEach((other) => other.toggleAttribute("aria-current", other === link));
    link.setAttribute("aria-current", "true");
    zones.dataset.shown = link.hash;
    for (const zone of zones.children) zone.classList.toggle("is-shown", `#${zone.id}` === link.hash);
  };
  tabs.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    show(link);
  });
  show(zoneOfEntry(zones, links) || links[0]);
}

/** A link to an entry of the timeline opens the zone that holds it. */
function zoneOfEntry(zones, links) {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const zone = target && [...zones.children].find((child) => child.contains(target));
  return zone && links.find((link) => link.hash === `#${zone.id}`);
}
