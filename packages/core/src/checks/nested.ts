import type { AttestationClaims } from "../claims/attestation-claims.ts";
import { TYP } from "../claims/attestation-kinds.ts";
import type { AttestationErrorCode } from "../errors.ts";
import { ATTESTATION_LIMITS } from "../jose/jws-limits.ts";
import { type CompactJws, readCompactJws } from "../jose/strict-jws.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import { after, type MaybePromise } from "../maybe-promise.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import type { Order } from "./order.ts";
import { Refusal, refusal } from "./refusal.ts";
import { type Assessed, type Presented, type Statement, statementOf } from "./statement.ts";
import { structureRefusal } from "./structure.ts";

/** The attestation around a nested one: it has passed all checks of its own. */
type Outer = Assessed & { readonly claims: AttestationClaims; readonly holderKey: VerificationKey };

/** A nested attestation before anything of it was read. */
export interface Nested extends Presented {
  readonly outer: Outer;
  /** That of the attestation around it: it is of no other. */
  readonly format: TokenFormat;
}

type Read = Nested & { readonly jws: CompactJws };
type Claimed = Nested & { readonly claims: AttestationClaims; readonly holderKey: VerificationKey };

/** Why a nested attestation is not trusted, so that the one around it stands alone: this verifier does not know it (SPEC-20.4). */
const NOT_BELIEVED: ReadonlySet<AttestationErrorCode> = new Set<AttestationErrorCode>([
  "ERR_ISSUER_UNTRUSTED",
  "ERR_FORMAT_NOT_ALLOWED",
  "ERR_ATTESTATION_TYP",
  "ERR_ATTESTATION_ALG",
  "ERR_ATTESTATION_VERSION",
]);

/** §20, after everything else of the attestation around it: what the provider says in it, where the server listens to that. */
export function takeNested(order: Order<Nested, Assessed>) {
  return (outer: Outer): MaybePromise<Refusal | { nested: Statement | undefined }> => {
    const token = outer.claims.attestationMetadata.nestedAttestation;
    if (token === undefined || !outer.issuer.nested) return { nested: undefined };
    const { configuration, now, load, chained, format } = outer;
    return after(order({ configuration, now, load, chained, token, outer, format }), (assessed) => {
      if (!(assessed instanceof Refusal)) return { nested: statementOf(assessed) };
      const { code, message } = assessed;
      return NOT_BELIEVED.has(code) ? { nested: undefined } : refusal(code, `In the nested attestation: ${message}`);
    });
  };
}

/** The same checks of an attestation and of the one that is nested in it. */
export function ofEachLayer<Given extends { readonly statement: Statement }>(
  order: Order<Given, object>,
): Order<Given, object> {
  return (given) =>
    after(order(given), (answer) => {
      const { nested } = given.statement;
      return answer instanceof Refusal || !nested ? answer : order({ ...given, statement: nested });
    });
}

/** §20: it can be read, by the limits of an attestation. */
export function readNested({ token }: Nested): Refusal | { jws: CompactJws } {
  const jws = readCompactJws(token, ATTESTATION_LIMITS);
  return typeof jws === "string" ? structureRefusal("ATTESTATION", jws) : { jws };
}

/** §20: it calls itself a bound attestation (T9, T24). */
export function checkNestedType({ jws }: Read): Refusal | undefined {
  if (jws.header.typ === TYP.attestation) return undefined;
  return refusal("ERR_ATTESTATION_TYP", "The typ is not that of an attestation");
}

/** §20: its issuer is one that this server trusts as a provider. */
export function checkProvider({ issuer }: Nested & { readonly issuer: ConfiguredIssuer }): Refusal | undefined {
  if (issuer.trustLevel === "provider") return undefined;
  return refusal("ERR_ISSUER_UNTRUSTED", "The issuer is not trusted as a provider");
}

/** §20: there are two layers and no more. */
export function checkInnermost({ claims }: Claimed): Refusal | undefined {
  if (claims.attestationMetadata.nestedAttestation === undefined) return undefined;
  return refusal("ERR_NESTED_TWICE", "It has a nested attestation of its own");
}

/** §20: both attest one key, or the proof would be that of one of them only. */
export function checkSameKey({ outer, holderKey }: Claimed): Refusal | undefined {
  if (outer.holderKey.thumbprint === holderKey.thumbprint) return undefined;
  return refusal("ERR_NESTED_KEY", "It is for another key than the attestation around it");
}

/** §20: both are about one agent. */
export function checkSameAgent({ outer, claims }: Claimed): Refusal | undefined {
  if (isSameModel(outer.claims, claims)) return undefined;
  return refusal("ERR_NESTED_AGENT", "It is about another model than the attestation around it");
}

/** Whether two attestations are about one model of one provider. */
export function isSameModel({ agentIdentity: a }: AttestationClaims, { agentIdentity: b }: AttestationClaims): boolean {
  return a.modelFamily === b.modelFamily && a.modelVersion === b.modelVersion && a.provider === b.provider;
}
