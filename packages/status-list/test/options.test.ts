import { expect, it } from "vitest";
import * as statusList from "../src/index.ts";
import { HttpStatusSource, type HttpStatusSourceOptions } from "../src/index.ts";
import { ISSUER, URI } from "./signed-lists.ts";

it("offers what it is known to offer", () => {
  expect(Object.keys(statusList).sort()).toEqual([
    "HttpStatusSource",
    "MemoryStatusStorage",
    "PUBLISH_DELAY",
    "StatusError",
    "StatusList",
    "StatusListPublisher",
    "readStatusListToken",
    "reinstateIn",
    "revocationBound",
    "revokeIn",
  ]);
});

const keyResolver = { resolve: () => undefined };

it.each<[option: string, options: object]>([
  ["options", {}],
  ["lists", { lists: undefined }],
  ["lists", { lists: {} }],
  ["lists", { lists: { "": URI } }],
  ["lists", { lists: { [ISSUER]: [] } }],
  ["lists", { lists: { [ISSUER]: [1] } }],
  ["lists", { lists: { [ISSUER]: "not a URL" } }],
  ["lists", { lists: { [ISSUER]: "http://authority.example/status" } }],
  ["lists", { lists: { [ISSUER]: [URI, URI] } }],
  ["lists", { lists: { [ISSUER]: URI, "https://other.example": URI } }],
  ["keyResolver", { keyResolver: {} }],
  ["pollInterval", { pollInterval: 0 }],
  ["pollInterval", { pollInterval: 86_401 }],
  ["pollInterval", { pollInterval: Number.NaN }],
  ["staleIfError", { staleIfError: -1 }],
  ["cooldown", { cooldown: 0 }],
  ["clockTolerance", { clockTolerance: 301 }],
  ["maxListBytes", { maxListBytes: Number.POSITIVE_INFINITY }],
  ["clock", { clock: 1 }],
  ["observer", { observer: {} }],
  ["timeoutMs", { timeoutMs: 0 }],
  ["polInterval", { polInterval: 60 }],
])("refuses a wrong %s by its name: %j", (option, options) => {
  const good = { lists: { [ISSUER]: URI }, keyResolver };
  const wrong = (option === "options" ? null : { ...good, ...options }) as HttpStatusSourceOptions;
  const error = { code: "ERR_OPTION", message: expect.stringMatching(new RegExp(`^${option}`)) };
  expect(() => new HttpStatusSource(wrong)).toThrow(expect.objectContaining(error));
});

it("names both issuers of a list that two were given", () => {
  const lists = { [ISSUER]: URI, "https://other.example": [URI] };
  expect(() => new HttpStatusSource({ keyResolver, lists })).toThrow(
    `lists["https://other.example"] names a list that belongs to ${ISSUER}`,
  );
});
