import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { decodeBase64url } from "@attest/core";

/** Reads the files that a configuration names, relative to the folder that it is in. */
export class OwnFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of a file that the configuration names. */
  path(file: string): string {
    return resolve(this.#folder, file);
  }

  /** @throws Error that names the file and the system's code. */
  async text(file: string): Promise<string> {
    try {
      return await readFile(this.path(file), "utf8");
    } catch (error) {
      const { code = "unknown" } = error as NodeJS.ErrnoException;
      throw new Error(`${file} cannot be read (${code})`);
    }
  }

  /** @throws Error that names the file, and repeats nothing of it. */
  async json(file: string): Promise<unknown> {
    const text = await this.text(file);
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${file} is no JSON`);
    }
  }

  /** A secret that only this user may read: base64url of 32–64 bytes on one line. @throws Error that says what is wrong. */
  async secret(file: string): Promise<Uint8Array> {
    const text = (await this.text(file)).trim();
    const { mode } = await stat(this.path(file));
    if (process.geteuid && (mode & 0o077) !== 0) {
      throw new Error(`${file} can be read by others: make a new secret, readable by its owner alone (chmod 600)`);
    }
    const bytes = decodeBase64url(text);
    if (bytes && bytes.length >= 32 && bytes.length <= 64) return Uint8Array.from(bytes);
    throw new Error(`${file} must be base64url of 32–64 random bytes on one line`);
  }
}
