import { digest, KeyPair } from "@attest/core";
import type { Attack } from "../attack.ts";
import { planned, presentation, presented } from "../stage/define-attack.ts";
import { beginning, each, proved, without } from "../stage/forgers.ts";
import { Situation } from "../stage/situation.ts";
import type { Message } from "../targets/message.ts";

const PROOF_INVALID = ["attestation_proof_invalid"] as const;
const HOUR = 3600;

/** Proofs that prove something else. */
export const proofAttacks: readonly Attack[] = [
  presented(
    {
      id: "stolen-attestation",
      name: "Stolen attestation",
      category: "proof",
      threat: "T24",
      attacker: "stole an attestation, without the key inside it",
      description: "Another's attestation with a proof by a key of the attacker's",
      defence: "the proof is signed by the key in the attestation",
      expected: PROOF_INVALID,
    },
    {
      "a proof by another key": async (s) => proved({ signer: await KeyPair.generate() })(s),
      "a proof that brings its key": async (s) => {
        const signer = await KeyPair.generate();
        return proved({ signer, header: (h) => ({ ...h, jwk: signer.toJwk() }) })(s);
      },
      "a proof that names its key": async (s) => {
        const signer = await KeyPair.generate();
        return proved({ signer, header: (h) => ({ ...h, kid: signer.kid }) })(s);
      },
    },
  ),
  presented(
    {
      id: "proof-stripping",
      name: "Proof stripping",
      category: "downgrade",
      threat: "T24",
      attacker: "stole an attestation, without the key inside it",
      description: "A bound attestation without a proof, as if to hold it were enough",
      defence: "a bound attestation needs a proof, always",
      expected: PROOF_INVALID,
    },
    {
      "no proof": async ({ attestation }) => ({ attestation }),
      "an empty proof": async ({ attestation }) => ({ attestation, proof: "" }),
    },
  ),
  presented(
    {
      id: "proof-alone",
      name: "A proof of nothing",
      category: "downgrade",
      threat: "T23",
      attacker: "recorded a proof on its way",
      description: "A proof without the attestation it is for",
      defence: "a proof without an attestation is refused, not passed over",
      expected: PROOF_INVALID,
      never: true,
    },
    { "the proof alone": async (s) => ({ proof: await s.prove(s.attestation) }) },
  ),
  presented(
    {
      id: "proof-for-another-attestation",
      name: "A proof for another attestation",
      category: "proof",
      threat: "M5",
      attacker: "made an agent sign for an attestation of its weaker self, and holds a stronger one of the same key",
      description: "A proof by the right key that names another attestation, or none",
      defence: "a proof names its attestation by hash",
      expected: PROOF_INVALID,
    },
    {
      "another's hash": async (s) => ({ attestation: s.attestation, proof: await s.prove(`${s.attestation}x`) }),
      "no hash": proved({ claims: (c) => without(c, "att_hash") }),
      "an empty hash": proved({ claims: (c) => ({ ...c, att_hash: "" }) }),
    },
  ),
  planned(
    {
      id: "changed-message",
      name: "Changed on the way",
      category: "tampering",
      threat: "M5",
      attacker: "can change what the honest agent sends, on its way",
      description: "An honest proof with other arguments, or another operation, than the agent signed",
      defence: "a proof covers the method and everything in the message",
      expected: PROOF_INVALID,
    },
    (scene) => ({
      control: () => scene.honest(),
      attempts: async () => {
        const channel = await scene.open();
        const { probe } = channel;
        const signed: Readonly<Record<string, Message>> = {
          "other arguments": annotated(probe),
          "another operation": { kind: "request", method: "resources/list", params: {} },
          "a notification": { kind: "notification", method: "notifications/cancelled", params: { requestId: 1 } },
        };
        const attempts = Object.entries(signed).map(async ([label, message]) => {
          const credentials = await scene.agent.credentialsFor(channel.prepare(message));
          return presentation(label, channel.prepare(), credentials);
        });
        return Promise.all(attempts);
      },
    }),
  ),
  presented(
    {
      id: "partial-proof",
      name: "A proof that covers less",
      category: "proof",
      threat: "M5",
      attacker: "made the holder sign a proof that leaves something open",
      description: "A proof without the digest of its message, with one for another carrier, or with both",
      defence: "a proof covers exactly what its carrier demands",
      expected: PROOF_INVALID,
    },
    {
      "no digest": proved({ claims: (c) => without(without(c, "mcp_digest"), "body_digest") }),
      "covering nothing": proved({
        claims: ({ mcp_digest: _, body_digest: __, htm: ___, ...claims }) => claims,
      }),
      "covering both": proved({
        claims: (c) => ({
          htm: "POST",
          body_digest: "A".repeat(43),
          mcp_digest: "A".repeat(43),
          ...c,
        }),
      }),
    },
  ),
  presented(
    {
      id: "proof-for-another-http-method",
      name: "A proof for another HTTP method",
      category: "proof",
      threat: "M5",
      attacker: "recorded a request on its way",
      description: "A proof for GET, or for a spelling of POST, used for POST",
      defence: "a proof names the HTTP method to the letter",
      expected: PROOF_INVALID,
      needs: ["http"],
    },
    each({ GET: "GET", post: "post", DELETE: "DELETE" }, (htm) => proved({ claims: (c) => ({ ...c, htm }) })),
  ),
  presented(
    {
      id: "proof-out-of-time",
      name: "A proof out of its time",
      category: "replay",
      threat: "T19",
      attacker: "kept a proof, or had one made in advance",
      description: "A proof that was made an hour ago, or is dated an hour ahead",
      defence: "a proof is good for about a minute",
      expected: ["attestation_expired"],
    },
    {
      "an hour ago": proved({ claims: (c) => ({ ...c, iat: Number(c["iat"]) - HOUR }) }),
      "an hour ahead": proved({ claims: (c) => ({ ...c, iat: Number(c["iat"]) + HOUR }) }),
    },
  ),
  presented(
    {
      id: "proof-of-odd-times",
      name: "A proof of no time",
      category: "malformed",
      threat: "T18",
      attacker: "holds an honest attestation and the key inside it",
      description: "A proof whose time is absent, a text, a fraction or infinite, so that it never ends",
      defence: "times are safe integers",
      expected: PROOF_INVALID,
    },
    {
      "no `iat`": proved({ claims: (c) => without(c, "iat") }),
      "`iat` as a text": proved({ claims: (c) => ({ ...c, iat: String(c["iat"]) }) }),
      "`iat` with a fraction": proved({ claims: (c) => ({ ...c, iat: Number(c["iat"]) + 0.5 }) }),
      "`iat` of 1e400": proved({ claims: (c) => beginning('"iat":1e400', without(c, "iat")) }),
      "`iat` null": proved({ claims: (c) => ({ ...c, iat: null }) }),
    },
  ),
  presented(
    {
      id: "guessable-proof",
      name: "A proof without chance",
      category: "proof",
      threat: "R1",
      attacker: "makes holders use a predictable `jti`, to use it up before them",
      description: "A proof whose `jti` is absent, or too short to be random",
      defence: "a `jti` has room for 96 bits of chance",
      expected: PROOF_INVALID,
    },
    {
      "no `jti`": proved({ claims: (c) => without(c, "jti") }),
      "`jti` 1": proved({ claims: (c) => ({ ...c, jti: "1" }) }),
      "a number": proved({ claims: (c) => ({ ...c, jti: 1 }) }),
      "a NUL in it": proved({ claims: (c) => ({ ...c, jti: `${c["jti"]}\u0000` }) }),
    },
  ),
  presented(
    {
      id: "proof-for-two-servers",
      name: "A proof for two servers",
      category: "confusion",
      threat: "M5",
      attacker: "runs a server that the honest agent calls, and has it sign for both",
      description: "A proof whose audience is a list, or part of this server's name",
      defence: "a proof names one server, byte for byte",
      expected: PROOF_INVALID,
    },
    {
      "a list": async (s) =>
        proved({ claims: (c) => ({ ...c, aud: [s.scene.target.audience, "https://other-server.example/mcp"] }) })(s),
      "a list of one": async (s) => proved({ claims: (c) => ({ ...c, aud: [s.scene.target.audience] }) })(s),
      "a prefix": async (s) => proved({ audience: s.scene.target.audience.slice(0, -1) })(s),
      "in capitals": async (s) => proved({ audience: s.scene.target.audience.toUpperCase() })(s),
      none: proved({ claims: (c) => without(c, "aud") }),
    },
  ),
  presented(
    {
      id: "attestation-swap",
      name: "The key of one, the attestation of another",
      category: "proof",
      threat: "T24",
      attacker: "is an attested agent, and stole another's attestation",
      description: "Another's attestation with a proof that the attacker made for its own",
      defence: "the proof is signed by the key in the attestation, and names it",
      expected: PROOF_INVALID,
      needs: ["issuance"],
    },
    {
      "its own proof": async (s) => {
        const { signer, attestation } = await s.scene.rival();
        return { attestation: s.attestation, proof: await s.prove(attestation, { signer }) };
      },
    },
  ),
  planned(
    {
      id: "access-token-swap",
      name: "Another's access token",
      category: "proof",
      threat: "M5",
      attacker: "holds an access token of its own, and can put it next to what the honest agent sends",
      description: "An honest proof with another access token than the agent signed for, or with one that it did not",
      defence: "a proof covers the access token sent with it",
      expected: PROOF_INVALID,
      needs: ["http"],
    },
    (scene) => {
      const accessToken = "an-access-token-of-the-honest-agent";
      return {
        control: () => scene.honest(undefined, { accessToken }),
        attempts: async () => {
          const occasion = await scene.occasion(undefined, { accessToken });
          const s = await Situation.of(scene, occasion);
          const { attestation } = s;
          const ath = await digest("an-access-token-of-the-attacker");
          return [
            presentation("signed for another", occasion, {
              attestation,
              proof: await s.prove(attestation, { claims: (c) => ({ ...c, ath }) }),
            }),
            presentation("signed for none", occasion, {
              attestation,
              proof: await s.prove(attestation, { claims: (c) => without(c, "ath") }),
            }),
          ];
        },
      };
    },
  ),
];

/** The same request with something more in it. */
function annotated(message: Message): Message {
  if (message.kind !== "request") return message;
  return { ...message, params: { ...message.params, _meta: { "attacker.example/note": "added on the way" } } };
}
