import { AttestationError } from "@attest/core";
import type { KeyStorage } from "./key-storage.ts";
import { OwnDirectory } from "./own-directory.ts";

const GENERATION = /^keys-(\d{1,15})\.json$/;
/** How many names stay taken, so that a process that was stopped for a while does not take one for a new one. */
const NAMES_KEPT = 16;

/**
 * Keys in a directory of their own, as `OwnDirectory`: readable by their owner alone, shared by any number of processes of
 * one user on one machine.
 *
 * Each text is a file of its own, `keys-<generation>.json`, the highest of which counts. Superseded files are emptied, as
 * they hold keys that may have been removed for a reason; if a crash comes first, by the next change.
 */
export class FileKeyStorage implements KeyStorage {
  readonly #directory: OwnDirectory;

  /** @param directory Made if it is not there. It must be on a file system with hard links. @throws AttestationError `ERR_OPTION`. */
  constructor(directory: string) {
    this.#directory = new OwnDirectory(directory, {
      code: "ERR_KEY_SOURCE_UNAVAILABLE",
      directory: "The key directory",
      ifDisclosed: "its keys are disclosed: remove both",
    });
  }

  /** @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` with the system's error code, or with what others could do. */
  async read(): Promise<string | undefined> {
    return (await this.#latest())?.text;
  }

  /** @throws AttestationError as `read`. */
  async replace(previous: string | undefined, next: string): Promise<boolean> {
    const latest = await this.#latest();
    if (latest?.text !== previous) return false;
    const generation = (latest?.generation ?? 0) + 1;
    return (await this.#directory.create(nameOf(generation), next)) && (await this.#supersede(generation));
  }

  async #latest(): Promise<{ generation: number; text: string } | undefined> {
    for (let seen: number | undefined; ; ) {
      const generation = (await this.#generations()).at(-1);
      if (generation === undefined) return undefined;
      if (generation === seen) throw new AttestationError("ERR_KEY_FORMAT", "The latest file of keys is empty");
      seen = generation;
      const text = (await this.#directory.read(nameOf(generation))) ?? "";
      // An empty one was superseded in between.
      if (text !== "") return { generation, text };
    }
  }

  /** In ascending order. */
  async #generations(): Promise<number[]> {
    const names = await this.#directory.names();
    const found = names.flatMap((name) => GENERATION.exec(name)?.[1] ?? []);
    return found.map(Number).sort((a, b) => a - b);
  }

  /**
   * Empties what a new generation supersedes and clears away what crashes left.
   *
   * @returns Whether it is new: its name may have been free only because others had used it and gone far past it.
   */
  async #supersede(generation: number): Promise<boolean> {
    const generations = await this.#generations();
    const latest = generations.at(-1) ?? generation;
    for (const old of generations.slice(0, -1)) {
      if (old <= latest - NAMES_KEPT) await this.#directory.remove(nameOf(old));
      else await this.#directory.empty(nameOf(old));
    }
    await this.#directory.removeAbandoned();
    return generation > latest - NAMES_KEPT;
  }
}

function nameOf(generation: number): string {
  return `keys-${generation}.json`;
}
