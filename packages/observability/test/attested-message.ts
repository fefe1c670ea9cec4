import { META_ATTESTATION, META_PROOF } from "@attest/core";
import type { TestAuthority } from "@attest/core/testing";

/** A call as a client sends it. */
interface Call {
  readonly method: string;
  readonly params: object;
}

/** A message with a new attestation and a new proof in its `_meta`. */
export async function attestedMessage<M extends Call>(authority: TestAuthority, message: M): Promise<M> {
  const { method, params } = message;
  const attestation = await authority.attest();
  const proof = await authority.prove(attestation, { kind: "message", method, params });
  return { ...message, params: { ...params, _meta: { [META_ATTESTATION]: attestation, [META_PROOF]: proof } } };
}
