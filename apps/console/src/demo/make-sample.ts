import { createDelegation, KeyPair } from "@attest/core";
import { AUDIENCE } from "demo-agent";
import type { SampleKind } from "../shared/feed.ts";
import type { DemoAuthority } from "./authorities.ts";

/** An attestation as an agent of the demo holds it, or a chain as its sub-agent does, for a key that nobody keeps. */
export async function makeSample(kind: SampleKind, { identity, authority }: DemoAuthority): Promise<string> {
  const signer = await KeyPair.generate();
  const attestation = await authority.attest(identity, signer.toJwk());
  if (kind === "attestation") return attestation;
  const [reader, helper] = [await KeyPair.generate(), await KeyPair.generate()];
  const parent = await createDelegation({
    parent: attestation,
    signer,
    confirmationKey: reader.toJwk(),
    audience: AUDIENCE,
    name: "reader",
    allow: { tools: ["list_accounts", "get_balance"], resources: ["bank://accounts/*"] },
  });
  return createDelegation({
    parent,
    signer: reader,
    confirmationKey: helper.toJwk(),
    audience: AUDIENCE,
    name: "helper",
    allow: { tools: ["list_accounts"] },
  });
}
