// Which definition of the tool the agent decided on (SPEC §23): told of a call, and of nothing else.
import { HTTP, MESSAGE, RESPONSE } from "../common/baseline.mjs";
import { sha256 } from "../common/bytes.mjs";
import { payload } from "../common/changes.mjs";
import { verified } from "../common/presentations.mjs";
import { proof } from "../common/tokens.mjs";
import { ATTESTATION } from "./attested.mjs";

const DIGEST = sha256("a definition");

export function addCases({ put }) {
  const naming = (title, request, expected) =>
    put(title, ["P1"], expected, ATTESTATION, {
      request,
      proof: proof(ATTESTATION, request, payload({ tool_digest: DIGEST })),
    });
  naming("of a call that names a definition", MESSAGE, { ...verified, toolDigest: DIGEST });
  // Nothing else calls a tool, and of bytes alone a verifier does not know what they ask for.
  naming("of another request that names a definition", { ...MESSAGE, method: "prompts/get" }, verified);
  naming("of a response that names a definition", RESPONSE, verified);
  naming("of an HTTP request that names a definition", HTTP, verified);
}
