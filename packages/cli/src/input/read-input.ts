import { open } from "node:fs/promises";
import { UsageError } from "../exit.ts";

/** Nothing that a command reads is greater. */
const MAX_BYTES = 1024 * 1024;

/** The stdin that an option has been read from: no other option can be. */
let stdinRead: NodeJS.ReadStream | undefined;

/**
 * Reads a file, or stdin for `-`.
 *
 * @throws UsageError naming the option, if it cannot be read, is larger than 1 MiB, or stdin is asked for twice.
 */
export async function readInput(source: string, option: string): Promise<Buffer> {
  if (source === "-") return readStdin(option);
  try {
    const file = await open(source);
    try {
      return await gather(file.createReadStream({ autoClose: false }), option);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${option}: cannot read ${source} (${(error as NodeJS.ErrnoException).code ?? "unreadable"})`);
  }
}

/**
 * A credential given on the command line, or on stdin for `-`. The line end that every pipe adds is taken off, and nothing else:
 * other white space is part of what is looked at.
 *
 * @throws UsageError as `readInput`.
 */
export async function readCredential(argument: string, option: string): Promise<string> {
  return argument === "-" ? withoutLineEnd(await readStdin(option)) : argument;
}

/**
 * A credential in a file, or on stdin for `-`, without the line end that editors and pipes add.
 *
 * @throws UsageError as `readInput`.
 */
export async function readCredentialFile(source: string, option: string): Promise<string> {
  return withoutLineEnd(await readInput(source, option));
}

function withoutLineEnd(bytes: Buffer): string {
  return bytes.toString("utf8").replace(/[\r\n]+$/, "");
}

async function readStdin(option: string): Promise<Buffer> {
  if (stdinRead === process.stdin)
    throw new UsageError(`${option}: stdin is already used for another option; give a file`);
  stdinRead = process.stdin;
  if (process.stdin.isTTY) console.error(`Reading ${option} from the terminal; press Ctrl-D to end.`);
  return gather(process.stdin, option);
}

async function gather(stream: AsyncIterable<Buffer | string>, option: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Buffer);
    size += bytes.length;
    if (size > MAX_BYTES) throw new UsageError(`${option}: larger than 1 MiB`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
