import { serveStatic } from "@hono/node-server/serve-static";
import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE } from "hono/streaming";
import type { AttackOutcome, DemoProfile, SampleKind, TrustMaterial } from "../shared/feed.ts";
import type { EventLog } from "./event-log.ts";

/** What the console can make the demo do. */
export interface DemoControls {
  /** Launches an attack on the live server; `undefined` if there is none of that name. */
  attack(id: string): Promise<AttackOutcome | undefined>;
  /** Rotates the authority's keys. */
  rotate(): Promise<void>;
  /** Revokes an agent, or lets it back in; `false` if no agent of that name can be revoked. */
  revoke(name: string): Promise<boolean>;
  reinstate(name: string): Promise<boolean>;
  /** An attestation, or a chain, as agents of the demo hold them, for the token inspector. */
  sample(kind: SampleKind): Promise<string>;
  /** What it takes to verify an attestation. */
  trust(): Promise<TrustMaterial>;
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);
/** Pages that may watch at the same time. */
const MAX_WATCHERS = 32;
/** Entries that may wait for a page that reads slowly; past that it is disconnected and comes back for the rest. */
const MAX_BACKLOG = 1000;

/**
 * The console: its page, a live stream of what happens, and a few buttons.
 *
 * It serves its own machine only: a request by another host name is refused, so that a page elsewhere cannot reach it by
 * DNS rebinding, and what changes something must come from its own page.
 */
export function createConsoleApp(options: {
  log: EventLog;
  profile: DemoProfile;
  controls: DemoControls;
  /** Folder of the built page. */
  pages: string;
}): Hono {
  const { log, profile, controls, pages } = options;
  const app = new Hono();
  let watchers = 0;

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
      },
      xFrameOptions: "DENY",
      strictTransportSecurity: false,
    }),
  );
  app.use(async (c, next) => {
    const { hostname } = new URL(c.req.url);
    if (!LOOPBACK.has(hostname)) return c.text("This console answers to its own machine only.", 403);
    if (c.req.method !== "GET" && !isOwnPage(c)) return c.text("Only the console's own page may do that.", 403);
    return next();
  });

  app.get("/api/profile", (c) => c.json(profile));
  app.get("/api/trust", async (c) => c.json(await controls.trust()));
  for (const kind of ["attestation", "chain"] as const) {
    app.get(`/api/samples/${kind}`, async (c) => c.json({ token: await controls.sample(kind) }));
  }
  app.post("/api/attacks/:id", async (c) => {
    const outcome = await controls.attack(c.req.param("id"));
    return outcome ? c.json(outcome) : c.json({ error: "There is no such attack" }, 404);
  });
  app.post("/api/rotate", async (c) => {
    await controls.rotate();
    return c.body(null, 204);
  });
  for (const action of ["revoke", "reinstate"] as const) {
    app.post(`/api/agents/:name/${action}`, async (c) => {
      const known = await controls[action](c.req.param("name"));
      return known ? c.body(null, 204) : c.json({ error: "There is no such agent to revoke" }, 404);
    });
  }

  app.get("/api/events", (c) => {
    if (watchers >= MAX_WATCHERS) return c.text("Too many pages are watching.", 503);
    const last = Number(c.req.header("Last-Event-ID") ?? 0);
    return streamSSE(c, async (stream) => {
      watchers++;
      const backlog = [...log.after(Number.isSafeInteger(last) ? last : 0)];
      let wake: () => void = () => {};
      const unwatch = log.watch((entry) => {
        if (backlog.length >= MAX_BACKLOG) stream.abort();
        else backlog.push(entry);
        wake();
      });
      stream.onAbort(() => wake());
      try {
        while (!stream.aborted && !stream.closed) {
          const entries = backlog.splice(0);
          const id = entries.at(-1)?.id;
          if (id !== undefined) await stream.writeSSE({ id: String(id), data: JSON.stringify(entries) });
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        unwatch();
        watchers--;
      }
    });
  });

  app.use("/assets/*", async (c, next) => {
    await next();
    // Built assets carry a hash of their content in their names.
    c.header("Cache-Control", "public, max-age=31536000, immutable");
  });
  app.use(serveStatic({ root: pages }));
  return app;
}

/** Browsers say where a request comes from, and let no page lie about it. */
function isOwnPage(c: Context): boolean {
  return c.req.header("Origin") === new URL(c.req.url).origin;
}
