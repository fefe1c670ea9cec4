// The agent's side of tickets, written from SPEC.md §§3, 4 and 19 alone, with node:crypto and nothing of this repository: whoever
// writes an agent in another language does the same.
import {
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest();
const base64url = (data: string | Uint8Array) => Buffer.from(data).toString("base64url");
const hash = (data: string | Uint8Array) => base64url(sha256(data));

/** Sends one request: its body, and the fields that prove it. */
type Wire = (body: string, fields: Record<string, string>) => Promise<Response>;

export class IndependentAgent {
  readonly #privateKey: KeyObject;
  /** The public key, for its authority. */
  readonly jwk: { kty: string; crv: string; x: string };
  readonly #audience: string;
  readonly #now: () => number;
  readonly #wire: Wire;
  attestation = "";
  #ticket: { text: string; key: Buffer; until: number } | undefined;
  /** How each request was proved. */
  readonly proved: string[] = [];

  constructor(audience: string, now: () => number, wire: Wire) {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    this.#privateKey = privateKey;
    const { x = "" } = publicKey.export({ format: "jwk" });
    this.jwk = { kty: "OKP", crv: "Ed25519", x };
    this.#audience = audience;
    this.#now = now;
    this.#wire = wire;
  }

  get #thumbprint(): string {
    return hash(JSON.stringify({ crv: this.jwk.crv, kty: this.jwk.kty, x: this.jwk.x }));
  }

  async call(message: object): Promise<Response> {
    const body = JSON.stringify(message);
    const now = this.#now();
    if (this.#ticket && now < this.#ticket.until) {
      this.proved.push("mac");
      const answer = await this.#send(body, this.#macProof(this.#ticket, body, now));
      if (answer.headers.get("Agent-Attestation-Error") !== "attestation_ticket_refused") return answer;
      this.#ticket = undefined;
    }
    this.proved.push("signature");
    const ask = generateKeyPairSync("x25519");
    const epk = ask.publicKey.export({ format: "jwk" }).x ?? "";
    const proof = this.#signedProof(body, now, epk);
    const answer = await this.#send(body, proof);
    this.#take(answer.headers.get("Agent-Attestation-Ticket"), { now, proof, epk, privateKey: ask.privateKey });
    return answer;
  }

  #send(body: string, proof: string): Promise<Response> {
    return this.#wire(body, { "Agent-Attestation": this.attestation, "Agent-Attestation-Proof": proof });
  }

  #signedProof(body: string, now: number, epk: string): string {
    const header = { typ: "agent-attestation-pop+jwt", alg: "Ed25519" };
    const claims = {
      aud: this.#audience,
      jti: base64url(randomBytes(16)),
      iat: now,
      att_hash: hash(this.attestation),
      htm: "POST",
      body_digest: hash(body),
      ticket_epk: epk,
    };
    const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
    return `${input}.${base64url(sign(null, Buffer.from(input), this.#privateKey))}`;
  }

  #macProof({ text, key }: { text: string; key: Buffer }, body: string, now: number): string {
    const jti = base64url(randomBytes(16));
    const digest = hash(body);
    const lines = ["io.github.attest/mac/1", hash(text), hash(this.attestation), this.#audience, now, jti];
    const input = [...lines, "http POST", digest, "-", "-"].join("\n");
    return `mac1~${text}~${now}~${jti}~${digest}~${createHmac("sha256", key).update(input).digest("base64url")}`;
  }

  #take(field: string | null, asked: { now: number; proof: string; epk: string; privateKey: KeyObject }): void {
    const member = (name: string) => new RegExp(`(?:^|, *)${name}=(?:"([^"]*)"|([0-9]+))`).exec(field ?? "");
    const [text, epk, lifetime] = [member("ticket")?.[1], member("epk")?.[1], member("expires_in")?.[2]];
    if (!text || !epk || !lifetime) return;
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x: epk }, format: "jwk" });
    const shared = diffieHellman({ privateKey: asked.privateKey, publicKey });
    const info = ["io.github.attest/ticket-key/1", this.#audience, this.#thumbprint, asked.epk, epk].join("\n");
    const key = Buffer.from(hkdfSync("sha256", shared, sha256(asked.proof), info, 32));
    this.#ticket = { text, key, until: asked.now + Number(lifetime) - 10 };
  }
}
