// What a guard does with what comes, and with what goes back: over HTTP, and message by message on other transports.
import { BOUND_CLAIMS, VERIFIER } from "./common/baseline.mjs";
import { answers } from "./guards/answers.mjs";
import { http } from "./guards/http.mjs";
import { sessions } from "./guards/sessions.mjs";
import { wire } from "./guards/wire.mjs";

export const verifiers = {
  default: VERIFIER,
  optional: { ...VERIFIER, policy: "optional" },
  "allow-bearer": { ...VERIFIER, allowBearer: true },
  "key-source-down": { ...VERIFIER, unavailable: ["keys"] },
  revoking: { ...VERIFIER, revoked: [{ iss: BOUND_CLAIMS.iss, jti: BOUND_CLAIMS.jti }] },
  demanding: { ...VERIFIER, requiredClaims: ["agent_integrity"] },
};

export function vectors() {
  const list = [];
  /** @param steps In order, on one guard. @param verifier A name of `verifiers`. */
  const put = (title, requirements, steps, verifier = "default") =>
    list.push({ title: `Guard: ${title}`, requirements, verifier, steps });
  for (const group of [http, sessions, answers, wire]) group(put);
  return list;
}
