import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { basename } from "node:path";
import { AttestationError } from "@attest/core";

// Absent on Windows, where `lstat` alone tells a link.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/**
 * Refuses a directory that is a link, that another user owns or to which others can write: they could put keys of their own
 * into it. Where the platform has no users of this kind (Windows), links alone are refused.
 *
 * @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE`, whose message says what to do; and what the system says.
 */
export async function assertOwnDirectory(path: string): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) throw untrusted("The key directory is a symbolic link: name the directory itself");
  assertOwner(found, "The key directory");
  if (hasMode(found, 0o022)) {
    throw untrusted(
      "Others can write to the key directory: take that from them (chmod go-w) and look at what it holds",
    );
  }
}

/**
 * Opens a file of keys, unless it is a link or anything else than a file, another user owns it or others can read or write it.
 * What is checked is what was opened.
 *
 * @throws As `assertOwnDirectory`.
 */
export async function openOwnFile(path: string, access: "read" | "write"): Promise<FileHandle> {
  const name = basename(path);
  if ((await lstat(path)).isSymbolicLink()) throw untrusted(`${name} is a symbolic link: remove it`);
  // A link that takes the file's place in between is not followed, and a pipe is not waited for.
  const file = await open(
    path,
    (access === "read" ? constants.O_RDONLY : constants.O_WRONLY) | O_NOFOLLOW | O_NONBLOCK,
  );
  try {
    const found = await file.stat();
    if (!found.isFile()) throw untrusted(`${name} is not a file: remove it`);
    assertOwner(found, name);
    if (hasMode(found, 0o077)) {
      const advice =
        "take that from them (chmod 600), and if they may have read it, its keys are disclosed: remove both";
      throw untrusted(`Others can read or write ${name}: ${advice}`);
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
    throw untrusted(`${what} belongs to another user than this process's: make that its owner (chown)`);
  }
}

/** Modes say nothing where there are no users of this kind. */
function hasMode({ mode }: Stats, bits: number): boolean {
  return process.geteuid !== undefined && (mode & bits) !== 0;
}

function untrusted(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", problem);
}
