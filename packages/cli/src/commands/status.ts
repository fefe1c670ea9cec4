import { type AttestationEvent, type StatusListEvent, systemClock } from "@attest/core";
import type { Command } from "commander";
import { answerIsBad, UsageError } from "../exit.ts";
import { openKeySource } from "../input/key-source.ts";
import { examples, wholeNumber } from "../input/options.ts";
import { formatInstant, formatRelative } from "../terminal/duration.ts";
import { columns, paint } from "../terminal/paint.ts";
import { printable, printableJson } from "../terminal/printable.ts";

interface StatusOptions {
  readonly issuer: string;
  readonly jwks: string;
  readonly allowInsecureHttp?: boolean;
  readonly allowPrivateNetwork?: boolean;
  readonly json?: boolean;
}

/** What a status list says of an index. */
interface Found {
  readonly status: "valid" | "revoked" | "unknown";
  readonly problem?: string;
  readonly list?: { readonly issuedAt: number; readonly expiresAt: number; readonly size: number };
}

/** `attest status`: what a status list says of an index, as a server reads it. */
export function addStatus(program: Command): void {
  program
    .command("status")
    .summary("look up an index in a status list")
    .description(
      "Fetches a status list as a server does, checks who signed it, and says whether an index is revoked. Exits with 1 for what is revoked, and for what no server could tell.",
    )
    .argument("<uri>", "the list: `status.status_list.uri` of an attestation")
    .argument("<idx>", "the index: `status.status_list.idx`", wholeNumber(0, 2 ** 40))
    .requiredOption("--issuer <uri>", "the authority, which signs the list")
    .requiredOption("--jwks <file|url>", "its public keys: a key set or one key")
    .option("--allow-insecure-http", "fetch over http, where anyone on the network path can replace keys")
    .option("--allow-private-network", "fetch from this machine or a private network")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples(
        "attest status https://authority.example/status/1 48213 --issuer https://authority.example --jwks https://authority.example/.well-known/jwks.json",
      ),
    )
    .action(status);
}

async function status(uri: string, idx: number, options: StatusOptions): Promise<void> {
  const { issuer, jwks, allowInsecureHttp = false, allowPrivateNetwork = false, json = false } = options;
  if (/^http:/i.test(uri) && !allowInsecureHttp) {
    throw new UsageError(
      "URI: a list over http can be kept back by anyone on the network path: add --allow-insecure-http",
    );
  }
  const keyResolver = await openKeySource(jwks, "--jwks", issuer, { allowInsecureHttp, allowPrivateNetwork });
  const found = await lookUp({ uri, idx, issuer, keyResolver, allowInsecureHttp, allowPrivateNetwork });
  await keyResolver.close?.();
  console.log(json ? printableJson(found) : shown(found));
  if (found.status !== "valid") answerIsBad();
}

async function lookUp(asked: {
  uri: string;
  idx: number;
  issuer: string;
  keyResolver: Awaited<ReturnType<typeof openKeySource>>;
  allowInsecureHttp: boolean;
  allowPrivateNetwork: boolean;
}): Promise<Found> {
  const { HttpStatusSource, StatusError } = await import("@attest/status-list");
  const { uri, idx, issuer, ...how } = asked;
  let event: StatusListEvent | undefined;
  const source = new HttpStatusSource({
    lists: { [issuer]: uri },
    ...how,
    observer: {
      onEvent: (each: AttestationEvent) => {
        if (each.type === "status-list") event = each;
      },
    },
  });
  try {
    const status = await source.check(issuer, { uri, idx });
    return { status, ...(event?.served && { list: event.served }) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const problem = event?.problem === undefined ? error.message : `${error.message}: ${event.problem}`;
    return { status: "unknown", problem, ...(event?.served && { list: event.served }) };
  } finally {
    await source.close();
  }
}

function shown({ status, problem, list }: Found): string {
  const color = ({ valid: "green", revoked: "red", unknown: "yellow" } as const)[status];
  const now = systemClock();
  const rows: [string, string][] = [];
  if (problem !== undefined) rows.push(["why", printable(problem)]);
  if (list) {
    rows.push(["signed", `${formatRelative(list.issuedAt, now)} (${formatInstant(list.issuedAt)})`]);
    rows.push(["expires", `${formatRelative(list.expiresAt, now)} (${formatInstant(list.expiresAt)})`]);
    rows.push(["room for", `${list.size} keys`]);
  }
  const verdict = paint(["bold", color], status.toUpperCase());
  return rows.length === 0 ? verdict : `${verdict}\n\n${columns(rows)}`;
}
