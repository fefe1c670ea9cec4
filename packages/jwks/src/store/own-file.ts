import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { basename } from "node:path";
import type { AttestationErrorCode } from "@attest/core";

// Absent on Windows, where `lstat` alone tells a link.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/** How failures of a directory are reported. */
export interface OwnDirectoryFailures {
  /** The code of every error. */
  readonly code: AttestationErrorCode;
  /** The directory, as the subject of a sentence: `The key directory`. */
  readonly directory: string;
  /** What to do if others could read a file, as the end of a sentence. Default: nothing but to change its mode. */
  readonly ifDisclosed?: string;
}

/** A file or directory that others could have changed or read. The message says what to do. */
export class UntrustedFile extends Error {}

/**
 * Refuses a directory that is a link, that another user owns or to which others can write: they could put files of their own
 * into it. Where the platform has no users of this kind (Windows), links alone are refused.
 *
 * @throws UntrustedFile, and what the system says.
 */
export async function assertOwnDirectory(path: string, { directory }: OwnDirectoryFailures): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) throw new UntrustedFile(`${directory} is a symbolic link: name the directory itself`);
  assertOwner(found, directory);
  if (hasMode(found, 0o022)) {
    const advice = "take that from them (chmod go-w) and look at what it holds";
    throw new UntrustedFile(`Others can write to ${directory.replace(/^The/, "the")}: ${advice}`);
  }
}

/**
 * Opens a file, unless it is a link or anything else than a file, another user owns it or others can read or write it.
 * What is checked is what was opened.
 *
 * @throws As `assertOwnDirectory`.
 */
export async function openOwnFile(
  path: string,
  access: "read" | "write",
  { ifDisclosed }: OwnDirectoryFailures,
): Promise<FileHandle> {
  const name = basename(path);
  if ((await lstat(path)).isSymbolicLink()) throw new UntrustedFile(`${name} is a symbolic link: remove it`);
  // A link that takes the file's place in between is not followed, and a pipe is not waited for.
  const file = await open(
    path,
    (access === "read" ? constants.O_RDONLY : constants.O_WRONLY) | O_NOFOLLOW | O_NONBLOCK,
  );
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new UntrustedFile(`${name} is not a file: remove it`);
    assertOwner(found, name);
    if (hasMode(found, 0o077)) {
      const disclosed = ifDisclosed === undefined ? "" : `, and if they may have read it, ${ifDisclosed}`;
      throw new UntrustedFile(`Others can read or write ${name}: take that from them (chmod 600)${disclosed}`);
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function assertOwner({ uid }: Stats, what: string): void {
  const own = process.geteuid?.();
  if (own !== undefined && uid !== own) {
    throw new UntrustedFile(`${what} belongs to another user than this process's: make that its owner (chown)`);
  }
}

/** Modes say nothing where there are no users of this kind. */
function hasMode({ mode }: Stats, bits: number): boolean {
  return process.geteuid !== undefined && (mode & bits) !== 0;
}
