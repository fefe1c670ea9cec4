import { encodeBase64url, KeyPair, possessionInput, type Signer } from "@attest/core";

/** What an authority answered. */
export interface AuthorityAnswer {
  readonly status: number;
  /** The code of its problem: the end of `type`, or OAuth's `error`. */
  readonly problem: string | undefined;
  /** Whether an attestation came back. */
  readonly issued: boolean;
}

/** How an authority is reached. */
export interface AuthorityWireOptions {
  /** The address that clients have configured: it ends with `/attestations`. */
  readonly url: string;
  /** Evidence that the authority admits. */
  readonly credential: () => string | Promise<string>;
  readonly rule?: string;
  readonly audience?: string;
  readonly fetch: typeof fetch;
}

/** What a request for an attestation is made of; each part can be another one than an honest client's. */
export interface Ask {
  readonly signer?: Signer;
  /** Who signs the challenge. Default: `signer`. */
  readonly prover?: Signer;
  readonly challenge?: string;
  /** What is signed. Default: the challenge and the address, as form 2. */
  readonly input?: (challenge: string) => Uint8Array;
  readonly credential?: string;
  /** Changes the body. */
  readonly body?: (body: Record<string, unknown>) => unknown;
}

const TIMEOUT_MS = 10_000;
/** More than any answer of an authority. */
const MAX_ANSWER = 64 * 1024;

/** The wire of an authority, as an agent speaks it. */
export class AuthorityWire {
  readonly #options: AuthorityWireOptions;

  constructor(options: AuthorityWireOptions) {
    this.#options = options;
  }

  get address(): string {
    return this.#options.url;
  }

  /** The rule and the audience as members of a form. */
  get form(): Record<string, string> {
    const { rule, audience } = this.#options;
    return { ...(rule !== undefined && { rule }), ...(audience !== undefined && { audience }) };
  }

  /** Evidence that would be admitted. */
  async credential(): Promise<string> {
    return this.#options.credential();
  }

  async challenge(more: object = {}): Promise<string> {
    const { rule } = this.#options;
    const text = JSON.stringify({ ...(rule !== undefined && { rule }), ...more });
    const { body } = await this.#send("/challenge", { body: text });
    return typeof body["challenge"] === "string" ? body["challenge"] : "";
  }

  /** Asks for an attestation: honestly, where nothing is said. */
  async ask(ask: Ask = {}): Promise<AuthorityAnswer> {
    const { rule, audience } = this.#options;
    const signer = ask.signer ?? (await KeyPair.generate());
    const challenge = ask.challenge ?? (await this.challenge());
    const input = ask.input?.(challenge) ?? possessionInput(challenge, this.address);
    const signature = encodeBase64url(await (ask.prover ?? signer).sign(input));
    const honest = {
      confirmation_key: signer.toJwk(),
      possession: { challenge, signature },
      ...(rule !== undefined && { rule }),
      ...(audience !== undefined && { audience }),
    };
    const body = ask.body ? ask.body(honest) : honest;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.send("", { body: text, ...(ask.credential !== undefined && { credential: ask.credential }) });
  }

  /** Posts, or asks by another method, below the address. */
  async send(
    path: string,
    request: { body?: string; credential?: string | undefined; method?: string; headers?: Record<string, string> },
  ): Promise<AuthorityAnswer> {
    const { status, body } = await this.#send(path, request);
    const { type, error, attestation, access_token: token } = body;
    const known = typeof type === "string" ? type.split(":").at(-1) : undefined;
    const problem = known ?? (typeof error === "string" ? error : undefined);
    return { status, problem, issued: typeof attestation === "string" || typeof token === "string" };
  }

  async #send(
    path: string,
    request: { body?: string; credential?: string | undefined; method?: string; headers?: Record<string, string> },
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const { method = "POST", body } = request;
    const credential = "credential" in request ? request.credential : await this.#options.credential();
    const answer = await this.#options.fetch(`${this.address}${path}`, {
      method,
      headers: {
        "Content-Type": "application/json",
        ...(credential !== undefined && { Authorization: `Bearer ${credential}` }),
        ...request.headers,
      },
      ...(method === "POST" && body !== undefined && { body }),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await answer.text()).slice(0, MAX_ANSWER);
    try {
      const value: unknown = JSON.parse(text);
      return {
        status: answer.status,
        body: typeof value === "object" && value ? (value as Record<string, unknown>) : {},
      };
    } catch {
      return { status: answer.status, body: {} };
    }
  }
}
