import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type Finding, type GateSessions, GuardSession, HttpSessions } from "@attest/mcp-server/gate";

const FORM = /^([\x21-\x7e]+)\.([\w-]{11})\.([\w-]{43})$/;
const MAX_LENGTH = 2048;

/**
 * Session ids that carry their owner: `<the upstream's>.<key id>.<MAC over it, the server and the owner>`. Every replica with the same secrets
 * knows whose session it is, without having seen it opened. A session that was opened with a bearer attestation shows its owner
 * once, so its id stays the upstream's, and only the process that saw it knows it.
 */
export class SessionIds implements GateSessions {
  readonly #keys: readonly { readonly id: string; readonly secret: Buffer }[];
  readonly #audience: string;
  /** Sessions whose id does not say whose they are. */
  readonly #seen: HttpSessions;
  /** Sessions whose id does, while messages of theirs are verified: of them nothing has to be kept. */
  readonly #opened = new HttpSessions(1024);

  /**
   * @param secrets The first seals, all open. @param capacity Sessions that are kept in memory.
   * @param audience What agents call the server: gateways with the same secrets may be before servers that give the same ids.
   */
  constructor(secrets: readonly Uint8Array[] | undefined, capacity: number, audience: string) {
    this.#audience = audience;
    this.#keys = (secrets ?? [randomBytes(32)]).map((each) => {
      const secret = createHmac("sha256", each).update("io.github.attest/session-key/1").digest();
      return { id: mac(secret, "io.github.attest/session-key-id/1").slice(0, 11), secret };
    });
    this.#seen = new HttpSessions(capacity);
  }

  /** The id that the agent is given for an upstream's. */
  give(upstreamId: string, owner: Finding): string {
    const [key] = this.#keys;
    if (!key || (owner.verified && owner.proof === "none")) return upstreamId;
    return `${upstreamId}.${key.id}.${mac(key.secret, this.#textOf(upstreamId, owner))}`;
  }

  /** The upstream's id in one that an agent was given. */
  upstreamIdOf(id: string): string {
    return this.#sealed(id)?.upstreamId ?? id;
  }

  use(id: string): GuardSession | undefined {
    return this.#seen.use(id) ?? this.#opened.use(id) ?? this.#open(id);
  }

  add(id: string, session: GuardSession): void {
    if (!this.#sealed(id)) this.#seen.add(id, session);
  }

  delete(id: string, session: GuardSession): void {
    this.#seen.delete(id, session);
  }

  #open(id: string): GuardSession | undefined {
    const sealed = this.#sealed(id);
    if (!sealed) return undefined;
    const { upstreamId, secret, tag } = sealed;
    const session = GuardSession.openedElsewhere((finding) => {
      const expected = Buffer.from(mac(secret, this.#textOf(upstreamId, finding)));
      return timingSafeEqual(expected, Buffer.from(tag));
    });
    this.#opened.add(id, session);
    return session;
  }

  #sealed(id: string) {
    if (id.length > MAX_LENGTH) return undefined;
    const [, upstreamId = "", keyId, tag = ""] = FORM.exec(id) ?? [];
    const key = this.#keys.find((each) => each.id === keyId);
    return key && { upstreamId, secret: key.secret, tag };
  }

  /** Server, session and owner, each part with its length, so that no two of them are written alike. */
  #textOf(upstreamId: string, owner: Finding): string {
    const { issuer, subject, keyThumbprint = "" } = owner.verified ? owner : { issuer: "", subject: "" };
    return JSON.stringify([this.#audience, upstreamId, owner.verified, issuer, subject, keyThumbprint]);
  }
}

function mac(secret: Buffer, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}
