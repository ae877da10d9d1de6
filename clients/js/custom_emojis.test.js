// Custom emojis, which administrators add, through the official SDK.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { collectPaginatedAPI } from "@notionhq/client";
import { start, versions } from "./server.js";

for (const version of versions) {
  describe(`custom emojis at ${version}`, () => {
    let server, notion;
    before(async () => {
      server = await start();
      notion = server.client({ version });
      for (const name of ["ship", "tree", "shipped"]) {
        await server.admin("POST", "emojis", { name, url: `https://example.com/${name}.png` });
      }
    });
    after(() => server.stop());

    test("they are listed, all or by name", async () => {
      const all = await collectPaginatedAPI(notion.customEmojis.list, { page_size: 1 });
      assert.deepEqual(all.map(({ name }) => name).sort(), ["ship", "shipped", "tree"]);
      const { results, has_more } = await notion.customEmojis.list({ name: "ship" });
      assert.deepEqual([results.map(({ name, url }) => [name, url]), has_more], [[["ship", "https://example.com/ship.png"]], false]);
    });

    test("one is an icon and stands in text", async () => {
      const [ship] = (await notion.customEmojis.list({ name: "ship" })).results;
      const page = await notion.pages.create({
        parent: { page_id: server.page },
        icon: { type: "custom_emoji", custom_emoji: { id: ship.id } },
        children: [{ paragraph: { rich_text: [{ mention: { custom_emoji: { id: ship.id } } }] } }],
      });
      assert.deepEqual([page.icon.type, page.icon.custom_emoji.name], ["custom_emoji", "ship"]);
      const [block] = (await notion.blocks.children.list({ block_id: page.id })).results;
      assert.equal(block.paragraph.rich_text[0].plain_text, ":ship:");
    });
  });
}
