import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isMentionRichTextItemResponse, isTextRichTextItemResponse } from "@notionhq/client/build/src/helpers.js";
import { readTestdata, start, versions } from "./server.js";
import { shown, shownEquation, shownMention, text, title } from "./values.js";

const { colors } = readTestdata("sdk_types.json");

let server;
before(async () => (server = await start()));
after(() => server.stop());

for (const version of versions) {
  describe(`rich text at ${version}`, () => {
    let notion;
    before(() => (notion = server.client({ version })));

    const write = async (...rich_text) => {
      const { results } = await notion.blocks.children.append({ block_id: server.page, children: [{ paragraph: { rich_text } }] });
      return results[0].paragraph.rich_text;
    };
    const mention = async (value) => (await write({ mention: value }))[0];

    test("annotations, each and together", async () => {
      for (const name of ["bold", "italic", "strikethrough", "underline", "code"]) {
        assert.deepEqual(await write(text("x", { annotations: { [name]: true } })), [shown("x", { [name]: true })]);
      }
      const all = { bold: true, italic: true, strikethrough: true, underline: true, code: true, color: "red_background" };
      assert.deepEqual(await write(text("x", { annotations: all })), [shown("x", all)]);
    });

    test("every colour", async () => {
      for (const color of colors.filter((name) => name !== "default_background")) {
        assert.deepEqual(await write(text("x", { annotations: { color } })), [shown("x", { color })]);
      }
    });

    test("links", async () => {
      const [item] = await write({ text: { content: "site", link: { url: "https://example.com/?q=1#top" } } });
      assert.deepEqual(item, shown("site", { link: "https://example.com/?q=1#top" }));
      assert.ok(isTextRichTextItemResponse(item));
    });

    test("equations", async () => {
      assert.deepEqual(await write({ equation: { expression: "e=mc^2" } }), [shownEquation("e=mc^2")]);
    });

    test("neighbours that look alike are merged, others are not", async () => {
      assert.deepEqual(await write(text("a"), text("b"), text("c", { annotations: { bold: true } }), text("d", { annotations: { bold: true } }), text("e")), [
        shown("ab"),
        shown("cd", { bold: true }),
        shown("e"),
      ]);
      assert.deepEqual(await write(text("x".repeat(2000)), text("y")), [shown("x".repeat(2000) + "y")]);
    });

    test("a text of 2,001 UTF-16 units is refused, one of 2,000 kept", async () => {
      await assert.rejects(write(text("🙂".repeat(1000) + "x")), {
        code: "validation_error",
        message: /rich_text\[0\]\.text\.content\.length should be ≤ `2000`, instead was `2001`\.$/,
      });
      assert.equal((await write(text("🙂".repeat(1000))))[0].plain_text.length, 2000);
    });

    test("a user mention holds the user", async () => {
      const person = await server.admin("POST", "users", { name: "Ada Lovelace", email: `ada-${version}@example.com` });
      const item = await mention({ user: { id: person.id } });
      assert.ok(isMentionRichTextItemResponse(item));
      const { user } = item.mention;
      assert.deepEqual([user.object, user.id, user.name, user.type, user.person.email], ["user", person.id, "Ada Lovelace", "person", person.email]);
      assert.deepEqual(item, shownMention({ type: "user", user }, "@Ada Lovelace"));
    });

    test("a page mention follows the page's title", async () => {
      const page = await notion.pages.create({ parent: { page_id: server.page }, properties: title("Before") });
      const { results } = await notion.blocks.children.append({
        block_id: server.page,
        children: [{ paragraph: { rich_text: [{ mention: { page: { id: page.id } } }] } }],
      });
      const [item] = results[0].paragraph.rich_text;
      assert.deepEqual(item.mention, { type: "page", page: { id: page.id } });
      assert.equal(item.plain_text, "Before");
      assert.ok(item.href.endsWith(page.id.replaceAll("-", "")), item.href);

      await notion.pages.update({ page_id: page.id, properties: title("After") });
      const block = await notion.blocks.retrieve({ block_id: results[0].id });
      assert.equal(block.paragraph.rich_text[0].plain_text, "After");
    });

    test("a date mention reads at minute precision with its offset", async () => {
      const date = (value, plain) => shownMention({ type: "date", date: { end: null, time_zone: null, ...value } }, plain);
      assert.deepEqual(await mention({ date: { start: "2026-09-15" } }), date({ start: "2026-09-15" }, "2026-09-15"));
      assert.deepEqual(
        await mention({ date: { start: "2026-06-15T16:57:28.513", time_zone: "Europe/London" } }),
        date({ start: "2026-06-15T16:57:00.000+01:00" }, "2026-06-15T16:57:00.000+01:00"),
      );
      assert.deepEqual(
        await mention({ date: { start: "2026-09-15", end: "2026-09-16" } }),
        date({ start: "2026-09-15", end: "2026-09-16" }, "2026-09-15 → 2026-09-16"),
      );
    });

    test("template mentions", async () => {
      const template = (value) => ({ type: "template_mention", template_mention: value });
      for (const [value, plain] of [
        [{ type: "template_mention_date", template_mention_date: "today" }, "@Today"],
        [{ type: "template_mention_date", template_mention_date: "now" }, "@Now"],
        [{ type: "template_mention_user", template_mention_user: "me" }, "@Me"],
      ]) {
        assert.deepEqual(await mention(template(value)), shownMention(template(value), plain));
      }
    });

    test("a mention of nothing is refused", async () => {
      const nobody = "5c6a2821-6bb1-8a7e-b6e1-c50111515c3d";
      for (const value of [{ page: { id: nobody } }, { database: { id: nobody } }, { user: { id: nobody } }]) {
        await assert.rejects(mention(value), (error) => ["validation_error", "object_not_found"].includes(error.code));
      }
    });
  });
}
