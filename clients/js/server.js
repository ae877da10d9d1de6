// Starts the built server for a test file and gives it clients.
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "@notionhq/client";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const adminToken = "admin-token-of-the-client-tests";

// The versions whose answers the SDK's types describe.
export const versions = ["2025-09-03", "2026-03-11"];

export const readTestdata = (name) => JSON.parse(readFileSync(path.join(root, "testdata", name), "utf8"));

const operations = readTestdata("sdk_operations.json").operations.map(({ method, path: route }) => ({
  method,
  route,
  pattern: new RegExp(`^${route.replace(/\{[^}]+\}/g, "[^/]+")}$`),
}));

// start runs the server in memory, with fault injection, until stop is called.
export async function start(...flags) {
  const child = spawn(path.join(root, "bin/octavo"), ["serve", "--in-memory", "--listen", "127.0.0.1:0", "--faults", ...flags], {
    env: { ...process.env, OCTAVO_ADMIN_TOKEN: adminToken },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  const killed = () => child.kill("SIGKILL");
  process.once("exit", killed);
  let log = "";
  child.stderr.on("data", (data) => (log += data));

  const ready = await readyLine(child.stdout, exited).catch((error) => {
    throw new Error(`${error.message}\n${log}`);
  });
  return new Server(ready, async () => {
    process.removeListener("exit", killed);
    child.kill("SIGTERM");
    const code = await exited;
    if (code !== 0) throw new Error(`the server ended with ${code}\n${log}`);
  });
}

async function readyLine(stdout, exited) {
  const lines = createInterface({ input: stdout });
  const found = new Promise((resolve) => {
    lines.on("line", (line) => line.startsWith("octavo ready") && resolve(line));
  });
  const line = await Promise.race([found, exited.then((code) => Promise.reject(new Error(`the server ended with ${code}`)))]);
  return Object.fromEntries(line.split(" ").slice(2).map((pair) => pair.split(/=(.*)/s)));
}

class Server {
  constructor({ url, token, page }, stop) {
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
  async admin(method, target, body) {
    const response = await fetch(`${this.url}/_octavo/${target}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${target}: ${answer.message}`);
    return answer;
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
