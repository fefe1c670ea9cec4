import { AttestationError, type AttestationProvider, type Clock } from "@attest/core";
import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { readAsk } from "./ask.ts";
import { createAuthenticator } from "./authenticate.ts";
import { CHALLENGE_LIFETIME, Challenges } from "./challenges.ts";
import { Limits } from "./limits.ts";
import { checkPossession } from "./possession.ts";
import { Problem } from "./problem.ts";
import { registeredAudience, registeredIdentity } from "./registration.ts";
import type { AuthoritySettings, Workload } from "./settings.ts";

/** Greatest request body, in bytes. */
const MAX_BODY = 16 * 1024;

/** The parts that the application is put together from. */
export interface AuthorityParts {
  readonly settings: AuthoritySettings;
  readonly provider: AttestationProvider;
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
  const { settings, provider, clock } = parts;
  const authenticate = createAuthenticator(settings);
  const challenges = new Challenges(clock);
  const limits = new Limits(settings.requestsPerMinute);
  const app = new Hono();

  const workloadOf = async (c: Context): Promise<Workload> => {
    const address = addressOf(c, settings.addressHeader);
    await limits.assertWelcome(address);
    let workload: Workload;
    try {
      workload = await authenticate(c.req.header("Authorization"));
    } catch (error) {
      if (error instanceof Problem && error.code === "unauthenticated") await limits.countFailure(address);
      throw error;
    }
    await limits.countRequest(workload.id);
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
    return c.json({ challenge: challenges.create(id), expires_in: CHALLENGE_LIFETIME });
  });

  app.post("/attestations", async (c) => {
    const workload = await workloadOf(c);
    const ask = readAsk(new Uint8Array(await c.req.arrayBuffer()));
    const identity = registeredIdentity(workload, ask.identity);
    const audience = registeredAudience(workload, ask.audience);
    const { challenge, signature } = ask.possession;
    // Used up before the signature is looked at: one guess each.
    if (!challenges.use(workload.id, challenge)) {
      throw new Problem("challenge_unknown", "The challenge is not open: ask for a new one");
    }
    const confirmationKey = await checkPossession(ask.confirmation_key, challenge, signature);
    const { subject, trustDomain, metadata } = workload;
    const { attestationType, safetyLevel, capabilitiesDeclared } = metadata;
    const attestation = await provider.createToken({
      identity,
      confirmationKey,
      metadata: {
        ...(attestationType && { attestationType }),
        ...(safetyLevel && { safetyLevel }),
        ...(capabilitiesDeclared && { capabilitiesDeclared }),
      },
      ...(audience !== undefined && { audience }),
      ...(subject !== undefined && { subject }),
      ...(trustDomain !== undefined && { trustDomain }),
    });
    return c.json({ attestation, expires_at: expiryOf(attestation) }, 201);
  });

  app.get("/.well-known/jwks.json", (c) => parts.publishKeys(c.req.raw));
  app.get("/metrics", (c) => parts.publishMetrics(c.req.raw));
  app.get("/health", (c) => c.json({ status: "ok", issuer: settings.issuer }));

  app.notFound((c) => c.json({ error: "invalid_request", message: "There is nothing here" }, 404));
  app.onError((error, c) => {
    const problem = problemOf(error);
    if (!problem) {
      parts.report(error);
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
  if (error instanceof AttestationError && error.code === "ERR_OPTION") {
    return new Problem("invalid_request", `No attestation can be made of this: ${error.message}`);
  }
  return undefined;
}

function addressOf(c: Context, header: string | undefined): string {
  const told = header === undefined ? undefined : c.req.header(header)?.split(",").at(-1)?.trim();
  if (told) return told.slice(0, 64);
  try {
    return getConnInfo(c).remote.address ?? "unknown";
  } catch {
    // Not behind a socket, as in tests that call the application itself.
    return "unknown";
  }
}

function expiryOf(attestation: string): number {
  const [, payload = ""] = attestation.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()).exp;
}
