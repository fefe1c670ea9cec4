import { digest } from "@attest/core";
import type { AuthorityConfiguration } from "../authority-options.ts";
import { type Connection, type Evidence, EvidenceError, type Presented } from "../evidence/evidence.ts";
import type { Limits } from "../limits/limits.ts";
import { Problem } from "../problem.ts";
import type { RecordDraft } from "../record.ts";
import { checkRule } from "../rules/match-rule.ts";
import type { Rule } from "../rules/rule.ts";
import type { AuthorityRequest } from "./plain.ts";

/** A workload whose evidence is good and whom a rule admits. */
export interface Admitted {
  readonly rule: Rule;
  readonly evidence: Evidence;
}

/** What the caller learns, whichever of it is the case (O3). */
export const NOT_ADMITTED = "No rule of that name admits this evidence. The authority's log says why";

/** Decides who may ask for what: finds the rule by its name, verifies the evidence that it demands, and holds its checks. */
export class Admission {
  readonly #configuration: AuthorityConfiguration;
  readonly #limits: Limits;

  constructor(configuration: AuthorityConfiguration, limits: Limits) {
    this.#configuration = configuration;
    this.#limits = limits;
  }

  /**
   * Admits a request by the rule that it names, or refuses it. Good requests count against their workload.
   *
   * @param draft Learns what was found, for the record. @throws Problem.
   */
  async admit(name: string | undefined, presented: Presented, draft: RecordDraft): Promise<Admitted> {
    const admitted = await this.#decide(name, presented, draft);
    this.#limits.countRequest(JSON.stringify([admitted.rule.evidence, admitted.evidence.subject]));
    return admitted;
  }

  async #decide(name: string | undefined, presented: Presented, draft: RecordDraft): Promise<Admitted> {
    const { rules, evidence: verifiers } = this.#configuration;
    const rule = rules.find(name);
    if (!rule && name === undefined) {
      throw new Problem(
        "rule_required",
        "This authority has no default rule: send `rule`, the name of the one to ask by",
      );
    }
    if (!rule) throw new Problem("not_admitted", NOT_ADMITTED, { because: "There is no rule of that name" });
    const verifier = verifiers[rule.evidence];
    draft.rule = rule.name;
    draft.evidence = rule.evidence;
    if (!verifier)
      throw new Problem("not_admitted", NOT_ADMITTED, { because: "The rule's evidence is not configured" });
    draft.kind = verifier.kind;
    const evidence = await verifier.verify(presented).catch((error: unknown) => refuse(error));
    draft.subject = evidence.subject;
    draft.handle = evidence.handle;
    const failed = checkRule(rule, evidence).filter(({ holds }) => !holds);
    if (failed.length > 0) {
      const because = `The rule's checks do not hold: ${failed.map(({ check }) => check).join(", ")}`;
      throw new Problem("not_admitted", NOT_ADMITTED, { because });
    }
    return { rule, evidence };
  }

  /**
   * Uses evidence up, if it may be used once only (A3): it is, once it has got an attestation.
   *
   * @throws Problem `evidence_used`; AttestationError as the replay cache.
   */
  async useUp({ rule, evidence }: Admitted, now: number): Promise<void> {
    const { use, handle, subject } = evidence;
    if (!use) return;
    const first = await this.#configuration.replayCache.consume({
      // Whatever it is configured as: one token is one use.
      key: (await digest(JSON.stringify(["evidence", handle]))).slice(0, 22),
      now,
      issuedAt: use.issuedAt,
      expiresAt: use.expiresAt,
      notBefore: use.issuedAt,
      holder: JSON.stringify([rule.evidence, subject]),
      clockTolerance: use.clockTolerance,
      nodeSkew: 0,
    });
    if (first === true) return;
    throw new Problem("evidence_used", "This evidence was used before: ask the platform for a new token each time");
  }
}

function refuse(error: unknown): never {
  if (!(error instanceof EvidenceError)) throw error;
  const because = `${error.code}: ${error.message}`;
  if (error.code === "missing") throw new Problem("unauthenticated", "Evidence is required", { because });
  throw new Problem("not_admitted", NOT_ADMITTED, { because });
}

/** What a request presents. A class: an object with an accessor of its own takes several times longer to make. */
export class RequestPresented implements Presented {
  readonly credential?: string;
  readonly method: string;
  readonly body: Uint8Array;
  readonly connection: Connection;
  readonly now: number;
  readonly #request: AuthorityRequest;

  constructor(
    request: AuthorityRequest,
    {
      credential,
      body,
      connection,
      now,
    }: Pick<Presented, "body" | "connection" | "now"> & {
      readonly credential: string | undefined;
    },
  ) {
    if (credential !== undefined) this.credential = credential;
    this.method = request.method;
    this.body = body;
    this.connection = connection;
    this.now = now;
    this.#request = request;
  }

  /** Made when they are looked at: most evidence is the credential alone. */
  get headers(): Headers {
    return this.#request.headers;
  }
}
