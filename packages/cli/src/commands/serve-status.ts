import type { Command } from "commander";
import { UsageError } from "../exit.ts";
import { examples, wholeNumber } from "../input/options.ts";
import { readPrivateKey } from "../input/read-keys.ts";
import { serveOnLoopback } from "../serve-on-loopback.ts";

interface ServeStatusOptions {
  readonly storage: string;
  readonly uri: string;
  readonly issuer: string;
  readonly key: string;
  readonly ttl?: number;
  readonly port: number;
}

/** `attest serve-status`: the status list of an authority's storage, for trying things out on this machine. */
export function addServeStatus(program: Command): void {
  program
    .command("serve-status")
    .summary("serve the status list of a directory on this machine")
    .description(
      "Signs and serves the status list that a directory holds, at the path of its URI on 127.0.0.1 until it is stopped, for tests or behind a server of your own. `attest authority` serves its list itself. What `attest revoke --storage` changes is served within a second.",
    )
    .requiredOption("--storage <directory>", "the status directory; made if it is not there")
    .requiredOption("--uri <uri>", "where verifiers fetch the list: its `sub`, as attestations name it")
    .requiredOption("--issuer <uri>", "the authority: its `iss`")
    .requiredOption("--key <file>", "the authority's private key (JWK)")
    .option("--ttl <seconds>", "how long verifiers use the list without asking (default: 60)", wholeNumber(1, 43_200))
    .option("--port <number>", "the port (default: a free one, which is printed)", wholeNumber(0, 65_535), 0)
    .addHelpText(
      "after",
      examples(
        "attest serve-status --storage state --uri https://authority.example/status/1 --issuer https://authority.example --key authority.json",
      ),
    )
    .action(serveStatus);
}

async function serveStatus({ storage: directory, uri, issuer, key, ttl, port }: ServeStatusOptions): Promise<void> {
  if (!URL.canParse(uri)) throw new UsageError("--uri: must be an absolute URI");
  const signer = await readPrivateKey(key, "--key");
  const [{ StatusListPublisher }, { createNodeStatusListHandler, FileStatusStorage }] = await Promise.all([
    import("@attest/status-list"),
    import("@attest/status-list/node"),
  ]);
  const storage = new FileStatusStorage(directory);
  const publisher = await StatusListPublisher.open({ uri, issuer, signer, storage, ...(ttl !== undefined && { ttl }) });
  await serveOnLoopback(new URL(uri).pathname, port, createNodeStatusListHandler(publisher));
}
