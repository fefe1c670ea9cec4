import { decodeChain, importVerificationKey, type PublicJwk, TYP, type UnverifiedLink } from "@attest/core";
import { formatRelative } from "../terminal/duration.ts";
import { columns, paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { inspectToken } from "./inspect-token.ts";
import { malformed, type Remark, refused } from "./remark.ts";
import { showInspection } from "./show-inspection.ts";
import type { Inspection } from "./specimen.ts";

/** What a chain of delegations was seen to say, not verified in any part. */
export interface ChainInspection {
  readonly verified: false;
  readonly kind: "chain";
  readonly root: Inspection;
  readonly links: readonly LinkInspection[];
  /** What is wrong with the links; what is with the root is in `root`. */
  readonly findings: readonly Remark[];
}

/** One link. */
interface LinkInspection {
  readonly payload: UnverifiedLink["payload"];
  /** RFC 7638 thumbprint of the sub-agent's key, if that is one. */
  readonly keyThumbprint?: string;
}

/** Takes a chain apart. Never throws for anything in the text. */
export async function inspectChain(text: string, now: number): Promise<ChainInspection> {
  const root = await inspectToken(text.split("~")[0] ?? "", now);
  const findings: Remark[] = [];
  let links: readonly UnverifiedLink[] = [];
  try {
    links = decodeChain(text).links;
  } catch {
    findings.push(malformed("link", "A link, or the attestation before the first ~, is not a readable JWS"));
  }
  if (links.length > 4) findings.push(refused("links", `It has ${links.length} links; a chain has at most 4`));
  for (const [i, { header, problem, claims }] of links.entries()) {
    const link = `Link ${i + 1}`;
    if (header.typ !== TYP.delegation) findings.push(refused("link-typ", `${link} is no delegation, by its \`typ\``));
    if (problem !== undefined) findings.push(malformed("link-claims", `${link}: ${problem}`));
    if (claims && claims.exp <= now)
      findings.push(refused("link-expired", `${link} expired ${formatRelative(claims.exp, now)}`));
  }
  const told = await Promise.all(
    links.map(async ({ payload, claims }) => {
      const keyThumbprint = claims && (await thumbprintOf(claims.cnf.jwk));
      return { payload, ...(keyThumbprint !== undefined && { keyThumbprint }) };
    }),
  );
  return { verified: false, kind: "chain", root, links: told, findings };
}

async function thumbprintOf(jwk: PublicJwk): Promise<string | undefined> {
  return importVerificationKey(jwk).then(
    ({ thumbprint }) => thumbprint,
    () => undefined,
  );
}

/** A chain for people: the attested agent, and then who delegated what to whom. */
export function showChain({ root, links, findings }: ChainInspection): string {
  const shown = links.map(({ payload, keyThumbprint }, i) => {
    const { name, exp, depth, aud, allow } = payload;
    const row = (label: string, value: unknown): [string, string][] =>
      value === undefined ? [] : [[label, printable(typeof value === "string" ? value : JSON.stringify(value))]];
    return [
      paint("bold", `Link ${i + 1}: delegated to`),
      columns([
        ...row("called", name),
        ...row("key", keyThumbprint),
        ...row("audience", aud),
        ...row("may", allow ?? "whatever the one before it may"),
        ...row("links after it", depth),
        ...(typeof exp === "number" ? row("expires", formatRelative(exp, root.now)) : []),
      ]),
    ].join("\n");
  });
  const lines = findings.map(
    ({ level, message, id }) => `${paint("red", `✗ ${level}`)} ${printable(message)} ${paint("dim", `[${id}]`)}`,
  );
  return [showInspection(root), ...shown, ...(lines.length > 0 ? [lines.join("\n")] : [])].join("\n\n");
}
