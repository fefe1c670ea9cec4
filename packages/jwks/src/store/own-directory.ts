import { randomBytes } from "node:crypto";
import { type FileHandle, link, lstat, mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { AttestationError, optionError } from "@attest/core";
import { assertOwnDirectory, type OwnDirectoryFailures, openOwnFile, UntrustedFile } from "./own-file.ts";

const DRAFT = /^draft-[0-9a-f]{32}$/;
/** A draft older than this many milliseconds was left by a crash. */
const ABANDONED_MS = 60_000;

/**
 * A directory of files, readable by their owner alone (0700, files 0600), shared by any number of processes of one user on
 * one machine: the ground of storages that keep what must outlast a crash.
 *
 * Before every use it checks that the directory and the file belong to the process's user, that nobody else can write to the
 * directory or read the file, and that neither is a symbolic link. The directory's parents are not checked: give others no
 * right to write there. Windows has neither these owners nor these modes: there only links are refused, and the directory's
 * access control list has to keep others out.
 *
 * A file is written whole under another name and synced, and only then given its name by a hard link: that is atomic, as a
 * rename would be, but fails if another process took the name first. So there is no lock that a crash could leave behind,
 * and no moment at which a reader finds half a file.
 */
export class OwnDirectory {
  readonly #path: string;
  readonly #failures: OwnDirectoryFailures;

  /**
   * @param path Made with the first file. It must be on a file system with hard links.
   * @param failures How what goes wrong is reported.
   * @throws AttestationError `ERR_OPTION`.
   */
  constructor(path: string, failures: OwnDirectoryFailures) {
    if (typeof path !== "string" || path === "") throw optionError("directory", "must be a path");
    this.#path = path;
    this.#failures = failures;
  }

  /** The names of all files, drafts of other processes too; none if the directory is not there. @throws As every method, `code`. */
  names(): Promise<readonly string[]> {
    return this.#reporting(() => this.#names());
  }

  /** The text of a file; `undefined` if there is no such file. */
  read(name: string): Promise<string | undefined> {
    return this.#reporting(() => this.#ifThere(name, "read", (file) => file.readFile("utf8")));
  }

  /**
   * Makes a file, whole or not at all. Once it resolves to `true` the file outlasts a power cut, where the platform lets a directory be
   * synced.
   *
   * @returns False if there is one of that name, or if it took so long that another process took it for given up.
   */
  create(name: string, text: string): Promise<boolean> {
    return this.#reporting(async () => {
      await mkdir(this.#path, { recursive: true, mode: 0o700 });
      await assertOwnDirectory(this.#path, this.#failures);
      const draft = await this.#draft(text);
      try {
        await link(draft, join(this.#path, name));
      } catch (error) {
        if (isCode(error, "EEXIST") || isCode(error, "ENOENT")) return false;
        throw error;
      } finally {
        await unlessGone(unlink(draft));
      }
      await this.#sync();
      return true;
    });
  }

  /** Takes a file's text away and leaves its name. */
  empty(name: string): Promise<void> {
    return this.#reporting(() => this.#ifThere(name, "write", (file) => file.truncate()));
  }

  /** Removes a file, if it is there. */
  remove(name: string): Promise<void> {
    return this.#reporting(() => unlessGone(unlink(join(this.#path, name))));
  }

  /** Removes the drafts that crashes left. */
  removeAbandoned(): Promise<void> {
    return this.#reporting(async () => {
      for (const name of await this.#names()) {
        if (!DRAFT.test(name)) continue;
        const path = join(this.#path, name);
        const { mtimeMs = Date.now() } = (await lstat(path).catch(() => undefined)) ?? {};
        if (Date.now() - mtimeMs > ABANDONED_MS) await unlessGone(unlink(path));
      }
    });
  }

  async #names(): Promise<string[]> {
    const names = assertOwnDirectory(this.#path, this.#failures).then(() => readdir(this.#path));
    return (await unlessGone(names)) ?? [];
  }

  /** Works on a file; `undefined` if it is not there, as another process may have removed it. */
  async #ifThere<T>(name: string, access: "read" | "write", work: (file: FileHandle) => Promise<T>) {
    const file = await unlessGone(openOwnFile(join(this.#path, name), access, this.#failures));
    try {
      return file && (await work(file));
    } finally {
      await file?.close();
    }
  }

  async #draft(text: string): Promise<string> {
    const path = join(this.#path, `draft-${randomBytes(16).toString("hex")}`);
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

  async #sync(): Promise<void> {
    const directory = await open(this.#path, "r").catch(() => undefined);
    await directory?.sync().catch(() => {});
    await directory?.close();
  }

  /** What the system says names paths: only its code and call are reported. */
  async #reporting<T>(work: () => Promise<T>): Promise<T> {
    const { code, directory } = this.#failures;
    try {
      return await work();
    } catch (error) {
      if (error instanceof UntrustedFile) throw new AttestationError(code, error.message);
      const { code: cause = "unknown", syscall = "access" } = error as NodeJS.ErrnoException;
      throw new AttestationError(code, `${directory} failed: ${cause} at ${syscall}`);
    }
  }
}

function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
