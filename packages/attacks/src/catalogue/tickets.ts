import { createHmac } from "node:crypto";
import { decodeBase64url } from "@attest/core";
import type { Attack } from "../attack.ts";
import { ringId, sealTicket } from "../forge/seal-ticket.ts";
import { type AttackSheet, type Attempt, planned, presentation } from "../stage/define-attack.ts";
import { type MacChanges, type MacSubject, macProof } from "../stage/mac-proof.ts";
import type { Scene } from "../stage/scene.ts";
import { Situation } from "../stage/situation.ts";
import type { Message, Occasion, OccasionOptions } from "../targets/message.ts";

const REFUSED = ["attestation_ticket_refused"] as const;
const HOUR = 3600;
/** A ring secret that somebody might copy out of an example. */
const WELL_KNOWN = new Uint8Array(32);

const common = { category: "proof" as const, expected: REFUSED, never: true, needs: ["ring"] as const };

/** What one try presents. */
interface Try {
  readonly attestation?: string;
  readonly proof: unknown;
}

/** An attack by MAC proofs, whose control is an honest one. */
function ticketed(
  sheet: Omit<AttackSheet, keyof typeof common> & Partial<AttackSheet>,
  variants: Readonly<Record<string, (scene: Scene, occasion: Occasion, attestation: string) => Promise<Try>>>,
  { message, options }: { message?: Message; options?: OccasionOptions } = {},
): Attack {
  return planned({ ...common, ...sheet }, (scene) => ({
    control: async () => {
      const occasion = await scene.occasion(message, options);
      const attestation = await scene.agent.attestation();
      return occasion.present({ attestation, proof: await macProof(scene, attestation, occasion) });
    },
    attempts: () =>
      Promise.all(
        Object.entries(variants).map(async ([label, forge]): Promise<Attempt> => {
          const occasion = await scene.occasion(message, options);
          const attestation = await scene.agent.attestation();
          return presentation(label, occasion, { attestation, ...(await forge(scene, occasion, attestation)) });
        }),
      ),
  }));
}

/** A try that differs from the honest one in how its MAC proof is made. */
const made =
  (change: MacChanges | ((scene: Scene) => MacChanges | Promise<MacChanges>)) =>
  async (scene: Scene, occasion: Occasion, attestation: string): Promise<Try> => {
    const changes = typeof change === "function" ? await change(scene) : change;
    return { proof: await macProof(scene, attestation, occasion, changes) };
  };

/** A try with an honest MAC proof of something else than what it is presented with. */
const moved =
  (subject: (occasion: Occasion) => MacSubject) =>
  async (scene: Scene, occasion: Occasion, attestation: string): Promise<Try> => ({
    proof: await macProof(scene, attestation, subject(occasion)),
  });

/** A try with an honest MAC proof, written otherwise. */
const respelled =
  (write: (proof: string) => unknown) =>
  async (scene: Scene, occasion: Occasion, attestation: string): Promise<Try> => ({
    proof: write(await macProof(scene, attestation, occasion)),
  });

const nowOf = (scene: Scene) => Math.floor(scene.agent.clock());

/** Tickets and MAC proofs that are somebody else's, for something else, or over. */
export const ticketAttacks: readonly Attack[] = [
  ticketed(
    {
      id: "stolen-ticket",
      name: "A ticket without its key",
      threat: "C1",
      attacker: "recorded an attestation and a ticket on their way, and has the key of neither",
      description: "MACs under keys that anybody can guess or compute",
      defence: "the MAC is under the key that the ticket seals",
    },
    {
      "the empty key": made({ key: new Uint8Array() }),
      zeros: made({ key: new Uint8Array(32) }),
      "a key of the attacker's": made({ key: crypto.getRandomValues(new Uint8Array(32)) }),
      "the agent's public key": made(async ({ agent }) => ({
        key: decodeBase64url((await agent.signer()).toJwk().x ?? "") ?? new Uint8Array(),
      })),
    },
  ),
  ticketed(
    {
      id: "ticket-of-another-ring",
      name: "A ticket of one's own making",
      threat: "C2",
      attacker: "recorded an attestation, and knows a ring secret that is not the target's",
      description: "A ticket that seals a key of the attacker's, sealed by a secret that is well known or made up",
      defence: "only the server's own ring opens tickets",
    },
    {
      "a secret of zeros": made({ seal: (content) => sealTicket(WELL_KNOWN, content) }),
      "under the name of the target's secret": made(({ agent }) => ({
        seal: (content) => sealTicket(WELL_KNOWN, content, ringId(agent.means.ring ?? WELL_KNOWN)),
      })),
      "no seal at all": made({ seal: ({ key }) => Buffer.concat([key, Buffer.alloc(121)]).toString("base64url") }),
    },
  ),
  ticketed(
    {
      id: "ticket-of-another-agent",
      name: "One's own ticket with another's attestation",
      threat: "C4",
      attacker: "is an agent with a ticket of its own, and recorded the attestation of another",
      description: "The other's attestation, with a MAC under the attacker's own ticket",
      defence: "a ticket is for the key in the attestation",
      needs: ["ring", "issuance"],
    },
    { "the attacker's ticket": made(async (scene) => ({ holder: (await scene.rival()).signer })) },
  ),
  ticketed(
    {
      id: "ticket-of-another-server",
      name: "A ticket of the server next door",
      threat: "C4",
      attacker: "has a ticket of another server that shares the target's ring",
      description: "A MAC for the target, under a ticket that was granted for another audience",
      defence: "a ticket is for the audience that it was asked for",
    },
    { "another audience": made({ content: { audience: "https://elsewhere.example/mcp" } }) },
  ),
  ticketed(
    {
      id: "expired-ticket",
      name: "A ticket that is over",
      threat: "C6",
      attacker: "obtained a ticket's key, after the ticket had expired",
      description: "A MAC made now, under a ticket that expired a second or an hour ago",
      defence: "a ticket expires by the server's clock",
    },
    {
      "a second ago": made((scene) => ({ content: { expiresAt: nowOf(scene) - 1 } })),
      "an hour ago": made((scene) => ({ content: { expiresAt: nowOf(scene) - HOUR } })),
    },
  ),
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
          const sign = (data: Uint8Array) => createHmac("sha512", WELL_KNOWN).update(data).digest();
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
      ...common,
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
  planned(
    {
      ...common,
      id: "ticket-after-revocation",
      name: "A ticket that outlives its agent",
      category: "replay",
      threat: "C6",
      expected: ["attestation_revoked"],
      attacker: "is an agent whose attestation was revoked, and holds a ticket that has not expired",
      description: "A MAC under a ticket that worked before, after the attestation was revoked",
      defence: "a ticket seals no conclusion: everything is asked again of every message",
      needs: ["ring", "issuance", "revocation"],
    },
    async (scene) => {
      const { signer: holder, attestation } = await scene.rival();
      const present = async () => {
        const occasion = await scene.occasion();
        const proof = await macProof(scene, attestation, occasion, { holder });
        return presentation("after its revocation", occasion, { attestation, proof });
      };
      return {
        control: async () => (await present()).send(),
        attempts: async () => {
          await scene.agent.means.revoke?.(attestation);
          return [await present()];
        },
      };
    },
  ),
];
