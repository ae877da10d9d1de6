import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { collectPaginatedAPI, extractPageId, isFullBlock, isFullPage } from "@notionhq/client";
import { start, versions } from "./server.js";
import { bare, emoji, external, paragraph, plainText, text, title } from "./values.js";

let server;
before(async () => (server = await start()));
after(() => server.stop());

for (const version of versions) {
  describe(`pages at ${version}`, () => {
    let notion, create;
    before(() => {
      notion = server.client({ version });
      create = (more = {}) => notion.pages.create({ parent: { page_id: server.page }, properties: title("A page"), ...more });
    });
    const childIds = async (id) => (await collectPaginatedAPI(notion.blocks.children.list, { block_id: id })).map((block) => block.id);

    test("a new page reads as it was made", async () => {
      const page = await create({ icon: emoji("🥬"), cover: external("https://example.com/cover.jpg"), children: [paragraph("Hello")] });
      assert.ok(isFullPage(page));
      assert.deepEqual(page.parent, { type: "page_id", page_id: server.page });
      assert.deepEqual(page.icon, emoji("🥬"));
      assert.deepEqual(page.cover, external("https://example.com/cover.jpg"));
      assert.deepEqual(Object.keys(page.properties), ["title"]);
      assert.equal(page.properties.title.id, "title");
      assert.equal(plainText(page.properties.title.title), "A page");
      assert.deepEqual([page.in_trash, page.is_archived, page.is_locked, page.public_url], [false, false, false, null]);
      assert.equal(extractPageId(page.url), page.id);
      assert.match(page.url, /A-page-[0-9a-f]{32}$/);
      assert.deepEqual(bare(await notion.pages.retrieve({ page_id: page.id })), bare(page));
      assert.deepEqual(await notion.pages.retrieve({ page_id: page.id.replaceAll("-", "") }).then(bare), bare(page));

      const [block] = (await notion.blocks.children.list({ block_id: page.id })).results;
      assert.equal(plainText(block.paragraph.rich_text), "Hello");
    });

    test("archived is there, and last, only before 2026-03-11", async () => {
      const keys = Object.keys(bare(await create()));
      assert.deepEqual(keys.includes("archived"), version === "2025-09-03");
      assert.equal(keys.at(-1), version === "2025-09-03" ? "archived" : "public_url");
    });

    test("a page without a title, and one with the short form of one", async () => {
      const untitled = await notion.pages.create({ parent: { page_id: server.page } });
      assert.deepEqual(untitled.properties.title.title, []);
      assert.match(untitled.url, /\/[0-9a-f]{32}$/);
      const short = await create({ properties: { title: [text("Short form")] } });
      assert.equal(plainText(short.properties.title.title), "Short form");
    });

    test("title, icon, cover and lock can be changed, and icon and cover removed", async () => {
      const { id } = await create({ icon: emoji("🥬"), cover: external("https://example.com/1.jpg") });
      const changed = await notion.pages.update({
        page_id: id,
        properties: title("Renamed"),
        icon: { type: "icon", icon: { name: "pizza", color: "blue" } },
        cover: external("https://example.com/2.jpg"),
        is_locked: true,
      });
      assert.equal(plainText(changed.properties.title.title), "Renamed");
      assert.deepEqual(changed.icon, { type: "icon", icon: { name: "pizza", color: "blue" } });
      assert.deepEqual(changed.cover, external("https://example.com/2.jpg"));
      assert.equal(changed.is_locked, true);

      const cleared = await notion.pages.update({ page_id: id, icon: null, cover: null, is_locked: false });
      assert.deepEqual([cleared.icon, cleared.cover, cleared.is_locked], [null, null, false]);
      assert.equal(plainText(cleared.properties.title.title), "Renamed");
      assert.deepEqual(bare(await notion.pages.retrieve({ page_id: id })), bare(cleared));
    });

    test("an external icon, and the address of a built-in one", async () => {
      const { id, icon } = await create({ icon: external("https://example.com/icon.png") });
      assert.deepEqual(icon, external("https://example.com/icon.png"));
      const built = await notion.pages.update({ page_id: id, icon: external("https://www.notion.so/icons/snake_purple.svg") });
      assert.deepEqual(built.icon, { type: "icon", icon: { name: "snake", color: "purple" } });
    });

    test("trash and restore", async () => {
      const { id } = await create({ children: [paragraph("inside")] });
      const trashed = await notion.pages.update({ page_id: id, in_trash: true });
      assert.equal(trashed.in_trash, true);
      assert.equal((await notion.pages.retrieve({ page_id: id })).in_trash, true);
      assert.ok(!(await childIds(server.page)).includes(id));
      await assert.rejects(notion.blocks.children.list({ block_id: id }), { code: "object_not_found", status: 404 });
      await assert.rejects(notion.blocks.children.append({ block_id: id, children: [paragraph("more")] }), {
        code: "validation_error",
        message: "Can't edit block that is archived. You must unarchive the block before editing.",
      });

      const restored = await notion.pages.update({ page_id: id, in_trash: false });
      assert.equal(restored.in_trash, false);
      assert.ok((await childIds(server.page)).includes(id));
      assert.equal((await childIds(id)).length, 1);
    });

    test("deleting a page's block trashes the page", async () => {
      const { id } = await create();
      const block = await notion.blocks.delete({ block_id: id });
      assert.deepEqual([block.type, block.in_trash], ["child_page", true]);
      assert.equal((await notion.pages.retrieve({ page_id: id })).in_trash, true);
      assert.equal((await notion.pages.update({ page_id: id, in_trash: false })).in_trash, false);
    });

    test("archived is an alias only before 2026-03-11", async () => {
      const { id } = await create();
      const update = notion.pages.update({ page_id: id, archived: true });
      if (version === "2025-09-03") {
        assert.deepEqual([(await update).archived, (await update).in_trash], [true, true]);
      } else {
        await assert.rejects(update, {
          code: "validation_error",
          message: "body failed validation: body.archived should be not present, instead was `true`.",
        });
      }
    });

    test("a page is a block of its parent", async () => {
      const { id } = await create();
      assert.ok((await childIds(server.page)).includes(id));
      const block = await notion.blocks.retrieve({ block_id: id });
      assert.ok(isFullBlock(block));
      assert.deepEqual([block.type, block.child_page, block.has_children], ["child_page", { title: "A page" }, false]);
      await notion.pages.update({ page_id: id, properties: title("Renamed") });
      await notion.blocks.children.append({ block_id: id, children: [paragraph("x")] });
      const later = await notion.blocks.retrieve({ block_id: id });
      assert.deepEqual([later.child_page, later.has_children], [{ title: "Renamed" }, true]);
    });

    test("a page takes its place among the parent's children", async () => {
      const parent = await create({ children: [paragraph("one"), paragraph("two")] });
      const [one, two] = await childIds(parent.id);
      const place = async (position) => (await notion.pages.create({ parent: { page_id: parent.id }, position })).id;
      const first = await place({ type: "page_start" });
      const middle = await place({ type: "after_block", after_block: { id: one } });
      const last = await place({ type: "page_end" });
      const end = await place(undefined);
      assert.deepEqual(await childIds(parent.id), [first, one, middle, two, last, end]);
    });

    test("filter_properties picks properties and passes over unknown ids", async () => {
      const { id } = await create();
      const keys = async (...ids) => Object.keys((await notion.pages.retrieve({ page_id: id, filter_properties: ids })).properties);
      assert.deepEqual(await keys("title"), ["title"]);
      assert.deepEqual(await keys("%3DimM"), []);
      assert.deepEqual(await keys("title", "%3DimM"), ["title"]);
      const updated = await notion.pages.update({ page_id: id, filter_properties: ["%3DimM"], is_locked: true });
      assert.deepEqual(updated.properties, {});
      assert.deepEqual((await create({ filter_properties: ["%3DimM"] })).properties, {});
    });

    test("the title is a list of property items", async () => {
      const parts = [text("plain "), text("bold", { annotations: { bold: true } }), text(" end")];
      const { id } = await create({ properties: { title: { title: parts } } });
      const item = (args = {}) => notion.pages.properties.retrieve({ page_id: id, property_id: "title", ...args });
      const list = await item();
      assert.deepEqual(bare({ ...list, results: [] }), {
        object: "list", results: [], next_cursor: null, has_more: false, type: "property_item",
        property_item: { id: "title", next_url: null, type: "title", title: {} },
      });
      assert.deepEqual(list.results.map((r) => [r.object, r.type, r.id, r.title.plain_text]), [
        ["property_item", "title", "title", "plain "],
        ["property_item", "title", "title", "bold"],
        ["property_item", "title", "title", " end"],
      ]);

      const first = await item({ page_size: 2 });
      assert.equal(first.has_more, true);
      assert.ok(first.property_item.next_url.startsWith(`${server.url}/v1/pages/`), first.property_item.next_url);
      const rest = await item({ page_size: 2, start_cursor: first.next_cursor });
      assert.deepEqual([rest.results.length, rest.has_more, rest.next_cursor], [1, false, null]);
      const all = await collectPaginatedAPI(notion.pages.properties.retrieve, { page_id: id, property_id: "title", page_size: 1 });
      assert.equal(all.map((r) => r.title.plain_text).join(""), "plain bold end");
    });

    test("a page at the top of the workspace needs a connection that acts for a person", async () => {
      await assert.rejects(notion.pages.create({ parent: { workspace: true }, properties: title("Top") }), { code: "validation_error" });

      const owner = await server.admin("POST", "users", { name: "Paula" });
      const auth = await server.connect({ name: "Paula's", kind: "personal", owner_id: owner.id });
      const personal = server.client({ version, auth });
      for (const parent of [{ workspace: true }, undefined]) {
        const page = await personal.pages.create({ parent, properties: title("Top") });
        assert.deepEqual(page.parent, { type: "workspace", workspace: true });
      }
    });
  });
}
