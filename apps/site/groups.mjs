// How the pages are grouped in the site's sidebar: by what a reader wants to do. Every page of docs/ stands in one of them.

/** The groups in order, each with its pages as paths in the repository. What a page is called is its first heading. */
export const GROUPS = [
  {
    title: "Start",
    pages: [
      "docs/getting-started.md",
      "docs/why-refused.md",
      "docs/troubleshooting.md",
      "docs/neighbours.md",
      "docs/threat-model.md",
    ],
  },
  {
    title: "Guard a server",
    pages: [
      "docs/guard-express.md",
      "packages/mcp-server/README.md",
      "docs/testing.md",
      "docs/every-route-is-guarded.md",
      "docs/rolling-out.md",
      "docs/with-oauth.md",
      "docs/behind-a-proxy.md",
      "docs/around-the-guard.md",
      "docs/cors.md",
      "docs/tool-definitions.md",
    ],
  },
  {
    title: "Attest an agent",
    pages: [
      "docs/attest-over-the-network.md",
      "packages/mcp-client/README.md",
      "docs/sub-agents.md",
      "docs/tickets.md",
      "docs/with-an-unchanged-client.md",
      "docs/migrating-from-0.1.0.md",
    ],
  },
  {
    title: "Gateway",
    pages: [
      "docs/put-it-before-what-you-have.md",
      "packages/gateway/README.md",
      "docs/behind-a-gateway.md",
      "deploy/gateway/README.md",
    ],
  },
  {
    title: "Trust and authorities",
    pages: [
      "docs/run-an-authority.md",
      "docs/authority-configuration.md",
      "packages/authority/README.md",
      "docs/keys-and-incidents.md",
      "packages/jwks/README.md",
      "docs/enterprise-over-provider.md",
      "docs/spire.md",
    ],
  },
  {
    title: "Operate",
    pages: [
      "docs/production-checklist.md",
      "docs/scaling.md",
      "docs/what-it-costs.md",
      "packages/observability/README.md",
      "packages/cli/README.md",
      "packages/cache-redis/README.md",
      "docs/when-an-agent-must-stop.md",
      "docs/revoking.md",
      "packages/status-list/README.md",
    ],
  },
  {
    title: "Reference",
    pages: [
      "docs/api/README.md",
      "SPEC.md",
      "docs/threats.md",
      "packages/core/README.md",
      "packages/attacks/README.md",
      "packages/vectors/README.md",
      "docs/proposal.md",
      "docs/extending.md",
      "docs/writing-a-replay-cache.md",
      "CONTRIBUTING.md",
    ],
  },
];

/** Pages of docs/ that the sidebar leaves out: the list of all pages, and what the API's index leads to. */
export const UNLISTED = /^docs\/(?:README\.md$|api\/(?!README))/;
