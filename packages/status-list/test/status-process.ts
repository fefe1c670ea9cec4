// One process of an authority, for the tests of what several of them do to one storage. Allocates and revokes as fast as it
// can until it is killed, and prints each thing once it is confirmed: `a KEY INDEX` and `r KEY`.
import { createHash } from "node:crypto";
import { KeyPair } from "@attest/core";
import { Pool } from "pg";
import { StatusListPublisher, type StatusStorage } from "../src/index.ts";
import { FileStatusStorage } from "../src/node.ts";
import { PostgresStatusStorage } from "../src/postgres.ts";

const [where = "", name = "", most = "0"] = process.argv.slice(2);
const uri = "https://authority.example/status/1";
const storage: StatusStorage = where.startsWith("postgres:")
  ? new PostgresStatusStorage({ pool: new Pool({ connectionString: where }), list: uri })
  : new FileStatusStorage(where);
const signer = await KeyPair.generate();
const publisher = await StatusListPublisher.open({
  ...{ uri, issuer: "https://authority.example", signer, storage, size: 2 ** 17 },
});
process.stdout.write("ready\n");
for (let i = 0; most === "0" || i < Number(most); i++) {
  const key = createHash("sha256").update(`${name} ${i}`).digest("base64url");
  const { idx } = await publisher.allocate(key, { workload: name });
  process.stdout.write(`a ${key} ${idx}\n`);
  if (i % 2 === 0) continue;
  await publisher.revoke({ key });
  process.stdout.write(`r ${key}\n`);
}
process.exit(0);
