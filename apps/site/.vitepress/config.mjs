import { readFileSync } from "node:fs";
import { defineConfig } from "vitepress";
import { slugger } from "../slug.mjs";

const sidebar = JSON.parse(readFileSync(new URL("../.pages/sidebar.json", import.meta.url), "utf8"));

export default defineConfig({
  title: "@attest",
  description: "Cryptographic identity for the AI agents that call MCP servers",
  lang: "en",
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "/mark.svg" }]],
  srcDir: ".pages",
  outDir: "dist",
  cleanUrls: false,
  // check-links.mjs checks what comes out, anchors too.
  ignoreDeadLinks: true,
  markdown: {
    // With the contrast that WCAG AA asks for.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    anchor: { slugify: slugger },
  },
  // The index of the search is one file, and is fetched when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  themeConfig: {
    sidebar,
    outline: { level: 2 },
    search: { provider: "local" },
    nav: [
      { text: "Guides", link: "/docs/" },
      { text: "API", link: "/docs/api/" },
      { text: "Protocol", link: "/SPEC" },
    ],
    docFooter: { prev: false, next: false },
  },
});
