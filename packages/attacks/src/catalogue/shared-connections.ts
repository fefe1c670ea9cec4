import type { Attack } from "../attack.ts";
import { type Attempt, planned } from "../stage/define-attack.ts";
import { describe, type Verdict } from "../stage/judge.ts";
import type { Scene } from "../stage/scene.ts";
import type { Answer } from "../targets/answer.ts";
import type { Channel } from "../targets/attack-target.ts";
import { withCredentials } from "../targets/envelope.ts";
import { callOf } from "../targets/lab-options.ts";

/** How long the honest call is under way when the attacker acts, in milliseconds. */
const UNDER_WAY_MS = 100;
let lastId = 1_000_000;

const sheet = {
  category: "session",
  threat: "M12",
  attacker:
    "is an attested agent on the same connection, behind a gateway, and guesses the number of another's request",
  expected: ["attestation_invalid"],
  needs: ["shared", "slow", "issuance"],
} as const;

/** One connection, and several agents on it. */
export const sharedConnectionAttacks: readonly Attack[] = [
  planned(
    {
      ...sheet,
      id: "foreign-cancellation",
      name: "Somebody else cancels",
      description: "While an honest call is under way, another agent cancels it",
      defence: "who cancels a request must be who made it",
    },
    (scene) => ({
      control: async () => (await slowCall(scene)).answer,
      attempts: (): Attempt[] => [
        disturbed(scene, "notifications/cancelled", (id) => ({
          method: "notifications/cancelled",
          params: { requestId: id },
        })),
      ],
    }),
  ),
  planned(
    {
      ...sheet,
      id: "reused-request-id",
      name: "A number that is taken",
      description:
        "While an honest call is under way, another agent makes a request under its number, to have its answer",
      defence: "a number is its maker's until the request is answered",
    },
    (scene) => ({
      control: async () => (await slowCall(scene)).answer,
      attempts: (): Attempt[] => [
        disturbed(scene, "a request under its number", (id) => ({ id, method: "tools/list", params: {} })),
      ],
    }),
  ),
];

type Content = { readonly id?: number; readonly method: string; readonly params: Readonly<Record<string, unknown>> };

/** An honest call of the slow tool, begun on a channel that others share. */
async function slowCall(scene: Scene): Promise<{ id: number; channel: Channel; answer: Promise<Answer> }> {
  const { slow } = scene.target.lab ?? {};
  if (!slow) throw new TypeError("The attack did not say that it needs a slow tool");
  const id = ++lastId;
  const channel = await scene.open();
  const occasion = channel.prepare(callOf(slow), { id });
  return { id, channel, answer: occasion.present(await scene.agent.credentialsFor(occasion)) };
}

/** The honest call, with a message of another agent's while it is under way. */
function disturbed(scene: Scene, label: string, message: (id: number) => Content): Attempt {
  return {
    label,
    send: async () => {
      const rival = await scene.rival();
      const { id, channel, answer } = await slowCall(scene);
      await new Promise((resolve) => setTimeout(resolve, UNDER_WAY_MS));
      await channel.sendRaw(await signedBy(rival, scene, channel, message(id)));
      return answer;
    },
    judge: judgeDisturbed,
  };
}

/** A message with the good credentials of another agent. */
async function signedBy(
  { signer, attestation }: Awaited<ReturnType<Scene["rival"]>>,
  scene: Scene,
  channel: Channel,
  { id, method, params }: Content,
): Promise<string> {
  const composed = channel.compose({ kind: id === undefined ? "notification" : "request", method, params });
  const request = { kind: "message", method, params: composed["params"] } as const;
  const credentials = { attestation, proof: await scene.agent.prove({ request }, attestation, { signer }) };
  return JSON.stringify(withCredentials({ ...composed, ...(id !== undefined && { id }) }, credentials, "in-band"));
}

function judgeDisturbed(answer: Answer): Verdict | undefined {
  // What a tool answers has content; a list that somebody else asked for has none.
  const content = (answer.message?.["result"] as { content?: unknown } | undefined)?.content;
  if (answer.outcome === "served" && content !== undefined) {
    return { outcome: "blocked", intended: true, evidence: "the honest call was answered" };
  }
  if (answer.ended) return undefined;
  return { outcome: "breached", evidence: `the honest call did not get its answer: ${describe(answer)}` };
}
