// Walks through guides as a new user would: each in an empty folder outside the repository, with the packages as they would be
// published. Files are written as a guide shows them, its commands are run, and what a command prints must be what the guide says that
// it prints. A command that ends in ` &` goes on in the background, and ends with the guide. Ports are replaced by free ones.
// `npm install` finds our packages at a registry of this script's own. Says of each guide how many commands it took, how many seconds,
// and how many failed: a guide whose commands fail does not pass.
// Usage: node scripts/walk.mjs [DOCUMENT…]   (after a build; default: all of them)
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packPackages, root } from "./pack-packages.mjs";

const work = mkdtempSync(join(tmpdir(), "attest-walk-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

const OWN_MACHINE = /^## On your own machine\n(.*?)^## /ms;
/** The guides, each with what of it is walked through, and whether in the folder of the one before. */
const GUIDES = [
  { document: "README.md", part: /^## Quick start\n(.*?)^## /ms },
  { document: "docs/getting-started.md" },
  { document: "docs/guard-express.md" },
  { document: "docs/attest-over-the-network.md" },
  { document: "docs/why-refused.md", goesOn: true },
  { document: "docs/run-an-authority.md", part: OWN_MACHINE },
  { document: "docs/put-it-before-what-you-have.md", part: OWN_MACHINE, goesOn: true },
  { document: "docs/with-an-unchanged-client.md", part: OWN_MACHINE, goesOn: true },
];
/** The ports that guides name. */
const PORT = /\b(?:8470|8480|900\d)\b/g;

const named = process.argv.slice(2);
const registry = await serveRegistry(packPackages(work));
const background = [];
let folder = work;
let ports = new Map();
try {
  for (const { document, part = /(.*)/s, goesOn = false } of GUIDES) {
    if (named.length > 0 && !named.includes(document)) continue;
    if (!goesOn) {
      await endBackground();
      folder = emptyFolder(document);
      ports = new Map();
    }
    await walk(document, part);
  }
} finally {
  await endBackground();
  registry.server.close();
}

function emptyFolder(document) {
  const empty = join(work, document.replaceAll("/", "-"));
  mkdirSync(empty);
  const settings = `@attest:registry=${registry.url}\naudit=false\nfund=false\nprefer-offline=true\n`;
  writeFileSync(join(empty, ".npmrc"), settings);
  return empty;
}

/** @param part What of the document is walked through: its first group. */
async function walk(document, part) {
  const [, text] = part.exec(readFileSync(join(root, document), "utf8")) ?? fail(document, part, "is not there");
  for (const [port] of text.matchAll(PORT)) if (!ports.has(port)) ports.set(port, await freePort());
  const blocks = [...text.replaceAll(PORT, (port) => ports.get(port)).matchAll(/^```(\w+) ?(\S*)\n(.*?)^```/gms)];
  const started = performance.now();
  let commands = 0;
  for (const [i, [, language, name, content]] of blocks.entries()) {
    if (name.includes(".")) writeFileSync(join(folder, name), content);
    if (language !== "sh") continue;
    let printed = "";
    const lines = content
      .replaceAll(/\\\n */g, "")
      .trim()
      .split("\n");
    for (const command of lines) {
      printed += command.endsWith(" &") ? await begin(document, command) : await run(document, command);
      console.log(`✓ ${command}`);
      commands++;
    }
    const [, following, , expected] = blocks[i + 1] ?? [];
    if (following === "text" && printed !== expected)
      fail(document, lines.join("; "), `printed\n${printed}\nand not\n${expected}`);
  }
  if (commands === 0) fail(document, part, "has no commands");
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${document}: ${commands} commands as written, in ${seconds} s, none failed`);
}

/** Starts a command that goes on, and waits until it prints its first line. */
async function begin(document, command) {
  const child = spawn("sh", ["-c", `exec ${command.replace(/ &$/, "")}`], { cwd: folder, detached: true });
  background.push(child);
  let printed = "";
  await new Promise((resolve) => {
    const read = (chunk) => {
      printed += chunk;
      if (/http:\/\/|listening/.test(printed)) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", () => fail(document, command, `ended:\n${printed}`));
  });
  child.removeAllListeners("exit");
  return printed;
}

/** Ends what goes on, with the processes that it started. */
async function endBackground() {
  for (const child of background.splice(0)) {
    const ended = once(child, "exit");
    process.kill(-child.pid, "SIGTERM");
    await ended;
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return String(port);
}

async function run(document, command) {
  try {
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: folder, timeout: 180_000 });
    return stdout;
  } catch (error) {
    return fail(document, command, `failed:\n${error.stdout}${error.stderr}`);
  }
}

function fail(document, what, problem) {
  console.error(`${document}: \`${what}\` ${problem}`);
  for (const child of background) process.kill(-child.pid, "SIGTERM");
  process.exit(1);
}

/** The part of a package registry that `npm install` needs, on a free port of the loopback address. */
async function serveRegistry(packages) {
  const server = createServer((req, res) => {
    const path = decodeURIComponent(req.url ?? "").slice(1);
    const packed = packages.find(({ manifest }) => path === manifest.name || path === `${manifest.name}.tgz`);
    if (!packed) return res.writeHead(404).end("{}");
    if (path.endsWith(".tgz")) return res.end(readFileSync(packed.file));
    const { name, version } = packed.manifest;
    const dist = { tarball: `http://${req.headers.host}/${name}.tgz` };
    const versions = { [version]: { ...packed.manifest, dist } };
    return res.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${server.address().port}/` };
}
