import type { GatewayConfiguration } from "../gateway-options.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { CallsUnderWay } from "./calls-under-way.ts";
import { upstreamOf } from "./create-node-gateway.ts";

/** A server behind a gateway, and the calls that wait for it. */
export interface OpenUpstream {
  readonly upstream: Upstream;
  readonly calls: CallsUnderWay;
}

/** The servers behind a gateway that reads its configuration again: one that stays there as it was keeps its sessions. */
export class OpenUpstreams {
  readonly #open = new Map<string, OpenUpstream>();
  readonly #ending = new Set<Promise<void>>();
  readonly #drainMs: number;

  /** @param drainMs For how long the calls to a server that is there no longer may go on. */
  constructor(drainMs: number) {
    this.#drainMs = drainMs;
  }

  /** The server that is configured so. @param key What the configuration says of it. */
  get(key: string, configuration: GatewayConfiguration): OpenUpstream {
    const known = this.#open.get(key);
    if (known) return known;
    const opened = { upstream: upstreamOf(configuration), calls: new CallsUnderWay() };
    this.#open.set(key, opened);
    return opened;
  }

  /** Ends the servers' connections and processes that are not among these: as soon as nothing is under way there. */
  keep(used: ReadonlySet<OpenUpstream>): void {
    for (const [key, one] of this.#open) {
      if (used.has(one)) continue;
      this.#open.delete(key);
      const ended = one.calls.ended(this.#drainMs).then(() => one.upstream.close());
      const known: Promise<void> = ended.finally(() => this.#ending.delete(known));
      this.#ending.add(known);
    }
  }

  /** Ends all of them. Resolves when everything is gone, also what was ended before. */
  async close(): Promise<void> {
    await Promise.all([...this.#ending, ...[...this.#open.values()].map(({ upstream }) => upstream.close())]);
  }
}
