import type { Signer } from "@attest/core";
import type { Attack, AttackCategory } from "../attack.ts";
import { planned, presentation } from "../stage/define-attack.ts";
import { without } from "../stage/forgers.ts";
import type { Scene } from "../stage/scene.ts";
import { Situation } from "../stage/situation.ts";
import type { Channel } from "../targets/attack-target.ts";
import { INITIALIZE } from "../targets/envelope.ts";
import type { Message, Occasion, PresentedCredentials } from "../targets/message.ts";

const ID_STOLEN = "learned the id of the honest agent's session";
/** An answer to the first question that a server asks in a session. */
const RESPONSE: Message = { kind: "response", id: 0, result: { action: "accept", content: {} } };
/** An error in the place of that answer. */
const FAILURE: Message = { kind: "error", id: 0, error: { code: -1, message: "The user declined" } };
const session = { category: "session" as AttackCategory, threat: "M1" };

/** Sessions in other hands. */
export const sessionAttacks: readonly Attack[] = [
  planned(
    {
      ...session,
      id: "session-without-credentials",
      name: "The session's word",
      attacker: ID_STOLEN,
      description: "A request in the honest agent's session, without any credentials",
      defence: "a proof for every request; an `initialize` vouches for nothing after it",
      expected: ["attestation_required"],
      never: true,
      needs: ["connection"],
    },
    (scene) => inSession(scene, async () => ({ "nothing presented": {} })),
  ),
  planned(
    {
      ...session,
      id: "session-theft",
      name: "Session theft",
      attacker: `is an attested agent, and ${ID_STOLEN}`,
      description: "A request in the honest agent's session with the attacker's own good credentials",
      defence: "a session belongs to who opened it",
      expected: ["attestation_invalid"],
      needs: ["connection", "issuance"],
    },
    (scene) =>
      inSession(scene, async (occasion) => ({ "as another agent": await credentialsOfRival(scene, occasion) })),
  ),
  planned(
    {
      ...session,
      id: "session-takeover",
      name: "Session takeover",
      attacker: `is an attested agent, and ${ID_STOLEN}`,
      description: "A second `initialize` in the honest agent's session, to become its owner",
      defence: "a session's owner is fixed when it is opened",
      expected: ["attestation_invalid"],
      needs: ["connection", "issuance"],
    },
    async (scene) => ({
      control: () => scene.honest(INITIALIZE),
      attempts: async () => {
        const channel = await scene.owned();
        const rival = await scene.rival();
        const attempts = { "another opening": channel.prepare(INITIALIZE), "a request after it": channel.prepare() };
        return Promise.all(
          Object.entries(attempts).map(async ([label, occasion]) =>
            presentation(label, occasion, await credentialsOf(scene, occasion, rival)),
          ),
        );
      },
    }),
  ),
  planned(
    {
      ...session,
      id: "session-swap",
      name: "A proof for another session",
      attacker: "recorded what the honest agent sent in one of its sessions",
      description: "A proof that names another session of the same agent, or none, in this one",
      defence: "a proof names the session it is for",
      expected: ["attestation_proof_invalid"],
      needs: ["sessions"],
    },
    (scene) =>
      inSession(scene, async (occasion) => {
        const s = await Situation.of(scene, occasion);
        const { attestation } = s;
        const other = (await scene.owned()).sessionId;
        return {
          "of another session": {
            attestation,
            proof: await s.prove(attestation, { claims: (c) => ({ ...c, session: other }) }),
          },
          "of no session": { attestation, proof: await s.prove(attestation, { claims: (c) => without(c, "session") }) },
        };
      }),
  ),
  planned(
    {
      ...session,
      id: "invented-session",
      name: "Invented session",
      attacker: "is an attested agent",
      description: "A good request in a session that nobody opened, to be let into what is not guarded",
      defence: "a session without a known owner is not found",
      expected: [],
      refusals: [404],
      needs: ["sessions"],
    },
    (scene) => ({
      control: async () => {
        const occasion = (await scene.owned()).prepare();
        return occasion.present(await scene.agent.credentialsFor(occasion));
      },
      attempts: async () => {
        const { probe } = await scene.owned();
        const occasion = (await scene.open()).prepare(probe, { sessionId: crypto.randomUUID() });
        return [presentation("an id by chance", occasion, await scene.agent.credentialsFor(occasion))];
      },
    }),
  ),
  bodiless("session-teardown", "DELETE", {
    name: "Session teardown",
    description: "The honest agent's session is ended by somebody else",
    defence: "DELETE needs the owner's credentials",
  }),
  bodiless("session-eavesdropping", "GET", {
    name: "Session eavesdropping",
    description:
      "The stream of the honest agent's session is opened by somebody else, who reads what the server tells it",
    defence: "GET needs the owner's credentials",
  }),
  planned(
    {
      ...session,
      id: "body-added",
      name: "A body where there is none",
      attacker: "stands between the agent and the server, and can change what passes",
      description: "The honest end of a session with a body added to it, for a reader that acts upon it",
      defence: "GET and DELETE have no body, or are refused",
      expected: ["attestation_proof_invalid"],
      refusals: [400],
      needs: ["sessions"],
    },
    (scene) => ({
      control: async () => {
        const occasion = (await scene.owned()).prepare({ kind: "bodiless", method: "DELETE" });
        return occasion.present(await scene.agent.credentialsFor(occasion));
      },
      attempts: async () => {
        const channel = await scene.owned();
        const credentials = await scene.agent.credentialsFor(channel.prepare({ kind: "bodiless", method: "DELETE" }));
        const body = JSON.stringify(channel.compose());
        const send = () => channel.sendRaw(body, { ...credentials, httpMethod: "DELETE" });
        return [{ label: "a request in a DELETE", credentials, send }];
      },
    }),
  ),
  planned(
    {
      id: "forged-response",
      name: "Somebody else answers",
      category: "session",
      threat: "M7",
      attacker: `${ID_STOLEN}, and guesses the number of a question that the server asked`,
      description: "An answer to a question of the server's, such as its user's consent, posted into the session",
      defence: "answers are guarded like requests, and must be the owner's",
      expected: ["attestation_required", "attestation_invalid"],
      never: true,
      needs: ["sessions"],
    },
    (scene) => inSession(scene, byStrangers(scene), RESPONSE),
  ),
  planned(
    {
      id: "forged-failure",
      name: "Somebody else declines",
      category: "session",
      threat: "M12",
      attacker: `${ID_STOLEN}, and guesses the number of a question that the server asked`,
      description: "An error in the place of the answer to a question of the server's, posted into the session",
      defence: "an error response is verified by the HTTP request that brings it, and must be the owner's",
      expected: ["attestation_required", "attestation_invalid"],
      never: true,
      needs: ["sessions"],
    },
    (scene) => inSession(scene, byStrangers(scene), FAILURE),
  ),
];

/** An attack on a request without a message, in a session of the honest agent's. */
function bodiless(
  id: string,
  method: "GET" | "DELETE",
  words: Pick<Attack, "name" | "description" | "defence">,
): Attack {
  return planned(
    {
      ...session,
      ...words,
      id,
      attacker: ID_STOLEN,
      expected: ["attestation_required", "attestation_invalid"],
      never: true,
      needs: ["sessions"],
    },
    (scene) => inSession(scene, byStrangers(scene), { kind: "bodiless", method }),
  );
}

/** In a session of the honest agent's, each with a message of its own: done by its owner, then with other credentials. */
function inSession(
  scene: Scene,
  forge: (occasion: Occasion) => Promise<Record<string, PresentedCredentials>>,
  message?: Message,
) {
  return {
    control: async () => {
      const occasion = (await scene.owned()).prepare(message);
      return occasion.present(await scene.agent.credentialsFor(occasion));
    },
    attempts: async () => {
      const channel: Channel = await scene.owned();
      const occasion = channel.prepare(message);
      const variants = Object.entries(await forge(occasion));
      return variants.map(([label, credentials]) => presentation(label, occasion, credentials));
    },
  };
}

/** What somebody presents who does not own the session: nothing, and good credentials of another agent's where there is one. */
function byStrangers(scene: Scene): (occasion: Occasion) => Promise<Record<string, PresentedCredentials>> {
  return async (occasion) => ({
    "nothing presented": {},
    ...(scene.agent.means.attest && { "as another agent": await credentialsOfRival(scene, occasion) }),
  });
}

async function credentialsOfRival(scene: Scene, occasion: Occasion): Promise<PresentedCredentials> {
  return credentialsOf(scene, occasion, await scene.rival());
}

async function credentialsOf(
  scene: Scene,
  occasion: Occasion,
  { signer, attestation }: { signer: Signer; attestation: string },
): Promise<PresentedCredentials> {
  return { attestation, proof: await scene.agent.prove(occasion, attestation, { signer }) };
}
