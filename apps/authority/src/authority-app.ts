import { AttestationError, type AttestationProvider, type Clock } from "@attest/core";
import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { readAsk } from "./ask.ts";
import { createAuthenticator } from "./authenticate.ts";
import { CHALLENGE_LIFETIME, type Challenges } from "./challenges.ts";
import { Limits } from "./limits.ts";
import { checkPossession } from "./possession.ts";
import { Problem } from "./problem.ts";
import { registeredAudience, registeredIdentity, requestFor } from "./registration.ts";
import type { AuthoritySettings, Workload } from "./settings.ts";

/** Greatest request body, in bytes. */
const MAX_BODY = 16 * 1024;

/** The parts that the application is put together from. */
export interface AuthorityParts {
  readonly settings: AuthoritySettings;
  readonly provider: AttestationProvider;
  readonly challenges: Challenges;
  /** The addresses of `/attestations` that clients have configured. Asked late: a free port is known once it is listened on. */
  readonly addresses: () => readonly string[];
  /** Answers `GET /.well-known/jwks.json`. */
  readonly publishKeys: (request: Request) => Response | Promise<Response>;
  /** Answers `GET /metrics`. */
  readonly publishMetrics: (request: Request) => Response | Promise<Response>;
  readonly clock: Clock;
  /** Told of failures that are the authority's own. */
  readonly report: (error: unknown) => void;
}

/** The authority as a web-standard application. */
export function createAuthorityApp(parts: AuthorityParts): Hono {
  const { settings, provider, challenges, clock } = parts;
  const { requestsPerMinute, workloads } = settings;
  const authenticate = createAuthenticator(settings, clock);
  const limits = new Limits({ requestsPerMinute, workloads: workloads.length, clock });
  const app = new Hono();

  const workloadOf = async (c: Context): Promise<Workload> => {
    let workload: Workload;
    try {
      workload = await authenticate(c.req.header("Authorization"));
    } catch (error) {
      if (error instanceof Problem && error.code === "unauthenticated") {
        limits.countFailure(addressOf(c, settings.addressHeader));
      }
      throw error;
    }
    limits.countRequest(workload.id);
    return workload;
  };

  app.use(async (c, next) => {
    await next();
    c.header("X-Content-Type-Options", "nosniff");
    if (c.req.path.startsWith("/attestations")) c.header("Cache-Control", "no-store");
  });
  app.use(
    "/attestations/*",
    bodyLimit({
      maxSize: MAX_BODY,
      onError: () => {
        throw new Problem("too_large", `The body is larger than ${MAX_BODY} bytes`);
      },
    }),
  );

  app.post("/attestations/challenge", async (c) => {
    const { id } = await workloadOf(c);
    return c.json({ challenge: challenges.create(id), possession: 2, expires_in: CHALLENGE_LIFETIME });
  });

  app.post("/attestations", async (c) => {
    const workload = await workloadOf(c);
    const ask = readAsk(new Uint8Array(await c.req.arrayBuffer()));
    const identity = registeredIdentity(workload, ask.identity);
    const audience = registeredAudience(workload, ask.audience);
    const { challenge, signature } = ask.possession;
    // Used up before the signature is looked at: one guess each.
    if (!(await challenges.use(workload.id, challenge))) {
      throw new Problem("challenge_unknown", "The challenge is not open: ask for a new one");
    }
    const proof = { challenge, signature, addresses: parts.addresses(), acceptForm1: settings.acceptPossession1 };
    const confirmationKey = await checkPossession(ask.confirmation_key, proof);
    const attestation = await provider.createToken(requestFor(workload, { identity, audience, confirmationKey }));
    return c.json({ attestation, expires_at: expiryOf(attestation) }, 201);
  });

  app.get("/.well-known/jwks.json", (c) => parts.publishKeys(c.req.raw));
  app.get("/metrics", (c) => parts.publishMetrics(c.req.raw));
  app.get("/health", (c) => c.json({ status: "ok", issuer: settings.issuer }));

  app.notFound((c) => c.json({ error: "invalid_request", message: "There is nothing here" }, 404));
  app.onError((error, c) => {
    const problem = problemOf(error);
    if (!(error instanceof Problem) && problem?.code !== "invalid_request") parts.report(error);
    if (!problem) {
      return c.json({ error: "unavailable", message: "The authority failed" }, 500);
    }
    const { code, message, status, retryAfter } = problem;
    if (status === 401) c.header("WWW-Authenticate", "Bearer");
    if (retryAfter !== undefined) c.header("Retry-After", String(retryAfter));
    return c.json({ error: code, message }, status);
  });
  return app;
}

/** What the provider refuses about a request is the caller's to mend; everything else that fails is the authority's. */
function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (!(error instanceof AttestationError)) return undefined;
  if (error.code === "ERR_OPTION") {
    return new Problem("invalid_request", `No attestation can be made of this: ${error.message}`);
  }
  if (error.retryable) return new Problem("unavailable", "The authority is temporarily unavailable", 5);
  return undefined;
}

/** The client's address, by the proxy in front if there is one. */
function addressOf(c: Context, header: string | undefined): string | undefined {
  const forwarded = header === undefined ? undefined : c.req.header(header)?.split(",").at(-1)?.trim();
  return forwarded || getConnInfo(c).remote.address;
}

function expiryOf(attestation: string): number {
  const [, payload = ""] = attestation.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()).exp;
}
