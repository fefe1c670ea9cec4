import { adviceOf } from "@attest/core/advice";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { SampleKind, TrustMaterial } from "../../shared/feed.ts";
import type { Decoded, DecodedLink } from "../decode.ts";
import { type Inspection, inspect, tamper } from "../inspect.ts";
import { shortSubject } from "../words.ts";
import { Chain, type ChainStep } from "./chain.tsx";
import { Layers } from "./layers.tsx";
import { StepList } from "./step-list.tsx";

/** Takes a pasted token apart and verifies it, in the browser. */
export function Inspector(): JSX.Element {
  const [token, setToken] = useState("");
  const [found, setFound] = useState<Inspection>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    const text = token.trim();
    setProblem(undefined);
    setFound(undefined);
    if (text === "") return;
    let superseded = false;
    const look = async (): Promise<void> => {
      const trust: TrustMaterial = await (await fetch("/api/trust")).json();
      const inspection = await inspect(text, trust);
      if (!superseded) setFound(inspection);
    };
    look().catch(() => !superseded && setProblem("The issuers' public keys could not be fetched from the demo."));
    return () => {
      superseded = true;
    };
  }, [token]);

  const useLive = async (kind: SampleKind): Promise<void> => {
    try {
      const { token }: { token: string } = await (await fetch(`/api/samples/${kind}`)).json();
      setToken(token);
    } catch {
      setProblem("The demo gave no attestation. Is it still running?");
    }
  };

  return (
    <section class="panel" aria-labelledby="inspector-title">
      <h2 id="inspector-title">Look inside an ID</h2>
      <p class="lead">
        Paste an attestation, or a chain of delegations. It is decoded and verified here in your browser, by the same
        code the bank runs, and sent nowhere.
      </p>
      <div class="inspector">
        <div class="paste">
          <label for="token">Attestation</label>
          <textarea
            id="token"
            rows={7}
            spellcheck={false}
            autocomplete="off"
            placeholder="eyJhbGciOi…"
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
          <div class="buttons">
            <button type="button" onClick={() => useLive("attestation")}>
              Get a live one
            </button>
            <button type="button" onClick={() => useLive("chain")}>
              Get a chain
            </button>
            <button
              type="button"
              class="plain"
              disabled={!found?.decoded?.layers[0].claims}
              onClick={() => setToken(tamper(token.trim()))}
            >
              Change what it says
            </button>
          </div>
        </div>
        <div class="outcome" aria-live="polite">
          {problem && <p class="verdict no">{problem}</p>}
          {!problem && !found && <p class="empty">{token.trim() === "" ? "No token yet." : "Checking…"}</p>}
          {found && <Found found={found} />}
        </div>
      </div>
      {found?.decoded && <Contents decoded={found.decoded} />}
    </section>
  );
}

function Found({ found }: { found: Inspection }): JSX.Element {
  const { genuine, code, message, stoppedAt } = found;
  return (
    <>
      <p class={`verdict ${genuine ? "ok" : "no"}`} data-genuine={genuine}>
        <strong>{genuine ? "Genuine." : "Not accepted."}</strong>{" "}
        {genuine && code !== undefined
          ? "Everything that was signed holds. Yet nobody can use this copy: each request also needs a proof that only the agent's own key can make."
          : `${message}.`}
      </p>
      {!genuine && code && (
        <p class="advice">
          <strong>What its operator does:</strong>{" "}
          {adviceOf(code)
            .split("`")
            .map((part, i) => (i % 2 === 0 ? part : <code key={i}>{part}</code>))}
        </p>
      )}
      <StepList stoppedAt={stoppedAt} asOwner={genuine} why={genuine ? undefined : code} />
    </>
  );
}

const time = (seconds: number): string => new Date(seconds * 1000).toLocaleString("en-GB");

function Contents({ decoded: { layers, links } }: { decoded: Decoded }): JSX.Element {
  const [{ claims }] = layers;
  const said = layers.flatMap((layer) =>
    layer.claims ? [{ issuer: layer.claims.iss, subject: layer.claims.sub }] : [],
  );
  return (
    <div class="contents">
      <h3>What it says</h3>
      {claims && (
        <dl class="facts">
          <dt>Agent</dt>
          <dd>
            {claims.agentIdentity.modelVersion} of {claims.agentIdentity.provider}, <code>{claims.sub}</code>
          </dd>
          <dt>Issued by</dt>
          <dd>
            <code>{claims.iss}</code>
          </dd>
          <dt>Good until</dt>
          <dd>{time(claims.exp)}</dd>
          <dt>Bound to key</dt>
          <dd>{claims.cnf ? <code>{claims.cnf.jwk.x}</code> : "none: whoever holds a copy can use it once"}</dd>
        </dl>
      )}
      {said.length > 1 && <Layers layers={said} />}
      {links.length > 0 && (
        <Chain root={claims ? shortSubject(claims.sub) : "An unreadable attestation"} steps={links.map(stepOf)} />
      )}
      {[...layers, ...links].map(({ header, payload }, i) => (
        <details key={i}>
          <summary>As it is written{layers.length + links.length > 1 && `: ${nameOf(i, layers.length)}`}</summary>
          <pre>
            <code>{JSON.stringify({ header, payload }, null, 2)}</code>
          </pre>
        </details>
      ))}
    </div>
  );
}

function nameOf(i: number, layers: number): string {
  if (i >= layers) return `link ${i - layers + 1}`;
  return i === 0 ? "the attestation" : "the attestation in it";
}

function stepOf({ claims, problem, keyThumbprint }: DecodedLink): ChainStep {
  if (!claims) return { problem: `This link is malformed: ${problem}` };
  const { name, allow, aud, depth, exp } = claims;
  return {
    name,
    keyThumbprint,
    allow,
    facts: [
      ["At", aud.join(", ")],
      ["Links after it", String(depth)],
      ["Good until", time(exp)],
    ],
  };
}
