import type { FeedEntry } from "../shared/feed.ts";

/** Entries kept for pages that open later. */
const CAPACITY = 400;

/** What has happened in the demo, in order, for any number of pages that watch. */
export class EventLog {
  readonly #entries: FeedEntry[] = [];
  readonly #watchers = new Set<(entry: FeedEntry) => void>();
  #next = 1;

  add(source: string, event: FeedEntry["event"]): FeedEntry {
    const entry: FeedEntry = { id: this.#next++, at: Date.now(), source, event };
    this.#entries.push(entry);
    if (this.#entries.length > CAPACITY) this.#entries.shift();
    for (const watch of this.#watchers) watch(entry);
    return entry;
  }

  /** The entries after an id, oldest first. */
  after(id: number): readonly FeedEntry[] {
    return this.#entries.filter((entry) => entry.id > id);
  }

  /** Tells of every entry from now on, until the returned function is called. */
  watch(watcher: (entry: FeedEntry) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
