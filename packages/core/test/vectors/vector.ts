import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Algorithm, ForeignFormatName, PublicJwk, ToolDefinition } from "@attest/core";
import type { JsonWebKeySet } from "./verifier-of.ts";

/** What one presentation to a verifier must come to: these members of the result, and no identity unless verified. */
interface Expected {
  readonly outcome: "verified" | "absent" | "unassessed" | "refused";
  readonly [member: string]: unknown;
}

/** A request as JSON holds it: `body` is base64url. */
type VectorRequest =
  | { readonly kind: "message"; readonly method: string; readonly params?: unknown }
  | { readonly kind: "response"; readonly id: string | number; readonly result: unknown }
  | { readonly kind: "http"; readonly method: string; readonly body?: string };

export interface Presentation {
  /** Unix seconds; `null`: a clock that tells nothing. */
  readonly time: number | null;
  readonly attestation?: unknown;
  readonly proof?: unknown;
  readonly request?: VectorRequest;
  readonly sessionId?: string;
  readonly accessToken?: string;
  readonly overHttp?: boolean;
  readonly expected: Expected;
}

/** A verifier's configuration as JSON holds it. */
export interface VectorVerifier {
  readonly trustedIssuers: readonly {
    issuer: string;
    trustLevel: "provider" | "enterprise";
    trustDomains: [string, ...string[]];
    algorithms: Algorithm[];
    /** Names of foreign formats; absent where the issuer has this protocol's own. */
    formats?: string[];
    statusLists?: [string, ...string[]];
    statusOptional?: boolean;
    nested?: boolean;
  }[];
  readonly keys: Readonly<Record<string, JsonWebKeySet>>;
  readonly audience: [string, ...string[]];
  readonly policy: "required" | "preferred" | "optional";
  readonly allowBearer: boolean;
  readonly allowMultipleAudiences: boolean;
  readonly requiredClaims: readonly string[];
  readonly proofAlgorithms: readonly ("Ed25519" | "ES256")[];
  readonly clockTolerance: number;
  readonly proofWindow: number;
  readonly nodeSkew: number;
  readonly maxLifetime: { bound: number; bearer: number; [foreign: ForeignFormatName]: number };
  /** `ring`: base64url. */
  readonly tickets?: false | { readonly ring: readonly string[] };
  readonly revoked?: readonly { readonly iss: string; readonly jti: string }[];
  readonly statusLists?: Readonly<Record<string, { size: number; statuses: Readonly<Record<string, number>> }>>;
  readonly unavailable?: readonly ("keys" | "replayCache" | "revocation")[];
  readonly maxDelegationDepth?: 0 | 1 | 2 | 3 | 4;
  /** Issuers whose keys cannot be had. */
  readonly unavailableIssuers?: readonly string[];
  readonly replayCapacity?: number;
  readonly replayCacheMadeAt?: number;
}

export interface Vector {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly string[];
  readonly verifier: string;
  readonly presentations: readonly Presentation[];
  /** What its use is recorded as, in replays.json: its written form, the key made of that, and until when. */
  readonly recorded?: { readonly written: string; readonly key: string; readonly until: number };
}

export interface KeyVector {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly string[];
  /** Keys to add to one issuer's set, in order. */
  readonly keys: readonly unknown[];
  /** What the last one comes to. */
  readonly expected: { readonly outcome: "accepted" | "refused"; readonly thumbprint?: string; readonly code?: string };
}

export interface DigestVector {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly string[];
  readonly request: Exclude<VectorRequest, { kind: "http" }>;
  readonly canonical?: string;
  readonly digest: string | null;
}

/** A tool's definition, and its digest; or a call of the tool at a server that demands this definition. */
export type DefinitionVector = {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly string[];
  readonly definition: ToolDefinition;
} & (
  | { readonly canonical?: string; readonly digest: string | null; readonly call?: undefined }
  | {
      readonly call: { readonly proof: "signature" | "mac" | "none"; readonly toolDigest?: string };
      readonly expected: { readonly outcome: "met" | "refused"; readonly reason?: string };
    }
);

export interface MessageVector {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly string[];
  /** The message as it arrives. */
  readonly text: string;
  readonly mayRefuse: boolean;
  /** What may be passed on, as its `canonical` form; the first is what `JSON.parse` reads. */
  readonly passedOn: readonly { readonly canonical: string; readonly digest: string }[];
}

export interface PossessionVector {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly string[];
  readonly form: 1 | 2;
  readonly authority?: string;
  readonly challenge: string;
  /** What is signed. */
  readonly text: string;
  readonly jwk: PublicJwk;
  readonly signature: string;
}

/** What a ticket is made of. Bytes are base64url. */
export type GrantVector = {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly string[];
} & (
  | {
      readonly kind: "key";
      readonly agentPrivateKey: string;
      readonly serverPrivateKey: string;
      readonly proof: string;
      readonly audience: string;
      readonly thumbprint: string;
      readonly agentKey: string;
      readonly serverKey: string;
      readonly shared: string;
      readonly key: string;
    }
  | { readonly kind: "refused-key"; readonly peer: string }
  | {
      readonly kind: "sealed";
      readonly secret: string;
      readonly keyId: string;
      readonly random: string;
      readonly key: string;
      readonly holder: string;
      readonly audience: string;
      readonly expiresAt: number;
      readonly ticket: string;
    }
  | {
      readonly kind: "lines";
      readonly request: VectorRequest;
      readonly ticket: string;
      readonly attestation: string;
      readonly audience: string;
      readonly iat: number;
      readonly jti: string;
      readonly digest: string;
      readonly sessionId?: string;
      readonly accessToken?: string;
      readonly text: string;
    }
  | { readonly kind: "field"; readonly field: string; readonly grant: object | null }
);

export interface AuthorizationVector {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly string[];
  /** The `Authorization` field, or `null` where there is none. */
  readonly field: string | null;
  /** Whether the proof beside it names a credential, names none, or the message is refused. */
  readonly outcome: "credential" | "none" | "refused";
  /** What `ath` is the hash of. */
  readonly credential?: string;
  readonly ath?: string;
}

/** Where the vectors are. */
export const VECTORS_FOLDER: string = fileURLToPath(new URL("../../../../spec/vectors/", import.meta.url));
const read = (file: string) => JSON.parse(readFileSync(VECTORS_FOLDER + file, "utf8"));

const OTHER_FILES: readonly string[] = [
  "keys.json",
  "digests.json",
  "definitions.json",
  "messages.json",
  "possession.json",
  "authorization.json",
  "assertions.json",
  "grants.json",
  "guards.json",
  "agents.json",
];

/** Every file of presentations. */
export const VECTOR_FILES: readonly { name: string; verifiers: Record<string, VectorVerifier>; vectors: Vector[] }[] =
  readdirSync(VECTORS_FOLDER)
    .filter((file) => file.endsWith(".json") && !OTHER_FILES.includes(file))
    .map((file) => ({ name: file, ...read(file) }));

export const keyVectors = (): KeyVector[] => read("keys.json").vectors;
export const digestVectors = (): DigestVector[] => read("digests.json").vectors;
export const definitionVectors = (): DefinitionVector[] => read("definitions.json").vectors;
export const possessionVectors = (): PossessionVector[] => read("possession.json").vectors;
export const authorizationVectors = (): AuthorizationVector[] => read("authorization.json").vectors;
export const grantVectors = (): GrantVector[] => read("grants.json").vectors;
/** Vectors for guards and agents, of which this package has neither. */
export const othersVectors = (): unknown[] => ["guards.json", "agents.json"].flatMap((file) => read(file).vectors);
export const messageVectors = (): MessageVector[] => read("messages.json").vectors;

/** Whether a vector shows something being refused at its end. */
export const isNegative = ({ presentations }: Vector): boolean => presentations.at(-1)?.expected.outcome === "refused";
