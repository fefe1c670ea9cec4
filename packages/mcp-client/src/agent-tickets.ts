import {
  type Clock,
  importVerificationKey,
  notify,
  type Observer,
  type Signer,
  type Ticket,
  TicketAsk,
} from "@attest/core";
import type { Credentials, MessageName, Refusal, TicketUse } from "./credentials.ts";
import { MadeCredentials, type Making } from "./made-credentials.ts";

/** A ticket is not used in its last seconds: on its way it could expire. */
const MARGIN = 10;
/** An ask without an answer ends after this many milliseconds. */
const ASK_MS = 10_000;
/** After an answer without a grant the next ask waits this many seconds, and each time twice as long. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 3600;
/** Messages of which a server said that they must be signed, remembered at most. */
const MAX_SIGNED = 256;
/** Methods whose answers bring no ticket, or come too late. */
const NEVER_ASKED: ReadonlySet<unknown> = new Set(["ping", "server/discover", "subscriptions/listen"]);

interface Held {
  readonly ticket: Ticket;
  /** By the agent's own clock, Unix seconds. */
  readonly from: number;
  readonly until: number;
}

/** What tickets an agent has for which server. */
export interface AgentTicketsOptions {
  readonly audience: string;
  readonly signer: Promise<Signer>;
  readonly clock: Clock;
  readonly observer: Observer | undefined;
}

/** An agent's tickets for one server: the one it holds, the one it asks for, and when it may ask again (SPEC §19). */
export class AgentTickets {
  readonly #options: AgentTicketsOptions;
  #held: Held | undefined;
  #asking: TicketAsk | undefined;
  #wait = 0;
  #askFrom = Number.NEGATIVE_INFINITY;
  /** Tickets in succession that were refused before any was accepted. */
  #refused = 0;
  #accepted: Ticket | undefined;
  readonly #signed = new Set<string>();
  /** Settles when a grant that came has been taken. */
  #taking: Promise<void> | undefined;

  constructor(options: AgentTicketsOptions) {
    this.#options = options;
  }

  /**
   * What to prove a message with: a ticket, or a signature, which may ask for one. Without a promise where a ticket is there.
   *
   * @param signed Whether it must be a signature.
   */
  prepare(use: TicketUse, signed: boolean): Making | Promise<Making> {
    const made = this.#taking ? undefined : this.#withTicket(use, signed);
    return made ?? this.#prepare(use, signed);
  }

  async #prepare(use: TicketUse, signed: boolean): Promise<Making> {
    await this.#taking;
    const made = this.#withTicket(use, signed);
    if (made) return made;
    const at = this.#options.clock();
    return { ticket: undefined, ask: use.ask ? await this.#ask(use, at) : undefined, name: use, at };
  }

  #withTicket(use: TicketUse, signed: boolean): Making | undefined {
    const at = this.#options.clock();
    const ticket = use.sign || signed ? undefined : this.#ticketFor(use, at);
    return ticket && { ticket, ask: undefined, name: use, at };
  }

  /** Takes the answer to a message that was let through. @param grant What it brought in the place of a grant. */
  async settle(credentials: Credentials, grant: unknown): Promise<void> {
    const made = MadeCredentials.take(credentials);
    if (made?.ticket) this.#accept(made.ticket);
    if (!made?.ask) return;
    const taking = this.#answered(made, made.ask, credentials, grant);
    this.#taking = taking;
    await taking;
    if (this.#taking === taking) this.#taking = undefined;
  }

  /** Takes a refusal. @param again Whether the message is sent once more. */
  refuse({ credentials, reason }: Refusal, again: boolean): void {
    const made = MadeCredentials.take(credentials);
    // Whether a ticket would have been granted is not known.
    if (made?.ask) this.#end(made.ask);
    if (!made?.ticket || !again || reason === "attestation_expired") return;
    if (reason === "attestation_signature_required") this.#sign(made.name);
    else this.#drop(made.ticket);
    notify(this.#options.observer, { type: "ticket", action: "fallback", reason });
  }

  #ticketFor(use: TicketUse, now: number): Ticket | undefined {
    if (!this.#isHeld(now) || (use.initialize ?? use.method === "initialize")) return undefined;
    const isDemanded = this.#signed.size > 0 && this.#signed.has(nameOf(use));
    return isDemanded ? undefined : this.#held?.ticket;
  }

  #isHeld(now: number): boolean {
    return this.#held !== undefined && now >= this.#held.from && now < this.#held.until;
  }

  async #ask({ method }: MessageName, now: number): Promise<TicketAsk | undefined> {
    if (this.#isHeld(now) || this.#asking || NEVER_ASKED.has(method) || now < this.#askFrom) return undefined;
    try {
      const ask = await TicketAsk.begin();
      if (this.#asking) return undefined;
      this.#asking = ask;
      const timer: unknown = setTimeout(() => this.#end(ask), ASK_MS);
      (timer as { unref?(): void }).unref?.();
      return ask;
    } catch {
      // A platform without X25519: everything is signed.
      this.#askFrom = Number.POSITIVE_INFINITY;
      return undefined;
    }
  }

  async #answered({ at }: Making, ask: TicketAsk, credentials: Credentials, grant: unknown): Promise<void> {
    const { audience, observer } = this.#options;
    const thumbprint = await this.#thumbprint();
    const ticket = await ask.complete(grant, { proof: credentials.proof, audience, thumbprint });
    const isAwaited = this.#asking === ask;
    this.#end(ask);
    if (!isAwaited) return;
    if (!ticket) {
      this.#postpone();
      return;
    }
    this.#held = { ticket, from: at, until: at + ticket.expiresIn - MARGIN };
    notify(observer, { type: "ticket", action: "obtained" });
  }

  async #thumbprint(): Promise<string> {
    const signer = await this.#options.signer;
    return (await importVerificationKey(signer.toJwk())).thumbprint;
  }

  #accept(ticket: Ticket): void {
    this.#accepted = ticket;
    this.#refused = 0;
    this.#wait = 0;
  }

  #drop(ticket: Ticket): void {
    if (this.#held?.ticket !== ticket) return;
    this.#held = undefined;
    this.#refused = this.#accepted === ticket ? 0 : this.#refused + 1;
    if (this.#refused >= 2) this.#postpone();
  }

  #sign(name: MessageName): void {
    this.#signed.add(nameOf(name));
    const [oldest] = this.#signed.size > MAX_SIGNED ? this.#signed : [];
    if (oldest !== undefined) this.#signed.delete(oldest);
  }

  #postpone(): void {
    this.#wait = Math.min(LONGEST_WAIT, Math.max(FIRST_WAIT, 2 * this.#wait));
    this.#askFrom = this.#options.clock() + this.#wait;
  }

  #end(ask: TicketAsk): void {
    if (this.#asking === ask) this.#asking = undefined;
    ask.end();
  }
}

function nameOf({ method = "", target = "" }: MessageName): string {
  return `${method} ${target}`;
}
