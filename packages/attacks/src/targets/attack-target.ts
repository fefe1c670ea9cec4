import type { Signer } from "@attest/core";
import type { Answer } from "./answer.ts";
import type { HonestAgent } from "./honest-agent.ts";
import type { LabOptions } from "./lab-options.ts";
import type { Message, Occasion, OccasionOptions, PresentedCredentials } from "./message.ts";
import type { Offer } from "./offer.ts";

/** A way to the target: a connection or session of its own. */
export interface Channel {
  /** Its `Mcp-Session-Id`. Absent where the target opens no sessions. */
  readonly sessionId?: string | undefined;
  /** The guarded message that attacks are carried on: a request that an honest agent is served at this point. */
  readonly probe: Message;
  /** Prepares a message; with none, the probe. */
  prepare(message?: Message, options?: OccasionOptions): Occasion;
  /**
   * Opens the connection or session as its owner: the honest agent, or who presents this attestation, of the agent's key
   * unless it is another's. Answers what the target said.
   */
  initialize(attestation?: string, signer?: Signer): Promise<Answer>;
  /** A message as it would be sent, without credentials; with none, the probe. Live targets only. */
  compose(message?: Message): Record<string, unknown>;
  /** Sends text as it is, where a message should be. Live targets only. */
  sendRaw(body: string | Uint8Array, options?: OccasionOptions & PresentedCredentials): Promise<Answer>;
  /** Ends the connection or session. */
  close(): Promise<void>;
}

/** What attacks are aimed at: made by `verifierTarget`, `httpTarget`, `stdioTarget`. */
export interface AttackTarget {
  /** For people. */
  readonly name: string;
  /** The server's resource identifier. */
  readonly audience: string;
  /** The honest agent that attacks imitate or rob, and the controls are done by. */
  readonly agent: HonestAgent;
  /** The call of the tool that may be called; only where `tool` is offered. */
  readonly toolCall?: Message;
  /** What it has beyond an ordinary server's; only what its options name. */
  readonly lab?: LabOptions;
  /** What can be tried on it; attacks that need more are not run. */
  offers(): Promise<ReadonlySet<Offer>>;
  /** A new connection or session. */
  open(): Promise<Channel>;
  /** Ends everything that was opened. */
  close(): Promise<void>;
}
