// Runs core where there is no Node: in headless Chromium, and in workerd through miniflare. Issues, proves, verifies and
// refuses there, and gives it every vector. What is missing is skipped loudly, and fails where CI is set.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CHROMIUM_FLAGS, chromiumPath } from "./chromium.mjs";
import { allVectors, bundle, core, root } from "./core-selftest-bundles.mjs";

const BUNDLE = join(core, ".selftest/web/platform.js");
const SCRIPT = "/platform.js";
async function inChromium() {
  if (!chromiumPath) return { skipped: "there is no Chromium, and CHROMIUM_PATH names none" };
  const { chromium } = await import("playwright-core");
  // Only a page from a trustworthy origin has WebCrypto, and this machine's own address is one.
  const server = createServer((request, response) => {
    const script = request.url === SCRIPT;
    response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" });
    response.end(script ? readFileSync(BUNDLE) : "<!doctype html><title>core</title>");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: chromiumPath, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const prove = async ([script, vectors]) => (await import(script)).provePlatform(JSON.parse(vectors));
    return {
      version: `Chromium ${browser.version()}`,
      ...(await page.evaluate(prove, [SCRIPT, JSON.stringify(allVectors())])),
    };
  } finally {
    await browser.close();
    server.close();
  }
}

/** Miniflare needs a newer Node than the oldest that is supported, so it is run in one of its own. */
function inWorkerd() {
  const args = [
    "--yes",
    "--package",
    "node@22",
    "--package",
    "miniflare@4",
    "--",
    "node",
    fileURLToPath(import.meta.url),
    "--workerd",
  ];
  const { stdout, stderr } = spawnSync("npx", args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    timeout: 300_000,
  });
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1));
  } catch {
    return { skipped: `miniflare could not be run: ${stderr.trim().slice(-500)}` };
  }
}

async function asMiniflare() {
  // npx puts what it installed on the PATH and nowhere else.
  const bin = process.env.PATH.split(delimiter).find((folder) => existsSync(join(folder, "../miniflare/package.json")));
  const installed = createRequire(join(bin, "../here.js"));
  const { Miniflare } = installed("miniflare");
  const modules = [{ type: "ESModule", path: "worker.js", contents: readFileSync(BUNDLE, "utf8") }];
  const miniflare = new Miniflare({ modules, compatibilityDate: "2026-01-01" });
  try {
    const response = await miniflare.dispatchFetch("http://core.example/", {
      method: "POST",
      body: JSON.stringify(allVectors()),
    });
    const text = await response.text();
    const report = response.ok ? JSON.parse(text) : { vectors: 0, problems: [text.slice(0, 500)] };
    return { version: `workerd ${installed("workerd/package.json").version}`, ...report };
  } finally {
    await miniflare.dispose();
  }
}

if (process.argv.includes("--workerd")) {
  console.log(JSON.stringify(await asMiniflare()));
  process.exit(0);
}

bundle();
let failed = false;
for (const [name, run] of [
  ["Chromium", inChromium],
  ["workerd", inWorkerd],
]) {
  const { skipped, version, vectors, problems } = await run();
  if (skipped !== undefined) {
    const missing = `${name} SKIPPED: ${skipped}`;
    console.error(process.env.CI ? `✗ ${missing}, which CI does not allow` : `!!! ${missing}`);
    failed ||= Boolean(process.env.CI);
    continue;
  }
  for (const problem of problems) console.error(`${name}: ${problem}`);
  failed ||= problems.length > 0;
  console.log(
    `${problems.length === 0 ? "✓" : "✗"} ${version}: smoke test and ${vectors} vectors, ${problems.length} problems`,
  );
}
if (failed) process.exitCode = 1;
