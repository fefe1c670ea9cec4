// Looks for words that readers of technical English stumble over, in comments, docstrings, messages and guides, and names the
// word to use. SPEC.md, tests and what is generated are not read.
// Usage: node scripts/words.mjs [FILE…]
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What is looked for, and what to write in its place. */
const WORDS = [
  [/\banew\b/i, "again"],
  [/\bmade out to\b/i, "issued for"],
  [/\b(?:to|can(?:not)?|could(?: not)?|may|might) be had\b/i, "available"],
  [/\bbeside\b/i, "next to, with"],
  [/\bhand(?:s|ed|ing)? on\b/i, "pass on"],
  [/\bby (?:the|its|whose) word\b/i, "according to, which vouches for"],
  [/\bsave (?:that|for)\b/i, "except"],
  [/\bwho(?:so)?ever\b/i, "anyone who, code that"],
  [/(?<!there )\b(?:is|are|was|were) none\b/, "is not one"],
  [/\b(?:is|are|was|be) told\b(?! (?:apart|to|so)\b)/i, "is sent, is reported, is known"],
  [/\btold (?:as|by|of|once|to nobody)\b/i, "sent as, notified of"],
  [/\bbelieve[sd]?\b/i, "trusts, not verified"],
  [/\bthe one who\b|\bhe who\b/i, "who it is, by name"],
];

/** Files whose words are somebody else's, or a standard's. */
const LEFT =
  /^(?:SPEC\.md|spec\/|docs\/api\/|.*\/test\/|.*\/CHANGELOG\.md|LICENSE|.*\/LICENSE|pnpm-lock\.yaml|scripts\/words\.mjs|neighbours\/)/;
const READ = /\.(?:ts|mts|mjs|js|md|yml|yaml|sh|py|html)$/;

const given = process.argv.slice(2);
const files = given.length > 0 ? given : execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
const found = files
  .filter((file) => READ.test(file) && !LEFT.test(file))
  .flatMap((file) =>
    readFileSync(new URL(file, `file://${root}`), "utf8")
      .split("\n")
      .flatMap((line, i) =>
        WORDS.flatMap(([word, better]) => {
          const hit = word.exec(line);
          return hit ? [`${file}:${i + 1}  ${hit[0]}  (${better})  ${line.trim()}`] : [];
        }),
      ),
  );
if (found.length > 0) {
  console.log(found.join("\n"));
  console.log(`${found.length} hits`);
  process.exit(1);
}
console.log("No hits");
