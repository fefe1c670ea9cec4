import type { Attack } from "../attack.ts";
import { callTool } from "../stage/call-tool.ts";
import { type Attempt, planned } from "../stage/define-attack.ts";
import { within } from "../stage/forgers.ts";
import { describe, type Verdict } from "../stage/judge.ts";
import type { Scene } from "../stage/scene.ts";
import type { Answer } from "../targets/answer.ts";
import type { LabOptions } from "../targets/lab-options.ts";
import type { Message } from "../targets/message.ts";

type Guarded = NonNullable<LabOptions["guarded"]>;

/** What stands next to a guarded handler, and answers in its place. */
export const neighbourAttacks: readonly Attack[] = [
  planned(
    {
      id: "guarded-neighbours",
      name: "Next to a guarded thing",
      category: "disclosure",
      threat: "M12",
      attacker: "is an attested agent that runs with minimal safety",
      description:
        "Completions, lists and subscriptions of a prompt, a template and a resource that it may not use, which SDKs answer themselves",
      defence: "what a handler demands holds for what is answered in its place",
      expected: ["attestation_claims_insufficient"],
      needs: ["authority", "completion", "live"],
    },
    async (scene) => {
      const guarded = guardedOf(scene);
      const subscribe = (await scene.target.offers()).has("connection") ? subscribeTo : listenTo;
      const questions: Readonly<Record<string, Message>> = {
        "completions of a prompt's argument": complete(
          { type: "ref/prompt", name: guarded.prompt.name },
          guarded.prompt.argument,
        ),
        "completions of a template's variable": complete(
          { type: "ref/resource", uri: guarded.template.uri },
          guarded.template.variable,
        ),
        "updates of a resource": subscribe(guarded.resource),
      };
      return {
        control: () => firstUnserved(scene, Object.values(questions), guarded),
        attempts: (): Attempt[] => [
          ...Object.entries(questions).map(([label, message]) => ({ label, send: () => asWeak(scene, message) })),
          {
            label: "a template's list",
            send: () => asWeak(scene, LIST),
            judge: (answer) => judgeList(answer, guarded.template.listed),
          },
        ],
      };
    },
  ),
];

const LIST: Message = { kind: "request", method: "resources/list", params: {} };

const complete = (ref: object, name: string): Message => ({
  kind: "request",
  method: "completion/complete",
  params: { ref, argument: { name, value: "" } },
});
const subscribeTo = (uri: string): Message => ({ kind: "request", method: "resources/subscribe", params: { uri } });
const listenTo = (uri: string): Message => ({
  kind: "request",
  method: "subscriptions/listen",
  params: { notifications: { resourceSubscriptions: [uri] } },
});

function guardedOf(scene: Scene): Guarded {
  const { guarded } = scene.target.lab ?? {};
  if (!guarded) throw new TypeError("The attack did not say that it needs something guarded");
  return guarded;
}

const asStrong = (scene: Scene, message: Message) => callTool(scene, (s) => s.minted({}), message);
const asWeak = (scene: Scene, message: Message) =>
  callTool(
    scene,
    (s) => s.minted({ claims: (claims) => within(claims, "attestation_metadata", { safety_level: "minimal" }) }),
    message,
  );

/** What a strong agent is answered: every one of the questions must be served, and the list name what it should. */
async function firstUnserved(scene: Scene, questions: readonly Message[], { template }: Guarded): Promise<Answer> {
  for (const message of questions) {
    const answer = await asStrong(scene, message);
    if (answer.outcome !== "served") return answer;
  }
  const list = await asStrong(scene, LIST);
  if (list.outcome !== "served" || list.text.includes(template.listed)) return list;
  return { outcome: "lost", text: "the list names no resource of the template to whom may read it" };
}

function judgeList(answer: Answer, listed: string): Verdict | undefined {
  if (answer.outcome !== "served") return undefined;
  return answer.text.includes(listed)
    ? { outcome: "breached", evidence: `the list names what the agent may not read: ${describe(answer)}` }
    : { outcome: "blocked", intended: true, evidence: "the list does not name it" };
}
