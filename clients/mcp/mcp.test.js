// The official MCP server over stdio, with each of its tools, against the built server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createRequire } from "node:module";
import path from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { start } from "../js/server.js";

const cli = path.join(path.dirname(createRequire(import.meta.url).resolve("@notionhq/notion-mcp-server/package.json")), "bin/cli.mjs");

let server;
before(async () => (server = await start()));
after(() => server.stop());

// connect starts the MCP server for a client of the Model Context Protocol, until the test ends.
async function connect(t, env) {
  const client = new Client({ name: "octavo-test", version: "1" });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [cli], env: { PATH: process.env.PATH, BASE_URL: server.url, ...env } }),
  );
  t.after(() => client.close());
  return client;
}

const text = (content) => [{ text: { content } }];
const title = (content) => ({ title: text(content) });
const paragraph = (content) => ({ type: "paragraph", paragraph: { rich_text: text(content) } });

// The tools by name, each with what it is called with and what must come of it. What one makes, the next ones use: `on`
// holds it.
const calls = [
  ["get-self", () => ({}), (o) => assert.equal(o.type, "bot")],
  ["get-users", () => ({ page_size: 10 }), (o, on) => (on.user = o.results.find((u) => u.type === "person").id)],
  ["get-user", (on) => ({ user_id: on.user }), (o, on) => assert.equal(o.id, on.user)],
  ["post-page", (on) => ({ parent: { page_id: on.root }, properties: title("From a tool") }), (o, on) => (on.page = o.id)],
  ["retrieve-a-page", (on) => ({ page_id: on.page }), (o, on) => assert.equal(o.parent.page_id, on.root)],
  ["patch-page", (on) => ({ page_id: on.page, properties: title("Renamed") }), (o) => assert.match(o.url, /\/Renamed-/)],
  ["retrieve-a-page-property", (on) => ({ page_id: on.page, property_id: "title" }), (o) => assert.equal(o.results[0].title.plain_text, "Renamed")],
  [
    "patch-block-children",
    (on) => ({ block_id: on.page, children: [paragraph("first"), paragraph("last")] }),
    (o, on) => ([on.block, on.last] = o.results.map((b) => b.id)),
  ],
  [
    "patch-block-children",
    (on) => ({ block_id: on.page, children: [paragraph("between")], after: on.block }),
    (o) => assert.deepEqual(o.results.map((b) => b.paragraph.rich_text[0].plain_text), ["between", "last"]),
  ],
  ["get-block-children", (on) => ({ block_id: on.page, page_size: 2 }), (o) => assert.equal(o.has_more, true)],
  ["retrieve-a-block", (on) => ({ block_id: on.block }), (o) => assert.equal(o.type, "paragraph")],
  ["update-a-block", (on) => ({ block_id: on.block, archived: false }), (o) => assert.equal(o.archived, false)],
  ["delete-a-block", (on) => ({ block_id: on.last }), (o) => assert.equal(o.archived, true)],
  ["retrieve-page-markdown", (on) => ({ page_id: on.page }), (o) => assert.equal(o.markdown, "first\nbetween")],
  [
    "update-page-markdown",
    (on) => ({ page_id: on.page, type: "update_content", update_content: { content_updates: [{ old_str: "between", new_str: "**amid**" }] } }),
    (o) => assert.equal(o.markdown, "first\n**amid**"),
  ],
  [
    "update-page-markdown",
    (on) => ({ page_id: on.page, type: "replace_content", replace_content: { new_str: "- all\n- new" } }),
    (o) => assert.equal(o.markdown, "- all\n- new"),
  ],
  ["create-a-comment", (on) => ({ parent: { page_id: on.page }, rich_text: text("Well said") }), (o, on) => assert.equal(o.parent.page_id, on.page)],
  ["retrieve-a-comment", (on) => ({ block_id: on.page }), (o) => assert.ok(Array.isArray(o.results))],
  ["retrieve-a-database", (on) => ({ database_id: on.database }), (o, on) => (on.source = o.data_sources[0].id)],
  ["retrieve-a-data-source", (on) => ({ data_source_id: on.source }), (o) => assert.deepEqual(Object.keys(o.properties), ["Name"])],
  [
    "update-a-data-source",
    (on) => ({ data_source_id: on.source, title: text("Tasks"), properties: { Done: { checkbox: {} } } }),
    (o) => assert.equal(o.properties.Done.type, "checkbox"),
  ],
  [
    "create-a-data-source",
    (on) => ({ parent: { type: "database_id", database_id: on.database }, properties: { Word: { title: {} } }, title: text("Second") }),
    (o, on) => assert.notEqual(o.id, on.source),
  ],
  ["post-page", (on) => ({ parent: { type: "data_source_id", data_source_id: on.source }, properties: { Name: title("A row"), Done: { checkbox: true } } }), (o, on) => (on.row = o.id)],
  [
    "query-data-source",
    (on) => ({ data_source_id: on.source, filter: { property: "Done", checkbox: { equals: true } }, page_size: 5 }),
    (o, on) => assert.deepEqual(o.results.map((r) => r.id), [on.row]),
  ],
  ["list-data-source-templates", (on) => ({ data_source_id: on.source }), (o) => assert.deepEqual(o.templates, [])],
  ["move-page", (on) => ({ page_id: on.row, parent: { type: "page_id", page_id: on.page } }), (o, on) => assert.equal(o.parent.page_id, on.page)],
  ["post-search", () => ({ query: "Renamed", filter: { property: "object", value: "page" } }), (o, on) => assert.ok(o.results.some((r) => r.id === on.page))],
];

// each calls the tools one after the other.
async function each(client, refusals = {}) {
  const database = await server.client({ version: "2025-09-03" }).databases.create({
    parent: { page_id: server.page },
    title: text("Base"),
    initial_data_source: { properties: { Name: { title: {} } } },
  });
  const on = { root: server.page, database: database.id };
  for (const [name, args, check] of calls) {
    const { content } = await client.callTool({ name: `API-${name}`, arguments: args(on) });
    const answer = JSON.parse(content[0].text);
    if (refusals[name]) {
      assert.deepEqual([answer.status, answer.code], refusals[name], name);
      continue;
    }
    assert.ok(!(answer.status >= 400), `${name}: ${content[0].text}`);
    check(answer, on);
  }
}

describe("the official MCP server", () => {
  test("every tool is tried here", async (t) => {
    const client = await connect(t, { NOTION_TOKEN: server.token });
    const names = (await client.listTools()).tools.map((tool) => tool.name.replace("API-", ""));
    assert.equal(names.length, 24);
    assert.deepEqual([...new Set(calls.map(([name]) => name))].sort(), names.sort());
  });

  test("with a token, every tool works but the one that sends no Notion-Version", async (t) => {
    const client = await connect(t, { NOTION_TOKEN: server.token });
    await each(client, { "create-a-comment": [400, "missing_version"] });
  });

  test("with a version in OPENAPI_MCP_HEADERS, every tool works", async (t) => {
    const headers = JSON.stringify({ Authorization: `Bearer ${server.token}`, "Notion-Version": "2025-09-03" });
    const client = await connect(t, { OPENAPI_MCP_HEADERS: headers });
    await each(client);
  });
});
