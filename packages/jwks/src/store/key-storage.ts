/**
 * Where a `RotatingKeyStore` keeps its one text: a directory, a row, a secret manager. The text holds private keys;
 * storage that is not readable by the authority alone must encrypt it.
 */
export interface KeyStorage {
  /** The text stored last, whole; `undefined` if there is none yet. Whatever it throws counts as unavailable. */
  read(): Promise<string | undefined>;
  /**
   * Stores `next` if what is stored still is `previous`, as one atomic step even among several processes. A crash leaves
   * one text or the other.
   *
   * @returns False if it was not: somebody else was first.
   */
  replace(previous: string | undefined, next: string): Promise<boolean>;
}
