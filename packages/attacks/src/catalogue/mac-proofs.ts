import { createHmac } from "node:crypto";
import type { Attack } from "../attack.ts";
import { planned, presentation } from "../stage/define-attack.ts";
import { macProof } from "../stage/mac-proof.ts";
import type { Scene } from "../stage/scene.ts";
import { Situation } from "../stage/situation.ts";
import { made, moved, nowOf, respelled, TICKETED, type Try, ticketed } from "../stage/ticketed.ts";
import type { Occasion } from "../targets/message.ts";

const HOUR = 3600;

/** MAC proofs of something else than what they are presented with, in other spellings, or used before. */
export const macProofAttacks: readonly Attack[] = [
  ticketed(
    {
      id: "mac-for-another-message",
      name: "A MAC for another message",
      threat: "C4",
      expected: ["attestation_proof_invalid", "attestation_ticket_refused"],
      attacker: "took a MAC proof from a message before it arrived",
      description: "The MAC proof of one message, with another message",
      defence: "the MAC covers a digest of the whole message, which is compared",
    },
    {
      "another method": moved(() => ({ request: { kind: "message", method: "ping2", params: {} } })),
      "other arguments": moved(() => ({ request: { kind: "message", method: "tools/list", params: { cursor: "x" } } })),
      "the digest replaced": respelled((proof) => proof.replace(/~[^~]{43}~/, `~${"A".repeat(43)}~`)),
    },
  ),
  ticketed(
    {
      id: "mac-in-another-session",
      name: "A MAC in another session",
      threat: "C4",
      attacker: "took a MAC proof from a request before it arrived, and knows the id of another session",
      description: "A MAC proof that was made for one session or none, in another",
      defence: "the MAC covers the session's id",
    },
    {
      "of no session": moved(({ request }) => ({ request })),
      "of another session": moved(({ request }) => ({ request, sessionId: "another-session" })),
    },
    { options: { carrier: "headers", sessionId: "the-target-session" } },
  ),
  ticketed(
    {
      id: "mac-with-another-token",
      name: "A MAC with another access token",
      threat: "C4",
      attacker: "took a MAC proof from a request before it arrived, and has an access token of another user",
      description: "A MAC proof that was made with one access token or none, sent with another",
      defence: "the MAC covers the access token's hash",
    },
    {
      "of no token": moved(({ request }) => ({ request })),
      "of another token": moved(({ request }) => ({ request, accessToken: "another-token" })),
    },
    { options: { carrier: "headers", accessToken: "the-users-token" } },
  ),
  ticketed(
    {
      id: "mac-for-another-method",
      name: "A MAC for another HTTP method",
      threat: "C4",
      attacker: "took the MAC proof of a GET before it arrived",
      description: "The MAC proof of one HTTP method, with another",
      defence: "the MAC covers the method",
    },
    {
      "of a GET, as a DELETE": moved(() => ({ request: { kind: "http", method: "GET" } })),
      "of a message": moved(() => ({ request: { kind: "message", method: "DELETE", params: {} } })),
    },
    { message: { kind: "bodiless", method: "DELETE" } },
  ),
  ticketed(
    {
      id: "stale-mac",
      name: "A MAC from before or to come",
      threat: "T19",
      expected: ["attestation_expired"],
      attacker: "kept a MAC proof that never arrived, or had an agent date one ahead",
      description: "A MAC proof dated an hour ago, or an hour ahead",
      defence: "a MAC proof is accepted for the minute in which it was made",
    },
    {
      "an hour ago": made((scene) => ({ iat: nowOf(scene) - HOUR })),
      "an hour ahead": made((scene) => ({ iat: nowOf(scene) + HOUR })),
    },
  ),
  ticketed(
    {
      id: "respelled-mac",
      name: "Another spelling of a MAC proof",
      threat: "T16",
      expected: ["attestation_proof_invalid"],
      attacker: "took a MAC proof from a message before it arrived",
      description: "The same MAC proof, spelt in another way",
      defence: "a MAC proof has one spelling",
    },
    {
      "with padding": respelled((proof) => `${proof}=`),
      "with a line feed": respelled((proof) => `${proof}\n`),
      "with white space before it": respelled((proof) => ` ${proof}`),
      "with a zero before its time": respelled((proof) => proof.replace(/~(\d{9,})~/, "~0$1~")),
      "in a list": respelled((proof) => [proof]),
    },
  ),
  ticketed(
    {
      id: "symmetric-proof",
      name: "The ticket's key in a JWS",
      threat: "C8",
      expected: ["attestation_proof_invalid"],
      attacker: "is an agent that knows the key of its ticket",
      description: "A proof in JWS form, with a symmetric algorithm and a MAC under a key that is no signature key",
      defence: "the form of a proof alone decides how it is read, and no symmetric algorithm is one of a JWS",
    },
    Object.fromEntries(
      ["HS512", "HS256", "none", "Ed25519"].map((alg) => [
        alg,
        async (scene: Scene, occasion: Occasion, attestation: string): Promise<Try> => {
          const situation = await Situation.of(scene, occasion);
          const sign = (data: Uint8Array) => createHmac("sha512", new Uint8Array(32)).update(data).digest();
          const signer = { ...situation.signer, algorithm: "Ed25519" as const, sign };
          const proof = await situation.prove(attestation, {
            signer: signer as unknown as typeof situation.signer,
            header: (header) => ({ ...header, alg }),
          });
          return { proof };
        },
      ]),
    ),
  ),
  planned(
    {
      ...TICKETED,
      id: "mac-replay",
      name: "A MAC proof twice",
      category: "replay",
      threat: "R1",
      expected: ["attestation_replay"],
      attacker: "recorded a message that a MAC proves",
      description: "The recorded message again, and its `jti` once more under another ticket of the same key",
      defence: "the use of a MAC proof is recorded, for all tickets of a key",
    },
    async (scene) => {
      const attestation = await scene.agent.attestation();
      const jti = crypto.randomUUID();
      const [first, other] = [await scene.occasion(), await scene.occasion()];
      const proof = await macProof(scene, attestation, first, { jti });
      return {
        control: () => first.present({ attestation, proof }),
        attempts: async () => [
          presentation("the same again", first, { attestation, proof }),
          presentation("its jti under another ticket", other, {
            attestation,
            proof: await macProof(scene, attestation, other, { jti }),
          }),
        ],
      };
    },
  ),
];
