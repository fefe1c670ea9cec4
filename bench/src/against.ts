// Compares the CPU time of two builds of core, interleaved in one process.
// Usage: npm run against -- OLD_PACKAGE [NEW_PACKAGE] [--rounds 61] [--count 200] [--only WORD]
// Both are folders of a built `packages/core`; without the second, this checkout's. The old build is measured against a
// copy of itself too: a row whose control is wider than the margin says nothing.
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { ProofRequest } from "@attest/core";
import { asReceived, FULL, NOW } from "./material.ts";
import { intervalOfMedian, median } from "./measure.ts";

type Core = typeof import("@attest/core");
type Testing = typeof import("@attest/core/testing");
/** Work of one kind: prepares `count` of them and returns what does them. */
type Work = (count: number) => Promise<() => Promise<void>>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "61" },
    count: { type: "string", default: "200" },
    only: { type: "string", default: "" },
  },
});
const [old, current = resolve(import.meta.dirname, "../../packages/core")] = positionals;
if (old === undefined) throw new Error("Name the folder of the package to compare with");
const rounds = Number(values.rounds);
const count = Number(values.count);
/** Before anything is measured, so that the compilers have done their work. */
const WARM_UPS = 30;
/** Parameters of a tool call of about 1.2 KB. */
const PARAMS = {
  name: "search",
  arguments: Object.fromEntries(Array.from({ length: 28 }, (_, i) => [`member${i}`, "x".repeat(26) + i])),
};
/** What old ÷ new must not be below. */
const MARGIN = 0.95;

const copies = mkdtempSync(join(tmpdir(), "against-"));
process.on("exit", () => rmSync(copies, { recursive: true, force: true }));
const builds = [await load(old, "old"), await load(old, "control"), await load(current, "new")];
const rows = [];
for (const name of Object.keys(builds[0] ?? {}).filter((row) => row.includes(values.only))) {
  rows.push(await measure(name));
}
console.table(rows);
if (rows.some(({ verdict }) => verdict === "SLOWER")) process.exitCode = 1;

/** CPU time of each build, round by round. */
async function measure(name: string) {
  const samples: number[][] = builds.map(() => []);
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (let i = 0; i < builds.length; i++) {
      const index = (i + round + WARM_UPS) % builds.length;
      const run = await builds[index]?.[name]?.(count);
      globalThis.gc?.({ type: "minor", execution: "sync" });
      const before = process.cpuUsage();
      await run?.();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) samples[index]?.push((user + system) / count);
    }
  }
  const [base = [], control = [], now = []] = samples;
  const ratios = now.map((value, round) => (base[round] ?? Number.NaN) / value);
  const controls = control.map((value, round) => (base[round] ?? Number.NaN) / value);
  const [low, high] = intervalOfMedian(ratios);
  const [controlLow, controlHigh] = intervalOfMedian(controls);
  const judged = controlLow > MARGIN && controlHigh < 1 / MARGIN;
  return {
    what: name,
    "old µs": fixed(median(base), 1),
    "new µs": fixed(median(now), 1),
    "old ÷ new": fixed(median(ratios), 3),
    "95 %": `${fixed(low, 3)}–${fixed(high, 3)}`,
    "old ÷ old, 95 %": `${fixed(controlLow, 3)}–${fixed(controlHigh, 3)}`,
    verdict: !judged ? "not judged" : low > MARGIN ? "kept" : high < MARGIN ? "SLOWER" : "open",
  };
}

function fixed(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** A copy of its own of a build: what is compiled for one must not be shared with another. */
async function load(packageFolder: string, name: string): Promise<Record<string, Work>> {
  const folder = join(copies, name);
  for (const part of ["dist", "package.json"])
    cpSync(join(packageFolder, part), join(folder, part), { recursive: true });
  symlinkSync(resolve(packageFolder, "node_modules"), join(folder, "node_modules"));
  const at = (file: string) => import(pathToFileURL(join(folder, "dist", file)).href);
  return workOf(await at("index.js"), await at("testing/index.js"));
}

async function workOf(core: Core, testing: Testing): Promise<Record<string, Work>> {
  const authority = await testing.createTestAuthority({ clock: () => NOW });
  const cache = () => new core.InMemoryReplayCache({ clock: () => NOW - 60, maxEntries: 5_000_000, maxShare: 1 });
  const verifierWith = (options = {}) =>
    new core.AttestationVerifier({ ...authority.verifierOptions, replayCache: cache(), ...options });
  const bearerVerifier = verifierWith({ allowBearer: true });
  const strict = verifierWith();
  const remembering = verifierWith();
  const stranger = verifierWith({
    trustedIssuers: [{ issuer: "https://other.example", trustLevel: "provider", trustDomains: ["other.example"] }],
    keyResolver: new core.InMemoryKeyResolver(),
  });
  const known = asReceived(await authority.attest(FULL));
  const message: ProofRequest = { kind: "message", method: "tools/call", params: PARAMS };
  const http: ProofRequest = { kind: "http", method: "POST", body: new TextEncoder().encode(JSON.stringify(PARAMS)) };
  const proofOf = async (token: string, request: ProofRequest) => asReceived(await authority.prove(token, request));
  const many = <T>(length: number, make: () => Promise<T>) => Promise.all(Array.from({ length }, make));
  const accepted = ({ verified }: { verified: boolean }) => {
    if (!verified) throw new Error("What is honest was refused");
  };
  const refused = ({ verified }: { verified: boolean }) => {
    if (verified) throw new Error("What is false was accepted");
  };
  const withProof =
    (request: ProofRequest): Work =>
    async (length) => {
      const proofs = await many(length, () => proofOf(known, request));
      return async () => {
        for (const proof of proofs) accepted(await remembering.verify(known, { proof, ...request }));
      };
    };
  return {
    "first-seen bearer attestation": async (length) => {
      const tokens = await many(length, async () => asReceived(await authority.attestBearer(FULL)));
      return async () => {
        for (const token of tokens) accepted(await bearerVerifier.verify(token));
      };
    },
    "first-seen attestation with a proof": async (length) => {
      const pairs = await many(length, async () => {
        const token = asReceived(await authority.attest(FULL));
        return { token, proof: await proofOf(token, message) };
      });
      return async () => {
        for (const { token, proof } of pairs) accepted(await strict.verify(token, { proof, ...message }));
      };
    },
    "remembered attestation, proof of a message": withProof(message),
    "remembered attestation, proof of an HTTP request": withProof(http),
    "ten untrusted issuers refused": async (length) => {
      const tokens = await many(length * 10, async () => known);
      return async () => {
        for (const token of tokens) refused(await stranger.verify(token));
      };
    },
    "twenty pieces of garbage refused": async (length) => {
      const [header, payload = "", signature] = known.split(".");
      const kinds = [
        payload,
        known.slice(0, 300),
        `${header}.${payload.slice(0, 300)}.${signature}`,
        `${header}.${payload}.${signature?.slice(0, 40)}`,
        `${payload}.${payload}.${signature}`,
      ];
      const tokens = Array.from({ length: length * 20 }, (_, i) => asReceived(kinds[i % kinds.length] ?? ""));
      return async () => {
        for (const token of tokens) refused(await strict.verify(token));
      };
    },
    "attestation minted": async (length) => async () => {
      for (let i = 0; i < length; i++) await authority.attest(FULL);
    },
    "proof made": async (length) => async () => {
      for (let i = 0; i < length; i++) await authority.prove(known, message);
    },
  };
}
