import type { Finding } from "@attest/mcp-server/gate";

/** Counts the streams that stay open, in all and of each agent, and can end them. */
export class StreamLimits {
  readonly #most: number;
  readonly #mostOfOne: number;
  readonly #open = new Set<() => void>();
  readonly #byAgent = new Map<string, number>();

  constructor({ streams, streamsPerAgent }: { readonly streams: number; readonly streamsPerAgent: number }) {
    this.#most = streams;
    this.#mostOfOne = streamsPerAgent;
  }

  /**
   * Takes a place for a stream.
   *
   * @param end Ends the stream. @returns What gives the place back; `undefined` if there is none.
   */
  open(finding: Finding, end: () => void): (() => void) | undefined {
    const agent = finding.verified
      ? JSON.stringify([finding.issuer, finding.subject, finding.keyThumbprint])
      : "unverified";
    const count = this.#byAgent.get(agent) ?? 0;
    if (this.#open.size >= this.#most || count >= this.#mostOfOne) return undefined;
    const entry = () => end();
    this.#open.add(entry);
    this.#byAgent.set(agent, count + 1);
    return () => {
      if (!this.#open.delete(entry)) return;
      const left = (this.#byAgent.get(agent) ?? 1) - 1;
      if (left === 0) this.#byAgent.delete(agent);
      else this.#byAgent.set(agent, left);
    };
  }

  /** Ends all of them: before a shutdown, and where what agents may see has changed. */
  endAll(): void {
    for (const end of [...this.#open]) end();
  }
}
