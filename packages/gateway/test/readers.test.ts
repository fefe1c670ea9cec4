import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { JSONWebKeySet } from "jose";
import { describe, expect, it, onTestFinished, vi } from "vitest";

interface Vector {
  readonly title: string;
  readonly time: number;
  readonly field: string | null;
  readonly request: { method: string; body: string; sessionId?: string; accessToken?: string };
  readonly outcome: "verified" | "nobody" | "refused";
  readonly sub?: string;
}

const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const VECTORS = file("spec/vectors/assertions.json");
const { vectors, verifiers } = JSON.parse(readFileSync(VECTORS, "utf8")) as {
  vectors: Vector[];
  verifiers: { default: { issuer: string; audience: string; keys: JSONWebKeySet } };
};
const GUIDE = readFileSync(file("docs/behind-a-gateway.md"), "utf8");
const [checks = "", withPyJwt = "", alone = ""] = [...GUIDE.matchAll(/^```python\n(.*?)^```/gms)].map(
  ([, code]) => code,
);
/** Debian's, as a server of somebody else's has it. */
const PYTHON = "/usr/bin/python3";

/** Presents every vector to a reader of the documentation, and prints what it says. */
const PRESENT = `
with open(${JSON.stringify(VECTORS)}) as file:
    content = json.load(file)
upstream = content["verifiers"]["default"]
gateway = Gateway(upstream["issuer"], upstream["audience"], upstream["keys"]["keys"], signature_holds)
for vector in content["vectors"]:
    request = vector["request"]
    try:
        claims = gateway.verified(vector["field"], request["method"], decode(request["body"]), request.get("sessionId"), request.get("accessToken"), vector["time"])
        print("nobody" if claims is None else claims["sub"])
    except ValueError:
        print("refused")
`;
const expected = vectors.map(({ outcome, sub }) => (outcome === "verified" ? sub : outcome));
const run = (code: string) => execFileSync(PYTHON, ["-"], { input: code, encoding: "utf8" }).trim().split("\n");
const hasPyJwt = (() => {
  try {
    execFileSync(PYTHON, ["-c", "import jwt, cryptography"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe("readers of an assertion, on every vector (G3, SPEC-22.8)", () => {
  it.runIf(hasPyJwt || process.env["CI"])("in Python, with PyJWT", () => {
    expect(run(checks + withPyJwt + PRESENT)).toEqual(expected);
  });

  it("in Python, with the standard library", () => {
    const said = run(checks + alone + PRESENT);
    // It knows Ed25519 only.
    expect(said).toEqual(expected.map((one, i) => (vectors[i]?.title.includes("by a P-256 key") ? "refused" : one)));
  });

  it("in TypeScript", async () => {
    const [, code = ""] = /^```ts\n(.*?)^```/ms.exec(GUIDE) ?? [];
    const copy = fileURLToPath(new URL("reader-of-the-guide.ts", import.meta.url));
    writeFileSync(copy, code);
    onTestFinished(() => rmSync(copy));
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const { assertionReader } = await import(/* @vite-ignore */ copy);
    const read = assertionReader(verifiers.default);
    const said = [];
    for (const { field, time, request } of vectors) {
      vi.setSystemTime(time * 1000);
      const { method, body, sessionId: session, accessToken } = request;
      const incoming = { method, body: Buffer.from(body, "base64url"), session, accessToken };
      const verdict = await read(field ?? undefined, incoming).catch(() => ({ sub: "refused" }));
      said.push(verdict?.sub ?? "nobody");
    }
    expect(said).toEqual(expected);
  });
});
