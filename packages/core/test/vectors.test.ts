import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  AttestationError,
  decodeBase64url,
  definitionProblem,
  digest,
  InMemoryKeyResolver,
  importVerificationKey,
  messageDigest,
  type PublicJwk,
  possessionInput,
  possessionInput1,
  type ReplayUse,
  readAuthorization,
  reasonOf,
  toolDigest,
} from "@attest/core";
import canonicalize from "canonicalize";
import { describe, expect, it } from "vitest";
import requirements from "../../../spec/requirements.json" with { type: "json" };
import {
  authorizationVectors,
  definitionVectors,
  digestVectors,
  isNegative,
  keyVectors,
  messageVectors,
  possessionVectors,
  VECTOR_FILES,
} from "./vectors/vector.ts";
import { requestOf, resultOf, verifierOf } from "./vectors/verifier-of.ts";

// What any implementation in any language can repeat: spec/vectors/README.md says how.
for (const { name, vectors, verifiers } of VECTOR_FILES) {
  describe(name, () => {
    for (const { title, requirements, verifier: called, presentations } of vectors) {
      it(`${title} (${requirements.join(", ")})`, async () => {
        const configuration = verifiers[called];
        if (!configuration) throw new Error(`No verifier called ${called}`);
        let now = 0;
        const verifier = await verifierOf(configuration, () => now);
        for (const presentation of presentations) {
          now = presentation.time ?? Number.NaN;
          const result = await verifier.verify(presentation.attestation, requestOf(presentation));
          expect(result).toMatchObject(resultOf(presentation));
          expect(result.verified).toBe(presentation.expected.outcome === "verified");
        }
      });
    }
  });
}

describe("replays.json", () => {
  const file = VECTOR_FILES.find(({ name }) => name === "replays.json");
  for (const { title, requirements, verifier: called, presentations, recorded } of file?.vectors ?? []) {
    it(`${title}: recorded under one key, as long as it counts (SPEC-9.2, SPEC-9.3, ${requirements.join(", ")})`, async () => {
      const [presentation] = presentations;
      const configuration = file?.verifiers[called];
      if (!presentation || !configuration || !recorded) throw new Error("Not a vector of a use");
      const uses: ReplayUse[] = [];
      const verifier = await verifierOf(
        configuration,
        () => presentation.time ?? Number.NaN,
        undefined,
        (use) => uses.push(use),
      );
      await verifier.verify(presentation.attestation, requestOf(presentation));
      expect(uses).toMatchObject([{ key: recorded.key, expiresAt: recorded.until }]);
      const hashed = createHash("sha256").update(recorded.written).digest().subarray(0, 16);
      expect(hashed.toString("base64url")).toBe(recorded.key);
    });
  }
});

describe("keys.json", () => {
  for (const { title, requirements, keys, expected } of keyVectors()) {
    it(`${title} (${requirements.join(", ")})`, async () => {
      const resolver = new InMemoryKeyResolver();
      const last = keys.at(-1) as PublicJwk;
      for (const jwk of keys.slice(0, -1)) await resolver.addKey("issuer", jwk as PublicJwk);
      const added = await resolver.addKey("issuer", last).catch((error: AttestationError) => error);
      if (expected.outcome === "refused") {
        expect(added).toBeInstanceOf(AttestationError);
        expect(added).toMatchObject({ code: expected.code });
      } else {
        expect(added).toBeUndefined();
        expect(resolver.resolve("issuer", last.kid ?? "")?.thumbprint).toBe(expected.thumbprint);
      }
    });
  }
});

describe("digests.json", () => {
  for (const { title, requirements, request, digest } of digestVectors()) {
    it(`${title} (${requirements.join(", ")})`, async () => {
      expect((await messageDigest(request)) ?? null).toBe(digest);
    });
  }
});

describe("definitions.json", () => {
  for (const vector of definitionVectors()) {
    const { title, requirements, definition } = vector;
    it(`${title} (${requirements.join(", ")})`, async () => {
      if (vector.call === undefined) {
        if (vector.digest === null) expect(() => toolDigest(definition)).toThrow(AttestationError);
        else expect(await toolDigest(definition)).toBe(vector.digest);
        return;
      }
      const problem = definitionProblem(vector.call, await toolDigest(definition));
      expect(problem && reasonOf(problem)).toBe(vector.expected.reason);
      expect(problem === undefined).toBe(vector.expected.outcome === "met");
    });
  }
});

describe("messages.json", () => {
  for (const { title, requirements, text, passedOn } of messageVectors()) {
    it(`${title}: what is digested is what is passed on (${requirements.join(", ")})`, async () => {
      const { method, params } = JSON.parse(text);
      const [wanted] = passedOn;
      expect(await messageDigest({ kind: "message", method, params })).toBe(wanted?.digest);
      if (wanted) expect(canonicalize({ method, params })).toBe(wanted.canonical);
    });
  }

  it("has numbers that are digested alike, of which one is passed on (SPEC-3.15)", async () => {
    const digests = ["9007199254740992", "9007199254740993"].map((amount) =>
      messageVectors()
        .find(({ text }) => text.includes(`"amount":${amount}}`))
        ?.passedOn.map(({ digest }) => digest),
    );
    expect(digests[0]).toHaveLength(1);
    expect(digests[1]).toEqual(digests[0]);
  });

  it("has names that are there twice, of which one is passed on (SPEC-3.16)", () => {
    const twice = messageVectors().filter(({ requirements }) => requirements.includes("T10"));
    expect(twice.length).toBeGreaterThan(2);
    for (const { passedOn, mayRefuse } of twice) {
      expect(mayRefuse).toBe(true);
      expect(new Set(passedOn.map(({ digest }) => digest)).size).toBe(2);
    }
  });
});

describe("authorization.json", () => {
  for (const { title, requirements, field, outcome, credential, ath } of authorizationVectors()) {
    it(`${title} (${requirements.join(", ")})`, async () => {
      const { accessToken, problem } = readAuthorization(field);
      expect(accessToken).toBe(credential);
      expect(problem !== undefined).toBe(outcome === "refused");
      expect(accessToken === undefined ? undefined : await digest(accessToken)).toBe(ath);
    });
  }

  it("has fields that are refused, and not taken for no access token (M14, SPEC-4.28)", () => {
    const outcomes = new Set(authorizationVectors().map(({ outcome }) => outcome));
    expect(outcomes).toEqual(new Set(["credential", "none", "refused"]));
  });
});

describe("possession.json", () => {
  for (const { title, requirements, form, authority, challenge, text, jwk, signature } of possessionVectors()) {
    it(`${title} (${requirements.join(", ")})`, async () => {
      const input = form === 2 ? possessionInput(challenge, authority ?? "") : possessionInput1(challenge);
      expect(new TextDecoder().decode(input)).toBe(text);
      const key = await importVerificationKey(jwk);
      expect(await key.verify(input, decodeBase64url(signature) ?? new Uint8Array())).toBe(true);
    });
  }
});

describe("the vectors", () => {
  it("are what the generator makes, and it makes the same every time", () => {
    const generator = fileURLToPath(new URL("../../../spec/generate-vectors.mjs", import.meta.url));
    execFileSync(process.execPath, [generator, "--check"], { stdio: "pipe" });
  });

  it("have names of their own, and show requirements that exist", () => {
    const all = [
      ...VECTOR_FILES.flatMap(({ vectors }) => vectors),
      ...keyVectors(),
      ...digestVectors(),
      ...definitionVectors(),
      ...messageVectors(),
      ...possessionVectors(),
    ];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const known: object = requirements;
    const specified = readFileSync(new URL("../../../SPEC.md", import.meta.url), "utf8");
    const isKnown = (id: string) => Object.hasOwn(known, id) || specified.includes(`- **${id}** `);
    expect(all.flatMap((vector) => vector.requirements).filter((id) => !isKnown(id))).toEqual([]);
  });

  it("include far more than 300 refusals", () => {
    const refusals = VECTOR_FILES.flatMap(({ vectors }) => vectors).filter(isNegative);
    expect(refusals.length).toBeGreaterThanOrEqual(300);
  });
});
