import type { Link } from "../checks/link.ts";
import type { Delegation } from "../checks/statement.ts";
import { MAX_LINKS } from "../claims/attestation-kinds.ts";

/** Links held at most of which no proof has been accepted yet. */
const UNPROVED_CAPACITY = 256;

/**
 * Links whose signature held, each by its own hash: a link names its parent's hash, so it can follow nothing else. As with
 * attestations, they are kept only when a use of their chain was accepted, and held in a small memory until then (R5).
 *
 * Anyone who has one attested key can make any number of links. What hangs on one root key fills at most a tenth of the memory
 * (SPEC-21.12).
 */
export class CachedLinks {
  readonly #capacity: number;
  readonly #share: number;
  readonly #proved = new Map<string, { readonly link: Link; readonly owner: string }>();
  readonly #byOwner = new Map<string, Set<string>>();
  readonly #unproved = new Map<string, Link>();

  /** @param capacity Links kept at most whose use was accepted. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#share = Math.max(MAX_LINKS, Math.floor(capacity / 10));
  }

  get(hash: string): Link | undefined {
    return this.#proved.get(hash)?.link ?? this.#unproved.get(hash);
  }

  /** Holds a link whose signature has held, while the checks of its use go on. */
  hold(link: Link): void {
    this.#unproved.set(link.hash, link);
    const [oldest] = this.#unproved.size > UNPROVED_CAPACITY ? this.#unproved.keys() : [];
    if (oldest !== undefined) this.#unproved.delete(oldest);
  }

  /** Keeps the links of a chain of which a use was accepted. */
  keep({ root, links }: Delegation): void {
    const owner = `${root.issuer.issuer} ${root.holderKey?.thumbprint}`;
    for (const link of links) {
      if (this.#proved.has(link.hash)) continue;
      this.#unproved.delete(link.hash);
      this.#add(link, owner);
    }
  }

  #add(link: Link, owner: string): void {
    const owned = this.#byOwner.get(owner) ?? new Set();
    this.#byOwner.set(owner, owned.add(link.hash));
    this.#proved.set(link.hash, { link, owner });
    const [oldest] = owned.size > this.#share ? owned : this.#proved.size > this.#capacity ? this.#proved.keys() : [];
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(hash: string): void {
    const { owner = "" } = this.#proved.get(hash) ?? {};
    this.#proved.delete(hash);
    const owned = this.#byOwner.get(owner);
    owned?.delete(hash);
    if (owned?.size === 0) this.#byOwner.delete(owner);
  }
}
