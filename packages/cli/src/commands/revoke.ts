import { type AttestationClaims, decodeAttestation } from "@attest/core";
import type { Revocation } from "@attest/status-list";
import { type Command, Option } from "commander";
import { UsageError } from "../exit.ts";
import { examples, wholeNumber } from "../input/options.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { openPlace, type PlaceOptions } from "../status/revocation-place.ts";
import { printable, printableJson } from "../terminal/printable.ts";

interface RevokeOptions extends PlaceOptions {
  readonly workload?: string;
  readonly key?: string;
  readonly idx?: number;
  readonly attestation?: string;
  readonly reinstate?: boolean;
  readonly json?: boolean;
}

/** `attest revoke`: an agent is refused by every server that reads its authority's status list. */
export function addRevoke(program: Command): void {
  program
    .command("revoke")
    .summary("revoke attestations at the authority, so that every server refuses them")
    .description(
      "Revokes a workload with all of its keys, or one key: what was attested is refused by every server that reads the authority's status list, and nothing of it is attested any more. Resolves when that is stored; the authority, which may go on running, publishes it within a second.",
    )
    .option("--config <file>", "the authority's configuration: its storage is changed, and its audit log written")
    .option("--storage <directory>", "the status directory of an authority that has no configuration file")
    .option("--authority <url>", "the admin address of an authority that runs; needs --token-file")
    .option("--token-file <file>", "the token of that address: `admin.token` of its configuration")
    .option("--workload <name>", "the workload: <evidence>/<subject>, as in the authority's audit log")
    .option("--key <thumbprint>", "the key: its RFC 7638 SHA-256 thumbprint, as in the audit logs of servers")
    .addOption(new Option("--idx <number>", "the key with this index").argParser(wholeNumber(0, 2 ** 40)))
    .option("--attestation <file>", "the key with the index of this attestation; - for stdin")
    .option("--reinstate", "the opposite: attest the workload or key again; what was revoked stays so")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examples(
        "attest revoke --config authority.yaml --workload cluster/system:serviceaccount:finance:bot",
        "attest revoke --authority http://127.0.0.1:9470 --token-file admin-token --key NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
      ),
    )
    .action(revoke);
}

async function revoke(options: RevokeOptions): Promise<void> {
  const revocation = await readRevocation(options);
  const place = await openPlace(options);
  try {
    if (options.reinstate) {
      if ("idx" in revocation) throw new UsageError("--reinstate needs --workload or --key");
      await place.reinstate(revocation);
      console.log(options.json ? printableJson({ reinstated: revocation }) : "REINSTATED  it is attested again");
      return;
    }
    const revoked = await place.revoke(revocation);
    const { within } = place;
    console.log(
      options.json
        ? printableJson({ revoked, ...(within !== undefined && { within }) })
        : shown(revocation, revoked, within),
    );
  } finally {
    await place.close();
  }
}

function shown(revocation: Revocation, revoked: readonly number[], within: number | undefined): string {
  const [what, name] = Object.entries(revocation)[0] ?? ["", ""];
  const lines = [`REVOKED  ${what} ${printable(String(name))}`];
  lines.push(
    revoked.length === 0
      ? "  no attestation of it can be valid now; it is not attested any more. If you expected one, look at its spelling"
      : `  ${revoked.length === 1 ? "index" : `${revoked.length} indexes:`} ${revoked.slice(0, 20).join(", ")}${revoked.length > 20 ? ", …" : ""}`,
  );
  const limit = within === undefined ? "1 s and the list's ttl" : `${within} s`;
  lines.push(
    `  servers use no older list after ${limit}, plus each one's fetch deadline (5 s) and its own staleIfError (0 s)`,
  );
  return lines.join("\n");
}

async function readRevocation({ workload, key, idx, attestation }: RevokeOptions): Promise<Revocation> {
  const given = Object.entries({ workload, key, idx, attestation }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) throw new UsageError("Give one of --workload, --key, --idx and --attestation");
  if (workload !== undefined) return { workload };
  if (key !== undefined) return { key };
  if (idx !== undefined) return { idx };
  const text = await readCredentialFile(attestation as string, "--attestation");
  let claims: AttestationClaims | undefined;
  try {
    ({ claims } = decodeAttestation(text));
  } catch {
    throw new UsageError("--attestation: is not an attestation");
  }
  const status = claims?.status?.statusList;
  if (!status)
    throw new UsageError("--attestation: has no status: no list can revoke it, and it lives until it expires");
  return { idx: status.idx };
}
