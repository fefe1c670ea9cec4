import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { adviceOf } from "@attest/core/advice";
import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CHROMIUM_FLAGS, chromiumPath } from "../../../scripts/chromium.mjs";

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };
const shots = fileURLToPath(new URL("../../../artifacts/console/", import.meta.url));

if (chromiumPath === undefined) {
  if (process.env["CI"]) throw new Error("The console is to be tested in Chromium, and there is none");
  console.warn("\n  ⚠ SKIPPED: the console in a browser. Install chromium, or name one in CHROMIUM_PATH.\n");
}

describe.skipIf(chromiumPath === undefined)("the console in a browser", () => {
  let demo: ChildProcess;
  let address: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let foreign: string[];

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
    demo = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    address = await new Promise((resolve, reject) => {
      demo.once("exit", (code) => reject(new Error(`The demo ended with status ${code}`)));
      if (!demo.stdout) return;
      createInterface({ input: demo.stdout }).on("line", (line) => {
        const found = /http:\/\/\S+/.exec(line)?.[0];
        if (found !== undefined) resolve(found);
      });
    });
    browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: [...CHROMIUM_FLAGS] });
    page = await browser.newPage({ reducedMotion: "reduce" });
    // A violation of the content security policy is an error on the browser's console.
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(address)) foreign.push(request.url());
    });
  });

  afterAll(async () => {
    await browser?.close();
    if (demo.exitCode !== null) return;
    const status = new Promise((resolve) => demo.once("exit", resolve));
    demo.kill("SIGTERM");
    // Cut off, it would leave the bank's servers behind.
    expect(await status).toBe(0);
  });

  /** Loads the console again, in the one page of this file: a renderer for each test costs more than the test. */
  const open = async (viewport: typeof DESKTOP, colorScheme: "light" | "dark" = "light"): Promise<void> => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.goto(address);
  };

  beforeEach(() => {
    complaints = [];
    foreign = [];
  });
  afterEach(() => {
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
  });

  const shot = (name: string) => page.screenshot({ path: `${shots}${name}.png`, fullPage: true });

  it("shows the demo's agents become verified, and the one without an ID turned away", async () => {
    await open(DESKTOP);
    await page.waitForSelector('[data-agent="Aurora"][data-state="verified"]');
    await page.waitForSelector('[data-agent="Expense clerk"][data-state="verified"]');
    await page.waitForSelector('[data-agent="Stranger"][data-state="refused"]');
    const aurora = page.locator('[data-agent="Aurora"]');
    expect(await aurora.textContent()).toContain("spiffe://example.com/model/aurora-2");
    expect(await aurora.textContent()).toContain("provider");
    expect(await page.locator('[data-agent="Stranger"]').textContent()).toContain("no ID was shown");
    await page.waitForSelector('[data-kind="allowed"]');
    await page.waitForSelector("text=expense-clerk-4 may not use transfer");
    expect(await page.locator(".plot canvas").count()).toBe(1);
  });

  it("shows an agent that an enterprise and the maker of its model attest, each by its own word (SPEC-20.7)", async () => {
    await open(DESKTOP);
    const agent = page.locator('[data-agent="Aurora at Acme"]');
    await page.waitForSelector('[data-agent="Aurora at Acme"][data-state="verified"]');
    const said = (issuer: string) => agent.locator(`[data-layer="${issuer}"]`).textContent();
    expect(await said("https://idp.acme.example")).toContain("spiffe://acme.com/agent/aurora");
    expect(await said("https://models.example")).toContain("spiffe://example.com/model/aurora-2");
  });

  it("shows by what each request was proved, and what becomes of tickets", async () => {
    await open(DESKTOP);
    const aurora = page.locator('[data-agent="Aurora"]');
    await aurora.locator('[data-proof="mac"]').waitFor();
    await aurora.locator('[data-proof="signature"]').waitFor();
    await page.waitForSelector('.line [data-proof="mac"]');
    await page.waitForSelector('.line [data-proof="signature"]');
    await page.getByText("Tickets", { exact: true }).click();
    await page.waitForSelector("text=The bank granted an agent of models.example a ticket");
    await page.waitForSelector("text=Aurora holds a ticket");
    // Its first transfer comes with a MAC, and is sent once more.
    await page.waitForSelector("text=Aurora sends the request once more, signed");
  });

  it("launches an attack by keyboard, and shows step by step where it is stopped and why", async () => {
    await open(DESKTOP, "dark");
    await page.locator('[data-attack="token-replay"]').focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector('[data-outcome="blocked"]');
    expect(await page.locator("[data-reason]").textContent()).toBe("attestation_replay");
    expect(await page.locator("[data-code]").textContent()).toBe("ERR_REPLAY");
    const steps = await page
      .locator(".outcome .steps [data-step]")
      .evaluateAll((all) => all.map((step) => [step.getAttribute("data-step"), step.getAttribute("data-came")]));
    expect(steps).toEqual([
      ["presented", "passed"],
      ["readable", "passed"],
      ["kind", "passed"],
      ["issuer", "passed"],
      ["key", "passed"],
      ["signature", "passed"],
      ["claims", "passed"],
      ["proof", "passed"],
      ["once", "stopped"],
      ["demand", "unreached"],
    ]);
    await page.waitForSelector("text=Attack blocked: Token replay");
    await shot("desktop-dark-attack");
  });

  it("stops every attack at the step that is meant for it", async () => {
    await open(DESKTOP);
    await page.waitForSelector("[data-attack]");
    const stops: Record<string, string | null> = {};
    for (const button of await page.locator("[data-attack]").all()) {
      const id = (await button.getAttribute("data-attack")) ?? "";
      await button.click();
      await page.waitForSelector(`[data-attack="${id}"][aria-current="true"][aria-disabled="false"]`);
      stops[id] = await page.locator('[data-came="stopped"]').first().getAttribute("data-step");
    }
    expect(stops).toEqual({
      "model-spoofing": "signature",
      "provenance-forgery": "claims",
      "token-replay": "once",
      "token-tampering": "signature",
      "issuer-typosquatting": "issuer",
      downgrade: "presented",
      "audience-mismatch": "proof",
      "safety-downgrade": "demand",
    });
  });

  it("verifies a pasted attestation in the browser, and says why a tampered one fails", async () => {
    await open(DESKTOP);
    await page.getByRole("button", { name: "Get a live one" }).click();
    await page.waitForSelector('[data-genuine="true"]');
    const token = await page.getByLabel("Attestation").inputValue();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    claims.attestation_metadata.safety_level = "enhanced";
    const forged = Buffer.from(JSON.stringify(claims)).toString("base64url");
    await page.getByLabel("Attestation").fill([header, forged, signature].join("."));
    await page.waitForSelector('[data-genuine="false"]');
    expect(await page.locator('.inspector [data-came="stopped"]').getAttribute("data-step")).toBe("signature");
    expect(await page.locator(".inspector .outcome").textContent()).toContain("ERR_ATTESTATION_SIGNATURE");
    const advice = adviceOf("ERR_ATTESTATION_SIGNATURE").replaceAll("`", "");
    expect(await page.locator(".inspector .advice").textContent()).toContain(advice);
    expect(await page.locator(".contents").textContent()).toContain("aurora-2");
    await page.getByLabel("Attestation").fill(`${header}.${payload}`);
    await page.waitForSelector('.inspector [data-step="readable"][data-came="stopped"]');
    await shot("desktop-light-inspector");
  });

  it("shows who delegated what to whom in a pasted chain, and says why a changed one fails", async () => {
    await open(DESKTOP);
    await page.getByRole("button", { name: "Get a chain" }).click();
    await page.waitForSelector('[data-genuine="true"]');
    expect(await page.locator('.inspector [data-came="owner"]').getAttribute("data-step")).toBe("proof");
    const steps = page.locator(".contents .chain-step");
    expect(await steps.count()).toBe(3);
    expect(await steps.nth(0).textContent()).toContain("aurora-2 is attested");
    expect(await steps.nth(1).locator("strong").textContent()).toBe("reader");
    expect(await steps.nth(1).locator(".opens").allTextContents()).toEqual([
      "use list_accounts, get_balance",
      "read bank://accounts/*",
    ]);
    expect(await steps.nth(2).locator(".opens").allTextContents()).toEqual(["use list_accounts"]);
    await page.getByRole("button", { name: "Change what it says" }).click();
    await page.waitForSelector('[data-genuine="false"]');
    expect(await page.locator(".inspector .outcome").textContent()).toContain("ERR_DELEGATION_PARENT");
  });

  it("lets a key be changed at any time, and refuses nobody for it", async () => {
    await open(DESKTOP);
    await page.getByText("IDs and keys").click();
    await page.getByRole("button", { name: "Change it now" }).click();
    await page.waitForSelector("text=as soon as everybody can know it");
    await page.waitForSelector("text=signs with a new key from now on");
    // Its next attestation comes with the new key, and the bank takes it.
    const served = async (): Promise<number> =>
      Number(/(\d+) allowed/.exec((await page.locator('[data-agent="Aurora"]').textContent()) ?? "")?.[1]);
    const before = await served();
    await expect.poll(served, { timeout: 30_000 }).toBeGreaterThan(before);
    expect(await page.locator('[data-agent="Aurora"] .tally').textContent()).toContain("0 refused");
  });

  it("revokes one agent, says since when it is refused, and lets it back in, while others go on", async () => {
    await open(DESKTOP);
    const clerk = page.locator('[data-agent="Expense clerk"]');
    await clerk.getByRole("button", { name: "Revoke" }).click();
    await clerk.getByText("refused since").waitFor();
    expect(await clerk.locator(".badge").textContent()).toBe("Revoked");
    expect(await clerk.textContent()).toMatch(
      /Revoked at [\d:]+ by its authority.*refused since [\d:]+, [\d.]+ s later/,
    );
    await page.waitForSelector("text=Its authority revoked Expense clerk");
    expect(await page.locator('[data-agent="Aurora"] .badge').textContent()).not.toBe("Revoked");
    await clerk.getByRole("button", { name: "Let it back in" }).click();
    await page.waitForSelector('[data-agent="Expense clerk"][data-state="verified"]');
    expect(await clerk.locator(".badge").textContent()).toBe("Verified");
  });

  it("shows what each sub-agent was let, and refuses one of them while the other goes on", async () => {
    await open(DESKTOP);
    const card = (name: string) => page.locator(`[data-agent="Aurora's ${name}"]`);
    const [reader, payer] = [card("reader"), card("payer")];
    await page.waitForSelector(`[data-agent="Aurora's reader"][data-state="verified"]`);
    const chain = reader.locator(".chain-step");
    expect(await chain.nth(0).textContent()).toContain("aurora-2 is attested");
    expect(await chain.nth(1).locator(".opens").allTextContents()).toEqual(["use list_accounts, get_balance"]);
    // Verified by the bank: with the key of the sub-agent.
    await chain.nth(1).getByText("By its key").waitFor();
    expect(await payer.locator(".opens").allTextContents()).toEqual(["use transfer"]);
    await page.waitForSelector("text=Aurora's reader may not use transfer");
    await page.waitForSelector("text=aurora-2 → payer used transfer");
    await page.waitForSelector("text=aurora-2 → reader used get_balance");

    await reader.getByRole("button", { name: "Revoke" }).click();
    await reader.getByText("refused since").waitFor();
    expect(await reader.textContent()).toContain("by the bank, which refuses this one sub-agent by its key");
    const served = async (): Promise<number> => Number(/(\d+) allowed/.exec((await payer.textContent()) ?? "")?.[1]);
    const before = await served();
    await expect.poll(served, { timeout: 30_000 }).toBeGreaterThan(before);
    expect(await payer.locator(".badge").textContent()).toBe("Verified");
    expect(await reader.locator(".badge").textContent()).toBe("Revoked");
    await reader.getByRole("button", { name: "Let it back in" }).click();
    await page.waitForSelector(`[data-agent="Aurora's reader"][data-state="verified"]`);
  });

  it.each([
    ["phone", PHONE],
    ["desktop", DESKTOP],
  ] as const)("can be read and used on a %s, %j, light and dark", async (device, viewport) => {
    await open(viewport);
    await page.waitForSelector('[data-agent="Aurora"][data-state="verified"]');
    await page.locator('[data-attack="downgrade"]').click();
    await page.waitForSelector('[data-outcome="blocked"]');
    await page.getByRole("button", { name: "Get a live one" }).click();
    await page.waitForSelector('[data-genuine="true"]');
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8"));
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations }: AxeResults = await page.evaluate('axe.run({ resultTypes: ["violations"] })');
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await shot(`${device}-${colorScheme}`);
    }
  });
});
