// Every edge of time, one second before it, on it, and one after (T18, T19): of attestations, bearer attestations and proofs.
import { BEARER_CLAIMS, BOUND_CLAIMS, MESSAGE, NOW, VERIFIER } from "./common/baseline.mjs";
import { payload } from "./common/changes.mjs";
import { present, refused, verified, verifiedBearer } from "./common/presentations.mjs";
import { attestation, bearer, proof } from "./common/tokens.mjs";

const TOLERANCES = [0, 30, 300];
const WINDOWS = [1, 60, 300];

export const verifiers = {
  ...Object.fromEntries(
    TOLERANCES.map((clockTolerance) => [
      `tolerance-${clockTolerance}`,
      { ...VERIFIER, allowBearer: true, clockTolerance },
    ]),
  ),
  ...Object.fromEntries(WINDOWS.map((proofWindow) => [`window-${proofWindow}`, { ...VERIFIER, proofWindow }])),
  "short-lived": { ...VERIFIER, allowBearer: true, maxLifetime: { bound: 60, bearer: 45 } },
};

const PROFILES = [
  [
    "Bound",
    BOUND_CLAIMS,
    verified,
    (claims, time) => {
      const token = attestation(payload(claims));
      return [token, { request: MESSAGE, proof: proof(token, MESSAGE, payload({ iat: Math.floor(time) })) }];
    },
  ],
  [
    "Bearer",
    BEARER_CLAIMS,
    verifiedBearer,
    (claims) => [bearer(payload(claims)), { request: undefined, proof: undefined }],
  ],
];

export function vectors() {
  const list = [];
  const put = (title, requirements, verifier, token, expected, other) =>
    list.push({ title, requirements, verifier, presentations: [present(token, expected, other)] });
  const signed = (offset) => (offset > 0 ? `+${offset}` : offset < 0 ? `−${-offset}` : "±0");

  for (const [profile, claims, accepted, make] of PROFILES) {
    const edge = (title, verifier, change, time, code, requirement = "T19") => {
      const [token, other] = make(change, time);
      put(
        `${profile} attestation: ${title}`,
        [requirement],
        verifier,
        token,
        code === undefined ? accepted : refused(code, time),
        { ...other, time },
      );
    };
    for (const tolerance of TOLERANCES) {
      const verifier = `tolerance-${tolerance}`;
      for (const offset of [-1, 0, 1]) {
        edge(
          `at exp + ${tolerance} ${signed(offset)}`,
          verifier,
          {},
          claims.exp + tolerance + offset,
          offset < 0 ? undefined : "ERR_ATTESTATION_EXPIRED",
        );
        const ahead = offset > 0 ? "ERR_ATTESTATION_NOT_YET_VALID" : undefined;
        const begin = NOW + tolerance + offset;
        edge(
          `iat at now + ${tolerance} ${signed(offset)}`,
          verifier,
          { iat: begin, nbf: undefined, exp: begin + 300 },
          NOW,
          ahead,
        );
        edge(`nbf at now + ${tolerance} ${signed(offset)}`, verifier, { nbf: begin }, NOW, ahead);
      }
      edge(
        `a thousandth of a second before exp + ${tolerance}`,
        verifier,
        {},
        claims.exp + tolerance - 0.001,
        undefined,
      );
    }
    const limit = profile === "Bound" ? 3600 : 900;
    for (const [verifier, most] of [
      ["tolerance-30", limit],
      ["short-lived", profile === "Bound" ? 60 : 45],
    ]) {
      for (const offset of [-1, 0, 1])
        edge(
          `a life of ${most} ${signed(offset)} s, of at most ${most}`,
          verifier,
          { iat: NOW, nbf: NOW, exp: NOW + most + offset },
          NOW,
          offset > 0 ? "ERR_ATTESTATION_LIFETIME" : undefined,
          "T18",
        );
    }
    for (const offset of [-1, 0, 1])
      edge(
        `a life of ${signed(offset)} s`,
        "tolerance-30",
        { iat: NOW, nbf: NOW, exp: NOW + offset },
        NOW,
        offset > 0 ? undefined : "ERR_ATTESTATION_LIFETIME",
        "T18",
      );
    edge("by a clock that tells nothing", "tolerance-30", {}, NOW, undefined);
    list.at(-1).presentations[0].time = null;
    list.at(-1).presentations[0].expected = refused("ERR_CLOCK");
  }

  const token = attestation();
  const madeAt = (title, verifier, iat, expected) =>
    put(`Proof: ${title}`, ["T19"], verifier, token, expected, { proof: proof(token, MESSAGE, payload({ iat })) });
  const cases = [
    ...TOLERANCES.map((tolerance) => [`tolerance-${tolerance}`, tolerance, 60]),
    ...WINDOWS.filter((window) => window !== 60).map((window) => [`window-${window}`, 30, window]),
  ];
  for (const [verifier, tolerance, window] of cases) {
    for (const offset of [-1, 0, 1]) {
      madeAt(
        `iat at now − ${window} − ${tolerance} ${signed(offset)}`,
        verifier,
        NOW - window - tolerance + offset,
        offset < 0 ? refused("ERR_PROOF_TIME") : verified,
      );
      madeAt(
        `iat at now + ${tolerance} ${signed(offset)}, window ${window}`,
        verifier,
        NOW + tolerance + offset,
        offset > 0 ? refused("ERR_PROOF_TIME") : verified,
      );
    }
  }
  for (const [title, time, expected] of [
    ["half a second after the last in which it counts, by a clock that tells fractions", NOW + 90.5, verified],
    ["half a second later still", NOW + 91.5, refused("ERR_PROOF_TIME", NOW + 91)],
    [
      "half a second before the first in which it counts, by such a clock",
      NOW - 30.5,
      refused("ERR_PROOF_TIME", NOW - 31),
    ],
  ])
    put(`Proof: ${title}`, ["T19"], "tolerance-30", token, expected, { time });
  madeAt("made an hour ago", "tolerance-30", NOW - 3600, refused("ERR_PROOF_TIME"));
  madeAt("made in an hour", "tolerance-30", NOW + 3600, refused("ERR_PROOF_TIME"));
  madeAt("made at the beginning of time", "tolerance-30", 0, refused("ERR_PROOF_TIME"));
  madeAt("made at the end of integers", "tolerance-30", Number.MAX_SAFE_INTEGER, refused("ERR_PROOF_TIME"));
  return list;
}
