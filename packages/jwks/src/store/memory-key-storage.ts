import type { KeyStorage } from "./key-storage.ts";

/** Keys that end with the process: for tests and demonstrations. What they signed is refused after a restart. */
export class MemoryKeyStorage implements KeyStorage {
  #text: string | undefined;

  async read(): Promise<string | undefined> {
    return this.#text;
  }

  async replace(previous: string | undefined, next: string): Promise<boolean> {
    if (this.#text !== previous) return false;
    this.#text = next;
    return true;
  }
}
