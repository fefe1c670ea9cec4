// Takes the pictures of README.md, from the programs themselves: the console after an attack was stopped, and the end of the demo's
// report in a terminal.
// Usage: node scripts/screenshots.mjs [--check]   (after a build, with Chromium; --check: only that README.md shows each of them)
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CHROMIUM_FLAGS, chromiumPath } from "./chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const PICTURES = ["docs/images/console.png", "docs/images/report.png"];
const MAX_BYTES = 200 * 1024;

if (!process.argv.includes("--check")) await takeAll();
const readme = readFileSync(`${root}/README.md`, "utf8");
const problems = PICTURES.flatMap((picture) => {
  if (!existsSync(`${root}/${picture}`)) return [`${picture} is not there: run node scripts/screenshots.mjs`];
  const { size } = statSync(`${root}/${picture}`);
  return [
    ...(size > MAX_BYTES ? [`${picture} has ${size} bytes, more than ${MAX_BYTES}`] : []),
    ...(readme.includes(picture) ? [] : [`README.md does not show ${picture}`]),
  ];
});
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}

async function takeAll() {
  const { chromium } = await import("playwright-core");
  mkdirSync(`${root}/docs/images`, { recursive: true });
  if (!chromiumPath) throw new Error("There is no Chromium, and CHROMIUM_PATH names none");
  const browser = await chromium.launch({ executablePath: chromiumPath, args: CHROMIUM_FLAGS });
  try {
    await takeConsole(await browser.newPage({ viewport: { width: 1240, height: 760 }, reducedMotion: "reduce" }));
    await takeReport(await browser.newPage({ viewport: { width: 1000, height: 400 } }));
  } finally {
    await browser.close();
  }
}

/** The console, after an attack was launched and stopped. */
async function takeConsole(page) {
  const demo = spawn(process.execPath, [`${root}/apps/console/dist/main.js`], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(demo, "exit");
  try {
    for await (const line of createInterface({ input: demo.stdout })) {
      const address = /http:\/\/\S+/.exec(line)?.[0];
      if (address === undefined) continue;
      await page.goto(address);
      break;
    }
    await page.waitForSelector('[data-agent="Expense clerk"][data-state="verified"]');
    await page.locator('[data-attack="token-replay"]').click();
    await page.waitForSelector('[data-outcome="blocked"]');
    const agents = page.getByRole("heading", { name: "Agents", exact: true });
    await agents.evaluate((heading) => scrollTo(0, heading.getBoundingClientRect().top + scrollY - 60));
    await page.screenshot({ path: `${root}/${PICTURES[0]}` });
  } finally {
    demo.kill("SIGTERM");
    await ended;
  }
}

/** The attacks in the report of `npm run demo`, as a terminal shows them. */
async function takeReport(page) {
  const { stdout } = await promisify(execFile)(process.execPath, [`${root}/apps/agent/dist/main.js`]);
  const report = `$ npm run demo\n…\n${stdout.slice(stdout.indexOf("Attacks on the live server"))}`;
  const escaped = report.trimEnd().replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  await page.setContent(`<!doctype html><style>
    body { margin: 0; background: #0d1117; }
    pre { margin: 0; padding: 20px 24px; width: max-content; color: #f0f6fc; font: 12px/1.45 "DejaVu Sans Mono", monospace; }
  </style><pre>${escaped}</pre>`);
  await page.locator("pre").screenshot({ path: `${root}/${PICTURES[1]}` });
}
