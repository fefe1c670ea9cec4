import {
  decodeBase64url,
  InMemoryKeyResolver,
  importVerificationKey,
  messageDigest,
  type PublicJwk,
  possessionInput,
  possessionInput1,
} from "@attest/core";
import type {
  DigestVector,
  KeyVector,
  MessageVector,
  PossessionVector,
  Vector,
  VectorVerifier,
} from "../test/vectors/vector.ts";
import { requestOf, resultOf, verifierOf } from "../test/vectors/verifier-of.ts";
import { smoke } from "./smoke.ts";

/** The contents of spec/vectors: this file runs where there are no files. */
export interface AllVectors {
  readonly presentations: readonly { verifiers: Record<string, VectorVerifier>; vectors: readonly Vector[] }[];
  readonly keys: readonly KeyVector[];
  readonly digests: readonly DigestVector[];
  readonly messages: readonly MessageVector[];
  readonly possession: readonly PossessionVector[];
}

export interface PlatformReport {
  readonly vectors: number;
  readonly problems: string[];
}

/** Runs the smoke test and every vector on this platform, against the package as it was built for it. */
export async function provePlatform({
  presentations: files,
  keys,
  digests,
  messages,
  possession,
}: AllVectors): Promise<PlatformReport> {
  const problems = await smoke();
  let vectors = 0;
  for (const { verifiers, vectors: list } of files) {
    for (const vector of list) {
      vectors++;
      let now = 0;
      const verifier = await verifierOf(verifiers[vector.verifier] as VectorVerifier, () => now);
      for (const presentation of vector.presentations) {
        now = presentation.time ?? Number.NaN;
        const result: object = await verifier.verify(presentation.attestation, requestOf(presentation));
        const differing = Object.entries(resultOf(presentation)).find(
          ([name, value]) => JSON.stringify((result as Record<string, unknown>)[name]) !== JSON.stringify(value),
        );
        if (differing) problems.push(`${vector.title}: ${differing[0]} is not ${JSON.stringify(differing[1])}`);
      }
    }
  }
  for (const { title, keys: jwks, expected } of keys) {
    vectors++;
    const resolver = new InMemoryKeyResolver();
    let code: string | undefined;
    for (const jwk of jwks) {
      code = await resolver.addKey("issuer", jwk as PublicJwk).then(
        () => undefined,
        (error: { code?: string }) => error.code ?? "untyped",
      );
    }
    if (code !== expected.code) problems.push(`${title}: ${code} instead of ${expected.code}`);
  }
  for (const { title, request, digest } of digests) {
    vectors++;
    if (((await messageDigest(request)) ?? null) !== digest) problems.push(`${title}: another digest`);
  }
  for (const { title, text, passedOn } of messages) {
    vectors++;
    const { method, params } = JSON.parse(text) as { method: string; params: unknown };
    const digest = await messageDigest({ kind: "message", method, params });
    if (digest !== passedOn[0]?.digest) problems.push(`${title}: another digest`);
  }
  for (const { title, form, authority = "", challenge, jwk, signature } of possession) {
    vectors++;
    const input = form === 2 ? possessionInput(challenge, authority) : possessionInput1(challenge);
    const key = await importVerificationKey(jwk);
    const valid = await key.verify(input, decodeBase64url(signature) ?? new Uint8Array());
    if (valid !== true) problems.push(`${title}: not the text that is signed`);
  }
  return { vectors, problems };
}

/** For Workers. */
export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await provePlatform((await request.json()) as AllVectors));
  },
};
