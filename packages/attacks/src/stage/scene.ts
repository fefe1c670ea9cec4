import { KeyPair, type Signer } from "@attest/core";
import type { ExchangeRecord } from "../attack.ts";
import type { Answer } from "../targets/answer.ts";
import type { AttackTarget, Channel } from "../targets/attack-target.ts";
import type { HonestAgent } from "../targets/honest-agent.ts";
import type { Message, Occasion, OccasionOptions, PresentedCredentials } from "../targets/message.ts";
import { redact } from "../targets/redact.ts";
import { describe } from "./judge.ts";

/** One attack under way: its target, the channels it opened, and the record of what was said. */
export class Scene {
  readonly target: AttackTarget;
  readonly agent: HonestAgent;
  readonly exchanges: ExchangeRecord[] = [];
  readonly #closing: (() => Promise<void>)[] = [];

  constructor(target: AttackTarget) {
    this.target = target;
    this.agent = target.agent;
  }

  /** A channel of its own, closed at the end of the attack. */
  async open(): Promise<Channel> {
    const channel = await this.target.open();
    this.atEnd(() => channel.close());
    return channel;
  }

  /** A connection or session that the honest agent owns. */
  async owned(): Promise<Channel> {
    const channel = await this.open();
    const opened = await channel.initialize();
    if (opened.outcome !== "served") throw new TypeError(`no session was opened: ${describe(opened)}`);
    return channel;
  }

  /** A channel on which any message may be sent: owned by the honest agent, where channels have owners. */
  async ready(): Promise<Channel> {
    return (await this.target.offers()).has("connection") ? this.owned() : this.open();
  }

  /** Another agent, honestly attested, with a key of its own. Needs `issuance`. */
  async rival(): Promise<{ readonly signer: Signer; readonly attestation: string }> {
    const { attest } = this.agent.means;
    if (!attest) throw new TypeError("The attack did not say that it needs issuance");
    const signer = await KeyPair.generate();
    const { audience } = this.target;
    return { signer, attestation: await attest({ confirmationKey: signer.toJwk(), audience }) };
  }

  /** Has something done when the attack is over. */
  atEnd(close: () => Promise<void>): void {
    this.#closing.push(close);
  }

  /** A message on a new channel. */
  async occasion(message?: Message, options?: OccasionOptions): Promise<Occasion> {
    return (await this.open()).prepare(message, options);
  }

  /** The usual control: the message done honestly. */
  async honest(message?: Message, options?: OccasionOptions): Promise<Answer> {
    const occasion = await this.occasion(message, options);
    return occasion.present(await this.agent.credentialsFor(occasion));
  }

  /** Notes an exchange, redacted. */
  record(label: string, sent: { summary?: string; credentials?: PresentedCredentials }, answer: Answer): void {
    const { summary = label, credentials } = sent;
    const presented = credentials ? ` ${redact(JSON.stringify(shortened(credentials)) ?? "")}` : "";
    this.exchanges.push({
      label,
      request: `${summary}${presented}`,
      answer: `${describe(answer)} ${redact(answer.text)}`.trim(),
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closing.map((close) => close()));
  }
}

/** Credentials can be megabytes. */
function shortened(credentials: PresentedCredentials): object {
  return Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [
      name,
      typeof value === "string" && value.length > 20_000 ? `‹${value.length} characters›` : value,
    ]),
  );
}
