// Checks that every link of the built site leads to a page that is there, and to a heading on it. Links to other sites are not
// followed.
// Usage: node check-links.mjs   (after a build)
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("dist", import.meta.url));
const files = new Set(
  readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dist.length)),
);

const pages = new Map([...files].filter((file) => file.endsWith(".html")).map((file) => [file, read(file)]));
let links = 0;
const dead = [...pages].flatMap(([page, { targets }]) =>
  targets.flatMap((target) => {
    links++;
    const problem = problemOf(page, target);
    return problem === undefined ? [] : [`${page} links to ${target}, ${problem}`];
  }),
);
if (dead.length > 0) {
  console.error(dead.join("\n"));
  process.exit(1);
}
console.log(`${links} links on ${pages.size} pages lead where they say`);

/** What a page offers to link to, and what it links to itself. */
function read(file) {
  const html = readFileSync(join(dist, file), "utf8");
  const valuesOf = (name) => [...html.matchAll(new RegExp(` ${name}="([^"]*)"`, "g"))].map(([, value]) => text(value));
  return { ids: new Set(valuesOf("id")), targets: [...valuesOf("href"), ...valuesOf("src")].filter(isOwn) };
}

function isOwn(target) {
  return !/^(?:[a-z]+:|\/\/)/i.test(target);
}

function problemOf(page, target) {
  const [path, anchor] = target.split("#");
  const place = decodeURI(new URL(path, `http://site${page}`).pathname);
  const file = place.endsWith("/") ? `${place}index.html` : place;
  const found = files.has(file) ? file : `${file}.html`;
  if (!files.has(found)) return "which is not there";
  if (!anchor || pages.get(found)?.ids.has(decodeURIComponent(anchor)) !== false) return undefined;
  return "a heading that is not on that page";
}

function text(value) {
  return value.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'");
}
