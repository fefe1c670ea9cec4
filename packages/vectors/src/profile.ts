import type { FileName, Vector } from "./vector.ts";

/** Which vectors are asked: all, or those of the constrained profile (SPEC §5). */
export type Profile = "full" | "constrained";

interface Verifier {
  readonly policy?: string;
  readonly allowBearer?: boolean;
  readonly trustedIssuers?: readonly {
    algorithms?: readonly string[];
    formats?: unknown;
    nested?: unknown;
    statusLists?: unknown;
  }[];
  readonly proofAlgorithms?: readonly string[];
  readonly tickets?: unknown;
}

/** Files about what the constrained profile has. */
const CONSTRAINED: ReadonlySet<FileName> = new Set<FileName>([
  "attestations",
  "proofs",
  "times",
  "policies",
  "sequences",
  "replays",
  "keys",
  "digests",
  "messages",
]);

/** What the constrained profile knows of: bound attestations, Ed25519, proofs in the message, the policy `required`. */
export function isConstrained(file: FileName, { presentations, keys }: Vector, verifier: unknown): boolean {
  if (!CONSTRAINED.has(file)) return false;
  if (keys) return (keys as unknown[]).every((jwk) => (jwk as { kty?: unknown } | null)?.kty !== "EC");
  if (!presentations) return true;
  const { policy, allowBearer, trustedIssuers = [], proofAlgorithms = [], tickets } = (verifier ?? {}) as Verifier;
  return (
    policy === "required" &&
    !allowBearer &&
    !tickets &&
    proofAlgorithms.includes("Ed25519") &&
    trustedIssuers.every(
      ({ algorithms = [], ...rest }) =>
        algorithms.join() === "Ed25519" && !rest.formats && !rest.nested && !rest.statusLists,
    ) &&
    (presentations as Presented[]).every(
      (presentation) =>
        presentation.request?.kind !== "http" && presentation.accessToken === undefined && !holdsP256(presentation),
    )
  );
}

type Presented = {
  request?: { kind?: string };
  accessToken?: string;
  attestation?: unknown;
  expected: { outcome: string };
};

/** Whether an attestation is for a P-256 key. */
function holdsP256({ attestation }: Presented): boolean {
  const [, claims = ""] = typeof attestation === "string" ? attestation.split(".") : [];
  return Buffer.from(claims, "base64url").toString("latin1").includes('"P-256"');
}
