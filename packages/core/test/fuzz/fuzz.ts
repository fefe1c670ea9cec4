import { createHash, createHmac, createPrivateKey, type KeyObject, sign } from "node:crypto";
import {
  AttestationError,
  decodeAttestation,
  decodeBase64url,
  decodeStrictJson,
  importVerificationKey,
  messageDigest,
  type PublicJwk,
} from "@attest/core";
import { grantVectors, VECTOR_FILES, type VectorVerifier } from "../vectors/vector.ts";
import { verifierOf } from "../vectors/verifier-of.ts";
import { type ChainParts, makeChain } from "./make-chain.ts";
import { mutateJson, mutateToken } from "./mutate.ts";
import { Random } from "./random.ts";
import { objectionToChain } from "./reference-chain.ts";
import { type ReferenceValue, readReferenceJson } from "./reference-json.ts";
import { objectionToMac, referenceLines } from "./reference-mac.ts";
import {
  objectionTo as objectionToAttested,
  type ReferenceTrust,
  readReferenceBase64url,
  readReferenceJws,
  referenceCanonical,
} from "./reference-verifier.ts";

/** What a run did. Every number is of executions: one input given to one of the readers. */
export interface FuzzReport {
  readonly seed: number;
  executions: number;
  /** Presentations that were verified: all of them without an objection from the reference. */
  verified: number;
  /** Of them, by a MAC proof. */
  verifiedMacs: number;
  /** Of them, of chains of delegations. */
  verifiedChains: number;
  /** Of them or of texts read: agreed by both sides to be acceptable. */
  agreed: number;
  readonly failures: string[];
}

const NOW = 1_800_000_000;
const REQUEST = { method: "tools/call", params: { name: "transfer", arguments: { amount: 1 } } } as const;
const REQUEST_DIGEST = hash(referenceCanonical(REQUEST) as string);
/** A verifier is made anew now and then, so that its replay cache stays small. */
const RENEW_AFTER = 20_000;

/** The keys of the vectors, made from their names as spec/generate/common/test-keys.mjs makes them. */
function privateKey(name: string): KeyObject {
  const seed = createHash("sha256").update(`attest test vectors: ${name}`).digest();
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

interface Corpus {
  readonly configuration: VectorVerifier;
  readonly attestations: readonly string[];
  readonly proofs: readonly string[];
}

function corpus(): Corpus {
  const file = VECTOR_FILES.find(({ name }) => name === "attestations.json");
  const configuration = file?.verifiers["default"];
  if (!configuration) throw new Error("The vectors have no verifier called default");
  const presentations = VECTOR_FILES.flatMap(({ vectors }) => vectors.flatMap((vector) => vector.presentations));
  const texts = (member: "attestation" | "proof") => [
    ...new Set(presentations.map((one) => one[member]).filter((text): text is string => typeof text === "string")),
  ];
  return { configuration, attestations: texts("attestation"), proofs: texts("proof") };
}

/** A verifier with a ring, tickets that it opens and others, and the key that all of them seal. */
function macCorpus() {
  const file = VECTOR_FILES.find(({ name }) => name === "tickets.json");
  const configuration = file?.verifiers["default"];
  const honest = file?.vectors.find(({ id }) => id === "mac-proof-of-a-message")?.presentations[0];
  if (!configuration?.tickets || !honest) throw new Error("The vectors have no verifier with a ring");
  const presented = file?.vectors.flatMap(({ presentations }) => presentations.map(({ proof }) => proof)) ?? [];
  const proofs = presented.filter((proof): proof is string => typeof proof === "string" && proof.startsWith("mac1~"));
  const sealed = (grantVectors().find(({ kind }) => kind === "sealed") ?? {}) as { key?: string; holder?: string };
  return {
    configuration,
    proofs,
    tickets: [String(honest.proof), ...proofs].map((proof) => proof.split("~")[1] ?? ""),
    ring: configuration.tickets.ring.map((secret) => Buffer.from(secret, "base64url")),
    key: Buffer.from(sealed.key ?? "", "base64url"),
    holder: sealed.holder ?? "",
  };
}

/** A verifier that accepts chains, and the keys of those who could be in one. */
function chainCorpus() {
  const configuration = VECTOR_FILES.find(({ name }) => name === "delegations.json")?.verifiers["default"];
  if (!configuration) throw new Error("The vectors have no verifier that accepts chains");
  const keys = ["agent", ...[1, 2, 3, 4, 5].map((nth) => `sub-agent-${nth}`)].map(privateKey);
  return { configuration, keys };
}

const segment = (token: string, index: number) => Buffer.from(token.split(".")[index] ?? "", "base64url").toString();

function hash(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("base64url");
}

function signed(header: string | Uint8Array, payload: string | Uint8Array, key: KeyObject): string {
  const input = `${Buffer.from(header).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString("base64url")}`;
}

/**
 * Gives mutated credentials, JSON texts, keys and messages to everything that reads what a peer sends, and holds it against
 * the reference. A failure is an untyped throw, anything accepted that the reference refuses, or a text that only one of
 * the two can read.
 *
 * @param until Asked before every execution whether to stop.
 */
export async function fuzz(seed: number, until: (report: FuzzReport) => boolean): Promise<FuzzReport> {
  const random = new Random(seed);
  const report: FuzzReport = {
    seed,
    executions: 0,
    verified: 0,
    verifiedMacs: 0,
    verifiedChains: 0,
    agreed: 0,
    failures: [],
  };
  const { configuration, attestations, proofs } = corpus();
  const macs = macCorpus();
  const chains = chainCorpus();
  const [authority, agent] = [privateKey("authority"), privateKey("agent")];
  const trust: ReferenceTrust = {
    now: NOW,
    audience: configuration.audience,
    issuers: new Map(
      configuration.trustedIssuers.map(({ issuer, trustDomains, trustLevel }) => [
        issuer,
        {
          trustDomains,
          trustLevel,
          keys: new Map(configuration.keys[issuer]?.keys.map((jwk) => [jwk.kid ?? "", jwk as object])),
        },
      ]),
    ),
  };
  let verifier = await verifierOf(configuration, () => NOW);
  const fail = (what: string, ...inputs: unknown[]) => {
    const shown = inputs.map((input) =>
      input instanceof Uint8Array ? `0x${Buffer.from(input).toString("hex")}` : JSON.stringify(input),
    );
    report.failures.push(`seed ${seed}, execution ${report.executions}: ${what}: ${shown.join(" ")}`);
  };

  const honest = attestations[0] as string;
  const [honestHeader, honestPayload] = [segment(honest, 0), segment(honest, 1)];
  const proofClaims = (token: string) => ({
    aud: configuration.audience[0],
    jti: `fuzz-${seed}-${report.executions}-proof`,
    iat: NOW,
    att_hash: hash(token),
    mcp_digest: REQUEST_DIGEST,
  });
  const proofHeader = '{"alg":"Ed25519","typ":"agent-attestation-pop+jwt"}';
  const honestProof = (token: string) => signed(proofHeader, JSON.stringify(proofClaims(token)), agent);

  const attestation = (): string => {
    // Half of the time the honest one is altered and signed anew, so that what is behind the signature is reached too.
    if (random.oneIn(2)) {
      const header = random.oneIn(3) ? mutateJson(honestHeader, random) : honestHeader;
      return signed(header, mutateJson(honestPayload, random), authority);
    }
    const base = random.pick(attestations);
    if (random.oneIn(4))
      return signed(mutateJson(segment(base, 0), random), mutateJson(segment(base, 1), random), authority);
    return random.oneIn(10) ? base : mutateToken(base, random);
  };
  const proof = (token: string): string => {
    if (random.oneIn(10)) return random.pick(proofs);
    if (random.oneIn(4)) return mutateToken(honestProof(token), random);
    const header = random.oneIn(3) ? mutateJson(proofHeader, random) : proofHeader;
    return signed(header, mutateJson(JSON.stringify(proofClaims(token)), random), agent);
  };

  const present = async (made: string, proved: string): Promise<void> => {
    const result = await verifier.verify(made, { kind: "message", ...REQUEST, proof: proved });
    if ("code" in result && result.code === "ERR_INTERNAL") fail("an untyped throw inside the verifier", made, proved);
    if (!result.verified) return;
    report.verified++;
    const objection = objectionToAttested(trust, made, proved, REQUEST);
    if (objection !== undefined) fail(`accepted, against ${objection}`, made, proved);
    else report.agreed++;
  };

  // MAC proofs: altered fields with a MAC over what they became, half of the time, and texts altered from outside.
  let ringed = await verifierOf(macs.configuration, () => NOW);
  const macProof = (): string => {
    const fields = [random.pick(macs.tickets), String(NOW), `fuzz-${seed}-${report.executions}-proof`, REQUEST_DIGEST];
    if (random.oneIn(2)) {
      const at = random.below(fields.length);
      fields[at] = random.oneIn(3) ? random.pick(["", "0", "-1", "1e9"]) : mutateToken(fields[at] as string, random);
    }
    const lines = referenceLines(fields, honest, configuration.audience[random.oneIn(8) ? 1 : 0] as string);
    const made = ["mac1", ...fields, createHmac("sha256", macs.key).update(lines).digest("base64url")];
    if (random.oneIn(3)) return mutateToken(made.join("."), random).replaceAll(".", "~");
    return random.oneIn(20) ? random.pick(macs.proofs) : made.join("~");
  };
  const presentMac = async (proved: string): Promise<void> => {
    const result = await ringed.verify(honest, { kind: "message", ...REQUEST, proof: proved });
    if ("code" in result && result.code === "ERR_INTERNAL") fail("an untyped throw inside the verifier", proved);
    if (!result.verified) return;
    report.verifiedMacs++;
    const objection = objectionToMac({ ...trust, ring: macs.ring, holder: macs.holder }, honest, proved, REQUEST);
    if (objection !== undefined) fail(`accepted, against ${objection}`, proved);
    else report.agreed++;
  };

  // Chains: links that say something else and are signed as they should be, and chains rearranged from outside.
  let chained = await verifierOf(chains.configuration, () => NOW);
  const presentChain = async (): Promise<void> => {
    const root = random.oneIn(8) ? attestation() : honest;
    const parts: ChainParts = { root, keys: chains.keys, now: NOW, audience: configuration.audience };
    const { chain, key } = makeChain(parts, random);
    const made = signed(proofHeader, JSON.stringify(proofClaims(chain)), key);
    const proved = random.oneIn(8) ? mutateToken(made, random) : made;
    const result = await chained.verify(chain, { kind: "message", ...REQUEST, proof: proved });
    if ("code" in result && result.code === "ERR_INTERNAL") fail("an untyped throw inside the verifier", chain, proved);
    if (!result.verified) return;
    report.verifiedChains++;
    // A chain that lost its only link, which named the attested key itself, is an honest attestation.
    const objectionTo = chain.includes("~") ? objectionToChain : objectionToAttested;
    const objection = objectionTo(trust, chain, proved, REQUEST);
    if (objection !== undefined) fail(`accepted, against ${objection}`, chain, proved);
    else report.agreed++;
  };

  /** By kind of input; the likelier kinds stand there more than once. */
  const executions: readonly (() => void | Promise<void>)[] = [
    async () => {
      const made = attestation();
      await present(made, honestProof(made));
    },
    async () => {
      const made = attestation();
      await present(made, honestProof(made));
    },
    () => present(honest, proof(honest)),
    () => present(honest, proof(honest)),
    () => presentMac(macProof()),
    presentChain,
    () => presentMac(macProof()),
    presentChain,
    () => {
      const token = random.oneIn(2) ? attestation() : proof(honest);
      const read = typed(() => decodeAttestation(token));
      agree("decodeAttestation", token, read !== undefined, readReferenceJws(token, 6144) !== undefined);
      if (read) same("decodeAttestation", token, read.payload, readReferenceJws(token, 6144)?.payload);
    },
    () => {
      const bytes = mutateJson(random.oneIn(2) ? honestPayload : segment(random.pick(attestations), 1), random);
      const depth = random.pick([16, 16, 64]);
      const read = typed(() => decodeStrictJson(bytes, depth));
      const reference = readReferenceJson(bytes, depth);
      agree("decodeStrictJson", bytes, read !== undefined && read.problem === undefined, reference !== undefined);
      if (read && read.problem === undefined) same("decodeStrictJson", bytes, read.value, reference);
    },
    () => {
      const text = mutateToken(random.pick(attestations).split(".")[random.below(3)] ?? "", random);
      agree(
        "decodeBase64url",
        text,
        typed(() => decodeBase64url(text)) !== undefined,
        readReferenceBase64url(text) !== undefined,
      );
    },
    async () => {
      const jwk = random.pick(Object.values(configuration.keys).flatMap(({ keys }) => keys));
      const read = readReferenceJson(mutateJson(JSON.stringify(jwk), random), 16);
      if (read === undefined) return;
      const mutated = plain(read);
      try {
        await importVerificationKey(mutated as PublicJwk);
      } catch (error) {
        if (!(error instanceof AttestationError)) fail("importVerificationKey threw untyped", mutated);
      }
    },
    async () => {
      const read = readReferenceJson(mutateJson(JSON.stringify(REQUEST.params), random), 64);
      if (!(read instanceof Map)) return;
      const params = plain(read) as object;
      const digest = await typed(() => messageDigest({ kind: "message", method: "m", params }));
      const canonical = referenceCanonical({ method: "m", params });
      if (digest !== (canonical === undefined ? undefined : hash(canonical))) fail("another digest", params);
    },
  ];

  function typed<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof AttestationError)) fail(`an untyped throw: ${error}`);
      return undefined;
    }
  }
  function agree(reader: string, input: unknown, ours: boolean, reference: boolean): void {
    if (ours && !reference) fail(`${reader} accepted what the reference refuses`, input);
    else if (!ours && reference) fail(`${reader} refused what the reference reads`, input);
    else if (ours) report.agreed++;
  }
  function same(reader: string, input: unknown, ours: unknown, reference: ReferenceValue | undefined): void {
    if (reference === undefined || JSON.stringify(ours) !== JSON.stringify(plain(reference)))
      fail(`${reader} read another value`, input);
  }

  while (!until(report) && report.failures.length < 10) {
    report.executions++;
    if (report.executions % RENEW_AFTER === 0) {
      verifier = await verifierOf(configuration, () => NOW);
      chained = await verifierOf(chains.configuration, () => NOW);
      ringed = await verifierOf(macs.configuration, () => NOW);
    }
    try {
      await random.pick(executions)();
    } catch (error) {
      fail(`an untyped throw: ${error instanceof Error ? error.stack : error}`);
    }
  }
  return report;
}

/** A value of the reference as plain JSON would hold it. */
function plain(value: ReferenceValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  return value;
}
