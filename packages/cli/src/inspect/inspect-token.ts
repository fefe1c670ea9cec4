import { decodeAttestation, importVerificationKey, type PublicJwk, TYP } from "@attest/core";
import { foreignKindOf } from "./foreign-kind.ts";
import { type JsonObject, readLeniently } from "./read-leniently.ts";
import type { Inspection, Specimen } from "./specimen.ts";
import { claimsFindings, keyFindings, proofFindings, timeFindings, typeFindings } from "./weaknesses.ts";

const NO_CLAIMS = { claims: undefined, problem: undefined };

/** Takes a token apart and names every weakness that can be seen without a key. Never throws for anything in the text. */
export async function inspectToken(text: string, now: number): Promise<Inspection> {
  const { header, payload, findings: formFindings } = readLeniently(text);
  const findings = [...formFindings];
  const foreign = foreignKindOf(text);
  const kind = foreign ?? kindOf(header);
  let keyThumbprint: string | undefined;
  if (header && payload) {
    const specimen: Specimen = { kind, header, payload, ...(foreign ? NO_CLAIMS : read(text)), now };
    for (const look of [typeFindings, claimsFindings, timeFindings, proofFindings]) findings.push(...look(specimen));
    const key = await confirmationKey(payload);
    keyThumbprint = key.thumbprint;
    findings.push(...keyFindings(specimen, key.code));
  }
  const expiry = payload?.["exp"];
  return {
    verified: false,
    kind,
    ...(header && { header }),
    ...(payload && { payload }),
    ...(keyThumbprint !== undefined && { keyThumbprint }),
    now,
    ...(Number.isFinite(expiry) && { secondsLeft: (expiry as number) - now }),
    findings,
  };
}

function kindOf(header: JsonObject | undefined): Inspection["kind"] {
  switch (header?.["typ"]) {
    case TYP.attestation:
      return "bound attestation";
    case TYP.bearer:
      return "bearer attestation";
    case TYP.proof:
      return "proof";
    default:
      return "unknown";
  }
}

function read(text: string): Pick<Specimen, "claims" | "problem"> {
  try {
    const { claims, problem } = decodeAttestation(text);
    return { claims, problem };
  } catch {
    // Its form is malformed, which has been told.
    return { claims: undefined, problem: undefined };
  }
}

/** The thumbprint of the key in `cnf.jwk`, or the code that says why it is not usable; neither if there is nothing there. */
async function confirmationKey(payload: JsonObject): Promise<{ thumbprint?: string; code?: string }> {
  const cnf = payload["cnf"];
  if (typeof cnf !== "object" || cnf === null || !("jwk" in cnf)) return {};
  try {
    return { thumbprint: (await importVerificationKey(cnf.jwk as PublicJwk)).thumbprint };
  } catch (error) {
    return { code: (error as { code?: string }).code ?? "ERR_KEY_FORMAT" };
  }
}
