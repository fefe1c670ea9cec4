import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { AttestationError, InMemoryKeyResolver, messageDigest, type PublicJwk } from "@attest/core";
import { describe, expect, it } from "vitest";
import requirements from "../../../spec/requirements.json" with { type: "json" };
import { digestVectors, isNegative, keyVectors, VECTOR_FILES } from "./vectors/vector.ts";
import { requestOf, verifierOf } from "./vectors/verifier-of.ts";

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
          expect(result).toMatchObject(presentation.expected);
          expect(result.verified).toBe(presentation.expected.outcome === "verified");
        }
      });
    }
  });
}

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

describe("the vectors", () => {
  it("are what the generator makes, and it makes the same every time", () => {
    const generator = fileURLToPath(new URL("../../../spec/generate-vectors.mjs", import.meta.url));
    execFileSync(process.execPath, [generator, "--check"], { stdio: "pipe" });
  });

  it("have names of their own, and show requirements that exist", () => {
    const all = [...VECTOR_FILES.flatMap(({ vectors }) => vectors), ...keyVectors(), ...digestVectors()];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const known: object = requirements;
    expect(all.flatMap((vector) => vector.requirements).filter((id) => !Object.hasOwn(known, id))).toEqual([]);
  });

  it("include far more than 300 refusals", () => {
    const refusals = VECTOR_FILES.flatMap(({ vectors }) => vectors).filter(isNegative);
    expect(refusals.length).toBeGreaterThanOrEqual(300);
  });
});
