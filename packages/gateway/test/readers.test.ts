import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JSONWebKeySet } from "jose";
import { describe, expect, it, onTestFinished, vi } from "vitest";

interface Vector {
  readonly title: string;
  readonly time: number;
  readonly field: string | null;
  readonly request: { method: string; body: string; sessionId?: string; accessToken?: string };
  readonly outcome: "verified" | "nobody" | "refused";
  readonly sub?: string;
}

const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const VECTORS = file("spec/vectors/assertions.json");
const { vectors, verifiers } = JSON.parse(readFileSync(VECTORS, "utf8")) as {
  vectors: Vector[];
  verifiers: { default: { issuer: string; audience: string; keys: JSONWebKeySet } };
};
const GUIDE = readFileSync(file("docs/behind-a-gateway.md"), "utf8");
const [checks = "", withPyJwt = "", alone = ""] = [...GUIDE.matchAll(/^```python\n(.*?)^```/gms)].map(
  ([, code]) => code,
);
/** Debian's, as a server of somebody else's has it. */
const PYTHON = "/usr/bin/python3";

/** Presents every vector to a reader of the documentation, and prints what it says. */
const PRESENT = `
with open(${JSON.stringify(VECTORS)}) as file:
    content = json.load(file)
upstream = content["verifiers"]["default"]
gateway = Gateway(upstream["issuer"], upstream["audience"], upstream["keys"]["keys"], signature_holds)
for vector in content["vectors"]:
    request = vector["request"]
    try:
        claims = gateway.verified(vector["field"], request["method"], decode(request["body"]), request.get("sessionId"), request.get("accessToken"), vector["time"])
        print("nobody" if claims is None else claims["sub"])
    except ValueError:
        print("refused")
`;
/** The same in Go, whose reader is a package of its own. */
const PRESENT_IN_GO = `package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"reader/upstream"
)

type request struct {
	Method, Body           string
	SessionID, AccessToken *string
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	var content struct {
		Vectors []struct {
			Time    int64
			Field   *string
			Request request
		}
		Verifiers struct {
			Default struct {
				Issuer, Audience string
				Keys             struct{ Keys []struct{ Kty, Kid, X string } }
			}
		}
	}
	text, err := os.ReadFile(os.Args[1])
	check(err)
	check(json.Unmarshal(text, &content))
	trusted := content.Verifiers.Default
	gateway := upstream.Gateway{Issuer: trusted.Issuer, Audience: trusted.Audience, Keys: map[string]ed25519.PublicKey{}}
	for _, key := range trusted.Keys.Keys {
		if key.Kty == "OKP" {
			gateway.Keys[key.Kid], err = base64.RawURLEncoding.DecodeString(key.X)
			check(err)
		}
	}
	for _, vector := range content.Vectors {
		body, err := base64.RawURLEncoding.DecodeString(vector.Request.Body)
		check(err)
		sent := vector.Request
		fields := []string{}
		if vector.Field != nil {
			fields = append(fields, *vector.Field)
		}
		who, err := gateway.Verified(fields, sent.Method, body, sent.SessionID, sent.AccessToken, time.Unix(vector.Time, 0))
		switch {
		case err != nil:
			fmt.Println("refused")
		case who == nil:
			fmt.Println("nobody")
		default:
			fmt.Println(who.Subject)
		}
	}
}
`;
const expected = vectors.map(({ outcome, sub }) => (outcome === "verified" ? sub : outcome));
const run = (code: string) => execFileSync(PYTHON, ["-"], { input: code, encoding: "utf8" }).trim().split("\n");
/** What of a reader that knows Ed25519 only. */
const ofEd25519 = expected.map((one, i) => (vectors[i]?.title.includes("by a P-256 key") ? "refused" : one));
const succeeds = (program: string, ...args: string[]) => {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};
const hasPyJwt = succeeds(PYTHON, "-c", "import jwt, cryptography");
const hasGo = succeeds("go", "version");

describe("readers of an assertion, on every vector (G3, SPEC-22.8)", () => {
  it.runIf(hasPyJwt || process.env["CI"])("in Python, with PyJWT", () => {
    expect(run(checks + withPyJwt + PRESENT)).toEqual(expected);
  });

  it("in Python, with the standard library", () => {
    const said = run(checks + alone + PRESENT);
    expect(said).toEqual(ofEd25519);
  });

  // A compiler takes longer to install than all of this to run, so CI has none: it runs where Go is installed.
  it.runIf(hasGo)(
    "in Go, with the standard library",
    () => {
      const [, code = ""] = /^```go\n(.*?)^```/ms.exec(GUIDE) ?? [];
      const folder = mkdtempSync(join(tmpdir(), "attest-reader-"));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      mkdirSync(join(folder, "upstream"));
      writeFileSync(join(folder, "go.mod"), "module reader\n\ngo 1.19\n");
      writeFileSync(join(folder, "upstream/gateway.go"), code);
      writeFileSync(join(folder, "main.go"), PRESENT_IN_GO);
      const env = { ...process.env, GOPROXY: "off", GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" };
      const said = execFileSync("go", ["run", ".", VECTORS], { cwd: folder, env, encoding: "utf8" });
      expect(said.trim().split("\n")).toEqual(ofEd25519);
    },
    180_000,
  );

  it("in TypeScript", async () => {
    const [, code = ""] = /^```ts\n(.*?)^```/ms.exec(GUIDE) ?? [];
    const copy = fileURLToPath(new URL("reader-of-the-guide.ts", import.meta.url));
    writeFileSync(copy, code);
    onTestFinished(() => rmSync(copy));
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const { assertionReader } = await import(/* @vite-ignore */ copy);
    const read = assertionReader(verifiers.default);
    const said = [];
    for (const { field, time, request } of vectors) {
      vi.setSystemTime(time * 1000);
      const { method, body, sessionId: session, accessToken } = request;
      const incoming = { method, body: Buffer.from(body, "base64url"), session, accessToken };
      const verdict = await read(field ?? undefined, incoming).catch(() => ({ sub: "refused" }));
      said.push(verdict?.sub ?? "nobody");
    }
    expect(said).toEqual(expected);
  });
});
