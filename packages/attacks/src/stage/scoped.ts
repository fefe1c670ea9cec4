import type { Attack } from "../attack.ts";
import type { Answer } from "../targets/answer.ts";
import type { AttackTarget } from "../targets/attack-target.ts";
import { LIST_TOOLS } from "../targets/envelope.ts";
import { callOf } from "../targets/lab-options.ts";
import type { Message } from "../targets/message.ts";
import { type ChainChanges, forgeChain } from "./chain-forger.ts";
import { type AttackSheet, planned } from "./define-attack.ts";
import type { Scene } from "./scene.ts";
import { Situation } from "./situation.ts";

/** Messages of one attack by a sub-agent, and the honest one next to them: by default the list of tools. */
interface ScopedMessages {
  readonly message: (target: AttackTarget) => Message;
  readonly honest?: (target: AttackTarget) => Message;
}

/** An attack by a sub-agent that may do little: on a connection or session of its own, where the target has these. */
export function scoped(
  sheet: AttackSheet,
  variants: Readonly<Record<string, (target: AttackTarget) => ChainChanges>>,
  { message, honest = () => LIST_TOOLS }: ScopedMessages,
): Attack {
  return planned({ ...sheet, never: true }, (scene) => ({
    control: async () => {
      const occasion = (await scene.ready()).prepare(honest(scene.target));
      return occasion.present(await scene.agent.credentialsFor(occasion));
    },
    attempts: () =>
      Object.entries(variants).map(([label, changes]) => ({
        label,
        send: () => act(scene, changes(scene.target), message(scene.target)),
      })),
  }));
}

async function act(scene: Scene, changes: ChainChanges, message: Message): Promise<Answer> {
  const channel = await scene.open();
  const { chain, prover } = await forgeChain(await Situation.of(scene, channel.prepare()), changes);
  if ((await scene.target.offers()).has("connection")) {
    const opened = await channel.initialize(chain, prover);
    if (opened.outcome !== "served") return opened;
  }
  const occasion = channel.prepare(message);
  return occasion.present({
    attestation: chain,
    proof: await scene.agent.prove(occasion, chain, { signer: prover }),
  });
}

/** A call that every agent is served: of the lab's tool, or of the one that may be called. */
export function freeCall(target: AttackTarget): Extract<Message, { kind: "request" }> {
  const { echo } = target.lab ?? {};
  const call = echo ? callOf({ ...echo, arguments: { ...echo.arguments, [echo.argument]: 1 } }) : target.toolCall;
  if (call?.kind !== "request") throw new TypeError("The attack did not say that it needs a tool");
  return call;
}

/** The name of its tool. */
export function freeTool(target: AttackTarget): string {
  return String(freeCall(target).params?.["name"]);
}
