import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { decodeBase64url } from "@attest/core";
import { isOpenToOthers } from "./open-to-others.ts";

/** What is wrong with a file that a configuration names. */
class OwnFileError extends Error {
  override readonly name = "OwnFileError";
}

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

  /** @throws OwnFileError that names the file and the system's code. */
  async text(file: string): Promise<string> {
    try {
      return await readFile(this.path(file), "utf8");
    } catch (error) {
      const { code = "unknown" } = error as NodeJS.ErrnoException;
      throw new OwnFileError(`${file} cannot be read (${code})`);
    }
  }

  /** @throws OwnFileError that names the file, and repeats nothing of it. */
  async json(file: string): Promise<unknown> {
    const text = await this.text(file);
    try {
      return JSON.parse(text);
    } catch {
      throw new OwnFileError(`${file} is no JSON`);
    }
  }

  /** JSON that holds a secret, such as a private key. @throws OwnFileError that says what is wrong, and repeats nothing of the file. */
  async secretJson(file: string): Promise<unknown> {
    await this.#refuseOpen(file);
    return this.json(file);
  }

  /** A secret: base64url of 32–64 bytes on one line. @throws OwnFileError that says what is wrong. */
  async secret(file: string): Promise<Uint8Array> {
    await this.#refuseOpen(file);
    const text = (await this.text(file)).trim();
    const bytes = decodeBase64url(text);
    if (bytes && bytes.length >= 32 && bytes.length <= 64) return Uint8Array.from(bytes);
    throw new OwnFileError(`${file} must be base64url of 32–64 random bytes on one line`);
  }

  async #refuseOpen(file: string): Promise<void> {
    const user = process.geteuid?.();
    const found = await stat(this.path(file)).catch(() => undefined);
    // That a file is not there is said when it is read.
    if (user === undefined || !found || !isOpenToOthers(found, user)) return;
    throw new OwnFileError(`${file} can be read by others: make a new secret, readable by its owner alone (chmod 600)`);
  }
}
