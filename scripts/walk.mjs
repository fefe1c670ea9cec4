// Walks through the quick start of README.md and docs/getting-started.md as a new user would: each in an empty folder outside the
// repository, with the packages as they would be published. Files are written as the document shows them, its commands are run, and what a command prints
// must be what the document says that it prints. `npm install` finds our packages at a registry of this script's own.
// Usage: node scripts/walk.mjs   (after a build)
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packPackages, root } from "./pack-packages.mjs";

const work = mkdtempSync(join(tmpdir(), "attest-walk-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

const registry = await serveRegistry(packPackages(work));
try {
  await walk("README.md", /^## Quick start\n(.*?)^## /ms);
  await walk("docs/getting-started.md", /(.*)/s);
} finally {
  registry.server.close();
}

/** @param part What of the document is walked through: its first group. */
async function walk(document, part) {
  const [, text] = part.exec(readFileSync(join(root, document), "utf8")) ?? fail(document, part, "is not there");
  const folder = join(work, document.replaceAll("/", "-"));
  mkdirSync(folder);
  writeFileSync(
    join(folder, ".npmrc"),
    `@attest:registry=${registry.url}\naudit=false\nfund=false\nprefer-offline=true\n`,
  );
  const blocks = [...text.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```/gms)];
  const started = performance.now();
  let commands = 0;
  for (const [i, [, language, name, content]] of blocks.entries()) {
    if (language === "js") writeFileSync(join(folder, name), content);
    if (language !== "sh") continue;
    const expected = blocks[i + 1]?.[1] === "text" ? blocks[i + 1][3] : undefined;
    for (const command of content.trim().split("\n")) {
      const printed = await run(document, folder, command);
      if (expected !== undefined && printed !== expected)
        fail(document, command, `printed\n${printed}\nand not\n${expected}`);
      console.log(`✓ ${command}`);
      commands++;
    }
  }
  if (commands === 0) fail(document, part, "has no commands");
  console.log(
    `${commands} commands of ${document} run as written, in ${Math.round((performance.now() - started) / 1000)} s`,
  );
}

async function run(document, folder, command) {
  try {
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: folder, timeout: 180_000 });
    return stdout;
  } catch (error) {
    return fail(document, command, `failed:\n${error.stdout}${error.stderr}`);
  }
}

function fail(document, what, problem) {
  console.error(`${document}: \`${what}\` ${problem}`);
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
