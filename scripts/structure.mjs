// Draws the structure of every package from its imports: no circle among files, and no two rooms that import each other, so
// that every room of a package stands on those below it and knows nothing of those above.
// Usage: node scripts/structure.mjs [--draw PACKAGE]
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const packages = ["packages", "apps"].flatMap((kind) =>
  readdirSync(join(root, kind), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${kind}/${name}`),
);
const drawn = process.argv[2] === "--draw" ? process.argv[3] : undefined;

let failed = false;
for (const name of packages) {
  const files = sourcesOf(join(root, name, "src"));
  const names = (file) => relative(join(root, name, "src"), file);
  const imports = new Map(files.map((file) => [names(file), importsOf(file).map(names)]));
  const rooms = new Map();
  for (const [file, targets] of imports) {
    const room = roomOf(file);
    const known = rooms.get(room) ?? new Set();
    for (const target of targets)
      if (roomOf(target) !== room && isRoom(room) && isRoom(roomOf(target))) known.add(roomOf(target));
    rooms.set(room, known);
  }
  report(name, "files import each other", circlesIn(imports));
  report(name, "rooms import each other", circlesIn(rooms));
  if (drawn === name || drawn === name.split("/")[1]) draw(rooms);
}
if (failed) process.exit(1);
console.log(`No circle among the files or rooms of ${packages.length} packages`);

function report(name, what, circles) {
  for (const circle of circles) {
    failed = true;
    console.error(`${name}: ${what}: ${circle.join(", ")}`);
  }
}

/** Each room after those that it stands on. */
function draw(rooms) {
  const placed = new Map();
  const floorOf = (room) => {
    if (!placed.has(room)) placed.set(room, 1 + Math.max(-1, ...[...(rooms.get(room) ?? [])].map(floorOf)));
    return placed.get(room);
  };
  for (const room of rooms.keys()) floorOf(room);
  const floors = [...placed].sort(([, a], [, b]) => b - a);
  for (const [room, floor] of floors)
    console.log(`${floor}  ${room}  ←  ${[...(rooms.get(room) ?? [])].sort().join(" ")}`);
}

/** The folder of a package's sources, or the file itself where it lies in none. */
function roomOf(file) {
  return file.split("/")[0];
}

/** What a folder's entry point exports belongs to no floor. */
function isRoom(room) {
  return room !== "index.ts";
}

function sourcesOf(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

/** The files that a file names by a relative path, for its types too. */
function importsOf(file) {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+\.tsx?)"/g)].map(([, path]) =>
    resolve(dirname(file), path),
  );
}

/** Strongly connected components with more than one member (Tarjan). */
function circlesIn(graph) {
  const state = new Map();
  const stack = [];
  const circles = [];
  const visit = (node) => {
    const own = { index: state.size, low: state.size, open: true };
    state.set(node, own);
    stack.push(node);
    for (const target of graph.get(node) ?? []) {
      const seen = state.get(target);
      if (!seen) own.low = Math.min(own.low, visit(target).low);
      else if (seen.open) own.low = Math.min(own.low, seen.index);
    }
    if (own.low !== own.index) return own;
    const circle = stack.splice(stack.indexOf(node));
    for (const member of circle) state.get(member).open = false;
    if (circle.length > 1) circles.push(circle);
    return own;
  };
  for (const node of graph.keys()) if (!state.has(node)) visit(node);
  return circles;
}
