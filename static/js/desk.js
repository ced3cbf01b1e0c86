// The desk's page modules. Every page works without them; they make it quick.
import { startClocks } from "./clocks.js";
import { startDrafts } from "./draft.js";
import { startFocus } from "./focus.js";
import { startForms } from "./forms.js";
import { startKeys } from "./keys.js";
import { startLists } from "./lists.js";
import { startMenus } from "./menus.js";
import { startScrolls } from "./scrolls.js";
import { startZones } from "./zones.js";

document.documentElement.classList.add("js");
for (const start of [
  startFocus,
  startMenus,
  startForms,
  startLists,
  startKeys,
  startDrafts,
  startClocks,
  startScrolls,
  startZones,
])
  start();
