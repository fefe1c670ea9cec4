import type { Answer } from "../targets/answer.ts";
import { INITIALIZE } from "../targets/envelope.ts";
import type { Message } from "../targets/message.ts";
import type { Scene } from "./scene.ts";
import { Situation } from "./situation.ts";

/**
 * Calls the tool that may be called, with an attestation of one's own making for the honest agent's key; on a session
 * that was opened with it, where the target answers nothing before.
 */
export async function callTool(
  scene: Scene,
  attest: (situation: Situation) => Promise<string>,
  call: Message | undefined = scene.target.toolCall,
): Promise<Answer> {
  const channel = await scene.open();
  const first = await Situation.of(scene, channel.prepare());
  const attestation = await attest(first);
  if (channel.probe === INITIALIZE) {
    const opened = await channel.initialize(attestation);
    if (opened.outcome !== "served") return opened;
  }
  const occasion = channel.prepare(call);
  return occasion.present({ attestation, proof: await scene.agent.prove(occasion, attestation) });
}
