import { type FileHandle, open } from "node:fs/promises";

/**
 * A log in a file of its own, readable by its owner alone. A line is with the system once `write` has resolved: it survives the
 * end of the process at any moment, and not that of the machine. Lines that come while others are being written are written
 * together, so that one call to the system serves many.
 */
export class LogFile {
  readonly #path: string;
  #file: FileHandle;
  /** Lines that no write has taken along yet, and the write that will. */
  #waiting = "";
  #next: Promise<void> | undefined;
  #writes: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens the file to add to it, or makes it. @throws The system's error. */
  static async open(path: string): Promise<LogFile> {
    return new LogFile(path, await open(path, "a", 0o600));
  }

  /** Writes one line, after those before it. @throws The system's error: then it is not known whether the line is there. */
  write(line: string): Promise<void> {
    this.#waiting += `${line}\n`;
    if (!this.#next) {
      this.#next = this.#writes.then(() => this.#append());
      this.#writes = this.#next.catch(() => {});
    }
    return this.#next;
  }

  /** Opens the path again, for programs that rotate logs by renaming them. @throws The system's error. */
  async reopen(): Promise<void> {
    const next = await open(this.#path, "a", 0o600);
    const before = this.#file;
    await this.#writes;
    this.#file = next;
    await before.close();
  }

  /** Closes the file, once everything is written. */
  async close(): Promise<void> {
    await this.#writes;
    await this.#file.close();
  }

  #append(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = "";
    this.#next = undefined;
    return this.#file.appendFile(lines);
  }
}
