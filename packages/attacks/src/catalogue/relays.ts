import type { Attack } from "../attack.ts";
import { type Attempt, planned } from "../stage/define-attack.ts";
import { describe, type Verdict } from "../stage/judge.ts";
import type { Scene } from "../stage/scene.ts";
import type { Answer } from "../targets/answer.ts";
import type { Message } from "../targets/message.ts";

/** A client that receives this sends its request once more. */
const PASSED_ON = "attestation_expired";
/** What an error becomes that a guard did not make (SPEC-4.27). */
const INTERNAL = -32603;

/** What a server passes on of others. */
export const relayAttacks: readonly Attack[] = [
  planned(
    {
      id: "relayed-refusal",
      name: "Another server's refusal",
      category: "confusion",
      threat: "M13",
      attacker: "runs a server that the target calls on the honest agent's behalf",
      description:
        "The target passes on, as its own, that an attestation has expired: the client sends again what was already done",
      defence: "a guard lets out no refusal that it did not make for that message",
      expected: [],
      needs: ["relay", "live"],
    },
    (scene) => ({
      control: () => scene.honest(),
      attempts: (): Attempt[] => [
        { label: "an honest call that is relayed", send: () => relayed(scene), judge: judgeRelayed },
      ],
    }),
  ),
];

async function relayed(scene: Scene): Promise<Answer> {
  const { relay } = scene.target.lab ?? {};
  if (!relay) throw new TypeError("The attack did not say that it needs a relay");
  const message: Message = { kind: "request", ...relay };
  const occasion = (await scene.ready()).prepare(message);
  return occasion.present(await scene.agent.credentialsFor(occasion));
}

function judgeRelayed(answer: Answer): Verdict {
  const told = describe(answer);
  if (answer.reason === PASSED_ON) {
    return { outcome: "breached", evidence: `the target passed another server's refusal on as its own: ${told}` };
  }
  const isReplaced = answer.errorNumber === INTERNAL && answer.reason === undefined;
  return isReplaced
    ? { outcome: "blocked", intended: true, evidence: told }
    : { outcome: "inconclusive", evidence: `the relay passed no error on: ${told}` };
}
