import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { Asking, AUDIENCE, OTHER_SECRET, SECRET } from "./asking.ts";
import { AUTHORITY, START } from "./platform.ts";

const ENDPOINT = `${AUTHORITY}/token`;
const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const ACCESS = "urn:ietf:params:oauth:token-type:access_token";

let asking: Asking;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let jti = 0;
beforeEach(async () => {
  asking = await Asking.start();
  keys = await generateKeyPair("ES256", { extractable: true });
});

async function proof(claims: object = {}, header: object = {}, key = keys.privateKey): Promise<string> {
  const jwk = await exportJWK(keys.publicKey);
  return new SignJWT({ htm: "POST", htu: ENDPOINT, iat: asking.now, jti: `jti-${jti++}`, ...claims })
    .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk, ...header } as { alg: string })
    .sign(key);
}

async function exchange(changes: Record<string, string | undefined> = {}, dpop?: string | null, fields = {}) {
  const form = { grant_type: GRANT, subject_token: SECRET, subject_token_type: ACCESS, ...changes };
  const body = new URLSearchParams(Object.entries(form).filter((one): one is [string, string] => one[1] !== undefined));
  const dpopProof = dpop === undefined ? await proof() : dpop;
  const headers = { ...(dpopProof !== null && { DPoP: dpopProof }), ...fields };
  const response = await asking.authority.fetch(new Request(ENDPOINT, { method: "POST", headers, body }));
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

describe("the token endpoint", () => {
  it("exchanges evidence for an attestation of the DPoP key (RFC 8693, RFC 9449)", async () => {
    const { status, body, headers } = await exchange({ resource: AUDIENCE });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      issued_token_type: JWT,
      token_type: "N_A",
      expires_in: 295,
    });
    expect(headers.get("cache-control")).toBe("no-store");
    const claims = JSON.parse(Buffer.from(body.access_token.split(".")[1], "base64url").toString());
    const jwk = await exportJWK(keys.publicKey);
    expect(claims.aud).toBe(AUDIENCE);
    expect(await calculateJwkThumbprint(claims.cnf.jwk)).toBe(await calculateJwkThumbprint(jwk));
    expect(asking.records).toMatchObject([{ outcome: "issued", endpoint: "token", rule: "aurora" }]);
  });

  it.each<[string, Record<string, string | undefined>, string, string]>([
    ["another grant", { grant_type: "client_credentials" }, "unsupported_grant_type", "invalid_request"],
    ["no evidence", { subject_token: undefined }, "invalid_request", "invalid_request"],
    ["evidence of an unknown type", { subject_token_type: "urn:x" }, "invalid_request", "invalid_request"],
    ["evidence that is refused", { subject_token: "a-secret-of-nobody-whatsoever" }, "invalid_request", "not_admitted"],
    ["an unknown rule", { rule: "nobody" }, "invalid_request", "not_admitted"],
    [
      "an audience that is not the rule's",
      { rule: "other", subject_token: OTHER_SECRET, audience: "https://x.example" },
      "invalid_target",
      "audience_not_registered",
    ],
    [
      "no audience where one is needed",
      { rule: "other", subject_token: OTHER_SECRET },
      "invalid_target",
      "audience_required",
    ],
    [
      "two audiences",
      { audience: AUDIENCE, resource: "https://x.example" },
      "invalid_target",
      "audience_not_registered",
    ],
    ["an actor", { actor_token: "t" }, "invalid_request", "invalid_request"],
    ["another token asked for", { requested_token_type: ACCESS }, "invalid_request", "invalid_request"],
  ])("answers %s in OAuth's form", async (_, changes, error, code) => {
    const { status, body } = await exchange(changes);
    expect({ status, ...body }).toMatchObject({ status: 400, error, type: `urn:attest:problem:${code}` });
  });

  it("refuses a parameter that is sent twice, and a body that is no form", async () => {
    const body = new URLSearchParams([
      ["grant_type", GRANT],
      ["grant_type", GRANT],
    ]);
    const send = async (init: RequestInit) => {
      const request = new Request(ENDPOINT, { method: "POST", ...init });
      return ((await (await asking.authority.fetch(request)).json()) as { error: string }).error;
    };
    expect(await send({ body })).toBe("invalid_request");
    expect(await send({ body: "{}", headers: { "Content-Type": "application/json" } })).toBe("invalid_request");
  });

  it("demands a DPoP proof: its key is the one that is attested (A2)", async () => {
    const { status, body } = await exchange({}, null);
    expect({ status, error: body.error }).toEqual({ status: 400, error: "invalid_request" });
    expect(body.error_description).toContain("DPoP");
  });

  it("accepts a proof once, for its own address, made just now, by the key that it names (A2, A3)", async () => {
    const other = await generateKeyPair("ES256");
    const used = await proof();
    expect((await exchange({}, used)).status).toBe(200);
    for (const wrong of [
      used,
      await proof({ htu: "https://malicious.example/token" }),
      await proof({ htu: `${AUTHORITY}/attestations` }),
      await proof({ htm: "GET" }),
      await proof({ iat: START - 91 }),
      await proof({ iat: START + 31 }),
      await proof({ iat: undefined }),
      await proof({ jti: undefined }),
      await proof({ jti: "j".repeat(257) }),
      await proof({}, {}, other.privateKey),
      await proof({}, { typ: "JWT" }),
      await proof({}, { jwk: await exportJWK(keys.privateKey) }),
      `${await proof()}, ${await proof()}`,
      "nonsense",
      `${await proof()}${"A".repeat(5000)}`,
    ]) {
      const { status, body } = await exchange({}, wrong);
      expect({ status, error: body.error }).toEqual({ status: 400, error: "invalid_dpop_proof" });
    }
  });

  it("takes no symmetric proof, and none of an algorithm that is not the protocol's", async () => {
    const [, payload] = (await proof()).split(".");
    const header = { alg: "none", typ: "dpop+jwt", jwk: await exportJWK(keys.publicKey) };
    const unsigned = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload}.`;
    expect((await exchange({}, unsigned)).body.error).toBe("invalid_dpop_proof");
    const rsa = await generateKeyPair("RS256");
    const claims = { htm: "POST", htu: ENDPOINT, iat: START, jti: "rsa" };
    const signed = new SignJWT(claims).setProtectedHeader({
      alg: "RS256",
      typ: "dpop+jwt",
      jwk: await exportJWK(rsa.publicKey),
    });
    expect((await exchange({}, await signed.sign(rsa.privateKey))).body.error).toBe("invalid_dpop_proof");
  });

  it("says when to come again where the replay cache does not answer", async () => {
    asking = await Asking.start({
      replayCache: { scope: "process", consume: () => Promise.reject(new Error("down at 10.0.0.1")) },
    });
    const { status, body, headers } = await exchange();
    expect({ status, error: body.error, wait: headers.get("retry-after") }).toEqual({
      status: 503,
      error: "temporarily_unavailable",
      wait: "5",
    });
    expect(JSON.stringify(body)).not.toContain("10.0.0.1");
  });
});
