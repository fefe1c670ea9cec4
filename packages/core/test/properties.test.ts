import {
  type AgentIdentity,
  AttestationVerifier,
  createProof,
  decodeBase64url,
  decodeStrictJson,
  encodeBase64url,
  type VerificationRequest,
} from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import {
  anything,
  array,
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  jsonValue,
  option,
  property,
  record,
  string,
  stringMatching,
  uint8Array,
} from "fast-check";
import { describe, expect, it } from "vitest";
import * as node from "../src/crypto/node.ts";
import * as web from "../src/crypto/web.ts";
import { replayKey } from "../src/replay/replay-key.ts";

const NOW = 1_800_000_000;
const authority = await createTestAuthority({ clock: () => NOW });
/** The same cases in every run; a run that fails says how to repeat it. */
const runs = (numRuns: number) => ({ seed: 1, numRuns });

const name = stringMatching(/^[\x20-\x7e]{1,60}$/);
const segment = stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
const identity = record<AgentIdentity>(
  {
    modelFamily: name,
    modelVersion: segment,
    provider: stringMatching(/^[a-z0-9-]{1,20}$/),
    deploymentId: name,
    enterprise: record({ orgId: name, workloadId: name, deploymentEnv: name }),
  },
  { requiredKeys: ["modelFamily", "modelVersion", "provider"] },
);
const params = dictionary(string({ unit: "binary" }), jsonValue({ noUnicodeString: false, maxDepth: 4 }), {
  noNullPrototype: true,
});

describe("credentials", () => {
  it("say to the verifier what they were made to say", async () => {
    await assert(
      asyncProperty(identity, params, async (agentIdentity, body) => {
        const request = { kind: "message", method: "tools/call", params: body } as const;
        const attestation = await authority.attest({ identity: agentIdentity, trustDomain: "example.com" });
        const proof = await authority.prove(attestation, request);
        const result = await authority.verifier.verify(attestation, { proof, ...request });
        expect(result).toMatchObject({ outcome: "verified", identity: agentIdentity });
      }),
      runs(200),
    );
  });

  it("cover a message to its last member (M5)", async () => {
    const attestation = await authority.attest();
    await assert(
      asyncProperty(params, params, async (one, other) => {
        const made = { kind: "message", method: "m", params: one } as const;
        const came = { kind: "message", method: "m", params: other } as const;
        const proof = await authority.prove(attestation, made);
        const result = await authority.verifier.verify(attestation, { proof, ...came });
        const [ours, theirs] = [made, came].map((request) => node.digest(JSON.stringify(sorted(request.params))));
        expect(result.verified).toBe(ours === theirs);
      }),
      runs(300),
    );
  });

  it("come to a tagged result whatever is presented, and never throw (T12)", async () => {
    const verifiers = (["required", "preferred", "optional"] as const).map(
      (policy) => new AttestationVerifier({ ...authority.verifierOptions, policy, allowBearer: true }),
    );
    const outcomes = ["verified", "absent", "unassessed", "refused"];
    await assert(
      asyncProperty(
        constantFrom(...verifiers),
        anything(),
        option(anything()),
        anything(),
        async (verifier, token, proof, body) => {
          const request = { kind: "message", method: "m", params: body, proof } as VerificationRequest;
          const result = await verifier.verify(token, request);
          expect(outcomes).toContain(result.outcome);
          expect(result.verified).toBe(false);
          expect("code" in result && result.code).not.toBe("ERR_INTERNAL");
        },
      ),
      runs(1000),
    );
  });

  it("are proved for a message or refused with an option's name, whatever the message is", async () => {
    const attestation = await authority.attest();
    await assert(
      asyncProperty(anything(), async (body) => {
        const request = { kind: "message", method: "m", params: body } as const;
        const proof = await createProof({
          attestation,
          signer: authority.agentKey,
          audience: authority.audience,
          request,
        }).catch((error: { code?: string }) => error.code);
        expect(proof).toMatch(/^(ERR_OPTION|[\w-]+\.[\w-]+\.[\w-]+)$/);
      }),
      runs(1000),
    );
  });
});

/** Members in one order, so that equal values have equal texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return members.map(([key, member]) => [key, sorted(member)]);
}

describe("strict JSON", () => {
  const encode = (text: string) => new TextEncoder().encode(text);

  it("is read as JSON.parse reads it", () => {
    assert(
      property(jsonValue({ noUnicodeString: false, maxDepth: 10 }), (value) => {
        const text = JSON.stringify(value);
        expect(decodeStrictJson(encode(text))).toEqual({ value: JSON.parse(text) });
      }),
      runs(2000),
    );
  });

  it("never has a member twice, wherever and however it is spelt (T10)", () => {
    const escaped = (text: string) =>
      [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
    assert(
      property(
        stringMatching(/^\w{1,8}$/),
        jsonValue(),
        jsonValue(),
        array(constantFrom("[", '{"a":')),
        (key, one, other, path) => {
          const close = [...path].reverse().map((open) => (open === "[" ? "]" : "}"));
          for (const second of [key, escaped(key)]) {
            const inner = `{"${key}":${JSON.stringify(one)},"x":0,"${second}":${JSON.stringify(other)}}`;
            const text = [...path, key === "x" ? inner.replace('"x":0,', "") : inner, ...close].join("");
            expect(decodeStrictJson(encode(text), 64).problem).toBe("duplicate-member");
          }
        },
      ),
      runs(500),
    );
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "{}"],
    ["numbers", [0x7b, 0x7d]],
    ["a buffer without a view, in which no depth would be seen", encode("[".repeat(40) + "]".repeat(40)).buffer],
    ["a view of wider elements", new Uint16Array(encode("[".repeat(40) + "]".repeat(40)).buffer)],
  ])("is refused as %s (T17)", (_, wrong) => {
    expect(decodeStrictJson(wrong as Uint8Array)).toEqual({ problem: "json" });
  });

  it("is a value or a problem for any bytes", () => {
    assert(
      property(uint8Array(), (bytes) => {
        const { problem } = decodeStrictJson(bytes);
        expect([undefined, "json", "duplicate-member"]).toContain(problem);
      }),
      runs(2000),
    );
  });
});

describe("base64url", () => {
  it("has one spelling for any bytes (T16)", () => {
    assert(
      property(uint8Array(), (bytes) => {
        const text = encodeBase64url(bytes);
        expect(Buffer.from(decodeBase64url(text) as Uint8Array).equals(bytes)).toBe(true);
        for (const other of [
          `${text}=`,
          ` ${text}`,
          `${text}\n`,
          `${text}A`.padEnd(text.length + 4, "A").slice(0, text.length + 1),
        ]) {
          const read = decodeBase64url(other);
          expect(read === undefined || encodeBase64url(read) === other).toBe(true);
        }
      }),
      runs(1000),
    );
  });

  it("reads alike on Node and on the web (T16)", () => {
    assert(
      property(string({ unit: "binary" }), uint8Array(), (text, bytes) => {
        const strictly = ({ fromBase64url, toBase64url }: typeof node | typeof web) => {
          const read = fromBase64url(text);
          return toBase64url(read) === text ? Buffer.from(read).toString("hex") : undefined;
        };
        expect(strictly(web)).toBe(strictly(node));
        expect(web.toBase64url(bytes)).toBe(node.toBase64url(bytes));
      }),
      runs(2000),
    );
  });
});

describe("the replay key (R1, R2)", () => {
  it("differs for any two lists of parts, however alike they read in a row", () => {
    const parts = ["", ":", "::", "a", "a:", ":a", "1", "1:", "1:a", "0:", "2:a:"];
    const lists = parts.flatMap((a) => [[a], ...parts.flatMap((b) => [[a, b], ...parts.map((c) => [a, b, c])])]);
    expect(new Set(lists.map(replayKey)).size).toBe(lists.length);
  });
});
