import { randomBytes } from "node:crypto";
import { type FileHandle, link, lstat, mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { AttestationError, optionError } from "@attest/core";
import type { KeyStorage } from "./key-storage.ts";
import { assertOwnDirectory, openOwnFile } from "./own-file.ts";

const GENERATION = /^keys-(\d{1,15})\.json$/;
const DRAFT = /^draft-[0-9a-f]{32}$/;
/** How many names stay taken, so that a process that was stopped for a while does not take one for a new one. */
const NAMES_KEPT = 16;
/** A draft older than this many milliseconds was left by a crash. */
const ABANDONED_MS = 60_000;

/**
 * Keys in a directory of their own, readable by their owner alone (0700, files 0600), shared by any number of processes of
 * one user on one machine.
 *
 * Before every use it checks that the directory and the file belong to the process's user, that nobody else can write to the
 * directory or read the file, and that neither is a symbolic link. The directory's parents are not checked: give others no
 * right to write there. Windows has neither these owners nor these modes: there only links are refused, and the directory's
 * access control list has to keep others out.
 *
 * Each text is a file of its own, `keys-<generation>.json`, the highest of which counts. It is written whole under
 * another name and synced, and only then given its name by a hard link: that is atomic, as a rename would be, but fails
 * if another process took the name first. So there is no lock that a crash could leave behind, and no moment at which a
 * reader finds half a file. Superseded files are emptied, as they hold keys that may have been removed for a reason; if a
 * crash comes first, by the next change.
 */
export class FileKeyStorage implements KeyStorage {
  readonly #directory: string;

  /** @param directory Made if it is not there. It must be on a file system with hard links. @throws AttestationError `ERR_OPTION`. */
  constructor(directory: string) {
    if (typeof directory !== "string" || directory === "") throw optionError("directory", "must be a path");
    this.#directory = directory;
  }

  /** @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` with the system's error code, or with what others could do. */
  read(): Promise<string | undefined> {
    return reporting(async () => (await this.#latest())?.text);
  }

  /** @throws AttestationError as `read`. */
  replace(previous: string | undefined, next: string): Promise<boolean> {
    return reporting(async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      const latest = await this.#latest();
      if (latest?.text !== previous) return false;
      const generation = (latest?.generation ?? 0) + 1;
      const draft = await this.#draft(next);
      try {
        await link(draft, this.#pathOf(generation));
      } catch (error) {
        // Taken by another process, or so slow that another cleared the draft away.
        if (isCode(error, "EEXIST") || isCode(error, "ENOENT")) return false;
        throw error;
      } finally {
        await unlessGone(unlink(draft));
      }
      await this.#sync();
      return this.#supersede(generation);
    });
  }

  async #latest(): Promise<{ generation: number; text: string } | undefined> {
    for (let seen: number | undefined; ; ) {
      const generation = (await this.#generations()).at(-1);
      if (generation === undefined) return undefined;
      if (generation === seen) throw new AttestationError("ERR_KEY_FORMAT", "The latest file of keys is empty");
      seen = generation;
      const text = (await this.#ifThere(generation, "read", (file) => file.readFile("utf8"))) ?? "";
      // An empty one was superseded in between.
      if (text !== "") return { generation, text };
    }
  }

  /** In ascending order. */
  async #generations(): Promise<number[]> {
    const names = await this.#names();
    const found = names.flatMap((name) => GENERATION.exec(name)?.[1] ?? []);
    return found.map(Number).sort((a, b) => a - b);
  }

  /** None if the directory is not there. */
  async #names(): Promise<string[]> {
    return (await unlessGone(assertOwnDirectory(this.#directory).then(() => readdir(this.#directory)))) ?? [];
  }

  /** Works on the file of one generation; `undefined` if another process has cleared it away. */
  async #ifThere<T>(generation: number, access: "read" | "write", work: (file: FileHandle) => Promise<T>) {
    const file = await unlessGone(openOwnFile(this.#pathOf(generation), access));
    try {
      return file && (await work(file));
    } finally {
      await file?.close();
    }
  }

  async #draft(text: string): Promise<string> {
    const path = join(this.#directory, `draft-${randomBytes(16).toString("hex")}`);
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text, "utf8");
      await file.sync();
    } catch (error) {
      await unlessGone(unlink(path));
      throw error;
    } finally {
      await file.close();
    }
    return path;
  }

  /** Makes the new name outlast a power cut, where the platform lets a directory be synced. */
  async #sync(): Promise<void> {
    const directory = await open(this.#directory, "r").catch(() => undefined);
    await directory?.sync().catch(() => {});
    await directory?.close();
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
      if (old <= latest - NAMES_KEPT) await unlessGone(unlink(this.#pathOf(old)));
      else await this.#ifThere(old, "write", (file) => file.truncate());
    }
    for (const name of await this.#names()) {
      const path = join(this.#directory, name);
      if (!DRAFT.test(name)) continue;
      const { mtimeMs = Date.now() } = (await lstat(path).catch(() => undefined)) ?? {};
      if (Date.now() - mtimeMs > ABANDONED_MS) await unlessGone(unlink(path));
    }
    return generation > latest - NAMES_KEPT;
  }

  #pathOf(generation: number): string {
    return join(this.#directory, `keys-${generation}.json`);
  }
}

/** Another process may have cleared the same file away: `undefined` then. */
function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

async function reporting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AttestationError) throw error;
    const { code = "unknown", syscall = "access" } = error as NodeJS.ErrnoException;
    throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", `The key directory failed: ${code} at ${syscall}`);
  }
}
