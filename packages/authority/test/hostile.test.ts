import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { oidcEvidence } from "../src/index.ts";
import { Asking, aurora, SECRET } from "./asking.ts";
import { AUTHORITY, createPlatform, type Platform } from "./platform.ts";

const ISSUER = "https://issuer.example";
const PATHS = ["attestations/challenge", "attestations", "token"] as const;

let platform: Platform;
let asking: Asking;
beforeAll(async () => {
  platform = await createPlatform({ iss: ISSUER, sub: "agent-7" }, "ES256");
  const issuer = oidcEvidence({ issuer: ISSUER, audience: AUTHORITY, jwks: platform.jwks });
  const rules = [
    { name: "agent", evidence: "issuer", default: true, subject: "agent-7", attest: { identity: aurora } },
  ];
  asking = await Asking.start({
    evidence: { issuer },
    rules,
    limits: { perAddress: 1_000_000, perWorkload: 1_000_000 },
  });
});

/** What is answered to whatever is sent: a refusal with a code, in JSON, and nothing that failed within. */
async function refused(path: string, init: RequestInit): Promise<void> {
  const response = await asking.authority.fetch(new Request(`${AUTHORITY}/${path}`, { method: "POST", ...init }));
  const body = (await response.json()) as { type?: string };
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(body.type).toMatch(/^urn:attest:problem:[a-z_]+$/);
  expect(asking.reported).toEqual([]);
}

const visible = fc.string({
  unit: fc.constantFrom(...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))),
  maxLength: 200,
});
const segment = fc.oneof(
  visible.map((text) => Buffer.from(text).toString("base64url")),
  visible,
  fc.json().map((text) => Buffer.from(text).toString("base64url")),
);
const token = fc.oneof(
  visible,
  fc.tuple(segment, segment, segment).map((parts) => parts.join(".")),
);

describe("whatever a stranger sends is refused, and fails nothing", () => {
  it("credentials (A5)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PATHS), token, async (path, text) => {
        const form = new URLSearchParams({
          grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
          subject_token: text,
        });
        const body = path === "token" ? form : "{}";
        await refused(path, { headers: { Authorization: `Bearer ${text}` }, body });
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it("headers and claims of a token that is signed (A5)", async () => {
    const claims = fc.dictionary(
      fc.constantFrom("iss", "aud", "sub", "exp", "iat", "nbf", "jti", "__proto__"),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(
        claims,
        fc.constantFrom("typ", "kid", "jku", "x5u", "cty"),
        fc.jsonValue(),
        async (changes, name, value) => {
          const header = name === "kid" || value === null ? {} : { [name]: value };
          const text = await platform
            .token({ aud: "https://other.example", ...changes }, header)
            .catch(() => "unsignable");
          await refused("attestations/challenge", { headers: { Authorization: `Bearer ${text}` }, body: "{}" });
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });

  it("bodies (T10, T17)", async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.json(),
      fc
        .record({ confirmation_key: fc.jsonValue(), possession: fc.jsonValue(), rule: fc.jsonValue() })
        .map((one) => JSON.stringify(one)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("attestations", "token"), body, async (path, sent) => {
        await refused(path, { headers: { Authorization: `Bearer ${SECRET}` }, body: sent as string });
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it("keys and possession, of a workload whose evidence is good (A2)", async () => {
    const key = fc.record({
      kty: fc.constantFrom("OKP", "EC", "RSA"),
      crv: fc.jsonValue(),
      x: fc.jsonValue(),
      y: fc.jsonValue(),
    });
    const text = await platform.token({});
    await fc.assert(
      fc.asyncProperty(key, visible, visible, async (confirmation_key, challenge, signature) => {
        const body = JSON.stringify({ confirmation_key, possession: { challenge, signature } });
        await refused("attestations", { headers: { Authorization: `Bearer ${text}` }, body });
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});
