import type { Attack } from "../attack.ts";
import { callTool } from "../stage/call-tool.ts";
import { type Attempt, planned } from "../stage/define-attack.ts";
import { describe, type Verdict } from "../stage/judge.ts";
import type { Scene } from "../stage/scene.ts";
import type { Answer } from "../targets/answer.ts";
import { objectOf } from "../targets/envelope.ts";

/** How long a task is kept, in milliseconds. */
const TTL = 60_000;

/** Tasks of MCP 2025-11-25, which SDKs answer about from a store, without asking a handler. */
export const taskAttacks: readonly Attack[] = [
  planned(
    {
      id: "foreign-task",
      name: "Somebody else's task",
      category: "session",
      threat: "M12",
      attacker: "is an attested agent with a session of its own, and learned the id of another's task",
      description: "Another agent's task is asked for, its result taken, the task cancelled, and found in a list",
      defence: "a task is its maker's",
      expected: ["attestation_invalid"],
      needs: ["authority", "task", "sessions"],
    },
    (scene) => {
      let taskId = "";
      const about = (method: string) => ({ kind: "request", method, params: { taskId } }) as const;
      return {
        control: async () => {
          const made = await asMaker(scene, makeTask(scene));
          taskId = taskIn(made);
          return taskId === "" ? { outcome: "lost", text: "no task was made" } : asMaker(scene, about("tasks/get"));
        },
        attempts: (): Attempt[] => [
          ...["tasks/get", "tasks/result", "tasks/cancel"].map((method) => ({
            label: method,
            send: () => asOther(scene, about(method)),
          })),
          {
            label: "tasks/list",
            send: () => asOther(scene, { kind: "request", method: "tasks/list", params: {} }),
            judge: (answer) => judgeList(answer, taskId),
          },
        ],
      };
    },
  ),
];

type Request = {
  readonly kind: "request";
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
};

function makeTask(scene: Scene): Request {
  const { task } = scene.target.lab ?? {};
  if (!task) throw new TypeError("The attack did not say that it needs a task");
  const { name, arguments: args = {} } = task;
  return { kind: "request", method: "tools/call", params: { name, arguments: args, task: { ttl: TTL } } };
}

const asMaker = (scene: Scene, message: Request) => callTool(scene, (s) => s.minted({}), message);
/** An agent of another subject. */
const asOther = (scene: Scene, message: Request) =>
  callTool(scene, (s) => s.minted({ claims: (claims) => ({ ...claims, sub: `${claims["sub"]}-2` }) }), message);

function taskIn({ message }: Answer): string {
  const { taskId } = objectOf(objectOf(message?.["result"])["task"]);
  return typeof taskId === "string" ? taskId : "";
}

function judgeList(answer: Answer, taskId: string): Verdict | undefined {
  if (answer.outcome !== "served") return undefined;
  return answer.text.includes(taskId)
    ? { outcome: "breached", evidence: `the list names another agent's task: ${describe(answer)}` }
    : { outcome: "blocked", intended: true, evidence: "the list does not name it" };
}
