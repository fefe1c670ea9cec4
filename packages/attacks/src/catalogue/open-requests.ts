import type { Attack } from "../attack.ts";
import { planned, presentation } from "../stage/define-attack.ts";
import type { Message } from "../targets/message.ts";

/** Members of a request that is far larger than an open one needs to be, and small enough to harm nobody. */
const MEMBERS = 2000;

/** What is open to everybody, made dear. */
export const openRequestAttacks: readonly Attack[] = [
  planned(
    {
      id: "dear-open-request",
      name: "A dear question for nothing",
      category: "message",
      threat: "M2",
      attacker: "has nothing",
      description:
        "`ping` and `server/discover`, open to everybody, with thousands of members for the server to work through",
      defence: "an open request is small; a larger one needs credentials like every other",
      expected: ["attestation_required"],
      never: true,
      needs: ["live"],
    },
    (scene) => ({
      control: async () => {
        const handshake = (await scene.target.offers()).has("connection");
        const occasion = (await scene.ready()).prepare(dear(handshake ? "ping" : "server/discover"));
        return occasion.present(await scene.agent.credentialsFor(occasion));
      },
      attempts: () =>
        Promise.all(
          ["ping", "server/discover"].map(async (method) =>
            presentation(`a large ${method}`, await scene.occasion(dear(method)), {}),
          ),
        ),
    }),
  ),
];

function dear(method: string): Message {
  const names = Array.from({ length: MEMBERS }, (_, i) => `attacker.example/${i}`);
  return { kind: "request", method, params: { _meta: Object.fromEntries(names.map((name) => [name, 0])) } };
}
