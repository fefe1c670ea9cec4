import { decodeStrictJson } from "@attest/core";
import { z } from "zod";
import { Problem } from "./problem.ts";

const text = z.string().min(1).max(256);

const ask = z.strictObject({
  confirmation_key: z.record(z.string(), z.unknown()),
  possession: z.strictObject({ challenge: z.string().min(1).max(256), signature: z.string().min(1).max(256) }),
  audience: z.string().min(1).max(2048).optional(),
  identity: z
    .strictObject({
      model_family: text,
      model_version: text,
      provider: text,
      deployment_id: text.optional(),
      enterprise: z.strictObject({ org_id: text, workload_id: text, deployment_env: text }).optional(),
    })
    .optional(),
});

/** What a workload asks for. */
export type Ask = z.output<typeof ask>;

/** Reads a request's body strictly: no duplicate members, no unknown ones. */
export function readAsk(body: Uint8Array): Ask {
  const json = decodeStrictJson(body);
  if (json.problem) throw new Problem("invalid_request", "The body is not strict JSON in UTF-8");
  const result = ask.safeParse(json.value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join(".") ?? "";
  // Only the names that are known here are repeated.
  throw new Problem("invalid_request", `The body is not as it should be${place === "" ? "" : `, at ${place}`}`);
}
