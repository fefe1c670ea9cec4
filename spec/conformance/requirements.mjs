/** The key words of BCP 14. */
const KEYWORD = /\b(MUST|SHOULD|MAY|SHALL|REQUIRED|RECOMMENDED|OPTIONAL)\b/;

/**
 * The numbered requirements of a specification in Markdown, in their order, and the paragraphs that require something without a
 * number, which nothing could cite.
 */
export function requirementsIn(markdown) {
  const requirements = [];
  const unnumbered = [];
  let section = "";
  for (const paragraph of markdown.split(/\n(?=- )|\n\n/)) {
    section = /^## (.+)$/m.exec(paragraph)?.[1] ?? section;
    const [, id, text] = /^- \*\*SPEC-(\d+\.\d+)\*\* (.+)$/s.exec(paragraph) ?? [];
    if (id) requirements.push({ id, text: text.replace(/\s+/g, " ").trim(), anchor: anchorOf(section) });
    else if (KEYWORD.test(paragraph) && !/BCP 14/.test(paragraph)) unnumbered.push(paragraph);
  }
  return { requirements, unnumbered };
}

/** The strongest of the key words in a requirement: `MUST`, `SHOULD` or `MAY`, `undefined` where it has none of them. */
export function keywordOf(text) {
  if (/\b(MUST|SHALL|REQUIRED)\b/.test(text)) return "MUST";
  if (/\b(SHOULD|RECOMMENDED)\b/.test(text)) return "SHOULD";
  return KEYWORD.test(text) ? "MAY" : undefined;
}

/** What links to a heading: lower case, without punctuation, hyphens for spaces. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
}
