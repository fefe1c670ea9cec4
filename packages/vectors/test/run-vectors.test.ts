import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DriverError, FILES, type FileName, readVectors, runVectors } from "@attest/vectors";
import { describe, expect, it } from "vitest";
import { driver } from "./driver.ts";

const CORE: [string, string] = [
  process.execPath,
  fileURLToPath(new URL("../examples/attest-core.mjs", import.meta.url)),
];

describe("the vectors", () => {
  it("are all there, each file with the kind of question that it asks", () => {
    const folder = new URL("../../../spec/vectors/", import.meta.url);
    const there = readdirSync(folder).filter((name) => name.endsWith(".json"));
    expect(
      Object.keys(FILES)
        .map((name) => `${name}.json`)
        .sort(),
    ).toEqual(there.sort());
    for (const name of Object.keys(FILES) as FileName[]) expect(readVectors(name).vectors.length).toBeGreaterThan(0);
  });
});

describe("a run", () => {
  it("finds that @attest/core agrees with every vector, codes included", async () => {
    const reports = await runVectors(CORE);
    expect(reports.flatMap(({ differences }) => differences)).toEqual([]);
    // Of tickets and assertions it has no functions of its own for what they are made of.
    const apart = ["grants", "assertions", "guards", "agents"];
    for (const { file, agrees } of reports.filter(({ file }) => !apart.includes(file))) {
      expect([file, agrees]).toEqual([file, readVectors(file).vectors.length]);
    }
    expect(reports.find(({ file }) => file === "grants")?.agrees).toBeGreaterThan(5);
  });

  it("finds an implementation that accepts everything, and one that refuses everything", async () => {
    const files = ["proofs", "sequences"] as const;
    for (const outcome of ["verified", "refused"]) {
      const reports = await runVectors(driver(`() => ({ outcome: "${outcome}" })`), { files });
      for (const { agrees, differences } of reports) {
        expect(agrees).toBe(0);
        expect(differences.length).toBeGreaterThan(20);
      }
    }
  });

  it("tells a code that differs apart from another outcome or reason", async () => {
    const codeless = driver(`({ ask, keys }) => ask === "key" ? { outcome: "refused", code: "mine" } : {}`);
    const [report] = await runVectors(codeless, { files: ["keys"] });
    const refused = readVectors("keys").vectors.filter(({ expected }) => (expected as { code?: string }).code);
    expect(report).toMatchObject({ file: "keys", agrees: 0, code: refused.length });
    expect(report?.differences.length).toBeGreaterThan(refused.length);
  });

  it("counts apart what an implementation does not support", async () => {
    const [report] = await runVectors(driver("() => ({ unsupported: true })"), { files: ["foreign"] });
    expect(report).toEqual({
      file: "foreign",
      agrees: 0,
      code: 0,
      unsupported: readVectors("foreign").vectors.length,
      unsupportedIds: readVectors("foreign").vectors.map(({ id }) => id),
      differences: [],
    });
  });

  it("asks of the constrained profile only what it knows of (SPEC-5.11)", async () => {
    const reports = await runVectors(driver("() => ({ unsupported: true })"), { profile: "constrained" });
    const asked = Object.fromEntries(reports.map(({ file, unsupported }) => [file, unsupported]));
    expect(asked["attestations"]).toBeGreaterThan(500);
    expect(asked["proofs"]).toBeGreaterThan(200);
    for (const file of ["bearer", "foreign", "nested", "statuses", "authorization"]) expect(asked[file]).toBe(0);
    expect(asked["keys"]).toBeLessThan(readVectors("keys").vectors.length);
  });

  it.each([
    ["cannot be started", ["no-such-program-anywhere"], /could not be started/],
    ["ends", [process.execPath, "-e", "process.exit(3)"], /ended \(status 3\)/],
    [
      "writes something else",
      [process.execPath, "-e", "console.log('Hello'); process.stdin.resume()"],
      /no answer to what/,
    ],
    [
      "answers what it was not asked",
      [process.execPath, "-e", "console.log('{\"id\":99}'); process.stdin.resume()"],
      /no answer to what/,
    ],
    [
      "writes a line without an end",
      [process.execPath, "-e", "process.stdout.write('x'.repeat(1_100_000)); process.stdin.resume()"],
      /more than 1000000 characters/,
    ],
    ["answers nothing", [process.execPath, "-e", "process.stdin.resume()"], /did not answer verifier within 200 ms/],
  ] as [string, [string, ...string[]], RegExp][])("says so where the driver %s", async (_, command, problem) => {
    const run = runVectors(command, {
      files: ["proofs"],
      timeout: command[2] === "process.stdin.resume()" ? 200 : 60_000,
    });
    await expect(run).rejects.toThrow(problem);
    await expect(run).rejects.toBeInstanceOf(DriverError);
  });
});
