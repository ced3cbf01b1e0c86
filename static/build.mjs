// Builds static/vendor/ (never committed) from node_modules and static/css.
//   desk.css     Tabler, cut down to what our templates use, then our own styles; dark by choice or by the system
//   icons.svg    one sprite of the icons named in icons.txt
//   fonts/       Inter, Latin and Latin Extended
//   desk.js      the modules of static/js as one
//   charts.js    what draws the charts of reports, loaded by their pages only
//   htmx.min.js  as published
// and static/documents/fonts/, the only fonts that a PDF may load.
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundle, transform } from "lightningcss";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const served = join(here, "vendor");
const vendor = join(here, "vendor.new"); // takes the place of the old one whole: no page is without its styles meanwhile
const packageFolder = (name) => join(root, "node_modules", name);
// Chrome, Edge, Firefox and Safari of the last three years, as lightningcss writes versions
const targets = { chrome: 112 << 16, firefox: 115 << 16, safari: (16 << 16) | (4 << 8) };

await rm(vendor, { recursive: true, force: true });
await mkdir(join(vendor, "fonts"), { recursive: true });
await Promise.all([styles(), icons(), fonts(), scripts()]);
await rm(served, { recursive: true, force: true });
await rename(vendor, served);

async function styles() {
  const tabler = await usedPartOfTabler();
  const ours = bundle({ filename: join(here, "css/desk.css"), minify: true, targets }).code;
  const whole = `${tabler}\n${ours}`;
  await writeFile(join(vendor, "desk.css"), `${whole}\n${darkBySystem(whole)}`);
}

/** A page without a reader of its own has data-bs-theme="auto": there the dark rules hold where the system is dark. */
function darkBySystem(css) {
  const rules = [...css.matchAll(/(?<=^|\})([^{}@]*\[data-bs-theme=dark\][^{}]*)\{([^{}]*)\}/g)].map(
    ([, selectors, said]) => {
      const auto = selectors
        .split(",")
        .filter((one) => one.trim().startsWith("[data-bs-theme=dark]"))
        .map((one) => one.trim().replace("=dark]", "=auto]"));
      return `${auto.join(",")}{${said}}`;
    },
  );
  return `@media screen and (prefers-color-scheme:dark){${rules.join("")}}\n`;
}

/** Tabler is 530 kB; the rules that no template, module or macro can match are left out. */
async function usedPartOfTabler() {
  const whole = join(packageFolder("@tabler/core"), "dist/css/tabler.min.css");
  const [result] = await new PurgeCSS().purge({
    content: [`${root}/templates/**/*.html`, `${root}/casedesk/**/*.py`, `${here}/js/*.js`],
    css: [whole],
    variables: true,
    keyframes: true,
    fontFace: true,
    safelist: { standard: ["html", "body", "show", "disabled", "active"] },
  });
  return transform({ filename: "tabler.css", code: Buffer.from(result.css), minify: true, targets }).code;
}

async function icons() {
  const folder = join(packageFolder("@tabler/icons"), "icons/outline");
  const names = (await readFile(join(here, "icons.txt"), "utf8")).split(/\s+/).filter(Boolean);
  const symbols = await Promise.all(names.map((name) => symbol(folder, name)));
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
  await writeFile(join(vendor, "icons.svg"), sprite);
}

/** Stroke and size come from our `.ti`; the symbol holds the lines only. */
async function symbol(folder, name) {
  const text = await readFile(join(folder, `${name}.svg`), "utf8");
  const lines = text
    .replace(/<!--[\s\S]*?-->/g, "")
    .match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1]
    .replace(/<path stroke="none"[^>]*\/>/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${lines}</symbol>`;
}

async function fonts() {
  const files = join(packageFolder("@fontsource-variable/inter"), "files");
  const paper = join(here, "documents/fonts");
  await mkdir(paper, { recursive: true });
  for (const part of ["latin", "latin-ext"]) {
    const from = join(files, `inter-${part}-wght-normal.woff2`);
    await cp(from, join(vendor, `fonts/inter-${part}.woff2`));
    await cp(from, join(paper, `inter-${part}.woff2`));
  }
}

async function scripts() {
  await build({
    entryPoints: [join(here, "js/desk.js"), join(here, "js/charts.js")],
    outdir: vendor,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome112", "firefox115", "safari16.4"],
    logLevel: "error",
  });
  await cp(join(packageFolder("htmx.org"), "dist/htmx.min.js"), join(vendor, "htmx.min.js"));
}
