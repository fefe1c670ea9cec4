// A replica of an authority for the load table: runs a configuration, and tells its CPU time whenever it is asked.
import { runAuthority } from "@attest/authority/node";

const { url } = await runAuthority(process.argv[2] ?? "", { report: (problem) => console.error(String(problem)) });
process.on("message", () => process.send?.(process.cpuUsage()));
process.once("disconnect", () => process.exit());
process.send?.({ url: url.href });
