/** How many lines of ours a layout may take. */
const MOST_LINES = 3;
const SUBJECT = "spiffe://example.com/model/example-1";

/** What is not as it must be in what the probe found. @param expected A program's entry in its package.json, with `lines`, and the source of its `tool`. */
export function judge(expected, found) {
  const problems = judgements(expected, found).filter(Boolean);
  return problems.length > 0 && found.said ? [...problems, `it said: ${found.said.slice(-700)}`] : problems;
}

function judgements({ refused, answers, serves, lines, caller, tool }, found) {
  const tooMany = (lines.length === 0 || lines.length > MOST_LINES) && `takes ${lines.length} lines`;
  const untold = serves && !tool.includes(caller) && `its tool does not learn by ${caller} who calls`;
  return [tooMany, untold, ...judgeBehaviour({ refused, answers, serves }, found)];
}

function judgeBehaviour({ refused, answers, serves }, found) {
  if (refused) return [judgeRefusal(refused, found)];
  if (answers) return judgeAnswers(answers, found);
  if (!serves) return judgeClient(found);
  if (!found.eras) return ["does not listen"];
  return Object.entries(found.eras).flatMap(([era, row]) => judgeServer(era, row, serves.includes(era)));
}

/** A mistake is refused where it is made, by a message that names what was given. */
function judgeRefusal(name, { ended, said }) {
  return (
    !(ended && said.includes("AttestationError") && said.includes(name)) && `must be refused by a message with ${name}`
  );
}

/** A mistake that only a request shows is answered with the line to add, and nobody is served. */
function judgeAnswers(line, { eras = {} }) {
  const rows = Object.entries(eras);
  if (rows.length === 0) return ["does not listen"];
  return rows.map(
    ([era, { unserved }]) =>
      !(unserved?.startsWith("500 ") && unserved.includes(line)) &&
      `${era}: must be answered with ${line}: ${unserved}`,
  );
}

function judgeServer(era, row, serves) {
  if (row.unserved) return [serves && `${era}: not served: ${row.unserved}`];
  const refusedFor = (reason, ...names) =>
    names.map((name) => !row[name]?.includes(reason) && `${era}: ${name}: ${row[name]}`);
  const notServed = (...names) => names.map((name) => !/^4\d\d /.test(row[name]) && `${era}: ${name}: ${row[name]}`);
  const session = row.session
    ? [row.after !== SUBJECT && `${era}: after strangers tried: ${row.after}`, /served/.test(row.hijack) && row.hijack]
    : [];
  return [
    !serves && `${era}: is served, and package.json says that it is not`,
    row.honest !== SUBJECT && `${era}: an honest call answers ${row.honest}`,
    row.status !== "verified" && `${era}: the client learns ${row.status}`,
    ...refusedFor("attestation_required", "stranger"),
    ...refusedFor("attestation_replay", "replay"),
    ...notServed("get", "delete"),
    ...session,
  ];
}

function judgeClient({ whoami, status, refused, calls }) {
  return [
    !whoami?.includes(SUBJECT) && `an honest call answers ${whoami}`,
    calls.join() !== SUBJECT && `the server was called by ${calls.join(", ") || "nobody"}`,
    status !== "verified" && `the client learns ${status}`,
    refused?.reason !== "attestation_claims_insufficient" &&
      `a refusal reaches the caller as ${JSON.stringify(refused)}`,
  ];
}
