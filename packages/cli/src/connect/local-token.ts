import { randomBytes } from "node:crypto";
import { open, readFile, stat } from "node:fs/promises";
import { UsageError } from "../exit.ts";

/**
 * The token that local clients show, from its file; makes the file if there is none.
 *
 * @throws UsageError for a file that others can read, or that holds no token.
 */
export async function localToken(file: string): Promise<string> {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(`${randomBytes(32).toString("base64url")}\n`);
    await handle.close();
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw new UsageError(`--local-token-file: ${file} cannot be written (${code})`);
  }
  if (process.platform !== "win32" && ((await stat(file)).mode & 0o077) !== 0) {
    throw new UsageError(`--local-token-file: others can read ${file}; remove it, and a new one is created`);
  }
  const token = (await readFile(file, "utf8")).trim();
  if (!/^[\w-]{43,128}$/.test(token))
    throw new UsageError(`--local-token-file: ${file} holds no token of 32 bytes in base64url`);
  return token;
}
