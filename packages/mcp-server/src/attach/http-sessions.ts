import type { GuardSession } from "../guard/guard-session.ts";

/** Which session belongs to which `Mcp-Session-Id`, in the order of their last use. */
export class HttpSessions {
  readonly #sessions = new Map<string, GuardSession>();
  readonly #capacity: number;

  /** @param capacity Sessions held at most. Beyond, the one that is idle longest is dropped and must initialize again. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The session of an id, which counts as a use. */
  use(id: string): GuardSession | undefined {
    const session = this.#sessions.get(id);
    if (session) this.add(id, session);
    return session;
  }

  /** Keeps a session under an id, as the one that was used last. */
  add(id: string, session: GuardSession): void {
    this.#sessions.delete(id);
    if (this.#sessions.size >= this.#capacity) {
      const [oldest] = this.#sessions.keys();
      if (oldest !== undefined) this.#sessions.delete(oldest);
    }
    this.#sessions.set(id, session);
  }

  /** Forgets a session, unless another has its id by now. */
  delete(id: string, session: GuardSession): void {
    if (this.#sessions.get(id) === session) this.#sessions.delete(id);
  }
}
