/** Anything longer than this that is in a secret and in what is told counts as told. */
const WINDOW = 20;

/** Everything secret that a case makes or meets, and everything that is told while it does. */
export class Canary {
  readonly #secrets: string[] = [];
  readonly #words: string[] = [];
  readonly #told: string[] = [];
  readonly #shown: string[] = [];

  secret<T extends string>(text: T): T {
    this.#secrets.push(...text.split("."));
    return text;
  }

  /** A name that a peer wrote: no secret, but for an operator's eyes alone, in messages and facts. */
  word<T extends string>(text: T): T {
    this.#words.push(...text.split("."));
    return text;
  }

  /** What an operator is shown of a refusal, where a peer's words may be. */
  show(value: unknown): void {
    this.#shown.push(JSON.stringify(value) ?? "");
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

  /** The secrets of which a part was told or shown, and the words of which a part was told, by how they begin. */
  leaks(): string[] {
    const { told } = this;
    const leaked = [...leakedIn(`${told}\n${this.#shown.join("\n")}`, this.#secrets), ...leakedIn(told, this.#words)];
    return leaked.map((secret) => `${secret.slice(0, 60)}…`);
  }
}

/** The texts of which a part is in another text. */
function leakedIn(told: string, texts: readonly string[]): string[] {
  const windows = new Set<string>();
  for (let i = 0; i + WINDOW <= told.length; i++) windows.add(told.slice(i, i + WINDOW));
  return texts.filter((text) => {
    if (text.length < WINDOW) return text.length > 8 && told.includes(text);
    for (let i = 0; i + WINDOW <= text.length; i++) if (windows.has(text.slice(i, i + WINDOW))) return true;
    return false;
  });
}

/** An error as a log shows it: message, stack, own members, and the same of its causes. */
function describeError(error: Error): string {
  const { cause, message, stack } = error;
  return [message, stack, JSON.stringify(error), cause instanceof Error ? describeError(cause) : String(cause)].join(
    "\n",
  );
}
