// Copies the repository's Markdown to where the site's generator reads it. The Markdown is written for readers of the repository;
// this changes what differs on a site: a README is the page of its folder, a link to a folder leads to that page, and a file that is
// no Markdown becomes a page that shows it. Fails on a link to what is not there, and on a guide that the sidebar does not list.
// Usage: node stage-pages.mjs
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { GROUPS, UNLISTED } from "./groups.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const staged = join(here, ".pages");

/** Markdown that is not documentation. */
const LEFT = /^(?:\.|findings\/)|(?:^|\/)CHANGELOG\.md$/;
/** Pictures, which are files of the site as they are. */
const PICTURES = new Set([".svg", ".png"]);
/** How a source that is not named like its language is highlighted. */
const LANGUAGES = { ".mjs": "js", ".cfg": "txt", ".conf": "nginx", ".service": "ini", ".rules": "txt", "": "txt" };

const given = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
const tracked = new Set(given.toString().trim().split("\n"));
const folders = new Set([...tracked].flatMap(foldersOf));
const pages = [...tracked].filter((file) => file.endsWith(".md") && !LEFT.test(file));
const sources = new Set();
const problems = [];

rmSync(staged, { recursive: true, force: true });
for (const page of pages) write(placeOf(page), withLinks(page, readFileSync(join(root, page), "utf8")));
for (const source of sources) write(placeOf(source), shown(source));
cpSync(join(root, "docs/images"), join(staged, "public/docs/images"), { recursive: true });
cpSync(join(root, "apps/console/src/web/mark.svg"), join(staged, "public/mark.svg"));
write("sidebar.json", JSON.stringify(sidebar()));
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`${pages.length} pages and ${sources.size} sources staged`);

/** Where a file's page is: that of a README is the page of its folder. */
function placeOf(file) {
  if (!file.endsWith(".md")) return `source/${file}.md`;
  return posix.basename(file) === "README.md" ? posix.join(posix.dirname(file), "index.md") : file;
}

/** A page's text, with every link as the site has it. Code is left as it is; of languages that nobody can highlight, as text. */
function withLinks(page, text) {
  const known = text.replaceAll(/^( *```)(?:abnf|haproxy)$/gm, "$1txt");
  const parts = known.split(/(^ *```[\s\S]*?^ *```$|`[^`\n]+`)/m);
  const linked = (part) =>
    part
      .replaceAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)/g, (_, target, anchor = "") => {
        const to = addressOf(page, target);
        return to === undefined ? "]" : `](${to}${anchor})`;
      })
      .replaceAll(/(src|srcset)="(?!https?:)([^"]+)"/g, (_, name, target) => `${name}="${addressOf(page, target)}"`);
  return parts.map((part, i) => (i % 2 === 0 ? linked(part) : part)).join("");
}

/** Where the site has what a page links to. `undefined` for a folder of sources, of which there is no page. */
function addressOf(page, target) {
  const file = posix.join(posix.dirname(page), target).replace(/\/$/, "");
  if (PICTURES.has(extname(file)) && tracked.has(file)) return `/${file}`;
  if (tracked.has(`${file}/README.md`)) return `/${placeOf(`${file}/README.md`)}`;
  if (tracked.has(file)) {
    if (!file.endsWith(".md")) sources.add(file);
    return `/${placeOf(file)}`;
  }
  if (!folders.has(file)) problems.push(`${page} links to ${target}, which is not there`);
  return undefined;
}

/** A source as a page of its own. Its words are not in the search, where they would hide the guides. */
function shown(source) {
  const text = readFileSync(join(root, source), "utf8");
  // Colours for a long file take longer than the whole of its page.
  const extension = text.length > 20_000 ? "" : extname(source);
  const fence = "`".repeat(4);
  return `---\nsearch: false\n---\n\n# ${source}\n\n${fence}${LANGUAGES[extension] ?? extension.slice(1)}\n${text}${fence}\n`;
}

function sidebar() {
  const listed = new Set(GROUPS.flatMap((group) => group.pages));
  for (const page of pages) {
    if (page.startsWith("docs/") && !listed.has(page) && !UNLISTED.test(page)) {
      problems.push(`${page} is in no group of apps/site/groups.mjs`);
    }
  }
  return GROUPS.map(({ title, pages }) => ({
    text: title,
    items: pages.map((page) => ({ text: titleOf(page), link: `/${placeOf(page).replace(/(?:index)?\.md$/, "")}` })),
  }));
}

function titleOf(page) {
  if (!tracked.has(page)) problems.push(`apps/site/groups.mjs lists ${page}, which is not there`);
  else return /^# (.*)$/m.exec(readFileSync(join(root, page), "utf8"))?.[1] ?? page;
}

function foldersOf(file) {
  const folder = posix.dirname(file);
  return folder === "." ? [] : [folder, ...foldersOf(folder)];
}

function write(place, text) {
  mkdirSync(dirname(join(staged, place)), { recursive: true });
  writeFileSync(join(staged, place), text);
}
