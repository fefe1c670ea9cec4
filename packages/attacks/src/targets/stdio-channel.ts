import type { Signer } from "@attest/core";
import type { Answer } from "./answer.ts";
import type { Channel } from "./attack-target.ts";
import { INITIALIZE, jsonRpc, LIST_TOOLS, messageRequest, summaryOf, withCredentials } from "./envelope.ts";
import type { HonestAgent } from "./honest-agent.ts";
import type { Era, Message, Occasion, OccasionOptions, PresentedCredentials } from "./message.ts";
import { readAnswer } from "./read-answer.ts";
import type { Line, StdioWire } from "./stdio-wire.ts";

/** The server at the other end, and who calls it. */
export interface StdioPeer {
  readonly agent: HonestAgent;
  readonly era: Era;
  /** Whether a server answers before it was initialized, so that one process serves for many tries. */
  readonly answersAtOnce: boolean;
  /** A process that nobody has initialized, shared by all. */
  shared(): StdioWire;
  /** A process of one's own. */
  spawn(): StdioWire;
  exchange(wire: StdioWire, line: string | Uint8Array, id: number | undefined, silent: boolean): Promise<Line>;
}

let lastId = 0;

/** Messages to one server process; after `initialize`, to one that has an owner. */
export class StdioChannel implements Channel {
  readonly #peer: StdioPeer;
  #own: StdioWire | undefined;
  #initialized = false;

  constructor(peer: StdioPeer) {
    this.#peer = peer;
  }

  get probe(): Message {
    return this.#initialized || this.#peer.answersAtOnce ? LIST_TOOLS : INITIALIZE;
  }

  compose(message: Message = this.probe): Record<string, unknown> {
    return jsonRpc(message, this.#peer.era, ++lastId) ?? {};
  }

  prepare(message: Message = this.probe, options: OccasionOptions = {}): Occasion {
    const { carrier = "in-band", era = this.#peer.era, id = ++lastId } = options;
    const content = jsonRpc(message, era, id);
    if (content === undefined) throw new TypeError("There are no requests without a message on stdio");
    const present = (credentials: PresentedCredentials): Promise<Answer> => {
      const line = JSON.stringify(withCredentials(content, credentials, carrier));
      return this.#exchange(line, message.kind === "request" ? id : undefined, message.kind !== "request");
    };
    return { summary: summaryOf(message, carrier), request: messageRequest(message, content), present };
  }

  async initialize(attestation?: string, signer?: Signer): Promise<Answer> {
    const { agent } = this.#peer;
    this.#own ??= this.#peer.spawn();
    const token = attestation ?? (await agent.attestation());
    const by = signer && { signer };
    const occasion = this.prepare(INITIALIZE);
    const answer = await occasion.present({ attestation: token, proof: await agent.prove(occasion, token, by) });
    if (answer.outcome !== "served") return answer;
    const confirmation = this.prepare({ kind: "notification", method: "notifications/initialized" });
    await confirmation.present({ attestation: token, proof: await agent.prove(confirmation, token, by) });
    this.#initialized = true;
    return answer;
  }

  sendRaw(body: string | Uint8Array): Promise<Answer> {
    return this.#exchange(body, undefined, true);
  }

  async close(): Promise<void> {
    await this.#own?.close();
  }

  async #exchange(line: string | Uint8Array, id: number | undefined, silent: boolean): Promise<Answer> {
    if (!this.#own && !this.#peer.answersAtOnce) this.#own = this.#peer.spawn();
    const answer = await this.#peer.exchange(this.#own ?? this.#peer.shared(), line, id, silent);
    if (answer.lost === undefined) return readAnswer(answer);
    return { outcome: "lost", text: answer.lost, ...(answer.ended && { ended: true }) };
  }
}
