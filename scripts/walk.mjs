// Walks through docs/getting-started.md as a new user would: in an empty folder outside the repository, with the packages as
// they would be published. Files are written as the document shows them, its commands are run, and what a command prints
// must be what the document says that it prints. `npm install` finds our packages at a registry of this script's own.
// Usage: node scripts/walk.mjs   (after a build)
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packPackages, root } from "./pack-packages.mjs";

const work = mkdtempSync(join(tmpdir(), "attest-walk-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

const registry = await serveRegistry(packPackages(work));
writeFileSync(join(work, ".npmrc"), `@attest:registry=${registry.url}\naudit=false\nfund=false\nprefer-offline=true\n`);

const document = readFileSync(join(root, "docs/getting-started.md"), "utf8");
const blocks = [...document.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```/gms)];
let commands = 0;
try {
  for (const [i, [, language, name, content]] of blocks.entries()) {
    if (language === "js") writeFileSync(join(work, name), content);
    if (language !== "sh") continue;
    const expected = blocks[i + 1]?.[1] === "text" ? blocks[i + 1][3] : undefined;
    for (const command of content.trim().split("\n")) {
      const printed = await run(command);
      if (expected !== undefined && printed !== expected) fail(command, `printed\n${printed}\nand not\n${expected}`);
      console.log(`✓ ${command}`);
      commands++;
    }
  }
} finally {
  registry.server.close();
}
console.log(`${commands} commands of docs/getting-started.md run as written`);

async function run(command) {
  try {
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: work, timeout: 180_000 });
    return stdout;
  } catch (error) {
    return fail(command, `failed:\n${error.stdout}${error.stderr}`);
  }
}

function fail(command, problem) {
  console.error(`docs/getting-started.md: \`${command}\` ${problem}`);
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
