import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type AttestationProvider, type Clock, type Observer, type Signer, systemClock } from "@attest/core";
import { type ServerType, serve } from "@hono/node-server";
import { createAuthorityApp } from "./authority-app.ts";
import type { AuthoritySettings } from "./settings.ts";

/** Requests under way have this many milliseconds to end when the authority does. */
const CLOSE_DEADLINE_MS = 5000;

/** A running authority. */
export interface Authority {
  readonly url: URL;
  readonly issuer: string;
  /** What it signs with; for those who run it in their own process. */
  readonly provider: AttestationProvider;
  /** Replaces its signing key, without an honest refusal. */
  rotate(): Promise<void>;
  /** Takes no more requests, lets those under way end, and releases everything. */
  close(): Promise<void>;
}
