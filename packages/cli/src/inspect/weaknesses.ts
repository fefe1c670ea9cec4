import {
  DEFAULT_CLOCK_TOLERANCE,
  DEFAULT_LIFETIME,
  DEFAULT_PROOF_WINDOW,
  isKid,
  MAX_LIFETIME,
  SIGNING_ALGORITHMS,
  trustDomainOf,
  VERSION,
} from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";
import { formatDuration } from "../terminal/duration.ts";
import { malformed, type Remark, refused, weak } from "./remark.ts";
import type { Specimen } from "./specimen.ts";

const ALGS: Readonly<Record<Specimen["kind"], readonly string[]>> = {
  "bound attestation": SIGNING_ALGORITHMS,
  "bearer attestation": ["EdDSA", "Ed25519"],
  "SPIFFE JWT-SVID": [...spiffeJwtSvid.algorithms.keys()],
  "WIMSE WIT": [...wimseWit.algorithms.keys()],
  proof: SIGNING_ALGORITHMS,
  unknown: [...SIGNING_ALGORITHMS, "EdDSA"],
};

/** What the header says of the kind of token and of its key. */
export function typeFindings({ kind, header }: Specimen): Remark[] {
  const { typ, alg, kid } = header;
  const findings: Remark[] = [];
  if (kind === "unknown") {
    findings.push(refused("unknown-typ", `\`typ\` is ${show(typ)}, which no attestation or proof has`));
  } else if (kind === "bearer attestation" || kind === "SPIFFE JWT-SVID") {
    findings.push(weak("bearer", "A bearer token: anyone who has a copy can present it once, at its audience"));
  }
  if (typeof alg === "string" && !ALGS[kind].includes(alg)) {
    findings.push(refused("alg", `\`alg\` is ${show(alg)}${algProblem(alg, kind)}`));
  } else if (alg === "ES256" && kind === "bound attestation") {
    findings.push(weak("alg", "`alg` is ES256: a verifier accepts it only from an issuer that is configured for it"));
  }
  if (kind !== "proof" && !isKid(kid)) {
    findings.push(refused("kid", "`kid` is not 1–256 visible ASCII characters, so no key can be found for it"));
  }
  return findings;
}

function algProblem(alg: string, kind: Specimen["kind"]): string {
  if (/^none$/i.test(alg)) return ": the token is not signed, so anyone can have written it";
  if (/^HS/i.test(alg)) return ": a shared secret, so anyone who can verify the token can forge it";
  if (alg === "EdDSA") return `, which only bearer attestations use; a ${kind} uses Ed25519`;
  return `, which a ${kind} cannot have`;
}

/** What the claims of an attestation say of its use. */
export function claimsFindings({ kind, payload, claims, problem }: Specimen): Remark[] {
  if (kind === "proof" || kind === "unknown") return [];
  if (problem !== undefined) return [malformed("claims", `The claims are malformed: ${problem}`)];
  const findings: Remark[] = [];
  const { aud } = payload;
  if (aud === undefined) {
    findings.push(
      kind === "bearer attestation" || kind === "SPIFFE JWT-SVID"
        ? refused("no-audience", `No \`aud\`: a ${kind} must be issued for one server`)
        : weak("no-audience", "No `aud`: valid at any server that trusts the issuer; only its proofs name a server"),
    );
  } else if (Array.isArray(aud) && aud.length > 1 && kind === "SPIFFE JWT-SVID") {
    findings.push(refused("several-audiences", `Issued for ${aud.length} audiences; a JWT-SVID must have one`));
  } else if (Array.isArray(aud) && aud.length > 1) {
    findings.push(
      weak("several-audiences", `Issued for ${aud.length} audiences, each of which can present it at the others`),
    );
  }
  if (!claims) return findings;
  const { attestationVersion, safetyLevel, nestedAttestation } = claims.attestationMetadata;
  const format = kind === "bound attestation" ? "attestation" : "bearer";
  if (attestationVersion !== VERSION[format]) {
    findings.push(refused("version", `Its version is ${show(attestationVersion)}; a ${kind} has ${VERSION[format]}`));
  }
  if (trustDomainOf(claims.sub) === undefined && (format === "attestation" || /^spiffe:/i.test(claims.sub))) {
    findings.push(refused("subject", "`sub` is not a SPIFFE ID"));
  } else if (trustDomainOf(claims.sub) === undefined) {
    findings.push(weak("subject", "`sub` is not a SPIFFE ID, so no trust domain limits who may attest it"));
  }
  if (safetyLevel === "minimal")
    findings.push(weak("safety-level", "The authority says that the agent's safety level is minimal"));
  if (nestedAttestation !== undefined) {
    findings.push(weak("nested", "Holds another attestation, which only verifiers with `nested` for its issuer read"));
  }
  return findings;
}

/** What its times say. Only of those that are numbers; the others are malformed claims. */
export function timeFindings({ kind, payload, now }: Specimen): Remark[] {
  if (kind === "proof") return [];
  const { exp, iat, nbf = iat } = payload;
  const findings: Remark[] = [];
  if (exp === undefined) findings.push(refused("no-expiry", "No `exp`: it never expires"));
  if (typeof exp !== "number" || typeof iat !== "number") return findings;
  const lifetime = exp - iat;
  const bearer = kind === "bearer attestation" || kind === "SPIFFE JWT-SVID";
  const limit = MAX_LIFETIME[bearer ? "bearer" : "attestation"];
  if (lifetime <= 0) findings.push(refused("lifetime", "It expires before it is issued"));
  else if (lifetime > limit) {
    const message = `Its lifetime is ${formatDuration(lifetime)}; verifiers refuse more than ${formatDuration(limit)}`;
    findings.push(refused("lifetime", message));
  } else if (lifetime > DEFAULT_LIFETIME) {
    const message = `Its lifetime is ${formatDuration(lifetime)}: a stolen key or copy is valid for that long. The default is ${formatDuration(DEFAULT_LIFETIME)}`;
    findings.push(weak("long-life", message));
  }
  if (now >= exp + DEFAULT_CLOCK_TOLERANCE)
    findings.push(refused("expired", `Expired ${formatDuration(now - exp)} ago`));
  else if (now >= exp)
    findings.push(weak("expired", "Expired, within the tolerance that verifiers allow for differing clocks"));
  const begin = Math.max(iat, typeof nbf === "number" ? nbf : iat);
  if (begin > now + DEFAULT_CLOCK_TOLERANCE) {
    findings.push(refused("not-yet-valid", `Not valid for another ${formatDuration(begin - now)}, by this clock`));
  }
  return findings;
}

/** What the agent's key in an attestation is like. @param code Why `cnf.jwk` is not usable as a key, if it is not. */
export function keyFindings({ kind, payload }: Specimen, code: string | undefined): Remark[] {
  const findings: Remark[] = [];
  if (kind === "SPIFFE JWT-SVID" && Object.hasOwn(payload, "cnf")) {
    findings.push(refused("stripped", "A JWT-SVID that is bound to a key (`cnf`), of which it proves nothing"));
  } else if (kind === "WIMSE WIT" && !Object.hasOwn(payload, "cnf")) {
    findings.push(refused("no-key", "A WIT without the workload's key (`cnf.jwk`)"));
  } else if (kind === "bearer attestation" && Object.hasOwn(payload, "cnf")) {
    const message = "A bearer token with a key in `cnf`: it may be a bound attestation whose binding was removed";
    findings.push(refused("stripped", message));
  } else if (kind === "bound attestation" && !Object.hasOwn(payload, "cnf")) {
    findings.push(refused("no-key", "A bound attestation without the agent's key (`cnf.jwk`)"));
  }
  switch (code) {
    case undefined:
      break;
    case "ERR_KEY_PRIVATE":
      findings.push(
        refused(
          "private-key",
          "`cnf.jwk` holds a PRIVATE key: it is disclosed. Create a new key, and do not share this token",
        ),
      );
      break;
    case "ERR_KEY_WEAK":
      findings.push(refused("weak-key", "`cnf.jwk` is a small-order or non-canonical point: anyone can sign for it"));
      break;
    default:
      findings.push(refused("key", "`cnf.jwk` is not usable as a key: neither a sound Ed25519 nor a sound P-256 key"));
  }
  return findings;
}

/** What a proof covers. */
export function proofFindings({ kind, payload, now }: Specimen): Remark[] {
  if (kind !== "proof") return [];
  const findings: Remark[] = [];
  const { iat, mcp_digest, htm, body_digest } = payload;
  const missing = ["aud", "jti", "iat", "att_hash"].filter((name) => !Object.hasOwn(payload, name));
  if (missing.length > 0) findings.push(refused("claims", `The proof lacks ${missing.join(", ")}`));
  const inBand = mcp_digest !== undefined;
  const inFields = htm !== undefined && body_digest !== undefined;
  if (inBand === inFields) {
    findings.push(refused("carrier", "It does not cover exactly one message or exactly one HTTP request"));
  }
  if (typeof iat === "number" && now > iat + DEFAULT_PROOF_WINDOW + DEFAULT_CLOCK_TOLERANCE) {
    findings.push(refused("expired", `Created ${formatDuration(now - iat)} ago; a proof is valid for one minute`));
  }
  return findings;
}

function show(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value)?.slice(0, 80) ?? typeof value);
}
