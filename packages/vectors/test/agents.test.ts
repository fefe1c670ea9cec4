import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readVectors, runVectors } from "@attest/vectors";
import { afterAll, describe, expect, it } from "vitest";

const EXAMPLES = new URL("../examples/", import.meta.url);
const AGENT = fileURLToPath(new URL("attest-mcp-client.mjs", EXAMPLES));
const { vectors } = readVectors("agents");
/** Within the package, so that the drivers find what it depends on. */
const work = mkdtempSync(fileURLToPath(new URL("../node_modules/.agents-", import.meta.url)));
afterAll(() => rmSync(work, { recursive: true }));

const run = async (driver: string) => (await runVectors([process.execPath, driver], { files: ["agents"] }))[0];

/** The driver of the agent, with one thing done wrongly. */
async function wrongly(right: string, wrong: string) {
  const source = readFileSync(AGENT, "utf8");
  expect(source).toContain(right);
  const file = join(work, "driver.mjs");
  writeFileSync(file, source.replace(right, wrong));
  const report = await run(file);
  return report?.differences.map(({ title }) => title) ?? [];
}

describe("vectors for agents", () => {
  it("are what the agent of @attest/mcp-client does", async () => {
    const report = await run(AGENT);
    expect(report?.differences).toEqual([]);
    expect(report?.agrees).toBe(vectors.length);
  });

  it("find an agent that sends no credentials", async () => {
    const titles = await wrongly("const response = await fetch(", "const response = await server(");
    expect(titles).toContain("Agent: an honest call");
    expect(titles.length).toBeGreaterThan(15);
  });

  it("find an agent that sends again whatever was refused (M6)", async () => {
    const titles = await wrongly(
      "const response = await fetch(url, { method, headers: fields, ...(body !== undefined && { body }) });",
      `const once = () => fetch(url, { method, headers: fields, ...(body !== undefined && { body }) });
       let response = await once();
       if (response.headers.has("agent-attestation-error")) response = await once();`,
    );
    expect(titles).toContain("Agent: a refusal as attestation_replay");
    expect(titles).toContain("Agent: a refusal as attestation_unavailable");
  });

  it("find an agent that changes what its host gave", async () => {
    const titles = await wrongly("await wrapped.send(message);", "await wrapped.send({ ...message, more: 1 });");
    expect(titles).toContain("Agent: a stateless call in the message");
  });

  it("find an agent whose proof has another signature", async () => {
    const titles = await wrongly(
      "fields: Object.fromEntries(new Headers(init.headers))",
      `fields: Object.fromEntries([...new Headers(init.headers)].map(([name, value]) =>
         [name, name.endsWith("-proof") ? value.replace(/[^.]{86}$/, (text) => [...text].reverse().join("")) : value]))`,
    );
    expect(titles).toContain("Agent: an honest call");
  });
});
