import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { collectPaginatedAPI } from "@notionhq/client";
import { start, versions } from "./server.js";
import { bare, paragraph, plainText, text, title } from "./values.js";

let server;
before(async () => (server = await start()));
after(() => server.stop());

for (const version of versions) {
  describe(`comments at ${version}`, () => {
    let notion;
    before(() => (notion = server.client({ version })));

    const newPage = async (...children) =>
      (await notion.pages.create({ parent: { page_id: server.page }, properties: title("Comments"), children })).id;
    const comment = (page_id, words) => notion.comments.create({ parent: { page_id }, rich_text: [text(words)] });
    const notFound = { code: "object_not_found" };

    test("a comment is made, read, listed, changed and deleted", async () => {
      const page_id = await newPage();
      const made = await comment(page_id, "First");
      assert.deepEqual(made.parent, { type: "page_id", page_id });
      assert.deepEqual(made.display_name, { type: "integration", resolved_name: "Octavo" });
      assert.equal(plainText(made.rich_text), "First");

      const reply = await notion.comments.create({
        discussion_id: made.discussion_id,
        rich_text: [text("Second")],
        display_name: { type: "custom", custom: { name: "Build 7" } },
      });
      assert.deepEqual(reply.display_name, { type: "custom", resolved_name: "Build 7" });
      assert.equal((await comment(page_id, "Third")).discussion_id, made.discussion_id);
      assert.deepEqual(bare(await notion.comments.retrieve({ comment_id: made.id })), bare(made));

      const changed = await notion.comments.update({ comment_id: made.id, rich_text: [text("Changed")] });
      assert.equal(changed.discussion_id, made.discussion_id);
      const list = await collectPaginatedAPI(notion.comments.list, { block_id: page_id, page_size: 2 });
      assert.deepEqual(list.map((c) => plainText(c.rich_text)), ["Changed", "Second", "Third"]);

      assert.equal((await notion.comments.delete({ comment_id: made.id })).id, made.id);
      await assert.rejects(notion.comments.delete({ comment_id: made.id }), notFound);
      await assert.rejects(notion.comments.retrieve({ comment_id: made.id }), notFound);
      assert.equal((await notion.comments.list({ block_id: page_id })).results.length, 2);
    });

    test("comments on a block are its own", async () => {
      const page = await newPage(paragraph("Block"));
      const [block] = (await notion.blocks.children.list({ block_id: page })).results;
      const on = () => notion.comments.create({ parent: { block_id: block.id }, rich_text: [text("Here")] });
      const [one, two] = [await on(), await on()];
      assert.deepEqual(one.parent, { type: "block_id", block_id: block.id });
      assert.notEqual(one.discussion_id, two.discussion_id);
      assert.equal((await notion.comments.list({ block_id: page })).results.length, 0);
      assert.deepEqual((await notion.comments.list({ block_id: block.id })).results.map((c) => c.id), [one.id, two.id]);
    });

    test("only the author changes a comment, and only who may reads it", async () => {
      const page_id = await newPage();
      const made = await comment(page_id, "Mine");
      const other = server.client({ version, auth: await server.connect({ name: "Writer", capabilities: ["insert_comment"] }) });
      await assert.rejects(other.comments.update({ comment_id: made.id, rich_text: [] }), notFound);
      await assert.rejects(other.comments.list({ block_id: page_id }), { code: "restricted_resource" });
      const written = await other.comments.create({ discussion_id: made.discussion_id, rich_text: [text("Theirs")] });
      assert.deepEqual(bare(written), { object: "comment", id: written.id });
    });
  });
}
