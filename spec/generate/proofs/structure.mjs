// Strict reading: of base64url, of JSON, and of names that come twice.
import { AUDIENCE } from "../common/baseline.mjs";
import { structureCases } from "../common/structure-cases.mjs";

export function addCases({ bad }) {
  for (const [title, requirements, code, change] of structureCases({
    member: "aud",
    value: AUDIENCE,
    other: "https://other.example",
    limit: 2048,
  })) {
    bad(`with ${title}`, requirements, code, change);
  }
}
