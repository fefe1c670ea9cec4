// Foreign tokens that are presented one after another to one verifier.
import { HTTP, NOW } from "../common/baseline.mjs";
import { bigEndian, fromBigEndian } from "../common/bytes.mjs";
import { payload } from "../common/changes.mjs";
import { present, refused } from "../common/presentations.mjs";
import { N } from "../common/test-keys.mjs";
import { attestation, bearer } from "../common/tokens.mjs";
import { jwtSvid, wit } from "../common/workloads.mjs";
import { asSvid, asWit } from "./accepted.mjs";

/** The other s with which an ECDSA signature verifies. */
const negated = (bytes) => bigEndian(N - fromBigEndian(bytes.subarray(32)));

export function vectors() {
  const list = [];
  const put = (title, requirements, presentations, verifier = "foreign") =>
    list.push({ title: `In turn: ${title}`, requirements, verifier, presentations });
  const alone = (token, expected, other = {}) => present(token, expected, { request: undefined, ...other });
  const replayed = refused("ERR_REPLAY");
  for (const [title, change] of [
    ["without a `jti`", {}],
    ["with a `jti`", payload({ jti: "one" })],
    ["without an `iat`", payload({ iat: undefined })],
  ]) {
    put(
      `a JWT-SVID ${title}, and the same again`,
      ["F5", "SPEC-17.12"],
      [alone(jwtSvid(change), asSvid), alone(jwtSvid(change), replayed)],
    );
  }
  const again = { signature: (bytes) => Buffer.concat([bytes.subarray(0, 32), negated(bytes)]) };
  put(
    "a JWT-SVID, and the other signature over it",
    ["F5", "SPEC-17.12"],
    [alone(jwtSvid(), asSvid), alone(jwtSvid(again), replayed)],
  );
  put(
    "two JWT-SVIDs with one `jti`",
    ["SPEC-17.12"],
    [alone(jwtSvid(payload({ jti: "one" })), asSvid), alone(jwtSvid(payload({ jti: "one", exp: NOW + 301 })), asSvid)],
  );
  put(
    "a WIT with two proofs, and the first again",
    ["SPEC-17.14"],
    [present(wit(), asWit), present(wit(), asWit, { request: HTTP }), present(wit(), replayed)],
  );
  const http = { request: HTTP, proof: undefined };
  put(
    "a JWT-SVID over HTTP that may have been used before a restart, and one that cannot",
    ["R17", "SPEC-17.12"],
    [
      alone(jwtSvid(payload({ iat: NOW - 10 })), refused("ERR_REPLAY_BEFORE_START"), http),
      alone(jwtSvid(payload({ iat: undefined })), refused("ERR_REPLAY_BEFORE_START"), http),
      alone(jwtSvid(payload({ iat: NOW - 9 })), asSvid, http),
    ],
    "foreign-just-started",
  );
  put(
    "a bearer attestation, a JWT-SVID, an attestation and a WIT",
    ["F1", "T9"],
    [
      alone(bearer(), { outcome: "verified", format: "bearer" }),
      alone(jwtSvid(), asSvid),
      present(attestation(), { outcome: "verified", format: "attestation" }),
      present(wit(), asWit),
    ],
    "foreign-and-bearer",
  );
  return list;
}
