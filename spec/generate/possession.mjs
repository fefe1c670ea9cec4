// What an agent signs to prove to an authority that it holds a key (SPEC-8.9, SPEC-8.17).
import { agent, agentP256 } from "./common/baseline.mjs";
import { base64url } from "./common/bytes.mjs";

const CHALLENGE = "kYzXfRrF3nE8m1bqk2Qd2A";
const AUTHORITY = "https://authority.example/attestations";

export function vectors() {
  const of = (title, form, text, key, authority) => ({
    title: `Possession: ${title}`,
    requirements: ["A2"],
    form,
    ...(authority !== undefined && { authority }),
    challenge: CHALLENGE,
    text,
    jwk: { ...key.jwk },
    signature: base64url(key.sign(text)),
  });
  const second = `io.github.attest/possession/2\n${AUTHORITY}\n${CHALLENGE}`;
  return [
    of("with the authority's address, by an Ed25519 key", 2, second, agent, AUTHORITY),
    of("with the authority's address, by a P-256 key", 2, second, agentP256, AUTHORITY),
    of("without an address, as in 0.2.0", 1, `io.github.attest/possession\n${CHALLENGE}`, agent),
  ];
}
