import type { GuardSession } from "../guard/guard-session.ts";

/** Sessions remembered at most; past that the one that was not used for longest is forgotten and must initialize anew. */
const CAPACITY = 100_000;

/** Who owns which `Mcp-Session-Id`, in the order of their last use. */
export class HttpSessions {
  readonly #sessions = new Map<string, GuardSession>();

  /** The session of an id, which counts as a use. */
  use(id: string): GuardSession | undefined {
    const session = this.#sessions.get(id);
    if (session) this.add(id, session);
    return session;
  }

  add(id: string, session: GuardSession): void {
    this.#sessions.delete(id);
    if (this.#sessions.size >= CAPACITY) {
      const [oldest] = this.#sessions.keys();
      if (oldest !== undefined) this.#sessions.delete(oldest);
    }
    this.#sessions.set(id, session);
  }

  /** Forgets a session; another that has its id by now stays. */
  delete(id: string, session: GuardSession): void {
    if (this.#sessions.get(id) === session) this.#sessions.delete(id);
  }
}
