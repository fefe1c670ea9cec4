// Opens the built site in Chromium: no page is wider than a phone, axe finds nothing serious, a search leads to a page, nothing is
// fetched from elsewhere, and no script fails. Without Chromium it says so and checks nothing; with CI set it fails.
// Usage: node check-in-chromium.mjs   (after a build)
import axe from "axe-core";
import { chromium } from "playwright-core";
import { CHROMIUM_FLAGS, chromiumPath } from "../../scripts/chromium.mjs";
import { serveSite } from "./serve-site.mjs";

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };
/** The start page, guides with wide tables and long code, and pages of the API: on a phone all of them, on a desktop the first two. */
const PAGES = ["/", "/docs/getting-started.html", "/docs/neighbours.html", "/docs/api/", "/docs/api/mcp-server.html"];

if (chromiumPath === undefined) {
  console.warn("⚠ SKIPPED: the site in a browser. Install chromium, or name one in CHROMIUM_PATH.");
  process.exit(process.env.CI ? 1 : 0);
}

const problems = [];
const site = await serveSite();
const browser = await chromium.launch({ executablePath: chromiumPath, args: CHROMIUM_FLAGS });
try {
  const page = await browser.newPage({ reducedMotion: "reduce" });
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && problems.push(`${page.url()}: ${message.text()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(site.address)) problems.push(`${page.url()} fetches ${request.url()}`);
  });
  const phone = PAGES.map((path) => [path, PHONE, "light"]);
  const desktop = PAGES.slice(0, 2).map((path) => [path, DESKTOP, "dark"]);
  for (const [path, viewport, colorScheme] of [...phone, ...desktop]) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.goto(site.address + path, { waitUntil: "networkidle" });
    await checkWidth(page, path, viewport);
    await checkAccess(page, path, viewport);
  }
  await checkSearch(page);
} finally {
  await browser.close();
  site.close();
}
if (problems.length > 0) {
  console.error([...new Set(problems)].join("\n"));
  process.exit(1);
}
console.log(
  `${PAGES.length} pages fit ${PHONE.width} pixels, and axe finds nothing serious on them; the search finds a guide`,
);

async function checkWidth(page, path, { width }) {
  const { scrollWidth, widest } = await page.evaluate(() => {
    const wide = [...document.querySelectorAll("main *")].filter((one) => {
      const { right } = one.getBoundingClientRect();
      return (
        right > document.documentElement.clientWidth + 1 &&
        !one.closest("table, pre, .vp-code-group, div[class*=language-]")
      );
    });
    return { scrollWidth: document.documentElement.scrollWidth, widest: wide[0]?.outerHTML.slice(0, 120) };
  });
  if (scrollWidth > width) problems.push(`${path} is ${scrollWidth} pixels wide on a screen of ${width}: ${widest}`);
}

async function checkAccess(page, path, { width }) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, impact, nodes } of violations) {
    if (impact !== "serious" && impact !== "critical") continue;
    problems.push(`${path} at ${width}: ${id} (${impact}), ${nodes.length} times: ${nodes[0].html.slice(0, 160)}`);
  }
}

async function checkSearch(page) {
  await page.setViewportSize(DESKTOP);
  await page.goto(`${site.address}/`, { waitUntil: "networkidle" });
  await page.locator(".VPNavBarSearch button").first().click();
  await page.locator("#localsearch-input").fill("rotated key");
  const found = page.locator("#localsearch-list a").first();
  await found.click();
  await page.waitForURL(/\/(?:docs|packages)\//);
}
