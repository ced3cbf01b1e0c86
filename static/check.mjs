// Checks what a formatter cannot: every icon that a template names is in icons.txt, no page carries an inline style,
// script or handler (the Content-Security-Policy would refuse it), and the lock file holds no addresses of downloads.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const icons = new Set((await readFile(join(here, "icons.txt"), "utf8")).split(/\s+/));
const faults = [];

for (const entry of await readdir(join(root, "templates"), { recursive: true, withFileTypes: true }))
  if (entry.name.endsWith(".html")) await checkTemplate(join(entry.parentPath ?? entry.path, entry.name));

const lock = await readFile(join(root, "package-lock.json"), "utf8");
if (lock.includes('"resolved"')) faults.push("package-lock.json: addresses of downloads (key resolved)");

faults.forEach((fault) => console.error(fault));
process.exit(faults.length ? 1 : 0);

async function checkTemplate(path) {
  const name = relative(root, path);
  const text = (await readFile(path, "utf8")).replace(/\{#[\s\S]*?#\}/g, "");
  for (const [, icon] of text.matchAll(/\bicon(?:_name)?[(=]\s*"([a-z0-9-]+)"/g))
    if (!icons.has(icon)) faults.push(`${name}: icon "${icon}" is not in static/icons.txt`);
  // letters are printed by WeasyPrint and mails read elsewhere: the policy of the desk's pages does not bind them
  if (/^templates\/(documents|mail)\//.test(name)) return;
  if (/\sstyle\s*=/.test(text)) faults.push(`${name}: style attribute`);
  if (/\son[a-z]+\s*=\s*["']/.test(text)) faults.push(`${name}: inline handler`);
  if (/<script(?![^>]*\ssrc=)/.test(text)) faults.push(`${name}: inline script`);
}
