// Draws docs/images/how-it-works-{light,dark}.svg: who sends what to whom, from the authority to the answer.
// Usage: node scripts/sequence-diagram.mjs [--check]   (--check: change nothing, fail if a picture would change)
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FONT = "ui-sans-serif, system-ui, sans-serif";
const COLOURS = {
  light: { text: "#1f2328", quiet: "#59636e", line: "#8c959f", box: "#f6f8fa", page: "#ffffff", accent: "#0969da" },
  dark: { text: "#f0f6fc", quiet: "#9198a1", line: "#656c76", box: "#151b23", page: "#0d1117", accent: "#4493f8" },
};

/** Each party, and the middle of its line. */
const PARTIES = { Authority: 95, Agent: 335, Guard: 585, Handler: 815 };

/** From, to, what is sent, and what is said about it underneath. */
const MESSAGES = [
  ["Agent", "Authority", "who I am, and my public key", "a platform's token, and a signature"],
  ["Authority", "Agent", "attestation", "signed, short-lived, bound to that key"],
  ["Agent", "Guard", "request + attestation + proof", "covers this request, is used once"],
  ["Guard", "Guard", "verifies both", "issuer, signature, times, key, request, replay"],
  ["Guard", "Handler", "request + verified identity", "nothing unverified comes this far"],
  ["Handler", "Agent", "answer", "with the guard's status: verified, or refused and why"],
];

const WIDTH = 910;
const HEAD = 66;
const STEP = 62;
const HEIGHT = HEAD + STEP * MESSAGES.length + 16;

let stale = false;
for (const [scheme, colours] of Object.entries(COLOURS)) {
  const file = fileURLToPath(new URL(`../docs/images/how-it-works-${scheme}.svg`, import.meta.url));
  const picture = draw(colours);
  if (!process.argv.includes("--check")) writeFileSync(file, picture);
  else if (readFileSync(file, "utf8") !== picture) stale = true;
}
if (stale) {
  console.error("docs/images is not what scripts/sequence-diagram.mjs draws: run it");
  process.exit(1);
}

function draw(colours) {
  const lines = Object.entries(PARTIES).map(
    ([
      name,
      x,
    ]) => `<line x1="${x}" y1="46" x2="${x}" y2="${HEIGHT - 8}" stroke="${colours.line}" stroke-dasharray="3 4"/>
<rect x="${x - 62}" y="10" width="124" height="36" rx="8" fill="${colours.box}" stroke="${colours.line}"/>
${text(x, 33, name, colours.text, 15, "600")}`,
  );
  const arrows = MESSAGES.map(([from, to, what, about], i) =>
    arrow(from, to, what, about, HEAD + STEP * i + 30, colours),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${summary()}" font-family="${FONT}">
<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
<path d="M0 0 L8 4 L0 8 z" fill="${colours.accent}"/></marker></defs>
<rect width="${WIDTH}" height="${HEIGHT}" rx="12" fill="${colours.page}"/>
${lines.join("\n")}
${arrows.join("\n")}
</svg>
`;
}

function arrow(from, to, what, about, y, colours) {
  const start = PARTIES[from];
  const end = PARTIES[to];
  if (start === end) {
    const loop = `M${start} ${y - 8} h46 v18 h-40`;
    return `<path d="${loop}" fill="none" stroke="${colours.accent}" stroke-width="1.6" marker-end="url(#end)"/>
${label(start + 60, y, what, about, colours, "start")}`;
  }
  const tip = end - Math.sign(end - start) * 3;
  return `<line x1="${start}" y1="${y}" x2="${tip}" y2="${y}" stroke="${colours.accent}" stroke-width="1.6" marker-end="url(#end)"/>
${label((start + end) / 2, y - 7, what, about, colours, "middle", y + 16)}`;
}

function label(x, y, what, about, colours, anchor, below = y + 16) {
  return `${text(x, y, what, colours.text, 14, "500", anchor, colours.page)}
${text(x, below, about, colours.quiet, 11, "400", anchor, colours.page)}`;
}

/** @param halo The colour around the letters, where a line would run through them. */
function text(x, y, content, fill, size, weight, anchor = "middle", halo = "none") {
  const written = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" fill="${fill}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" stroke="${halo}" stroke-width="5" paint-order="stroke">${written}</text>`;
}

/** The picture in words, for those who do not see it. */
function summary() {
  return MESSAGES.map(([from, to, what]) => `${from} to ${to}: ${what}`).join(". ");
}
