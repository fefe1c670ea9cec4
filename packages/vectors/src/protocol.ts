/**
 * What a driver is asked, one JSON object a line on its standard input. It answers each with one line on its standard output,
 * a JSON object with the same `id`, in any order.
 */
export type Question =
  /** Make a new verifier with an empty replay store, in the place of the one before. The answer needs no member but `id`. */
  | { readonly ask: "verifier"; readonly verifier: unknown }
  /** What the verifier says of a presentation. Answer `outcome`, and what else the vectors' README says of it. */
  | ({ readonly ask: "verify" } & Presentation)
  /** What the last of these JWKs comes to in one issuer's set. Answer `outcome`, and `thumbprint` or `code`. */
  | { readonly ask: "key"; readonly keys: readonly unknown[] }
  /** The digest of a message. Answer `digest`, `null` where it has none. */
  | { readonly ask: "digest"; readonly request: unknown }
  /**
   * A tool's definition. Answer its `digest`, `null` where it has none; or, with a `call` of the tool by an agent that was verified
   * (`proof`, and `toolDigest` if its proof names one), at a server that demands this definition, `outcome` and `reason`.
   */
  | { readonly ask: "definition"; readonly definition: unknown; readonly call?: unknown }
  /** A message as it arrives. Answer the `digest` of what is passed on, `null` where there is none; or `refused: true`. */
  | { readonly ask: "message"; readonly text: string }
  /** What an agent signs for its authority. Answer `text`. */
  | {
      readonly ask: "possession";
      readonly form: 1 | 2;
      readonly challenge: string;
      readonly authority?: string;
    }
  /** How an `Authorization` field is read. Answer `outcome`, and `credential` and `ath` where there is one. */
  | { readonly ask: "authorization"; readonly field: string | null }
  /**
   * What a ticket is made of, by `kind`, from what the vectors' README names as given. Answer `shared` and `key` for a `key`,
   * `key: null` for a `refused-key`, `ticket` for `sealed`, `text` for `lines`, `grant` for a `field`.
   */
  | { readonly ask: "ticket"; readonly kind: unknown; readonly [given: string]: unknown }
  /** What a gateway's assertion says to a server behind it. Answer `outcome`, and `sub`, `issuer`, `trust_level` of an agent. */
  | {
      readonly ask: "assertion";
      readonly upstream: unknown;
      readonly time: number;
      readonly field: string | null;
      readonly request: unknown;
    }
  /** Make a new guard with an empty replay store, in the place of the one before. The answer needs no member but `id`. */
  | { readonly ask: "guard"; readonly verifier: unknown }
  /**
   * What the guard does with an HTTP request, and with what the server behind it answers. Answer `handled`, the `message` that the
   * server got, and the `status`, `fields` (names in lower case) and JSON `body` that the client gets.
   */
  | { readonly ask: "http"; readonly [given: string]: unknown }
  /** What it does with a message on another transport. Answer `passedOn` to the other side, and the `reply`, `null` where none is. */
  | { readonly ask: "wire"; readonly [given: string]: unknown }
  /** Make a new agent that holds this private key, and whose authority answers with this attestation. Only the `id` is answered. */
  | { readonly ask: "agent"; readonly [given: string]: unknown }
  /** What the agent sends of a request of the host's, if the server answers so each time; and the `got`, the JSON body that the host gets. */
  | { readonly ask: "send"; readonly [given: string]: unknown }
  /** The same of a message on another transport: the messages that are `sent`, and the answer that the host `got`. */
  | { readonly ask: "tell"; readonly [given: string]: unknown };

/** What is put to a verifier: a presentation of a vector, without what is expected. */
export interface Presentation {
  /** The verifier's time, Unix seconds; `null` for a clock that returns none. */
  readonly time: number | null;
  /** What is presented as the attestation, of any type. Absent: nothing is presented. */
  readonly attestation?: unknown;
  /** What is presented as its proof, of any type. Absent: no proof is. */
  readonly proof?: unknown;
  /** The message or HTTP request that it is presented with. */
  readonly request?: unknown;
  /** The `Mcp-Session-Id` that the request names. Absent: none. */
  readonly sessionId?: string;
  /** The credential of the request's `Authorization` field. Absent: none. */
  readonly accessToken?: string;
  /** Whether the message came over HTTP. Default false. */
  readonly overHttp?: boolean;
}

/** What a driver answered. `unsupported: true` says that it does not do what it was asked, and is told apart from a fault. */
export interface Answer {
  /** `true`: the implementation does not do what it was asked, so that this vector counts for nothing. */
  readonly unsupported?: boolean;
  readonly [member: string]: unknown;
}

/** Puts a question to an implementation. */
export type Ask = (question: Question) => Promise<Answer>;
