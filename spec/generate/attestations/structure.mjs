// Strict reading: of base64url, of JSON, and of names that come twice.
import { ISSUER } from "../common/baseline.mjs";
import { structureCases } from "../common/structure-cases.mjs";

export function addCases({ bad }) {
  for (const [title, requirements, code, change] of structureCases({
    member: "iss",
    value: ISSUER,
    other: "https://evil.example",
    limit: 6144,
  })) {
    bad(title, requirements, `ERR_ATTESTATION_${code}`, change);
  }
  const claimTwice = (title, find, twice) =>
    bad(title, ["T10"], "ERR_ATTESTATION_DUPLICATE_MEMBER", { payloadText: (text) => text.replace(find, twice) });
  claimTwice("a member of the agent's key twice", '"crv":', '"crv":"P-256","crv":');
  claimTwice("a member of the identity twice", '"provider":"example"', '"provider":"other","provider":"example"');
  claimTwice(
    "a member of the metadata twice",
    '"attestation_type":',
    '"attestation_type":"enterprise","attestation_type":',
  );
}
