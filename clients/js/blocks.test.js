import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { collectPaginatedAPI, isFullBlock, iteratePaginatedAPI } from "@notionhq/client";
import { blockTypes } from "./block_types.js";
import { readTestdata, start, versions } from "./server.js";
import { bare, emoji, paragraph, plainText, shown, text, title } from "./values.js";

let server;
before(async () => (server = await start()));
after(() => server.stop());

for (const version of versions) {
  describe(`blocks at ${version}`, () => {
    let notion;
    before(() => (notion = server.client({ version })));

    const newPage = async (...children) =>
      (await notion.pages.create({ parent: { page_id: server.page }, properties: title("Blocks"), children })).id;
    const append = async (id, ...children) => (await notion.blocks.children.append({ block_id: id, children })).results;
    const children = (id) => collectPaginatedAPI(notion.blocks.children.list, { block_id: id });
    const words = (blocks) => blocks.map((block) => plainText(block[block.type].rich_text));

    test("every type that can be made is made, read and updated", async () => {
      const page = await newPage();
      const [original] = await append(page, { synced_block: { synced_from: null, children: [paragraph("synced")] } });
      const types = blockTypes({ page, other: server.page, original: original.id });
      const made = await append(page, ...Object.entries(types).map(([type, { send }]) => ({ type, [type]: send })));

      const covered = new Set(Object.keys(types).concat(Object.values(types).flatMap((row) => row.children ?? [])));
      assert.deepEqual([...covered].sort(), readTestdata("sdk_types.json").block_request_types.toSorted());
      assert.deepEqual(made.map((block) => block.type), Object.keys(types));

      const listed = await children(page);
      for (const [i, block] of made.entries()) {
        const row = types[block.type];
        assert.ok(isFullBlock(block), block.type);
        assert.deepEqual(block[block.type], row.made, block.type);
        assert.deepEqual(block.parent, { type: "page_id", page_id: page });
        assert.equal(block.has_children, row.children !== undefined || block.type === "synced_block", block.type);
        assert.equal("archived" in block, version === "2025-09-03");
        assert.deepEqual(listed[i + 1], block, block.type);
        assert.deepEqual(bare(await notion.blocks.retrieve({ block_id: block.id })), block);
        if (row.children) {
          assert.deepEqual((await children(block.id)).map((child) => child.type), row.children, block.type);
        }
        if (row.update) {
          const updated = await notion.blocks.update({ block_id: block.id, [block.type]: row.update });
          assert.deepEqual(updated[block.type], row.changed, `${block.type} after the update`);
          assert.deepEqual(bare(await notion.blocks.retrieve({ block_id: block.id })), bare(updated));
        }
      }
    });

    test("children two levels deep come in one request, and are read level by level", async () => {
      const page = await newPage();
      const [top] = await append(page, {
        toggle: { rich_text: [text("1")], children: [{ bulleted_list_item: { rich_text: [text("2")], children: [paragraph("3")] } }] },
      });
      assert.equal(top.has_children, true);
      assert.equal("children" in top.toggle, false);
      const [second] = await children(top.id);
      const [third] = await children(second.id);
      assert.deepEqual(second.parent, { type: "block_id", block_id: top.id });
      assert.equal(plainText(third.paragraph.rich_text), "3");
      assert.equal(third.has_children, false);

      const deeper = { toggle: { rich_text: [], children: [{ toggle: { rich_text: [], children: [{ toggle: { rich_text: [], children: [paragraph("4")] } }] } }] } };
      await assert.rejects(append(page, deeper), { code: "validation_error", message: /children\[0\]\.toggle\.children should be not present/ });
      assert.equal((await children(page)).length, 1);
    });

    test("a heading holds children only when it is toggleable", async () => {
      const page = await newPage();
      const [toggle, plain] = await append(
        page,
        { heading_2: { rich_text: [text("t")], is_toggleable: true, children: [paragraph("inside")] } },
        { heading_2: { rich_text: [text("p")] } },
      );
      assert.deepEqual([toggle.heading_2.is_toggleable, toggle.has_children], [true, true]);
      await assert.rejects(append(plain.id, paragraph("x")), { code: "validation_error" });
      await assert.rejects(notion.blocks.update({ block_id: toggle.id, heading_2: { rich_text: [text("t")], is_toggleable: false } }), {
        code: "validation_error",
      });
    });

    test("lists are cut into parts of at most 100", async () => {
      const page = await newPage();
      const numbers = Array.from({ length: 105 }, (_, i) => String(i));
      await append(page, ...numbers.slice(0, 100).map((n) => paragraph(n)));
      await append(page, ...numbers.slice(100).map((n) => paragraph(n)));

      const list = (args) => notion.blocks.children.list({ block_id: page, ...args });
      const first = await list();
      assert.deepEqual([first.object, first.type, first.block, first.results.length, first.has_more], ["list", "block", {}, 100, true]);
      const second = await list({ start_cursor: first.next_cursor });
      assert.deepEqual([second.results.length, second.has_more, second.next_cursor], [5, false, null]);
      assert.equal(first.next_cursor, second.results[0].id);
      assert.deepEqual(words(await children(page)), numbers);

      const seen = [];
      for await (const block of iteratePaginatedAPI(notion.blocks.children.list, { block_id: page, page_size: 20 })) seen.push(block);
      assert.deepEqual(words(seen), numbers);
    });

    test("more than 100 children are refused, and nothing is written", async () => {
      const page = await newPage();
      await assert.rejects(append(page, ...Array.from({ length: 101 }, () => paragraph("x"))), {
        code: "validation_error",
        message: "body failed validation: body.children.length should be ≤ `100`, instead was `101`.",
      });
      assert.deepEqual(await children(page), []);
    });

    test("an append at the end answers with the new blocks, elsewhere with all from there on", async () => {
      const page = await newPage(paragraph("a"), paragraph("b"));
      const [a] = await children(page);
      const at = async (position, ...texts) =>
        words((await notion.blocks.children.append({ block_id: page, children: texts.map((t) => paragraph(t)), position })).results);
      assert.deepEqual(await at(undefined, "c"), ["c"]);
      assert.deepEqual(await at({ type: "end" }, "d", "e"), ["d", "e"]);
      assert.deepEqual(await at({ type: "after_block", after_block: { id: a.id } }, "a1", "a2"), ["a1", "a2", "b", "c", "d", "e"]);
      assert.deepEqual(await at({ type: "start" }, "0"), ["0", "a", "a1", "a2", "b", "c", "d", "e"]);
      assert.deepEqual(words(await children(page)), ["0", "a", "a1", "a2", "b", "c", "d", "e"]);
    });

    test("after is the older form of after_block, gone at 2026-03-11", async () => {
      const page = await newPage(paragraph("a"), paragraph("b"));
      const [a] = await children(page);
      const request = notion.blocks.children.append({ block_id: page, children: [paragraph("new")], after: a.id });
      if (version === "2025-09-03") {
        assert.deepEqual(words((await request).results), ["new", "b"]);
        assert.deepEqual(words(await children(page)), ["a", "new", "b"]);
      } else {
        await assert.rejects(request, { message: `body failed validation: body.after should be not present, instead was \`"${a.id}"\`.` });
      }
    });

    test("a place after a block of another page is refused", async () => {
      const page = await newPage(paragraph("a"));
      const [other] = await children(await newPage(paragraph("elsewhere")));
      const position = { type: "after_block", after_block: { id: other.id } };
      await assert.rejects(notion.blocks.children.append({ block_id: page, children: [paragraph("x")], position }), { code: "validation_error" });
      assert.equal((await children(page)).length, 1);
    });

    test("an update keeps what it does not name, and the type", async () => {
      const page = await newPage({ to_do: { rich_text: [text("task")], checked: true, color: "green" } });
      const [block] = await children(page);
      const updated = await notion.blocks.update({ block_id: block.id, to_do: { rich_text: [text("renamed")] } });
      assert.deepEqual(updated.to_do, { rich_text: [shown("renamed")], checked: true, color: "green" });
      await assert.rejects(notion.blocks.update({ block_id: block.id, ...paragraph("x") }), { code: "validation_error" });
      assert.equal((await notion.blocks.retrieve({ block_id: block.id })).type, "to_do");
    });

    test("delete and restore", async () => {
      const page = await newPage(paragraph("a"), paragraph("b"), paragraph("c"));
      const [, b] = await children(page);
      const deleted = await notion.blocks.delete({ block_id: b.id });
      assert.deepEqual([deleted.id, deleted.in_trash, plainText(deleted.paragraph.rich_text)], [b.id, true, "b"]);
      assert.deepEqual(words(await children(page)), ["a", "c"]);
      assert.equal((await notion.blocks.retrieve({ block_id: b.id })).in_trash, true);

      const archived = {
        code: "validation_error",
        message: "Can't edit block that is archived. You must unarchive the block before editing.",
      };
      await assert.rejects(notion.blocks.update({ block_id: b.id, ...paragraph("x") }), archived);
      await assert.rejects(notion.blocks.delete({ block_id: b.id }), archived);
      await assert.rejects(append(b.id, paragraph("x")), archived);

      const restored = await notion.blocks.update({ block_id: b.id, in_trash: false });
      assert.equal(restored.in_trash, false);
      assert.deepEqual(words(await children(page)), ["a", "b", "c"]);
    });

    test("has_children follows the children", async () => {
      const page = await newPage(paragraph("parent"));
      const [parent] = await children(page);
      const has = async () => (await notion.blocks.retrieve({ block_id: parent.id })).has_children;
      assert.equal(await has(), false);
      const [child] = await append(parent.id, paragraph("child"));
      assert.equal(await has(), true);
      await notion.blocks.delete({ block_id: child.id });
      assert.equal(await has(), false);
    });

    test("a synced block and its copy share their children", async () => {
      const page = await newPage();
      const [original] = await append(page, { synced_block: { synced_from: null, children: [paragraph("shared")] } });
      assert.deepEqual(original.synced_block, { synced_from: null });
      const [copy] = await append(page, { synced_block: { synced_from: { type: "block_id", block_id: original.id } } });
      assert.deepEqual([copy.synced_block.synced_from.block_id, copy.has_children], [original.id, true]);
      assert.deepEqual(words(await children(copy.id)), ["shared"]);
      await append(original.id, paragraph("later"));
      assert.deepEqual(words(await children(copy.id)), ["shared", "later"]);
    });

    test("tables hold rows of their width", async () => {
      const page = await newPage();
      const row = (...cells) => ({ table_row: { cells: cells.map((cell) => (cell ? [text(cell)] : [])) } });
      const [table] = await append(page, { table: { table_width: 2, has_column_header: true, children: [row("a", "b"), row("c", "")] } });
      const cells = async () => (await children(table.id)).map((r) => r.table_row.cells.map(plainText));
      assert.deepEqual(await cells(), [["a", "b"], ["c", ""]]);

      const [added] = await append(table.id, row("e", "f"));
      const changed = await notion.blocks.update({ block_id: added.id, ...row("g", "h") });
      assert.deepEqual(changed.table_row.cells, [[shown("g")], [shown("h")]]);
      await notion.blocks.delete({ block_id: (await children(table.id))[0].id });
      assert.deepEqual(await cells(), [["c", ""], ["g", "h"]]);

      await assert.rejects(append(table.id, row("only one")), { code: "validation_error" });
      await assert.rejects(append(table.id, paragraph("no row")), { code: "validation_error" });
      await assert.rejects(append(page, row("a", "b")), { code: "validation_error" });
    });

    test("columns have a width when they were given one", async () => {
      const page = await newPage();
      const column = (content, more) => ({ column: { children: [paragraph(content)], ...more } });
      const [list] = await append(page, { column_list: { children: [column("left"), column("right", { width_ratio: 0.25 })] } });
      const [left, right] = await children(list.id);
      assert.deepEqual([left.column, right.column], [{}, { width_ratio: 0.25 }]);
      assert.deepEqual(words(await children(right.id)), ["right"]);
      const wider = await notion.blocks.update({ block_id: left.id, column: { width_ratio: 0.75 } });
      assert.deepEqual(wider.column, { width_ratio: 0.75 });
      await append(list.id, column("third"));
      assert.equal((await children(list.id)).length, 3);
      await assert.rejects(append(page, column("loose")), { code: "validation_error" });
    });

    test("tabs are paragraphs with a label, an icon and content", async () => {
      const page = await newPage();
      const [tab] = await append(page, { tab: { children: [paragraph("One", { icon: emoji("🔥"), children: [paragraph("content")] })] } });
      assert.deepEqual(tab.tab, {});
      await append(tab.id, paragraph("Two"));
      const [one, two] = await children(tab.id);
      assert.deepEqual(words([one, two]), ["One", "Two"]);
      assert.deepEqual([one.paragraph.icon, two.paragraph.icon], [emoji("🔥"), null]);
      assert.deepEqual(words(await children(one.id)), ["content"]);
      await assert.rejects(append(tab.id, { divider: {} }), { code: "validation_error" });
    });
  });
}
