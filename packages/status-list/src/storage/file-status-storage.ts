import { OwnDirectory } from "@attest/jwks/node";
import type { StatusStorage, StoredStatus, StoredText } from "./status-storage.ts";

const NAME = /^(entry|snapshot)-(\d{1,15})\.json$/;
/** How often what changed while it was read is read again. */
const MAX_READS = 100;

/** What a directory holds, by the names in it. */
interface Listing {
  /** Of the latest snapshot; 0 if there is none. */
  readonly snapshot: number;
  /** Of the last entry, or of the snapshot. */
  readonly head: number;
  /** Of all entries and snapshots, in ascending order. */
  readonly entries: readonly number[];
  readonly snapshots: readonly number[];
}

/**
 * Status in a directory of its own, as `OwnDirectory`: readable by its owner alone, shared by any number of processes of one
 * user on one machine.
 *
 * An entry is a file of its own, `entry-<position>.json`, and a snapshot is `snapshot-<position>.json`. Each is made whole or
 * not at all, and by the one process that is first: a name that is there is never given to another text. Entries go only
 * after a snapshot that stands for them is durable.
 */
export class FileStatusStorage implements StatusStorage {
  readonly #directory: OwnDirectory;

  /** @param directory Made if it is not there. It must be on a file system with hard links. @throws AttestationError `ERR_OPTION`. */
  constructor(directory: string) {
    this.#directory = new OwnDirectory(directory, {
      code: "ERR_REVOCATION_UNAVAILABLE",
      directory: "The status directory",
    });
  }

  /** @throws AttestationError `ERR_REVOCATION_UNAVAILABLE` with the system's error code, or with what others could do. */
  async read(after: number): Promise<StoredStatus> {
    let found: StoredStatus | undefined;
    for (let i = 0; !found && i < MAX_READS; i++) found = await this.#readOnce(after, i === MAX_READS - 1);
    return found as StoredStatus;
  }

  /** @throws AttestationError as `read`. */
  async append(after: number, text: string): Promise<boolean> {
    if ((await this.#list()).head !== after) return false;
    const position = after + 1;
    if (!(await this.#directory.create(entryName(position), text))) return false;
    // The name may have been free only because others had used it and a snapshot replaced it since the directory was listed.
    if ((await this.#list()).snapshot < position) return true;
    await this.#directory.remove(entryName(position));
    return false;
  }

  /** @throws AttestationError as `read`. */
  async compact(position: number, text: string): Promise<void> {
    const before = await this.#list();
    if (before.snapshot >= position) return;
    await this.#directory.create(snapshotName(position), text);
    for (const entry of before.entries) if (entry <= position) await this.#directory.remove(entryName(entry));
    for (const old of before.snapshots) if (old < position) await this.#directory.remove(snapshotName(old));
    await this.#directory.removeAbandoned();
  }

  /** @returns `undefined` if the directory changed meanwhile, unless this is the `last` attempt: what is missing is missing then. */
  async #readOnce(after: number, last: boolean): Promise<StoredStatus | undefined> {
    const { head, snapshot, entries } = await this.#list();
    const wanted = entries.filter((position) => position > Math.max(after, snapshot));
    const isWhole = wanted.length === Math.max(0, head - Math.max(after, snapshot));
    if (!isWhole && !last) return undefined;
    const texts = snapshot > after ? [await this.#text(snapshotName(snapshot), snapshot)] : [];
    for (const position of wanted) texts.push(await this.#text(entryName(position), position));
    const found = texts.filter((text) => text !== undefined);
    if (found.length < texts.length && !last) return undefined;
    return {
      head,
      ...(snapshot > after && found[0]?.position === snapshot && { snapshot: found[0] }),
      entries: found.filter(({ position }) => position > Math.max(after, snapshot)),
    };
  }

  async #text(name: string, position: number): Promise<StoredText | undefined> {
    const text = await this.#directory.read(name);
    return text === undefined ? undefined : { position, text };
  }

  async #list(): Promise<Listing> {
    const found = { entry: [] as number[], snapshot: [] as number[] };
    for (const name of await this.#directory.names()) {
      const [, kind, position] = NAME.exec(name) ?? [];
      if (kind === "entry" || kind === "snapshot") found[kind].push(Number(position));
    }
    for (const positions of Object.values(found)) positions.sort((a, b) => a - b);
    const snapshot = found.snapshot.at(-1) ?? 0;
    const head = Math.max(snapshot, found.entry.at(-1) ?? 0);
    return { snapshot, head, entries: found.entry, snapshots: found.snapshot };
  }
}

function entryName(position: number): string {
  return `entry-${position}.json`;
}

function snapshotName(position: number): string {
  return `snapshot-${position}.json`;
}
