/** Anything longer than this that is in a secret and in what is told counts as told. */
const WINDOW = 20;

/** Everything secret that a case makes or meets, and everything that is told while it does. */
export class Canary {
  readonly #secrets: string[] = [];
  readonly #told: string[] = [];

  secret<T extends string>(text: T): T {
    this.#secrets.push(...text.split("."));
    return text;
  }

  tell(value: unknown): void {
    this.#told.push(value instanceof Error ? describeError(value) : (JSON.stringify(value) ?? ""));
  }

  get told(): string {
    return this.#told.join("\n");
  }

  get secrets(): number {
    return this.#secrets.length;
  }

  /** The secrets of which a part was told, by how they begin. */
  leaks(): string[] {
    const windows = new Set<string>();
    const { told } = this;
    for (let i = 0; i + WINDOW <= told.length; i++) windows.add(told.slice(i, i + WINDOW));
    const leaked = this.#secrets.filter((secret) => {
      if (secret.length < WINDOW) return secret.length > 8 && told.includes(secret);
      for (let i = 0; i + WINDOW <= secret.length; i++) if (windows.has(secret.slice(i, i + WINDOW))) return true;
      return false;
    });
    return leaked.map((secret) => `${secret.slice(0, 60)}…`);
  }
}

/** An error as a log shows it: message, stack, own members, and the same of its causes. */
function describeError(error: Error): string {
  const { cause, message, stack } = error;
  return [message, stack, JSON.stringify(error), cause instanceof Error ? describeError(cause) : String(cause)].join(
    "\n",
  );
}
