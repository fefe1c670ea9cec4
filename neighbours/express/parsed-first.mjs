// What happens without `keepRawBody`: the parser has read the body, and the answer says which line to add.
import { attestNodeHandler } from "@attest/mcp-server";
import express from "express";
import { makeGuard } from "neighbour-kit/guard";
import { ready } from "neighbour-kit/server";

const app = express();
app.use(express.json());
const gate = attestNodeHandler((_req, res) => res.end("served"), await makeGuard());
app.all("/mcp", gate); // @attest
const http = app.listen(0, "127.0.0.1", () => ready(http));
