import { Problem } from "../problem.ts";

/** What a token exchange asks for (RFC 8693 §2.1). */
export interface TokenRequest {
  readonly subjectToken: string;
  readonly audience: string | undefined;
  readonly rule: string | undefined;
}

const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
/** What is exchanged for, and what is issued. */
export const JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt";
const SUBJECT_TYPES: ReadonlySet<string | undefined> = new Set([
  JWT_TYPE,
  "urn:ietf:params:oauth:token-type:id_token",
  "urn:ietf:params:oauth:token-type:access_token",
]);

/** Whether a problem of the form is about the grant type, which OAuth has a code of its own for. */
class UnsupportedGrant extends Problem {}

/** Reads the form of a token exchange. Parameters that it does not know are ignored, as OAuth has it. @throws Problem. */
export function readTokenRequest(contentType: string | null, body: Uint8Array): TokenRequest {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType ?? "")) {
    throw new Problem("invalid_request", "The body must be application/x-www-form-urlencoded");
  }
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const one = (name: string): string | undefined => {
    const values = form.getAll(name);
    if (values.length > 1) throw new Problem("invalid_request", `\`${name}\` may be sent once`);
    return values[0] === "" ? undefined : values[0];
  };
  if (one("grant_type") !== GRANT) throw new UnsupportedGrant("invalid_request", `\`grant_type\` must be ${GRANT}`);
  const subjectToken = one("subject_token");
  if (subjectToken === undefined) throw new Problem("invalid_request", "`subject_token` is required: the evidence");
  if (!SUBJECT_TYPES.has(one("subject_token_type"))) {
    throw new Problem("invalid_request", `\`subject_token_type\` must be one of ${[...SUBJECT_TYPES].join(", ")}`);
  }
  const wanted = one("requested_token_type");
  if (wanted !== undefined && wanted !== JWT_TYPE) {
    throw new Problem("invalid_request", `\`requested_token_type\` must be ${JWT_TYPE}`);
  }
  if (one("actor_token") !== undefined) throw new Problem("invalid_request", "`actor_token` is not taken");
  const [audience, resource] = [one("audience"), one("resource")];
  if (audience !== undefined && resource !== undefined && audience !== resource) {
    throw new Problem(
      "audience_not_registered",
      "`audience` and `resource` name different servers: ask for one at a time",
    );
  }
  return { subjectToken, audience: audience ?? resource, rule: one("rule") };
}

const OAUTH_ERRORS: Partial<Record<Problem["code"], string>> = {
  audience_required: "invalid_target",
  audience_not_registered: "invalid_target",
  possession_not_proved: "invalid_dpop_proof",
  key_not_accepted: "invalid_dpop_proof",
  too_many_requests: "temporarily_unavailable",
  unavailable: "temporarily_unavailable",
};

/** A refusal in OAuth's form (RFC 6749 §5.2, RFC 8693 §2.2.2, RFC 9449 §5), with the authority's own code next to it. */
export function oauthError(problem: Problem): object {
  const error = problem instanceof UnsupportedGrant ? "unsupported_grant_type" : OAUTH_ERRORS[problem.code];
  const type = `urn:attest:problem:${problem.code}`;
  return { error: error ?? "invalid_request", error_description: problem.message.replaceAll(/["\\]/g, "'"), type };
}
