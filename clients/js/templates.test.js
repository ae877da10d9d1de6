// Templates of data sources, which administrators mark, through the official SDK.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { start, versions } from "./server.js";

for (const version of versions) {
  describe(`templates at ${version}`, () => {
    let server, notion, source, template;
    before(async () => {
      server = await start();
      notion = server.client({ version });
      const database = await notion.databases.create({
        parent: { page_id: server.page },
        initial_data_source: { properties: { Name: { title: {} } } },
      });
      source = database.data_sources[0].id;
      template = await notion.pages.create({
        parent: { data_source_id: source },
        icon: { emoji: "📝" },
        properties: { Name: { title: [{ text: { content: "Meeting" } }] } },
        children: [{ to_do: { rich_text: [{ text: { content: "Agenda" } }] } }],
      });
      await server.admin("POST", `data_sources/${source}/templates`, { page_id: template.id, is_default: true });
    });
    after(() => server.stop());

    const content = async (page) => (await notion.blocks.children.list({ block_id: page.id })).results.map((block) => block.type);

    test("they are listed", async () => {
      const { templates, has_more } = await notion.dataSources.listTemplates({ data_source_id: source, name: "meet" });
      assert.deepEqual([templates, has_more], [[{ id: template.id, name: "Meeting", is_default: true }], false]);
      assert.deepEqual((await notion.dataSources.listTemplates({ data_source_id: source, name: "other" })).templates, []);
    });

    test("a page begins as one", async () => {
      for (const asked of [{ type: "default" }, { type: "template_id", template_id: template.id }]) {
        const page = await notion.pages.create({ parent: { data_source_id: source }, properties: {}, template: asked });
        assert.equal(page.icon.emoji, "📝");
        assert.deepEqual(await content(page), ["to_do"]);
      }
    });

    test("a page gets the content of one in place of its own", async () => {
      const page = await notion.pages.create({ parent: { data_source_id: source }, children: [{ divider: {} }] });
      await notion.pages.update({ page_id: page.id, template: { type: "template_id", template_id: template.id }, erase_content: true });
      assert.deepEqual(await content(page), ["to_do"]);
    });
  });
}
