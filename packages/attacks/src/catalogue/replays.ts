import type { Attack } from "../attack.ts";
import { planned, presentation } from "../stage/define-attack.ts";
import { Situation } from "../stage/situation.ts";
import type { Answer } from "../targets/answer.ts";
import { INITIALIZE } from "../targets/envelope.ts";

const REPLAY = ["attestation_replay"] as const;
/** Bearer attestations are of the handshake era, whatever else a server speaks. */
const BEARER = { carrier: "bearer", era: "handshake" } as const;
/** How many presenters race for one use. */
const PRESENTERS = 16;

/** What was good once, used again. */
export const replayAttacks: readonly Attack[] = [
  planned(
    {
      id: "parallel-replay",
      name: "All at once",
      category: "replay",
      threat: "R3",
      attacker: "recorded a request before it arrived",
      description: "One request presented many times at the same moment, to slip between check and set",
      defence: "a use is consumed in one step",
      expected: REPLAY,
    },
    async (scene) => {
      const occasion = await scene.occasion();
      const credentials = await scene.agent.credentialsFor(occasion);
      return {
        control: () => scene.honest(),
        attempts: () => [
          {
            ...presentation(`${PRESENTERS} at once`, occasion, credentials),
            // One of them is the honest one; what the others get is the answer.
            send: async () => {
              const answers = await Promise.all(
                Array.from({ length: PRESENTERS }, () => occasion.present(credentials)),
              );
              const served = answers.filter(({ outcome }) => outcome === "served");
              if (served.length !== 1) return served[1] ?? mostTelling(answers);
              return mostTelling(answers.filter((answer) => answer !== served[0]));
            },
          },
        ],
      };
    },
  ),
  planned(
    {
      id: "reused-identifier",
      name: "An old number on a new proof",
      category: "replay",
      threat: "R1",
      attacker: "holds an honest attestation and the key inside it",
      description: "A second proof with the `jti` of one that was used: another text, the same use",
      defence: "a use is remembered by its meaning, not by its spelling",
      expected: REPLAY,
    },
    async (scene) => {
      const occasion = await scene.occasion();
      const s = await Situation.of(scene, occasion);
      const { attestation } = s;
      const jti = crypto.randomUUID();
      const proof = await s.prove(attestation, { claims: (c) => ({ ...c, jti }) });
      return {
        control: () => occasion.present({ attestation, proof }),
        attempts: async () => [
          presentation("with another member", occasion, {
            attestation,
            proof: await s.prove(attestation, { claims: (c) => ({ ...c, jti, note: "another" }) }),
          }),
          presentation("a second earlier", occasion, {
            attestation,
            proof: await s.prove(attestation, { claims: (c) => ({ ...c, jti, iat: Number(c["iat"]) - 1 }) }),
          }),
        ],
      };
    },
  ),
  planned(
    {
      id: "replay-after-goodbye",
      name: "Again, after the session is over",
      category: "replay",
      threat: "M9",
      attacker: "recorded how the honest agent opened its session",
      description: "The opening request of a session is sent again when that session is closed and its server gone",
      defence: "uses are remembered by the process, not by a session's server",
      expected: REPLAY,
      needs: ["sessions"],
    },
    async (scene) => {
      const channel = await scene.open();
      const occasion = channel.prepare(INITIALIZE);
      const credentials = await scene.agent.credentialsFor(occasion);
      return {
        control: async () => {
          const opened = await occasion.present(credentials);
          if (opened.outcome !== "served" || opened.sessionId === undefined) return opened;
          const farewell = channel.prepare({ kind: "bodiless", method: "DELETE" }, { sessionId: opened.sessionId });
          await farewell.present(await scene.agent.credentialsFor(farewell));
          return opened;
        },
        attempts: () => [presentation("the same opening", occasion, credentials)],
      };
    },
  ),
  planned(
    {
      id: "replay-after-restart",
      name: "Again, after a restart",
      category: "replay",
      threat: "R17",
      attacker: "recorded a request of the honest agent, and waits for the server to be restarted, or makes it",
      description: "The recorded request is sent again to the server's next process, which remembers nothing",
      defence: "what may have been used before a store was made is refused, or the store outlives the process",
      expected: ["attestation_expired", ...REPLAY],
      needs: ["restart", "http"],
    },
    async (scene) => {
      const occasion = await scene.occasion();
      const credentials = await scene.agent.credentialsFor(occasion);
      return {
        control: () => occasion.present(credentials),
        attempts: async () => {
          await scene.target.lab?.restart?.();
          return [presentation("the same again", occasion, credentials)];
        },
      };
    },
  ),
  planned(
    {
      id: "bearer-replay",
      name: "A bearer attestation used twice",
      category: "replay",
      threat: "R3",
      attacker: "recorded how an honest agent of the older kind opened its session",
      description: "A 0.1.0 attestation opens a second session",
      defence: "a bearer attestation is used once",
      expected: REPLAY,
      needs: ["bearer"],
    },
    async (scene) => {
      const occasion = await scene.occasion(INITIALIZE, BEARER);
      const credentials = { attestation: await scene.agent.means.attestBearer?.({ audience: scene.target.audience }) };
      return {
        control: () => occasion.present(credentials),
        attempts: () => [presentation("the same again", occasion, credentials)],
      };
    },
  ),
  planned(
    {
      id: "bearer-out-of-place",
      name: "A bearer attestation where it has no place",
      category: "downgrade",
      threat: "T23",
      attacker: "recorded how an honest agent of the older kind opened its session",
      description: "A fresh 0.1.0 attestation with an ordinary message, in the place of a bound one and its proof",
      defence: "a bearer attestation is taken in the capability of `initialize` only",
      expected: ["attestation_invalid"],
      never: true,
      needs: ["bearer", "live"],
    },
    async (scene) => {
      const fresh = async () => ({
        attestation: await scene.agent.means.attestBearer?.({ audience: scene.target.audience }),
      });
      const opening = await scene.occasion(INITIALIZE, BEARER);
      const credentials = await fresh();
      return {
        control: () => opening.present(credentials),
        attempts: async () => [presentation("with a message", await scene.occasion(), await fresh())],
      };
    },
  ),
];

/** Of many answers, one that is no replay refusal, if there is any. */
function mostTelling(answers: readonly Answer[]): Answer {
  return (
    answers.find(({ reason }) => reason !== "attestation_replay") ??
    answers[0] ?? { outcome: "lost", text: "nobody was answered" }
  );
}
