// An authority in a process of its own, for the test of what is left when it is killed. Prints its two addresses.
import { runAuthority } from "../src/node.ts";

const [file = ""] = process.argv.slice(2);
const { url, adminUrl } = await runAuthority(file);
process.stdout.write(`${url} ${adminUrl}\n`);
