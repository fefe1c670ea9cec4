import { randomUUID } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../exit.ts";

/**
 * Writes a file that its owner alone can read (0600): whole or not at all, and never over another unless `force`.
 *
 * @throws UsageError if there is such a file, or it cannot be written.
 */
export async function writeSecret(file: string, content: string, force: boolean): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A link cannot replace a file, a rename does, and neither shows half of one.
    await (force ? rename(draft, file) : link(draft, file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new UsageError(`${file} exists; replace it with --force`);
    throw new UsageError(`Cannot write ${file} (${code ?? "unknown"})`);
  } finally {
    await rm(draft, { force: true });
  }
}
