import type { AttestationEvent, DemandEvent, GuardEvent } from "@attest/core";
import type { Attributes, Span } from "@opentelemetry/api";
import { createLabeller } from "../metrics/instruments.ts";
import { agentAttributes, attestedAttributes } from "./attested-attributes.ts";
import { attributesOf } from "./server-span.ts";

/** What the events on a server's span say. */
const labelsOf = createLabeller(["outcome", "action", "enforced", "carrier", "reason", "code"]);

/**
 * Writes a verification on the span of the server that it is part of.
 *
 * @param message The message's attributes: those that the span has already stay as they are.
 */
export function decorate(span: Span, message: Attributes, event: AttestationEvent, agentIdentity: boolean): void {
  const known = attributesOf(span);
  const missing = Object.entries(message).filter(([name]) => known[name] === undefined);
  const { "error.type": code, ...attributes } = attestedAttributes(event, agentIdentity);
  span.setAttributes({ ...Object.fromEntries(missing), ...attributes });
  // The span's own `error.type` says how the call ended, which is for the server to say.
  if (code !== undefined) span.setAttribute("attestation.code", code);
  span.addEvent("attestation.verify", labelsOf(event));
}

/** Writes on a server's span what a guard or a handler decided in it, and about whom. */
export function report(span: Span, event: GuardEvent | DemandEvent, agentIdentity: boolean): void {
  span.setAttributes(agentAttributes(event, agentIdentity));
  span.addEvent(`attestation.${event.type}`, labelsOf(event));
}
