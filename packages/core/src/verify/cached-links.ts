import type { Link } from "../checks/link.ts";
import type { Statement } from "../checks/statement.ts";
import { MAX_LINKS } from "../claims/attestation-kinds.ts";

interface Proved {
  readonly link: Link;
  readonly owner: string;
  /** The SHA-256 of the one chain that ends in it, where that was accepted. */
  chain?: string;
}

/** Links held at most of which no proof has been accepted yet. */
const UNPROVED_CAPACITY = 256;

/**
 * Links whose signature held, each by its own hash: a link names its parent's hash, so it can follow nothing else. As with
 * attestations, they are kept only when a use of their chain was accepted, and held in a small memory until then (R5). The last of
 * a chain keeps what the chain came to.
 *
 * Anyone who has one attested key can make any number of links. What hangs on one root key fills at most a tenth of the memory
 * (SPEC-21.12).
 */
export class CachedLinks {
  readonly #capacity: number;
  readonly #share: number;
  readonly #proved = new Map<string, Proved>();
  readonly #chains = new Map<string, Statement>();
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

  /** What a whole chain came to, by its SHA-256. */
  chain(hash: string): Statement | undefined {
    return this.#chains.get(hash);
  }

  /** Keeps the links of a chain of which a use was accepted, and what it came to. @param hash Of the whole chain. */
  keep(statement: Statement, hash: string): void {
    const { delegation } = statement;
    if (!delegation || this.#chains.get(hash) === statement) return;
    const { root, links } = delegation;
    const owner = `${root.issuer.issuer} ${root.holderKey?.thumbprint}`;
    for (const link of links) {
      if (this.#proved.has(link.hash)) continue;
      this.#unproved.delete(link.hash);
      this.#add(link, owner);
    }
    const last = this.#proved.get(links.at(-1)?.hash ?? "");
    if (!last) return;
    last.chain = hash;
    this.#chains.set(hash, statement);
  }

  #add(link: Link, owner: string): void {
    const owned = this.#byOwner.get(owner) ?? new Set();
    this.#byOwner.set(owner, owned.add(link.hash));
    this.#proved.set(link.hash, { link, owner });
    const [oldest] = owned.size > this.#share ? owned : this.#proved.size > this.#capacity ? this.#proved.keys() : [];
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(hash: string): void {
    const { owner = "", chain = "" } = this.#proved.get(hash) ?? {};
    this.#chains.delete(chain);
    this.#proved.delete(hash);
    const owned = this.#byOwner.get(owner);
    owned?.delete(hash);
    if (owned?.size === 0) this.#byOwner.delete(owner);
  }
}
