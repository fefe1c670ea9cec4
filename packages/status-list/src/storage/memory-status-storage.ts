import type { StatusStorage, StoredStatus, StoredText } from "./status-storage.ts";

/**
 * Status that ends with the process: for tests and demonstrations. After a restart every index is free again, and what was revoked is
 * valid.
 */
export class MemoryStatusStorage implements StatusStorage {
  #snapshot: StoredText | undefined;
  #entries: StoredText[] = [];

  async read(after: number): Promise<StoredStatus> {
    const snapshot = this.#snapshot && this.#snapshot.position > after ? this.#snapshot : undefined;
    const entries = this.#entries.filter(({ position }) => position > after);
    return { head: this.#head, entries, ...(snapshot && { snapshot }) };
  }

  async append(after: number, text: string): Promise<boolean> {
    if (after !== this.#head) return false;
    this.#entries.push({ position: after + 1, text });
    return true;
  }

  async compact(position: number, text: string): Promise<void> {
    if (position <= (this.#snapshot?.position ?? 0)) return;
    this.#snapshot = { position, text };
    this.#entries = this.#entries.filter((entry) => entry.position > position);
  }

  get #head(): number {
    return this.#entries.at(-1)?.position ?? this.#snapshot?.position ?? 0;
  }
}
