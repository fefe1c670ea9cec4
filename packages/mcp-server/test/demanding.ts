import { type AttestationDemand, requireAttestation } from "@attest/mcp-server";
import { completable as completableV1 } from "@modelcontextprotocol/sdk/server/completable.js";
import {
  type McpServer as McpServerV1,
  ResourceTemplate as ResourceTemplateV1,
} from "@modelcontextprotocol/sdk/server/mcp.js";
import { SubscribeRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import {
  completable as completableV2,
  type McpServer as McpServerV2,
  ResourceTemplate as ResourceTemplateV2,
} from "@modelcontextprotocol/server";
import * as z from "zod";

export const DEMAND: AttestationDemand = { issuer: "https://another-authority.example" };
export const secret = ["secret-1", "secret-2"];
const contents = (uri: URL) => ({ contents: [{ uri: uri.href, text: "secret" }] });

/** Registers a prompt, a template and a resource that demand what the scene's agents do not meet, or nothing. */
export type Register = (server: never, demanding: boolean | AttestationDemand) => void;
export const registerV1: Register = (server: McpServerV1, demanding) => {
  const wrap = <H extends (...args: never[]) => unknown>(handler: H): H =>
    demanding ? requireAttestation(demanding === true ? DEMAND : demanding, handler as never) : handler;
  const argsSchema = { account: completableV1(z.string(), () => secret) };
  server.registerPrompt("report", { argsSchema }, wrap(() => ({ messages: [] })) as never);
  const template = new ResourceTemplateV1("vault://{account}", {
    list: () => ({ resources: secret.map((name) => ({ name, uri: `vault://${name}` })) }),
    complete: { account: () => secret },
  });
  server.registerResource("vault", template, {}, wrap(contents) as never);
  server.registerResource("ledger", "ledger://all", {}, wrap(contents) as never);
  server.server.registerCapabilities({ resources: { subscribe: true } });
  server.server.setRequestHandler(SubscribeRequestSchema, () => ({}));
};
export const registerV2: Register = (server: McpServerV2, demanding) => {
  const wrap = <H extends (...args: never[]) => unknown>(handler: H): H =>
    demanding ? requireAttestation(demanding === true ? DEMAND : demanding, handler as never) : handler;
  const argsSchema = z.object({ account: completableV2(z.string(), () => secret) });
  server.registerPrompt("report", { argsSchema }, wrap(() => ({ messages: [] })) as never);
  const template = new ResourceTemplateV2("vault://{account}", {
    list: () => ({ resources: secret.map((name) => ({ name, uri: `vault://${name}` })) }),
    complete: { account: () => secret },
  });
  server.registerResource("vault", template, {}, wrap(contents) as never);
  server.registerResource("ledger", "ledger://all", {}, wrap(contents) as never);
  server.server.registerCapabilities({ resources: { subscribe: true } });
  server.server.setRequestHandler("resources/subscribe", () => ({}));
};
