import { createPublicKey } from "node:crypto";
import { createVerifier } from "fast-jwt";
import { importJWK, jwtVerify } from "jose";
import { z } from "zod";
import { type Material, NOW, verifierAt } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";

const COUNT = 1000;
const ROUNDS = 11;
const IN_FLIGHT = 64;

/** What a careful application would write around jose: the same claims, by zod. */
const schema = z.object({
  iss: z.string(),
  sub: z.string().startsWith("spiffe://"),
  aud: z.string(),
  iat: z.int(),
  nbf: z.int(),
  exp: z.int(),
  jti: z.string().min(1).max(256),
  agent_identity: z.object({ model_family: z.string(), model_version: z.string(), provider: z.string() }),
  agent_integrity: z.object({ config_hash: z.string(), system_prompt_hash: z.string() }),
  attestation_metadata: z.object({
    attestation_version: z.string(),
    attestation_type: z.enum(["provider", "enterprise"]),
    safety_level: z.enum(["standard", "enhanced", "minimal"]),
    capabilities_declared: z.array(z.string()),
  }),
});

/** Verifying one whole attestation, against the signature alone and against peers. */
export async function measureAttestations(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const { authority, bearer, rawVerification } = material;
  const jwk = { ...authority.authorityKey.toJwk() };
  const joseKey = await importJWK(jwk, "EdDSA");
  const fastVerify = createVerifier({
    key: createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" }).toString(),
    algorithms: ["EdDSA"],
    allowedIss: authority.issuer,
    allowedAud: authority.audience,
    clockTimestamp: NOW * 1000,
    cache: false,
  });
  const joseOptions = {
    issuer: authority.issuer,
    audience: authority.audience,
    algorithms: ["EdDSA"],
    typ: "JWT",
    currentDate: new Date(NOW * 1000),
  };
  const strangers = { ...authority.verifierOptions.trustedIssuers[0], issuer: "https://other.example" };
  const { keyResolver: _, ...rest } = authority.verifierOptions;
  const { AttestationVerifier, InMemoryKeyResolver } = await import("@attest/core");
  const stranger = new AttestationVerifier({
    ...rest,
    keyResolver: new InMemoryKeyResolver(),
    allowBearer: true,
    trustedIssuers: [strangers],
  });

  const variants: Variant[] = [
    rawVerification,
    ours(material, 0),
    ours(material, 100_000),
    ours(material, 1_000_000),
    {
      name: "fast-jwt, prepared key",
      run(count) {
        for (let i = 0; i < count; i++) fastVerify(bearer[i % bearer.length] as string);
      },
    },
    {
      name: "jose + zod, prepared key",
      async run(count) {
        for (let i = 0; i < count; i++) {
          schema.parse((await jwtVerify(bearer[i % bearer.length] as string, joseKey, joseOptions)).payload);
        }
      },
    },
    {
      name: "ours, refusing an untrusted issuer",
      async run(count) {
        for (let i = 0; i < count; i++) await stranger.verify(bearer[i % bearer.length]);
      },
    },
  ];
  const costs = await compare(variants, { rounds: ROUNDS, count: COUNT });
  const [raw, , , ourMillion, , jose, refused] = costs;
  const burst = await compare([rawVerification, ours(material, 0, IN_FLIGHT)], {
    rounds: ROUNDS,
    count: IN_FLIGHT * 6,
  });
  const noReference = "the reference implementation is not available on this machine";
  return {
    costs: [...costs, ...burst.slice(1)],
    rows: [
      {
        ...row("full verify, schema + replay at 1M live, vs raw verify (CPU)", ourMillion?.cpuRatio, 0.82, 0.88),
        limit: 1,
      },
      row(`${IN_FLIGHT} in flight on two cores, vs raw verify (wall)`, burst[1]?.wallRatio, 1.4, 1.65),
      {
        ...row(
          "vs jose + zod, sequential (CPU)",
          (jose?.cpu ?? Number.NaN) / (ourMillion?.cpu ?? Number.NaN),
          1.7,
          1.9,
        ),
        limit: (jose?.cpu ?? Number.NaN) / (raw?.cpu ?? Number.NaN),
      },
      { ...row("vs the reference at 0 live (CPU)", undefined, 1.6, 1.8), notMeasured: noReference },
      { ...row("vs the reference at 100k live (CPU)", undefined, 3, 3.6), notMeasured: noReference },
      { ...row("vs the reference at 1M live (CPU)", undefined, 12, 15), notMeasured: noReference },
      {
        path: "untrusted issuer refused, share of a raw verify (CPU)",
        unit: "ratio",
        measured: (refused?.cpu ?? Number.NaN) / (raw?.cpu ?? Number.NaN),
        must: 0.08,
        aim: 0.05,
        better: "smaller",
      },
    ],
  };
}

/** Our verifier on bearer attestations, each of which it can use once: minted before each run. */
function ours(material: Material, live: number, inFlight = 1): Variant {
  const verifier = verifierAt(material.authority, live);
  let fresh: string[] = [];
  return {
    name: `ours, ${live.toLocaleString("en")} live entries${inFlight > 1 ? `, ${inFlight} in flight` : ""}`,
    async prepare(count) {
      fresh = await material.takeBearer(count);
    },
    async run(count) {
      for (let done = 0; done < count; done += inFlight) {
        const batch = fresh.splice(-inFlight);
        const results = await Promise.all(batch.map((token) => verifier.verify(token)));
        if (!results.every((result) => result.verified)) throw new Error("An honest attestation was refused");
      }
    },
  };
}

function row(path: string, measured: number | undefined, must: number, aim: number): Row {
  return { path, unit: "ratio", ...(measured !== undefined && { measured }), must, aim, better: "greater" };
}
