// The authority as a service of its own. Usage: AUTHORITY_CONFIG=authority.json node main.js
// The first line on stdout is its address. Issuances and rotations are lines of JSON on stderr. SIGHUP rotates the keys, and
// says in one such line which key signs and from when on.
import type { AttestationEvent } from "@attest/core";
import { readSettings } from "./settings.ts";
import { startAuthority } from "./start-authority.ts";

const log = (line: object): void => {
  process.stderr.write(`${JSON.stringify({ source: "authority", ...line })}\n`);
};
const observer = { onEvent: (event: AttestationEvent) => log({ event }) };

try {
  const authority = await startAuthority(await readSettings(process.env), { observer });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      authority.close().finally(() => process.exit(0));
    });
  }
  process.on("SIGHUP", () => {
    authority.rotate().then(
      ({ kid, signsFrom }) => log({ rotation: { kid, signsFrom: new Date(signsFrom * 1000).toISOString() } }),
      (error) => log({ rotation: { failed: error.message } }),
    );
  });
  console.log(authority.url.href);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
