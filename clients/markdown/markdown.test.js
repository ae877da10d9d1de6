// What others made for the hosted API: Markdown through @tryfabric/martian into blocks, and out of them again through
// notion-to-md. The documents are this project's own, but for those with relative links, of which martian makes links that
// no server takes, and with pipes in tables, which notion-to-md does not escape.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { markdownToBlocks } from "@tryfabric/martian";
import { NotionToMarkdown } from "notion-to-md";
import { start } from "../js/server.js";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const documents = ["ARCHITECTURE.md", "SECURITY.md", "bench/README.md", "internal/store/DESIGN.md", "internal/query/DESIGN.md", "internal/schema/DESIGN.md"];

let server, notion;
before(async () => {
  server = await start();
  notion = server.client({ version: "2025-09-03" });
});
after(() => server.stop());

const textOf = (items) => items.map((t) => t.plain_text ?? t.text?.content ?? t.equation?.expression).join("");
const wordsOf = (block) => {
  const { rich_text, cells } = block[block.type];
  return cells ? cells.map(textOf) : rich_text && textOf(rich_text);
};

// outline is what blocks say, whether they are those of a request or those of an answer.
const outline = (blocks) => blocks.map((b) => [b.type, wordsOf(b), outline(b.children ?? b[b.type].children ?? [])]);

async function readBlocks(block_id) {
  const blocks = [];
  let start_cursor;
  do {
    const list = await notion.blocks.children.list({ block_id, start_cursor });
    blocks.push(...list.results);
    start_cursor = list.next_cursor ?? undefined;
  } while (start_cursor);
  for (const block of blocks) if (block.has_children) block.children = await readBlocks(block.id);
  return blocks;
}

async function newPage(children) {
  const { id } = await notion.pages.create({ parent: { page_id: server.page }, properties: {} });
  for (let i = 0; i < children.length; i += 100) await notion.blocks.children.append({ block_id: id, children: children.slice(i, i + 100) });
  return id;
}

async function toMarkdown(page) {
  const converter = new NotionToMarkdown({ notionClient: notion });
  return converter.toMarkdownString(await converter.pageToMarkdown(page)).parent;
}

// visible is a text without what converters write in different ways.
const visible = (markdown) => markdown.replace(/[^\p{L}\p{N}]+/gu, " ").trim();

describe("converters", () => {
  for (const name of documents) {
    test(`${name} goes in and comes out`, async () => {
      const source = readFileSync(path.join(root, name), "utf8");
      const blocks = markdownToBlocks(source);
      const page = await newPage(blocks);
      assert.deepEqual(outline(await readBlocks(page)), outline(blocks));

      const first = await toMarkdown(page);
      assert.ok(first.length > source.length / 2, `${first.length} of ${source.length} characters came out`);
      const again = await newPage(markdownToBlocks(first));
      assert.equal(visible(await toMarkdown(again)), visible(first));

      // What the server itself writes of these blocks makes the same blocks.
      const { markdown } = await notion.pages.retrieveMarkdown({ page_id: page });
      const copy = await notion.pages.create({ parent: { page_id: server.page }, properties: { title: [] }, markdown });
      assert.deepEqual(outline(await readBlocks(copy.id)), outline(blocks));
    });
  }
});
