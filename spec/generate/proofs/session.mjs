// The session and the access token that it was made for.
import { MESSAGE } from "../common/baseline.mjs";
import { refused, verified } from "../common/presentations.mjs";
import { proof } from "../common/tokens.mjs";
import { ATTESTATION } from "./attested.mjs";

export function addCases({ put }) {
  for (const [title, claimed, actual] of [
    ["no session, in one", undefined, "session-1"],
    ["a session, in none", "session-1", undefined],
    ["one session, in another", "session-1", "session-2"],
    ["a session, in one of another case", "session-1", "Session-1"],
    ["a session, in a longer one", "session-1", "session-11"],
  ]) {
    const made = proof(ATTESTATION, MESSAGE, {}, { sessionId: claimed });
    put(`for ${title}`, ["M1"], refused("ERR_PROOF_SESSION"), ATTESTATION, { proof: made, sessionId: actual });
  }
  const long = "s".repeat(1000);
  const made = proof(ATTESTATION, MESSAGE, {}, { sessionId: long });
  put("for a session of 1000 characters", ["M1"], verified, ATTESTATION, { proof: made, sessionId: long });
  for (const [title, claimed, actual] of [
    ["no access token, beside one", undefined, "access-token-1"],
    ["an access token, beside none", "access-token-1", undefined],
    ["one access token, beside another", "access-token-1", "access-token-2"],
    ["an access token, beside an empty one", "access-token-1", ""],
  ]) {
    const made = proof(ATTESTATION, MESSAGE, {}, { accessToken: claimed });
    put(`for ${title}`, ["M5"], refused("ERR_PROOF_ACCESS_TOKEN"), ATTESTATION, { proof: made, accessToken: actual });
  }
}
