import { AttestationError } from "@attest/core";
import { expect, it } from "vitest";
import { openConnections } from "../src/http/web.ts";
import * as remoteDocuments from "../src/index.ts";
import {
  DOCUMENT_CLIENT_OPTIONS,
  DocumentClient,
  type DocumentClientOptions,
  RemoteDocument,
  type RemoteDocumentOptions,
} from "../src/index.ts";

const client = new DocumentClient();

it("offers what it is known to offer", () => {
  expect(Object.keys(remoteDocuments).sort()).toEqual([
    "DOCUMENT_CLIENT_OPTIONS",
    "DocumentClient",
    "RemoteDocument",
    "documentClientOptionsIn",
  ]);
  expect(Object.keys(DOCUMENT_CLIENT_OPTIONS).sort()).toEqual([
    "allowInsecureHttp",
    "allowPrivateNetwork",
    "allowUncheckedAddresses",
    "ca",
    "fetch",
    "lookup",
    "maxBytes",
    "timeoutMs",
  ]);
});

it.each([
  ["options", null],
  ["timeoutMs", { timeoutMs: 0 }],
  ["timeoutMs", { timeoutMs: 60_001 }],
  ["maxBytes", { maxBytes: 1.5 }],
  ["maxBytes", { maxBytes: 16 * 1024 * 1024 + 1 }],
  ["maxBytes", { maxBytes: Number.NaN }],
  ["allowPrivateNetwork", { allowPrivateNetwork: "yes" }],
  ["allowInsecureHttp", { allowInsecureHttp: 1 }],
  ["allowUncheckedAddresses", { allowUncheckedAddresses: true }],
  ["ca", { ca: "not a certificate" }],
  ["ca", { ca: [] }],
  ["lookup", { lookup: "127.0.0.1" }],
  ["fetch", { fetch: "fetch", allowUncheckedAddresses: true }],
  ["fetch", { fetch: () => {} }],
  ["fetch", { fetch: () => {}, allowUncheckedAddresses: true, ca: "-----BEGIN CERTIFICATE-----" }],
  ["fetch", { fetch: () => {}, allowUncheckedAddresses: true, allowPrivateNetwork: true }],
  ["allowPrivateNetworks", { allowPrivateNetworks: true }],
])("refuses a client with a senseless %s (%#)", (option, options) => {
  const construct = () => new DocumentClient(options as unknown as DocumentClientOptions);
  expect(construct).toThrow(AttestationError);
  expect(construct).toThrow(new RegExp(`^${option} `));
});

const good: RemoteDocumentOptions<string> = {
  client,
  url: "https://list.example/",
  accept: "text/plain",
  parse: () => ({ value: "" }),
  code: "ERR_REVOCATION_UNAVAILABLE",
  source: "The list's source",
  unavailable: "The list cannot be fetched",
};

it.each([
  ["client", { client: {} }],
  ["url", { url: undefined }],
  ["url", { url: "/list" }],
  ["url", { url: "http://list.example/" }],
  ["url", { url: "file:///etc/passwd" }],
  ["url", { url: "https://user:secret@list.example/" }],
  ["url", { url: "https://list.example/#a" }],
  ["url", { url: `https://list.example/${"a".repeat(2048)}` }],
  ["lists.first", { url: "/secret", urlOption: "lists.first" }],
  ["accept", { accept: "" }],
  ["parse", { parse: "json" }],
  ["code", { code: undefined }],
  ["source", { source: "" }],
  ["unavailable", { unavailable: 5 }],
  ["cacheTtl", { cacheTtl: 59 }],
  ["cacheTtl", { cacheTtl: 99, minTtl: 100 }],
  ["cacheTtl", { cacheTtl: 86_401 }],
  ["minTtl", { minTtl: 0 }],
  ["minTtl", { minTtl: 3601 }],
  ["cooldown", { cooldown: 0 }],
  ["cooldown", { cooldown: Number.POSITIVE_INFINITY }],
  ["staleIfError", { staleIfError: -1 }],
  ["staleIfError", { staleIfError: 86_401 }],
  ["clock", { clock: 5 }],
  ["random", { random: 0.5 }],
  ["onFetch", { onFetch: {} }],
  ["onServe", { onServe: {} }],
  ["staleIfErrors", { staleIfErrors: 1 }],
])("refuses a document with a senseless %s (%#)", (option, options) => {
  const construct = () => new RemoteDocument({ ...good, ...options } as RemoteDocumentOptions<string>);
  expect(construct).toThrow(AttestationError);
  expect(construct).toThrow(new RegExp(`^${option} `));
  expect(construct).not.toThrow(/secret/);
});

it("takes http: only where that is allowed by name", () => {
  const insecure = new DocumentClient({ allowInsecureHttp: true });
  expect(() => new RemoteDocument({ ...good, client: insecure, url: "http://list.example/" })).not.toThrow();
});

it("has no client of its own outside Node, and says what to do (J2)", () => {
  const options = { timeoutMs: 1, maxBytes: 1, allowPrivateNetwork: true };
  expect(() => openConnections(options)).toThrow(/^fetch .*allowUncheckedAddresses/);
});
