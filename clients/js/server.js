// Starts the built server for a test file and gives it clients.
import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { Client } from "@notionhq/client";
import { admin, launch, root } from "./process.js";

// The versions whose answers the SDK's types describe.
export const versions = ["2025-09-03", "2026-03-11"];

export const readTestdata = (name) => JSON.parse(readFileSync(path.join(root, "testdata", name), "utf8"));

const operations = readTestdata("sdk_operations.json").operations.map(({ method, path: route }) => ({
  method,
  route,
  pattern: new RegExp(`^${route.replace(/\{[^}]+\}/g, "[^/]+")}$`),
}));

// start runs the server in memory, with fault injection, until stop is called.
export const start = async (...flags) => new Server(await launch("--faults", ...flags));

class Server {
  constructor({ url, token, page, stop }) {
    Object.assign(this, { url, token, page, stop });
  }

  // client returns a client of the official SDK. headers go along with each of its requests.
  client({ version, auth = this.token, retry = false, headers = {}, ...options } = {}) {
    return new Client({
      auth,
      retry,
      baseUrl: this.url,
      notionVersion: version,
      logger: () => {},
      fetch: (url, init) => this.fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
      ...options,
    });
  }

  // fetch is the platform's own, and notes each answer for clients/schema to check.
  async fetch(url, init) {
    const response = await fetch(url, init);
    const copy = response.clone();
    // An answer that a fault cuts off has no body to note.
    const body = await copy.json().catch(() => undefined);
    if (body !== undefined) note(init, new URL(url).pathname, response.status, body);
    return response;
  }

  // raw sends what the SDK would not.
  async raw(method, target, { headers = {}, body } = {}) {
    const init = { method, headers: { authorization: `Bearer ${this.token}`, "Notion-Version": "2026-03-11", ...headers }, body };
    const response = await this.fetch(this.url + target, init);
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  // admin calls an endpoint under /_octavo/.
  admin(method, target, body) {
    return admin(this.url, method, target, body);
  }

  // connect makes an integration and returns a token of it.
  async connect({ share = { workspace: true }, ...integration }) {
    const { id } = await this.admin("POST", "integrations", integration);
    if (share) await this.admin("POST", `integrations/${id}/shares`, share);
    const { token } = await this.admin("POST", "tokens", { integration_id: id });
    return token;
  }
}

function note(init, pathname, status, body) {
  const dir = process.env.OCTAVO_TEST_ANSWERS;
  if (!dir) return;
  const method = init.method.toUpperCase();
  const literalFirst = operations.filter((o) => o.method === method && o.pattern.test(pathname)).sort((a, b) => count(a) - count(b));
  const record = { method, route: literalFirst[0]?.route ?? "", version: new Headers(init.headers).get("Notion-Version") ?? "", status, body };
  appendFileSync(path.join(dir, `js-${process.pid}.ndjson`), JSON.stringify(record) + "\n");
}

const count = ({ route }) => route.split("{").length;
