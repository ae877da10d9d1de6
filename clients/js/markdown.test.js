import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { start, versions } from "./server.js";
import { bare, plainText, text, title } from "./values.js";

let server;
before(async () => (server = await start()));
after(() => server.stop());

const document = `# Release notes
Everything **new**, and [where it is](https://example.com).
- one
	- below one
1. first
2. second
- [ ] to do
- [x] done
> said
\`\`\`go
fmt.Println("hi")
\`\`\`
---
<details>
<summary>More</summary>
	here
</details>`;

for (const version of versions) {
  describe(`markdown at ${version}`, () => {
    let notion;
    before(() => (notion = server.client({ version })));

    const newPage = (markdown, properties) =>
      notion.pages.create({ parent: { page_id: server.page }, markdown, ...(properties && { properties }) });
    const update = (page_id, type, command) => notion.pages.updateMarkdown({ page_id, type, [type]: command });

    test("a page is made from text, reads the same, and takes its heading for its title", async () => {
      const page = await newPage(document);
      assert.equal(plainText(page.properties.title.title), "Release notes");
      const read = await notion.pages.retrieveMarkdown({ page_id: page.id });
      assert.deepEqual(bare(read), {
        object: "page_markdown",
        id: page.id,
        markdown: document.split("\n").slice(1).join("\n"),
        truncated: false,
        unknown_block_ids: [],
      });
      const titled = await newPage(document, title("Given"));
      assert.equal((await notion.pages.retrieveMarkdown({ page_id: titled.id })).markdown, document);
    });

    test("each command changes what it says, and blocks keep their ids", async () => {
      const { id } = await newPage("one\ntwo\nthree", title("Commands"));
      const ids = async () => (await notion.blocks.children.list({ block_id: id })).results.map((b) => b.id);
      const before = await ids();
      const now = async (type, command) => (await update(id, type, command)).markdown;
      assert.equal(await now("insert_content", { content: "zero", position: { type: "start" } }), "zero\none\ntwo\nthree");
      assert.equal(await now("update_content", { content_updates: [{ old_str: "two", new_str: "**2**" }] }), "zero\none\n**2**\nthree");
      assert.equal(await now("replace_content_range", { content: "", content_range: "zero" }), "one\n**2**\nthree");
      assert.equal(await now("replace_content", { new_str: "1\n**2**\nthree!" }), "1\n**2**\nthree!");
      assert.deepEqual(await ids(), before);
    });

    test("child pages go only when that is allowed", async () => {
      const { id } = await newPage("text", title("Parent"));
      const child = await notion.pages.create({ parent: { page_id: id }, properties: title("Child") });
      await assert.rejects(update(id, "replace_content", { new_str: "" }), {
        code: "validation_error",
        message: /^This operation would delete 1 child page\(s\) or database\(s\): page: "Child"/,
      });
      const { markdown } = await update(id, "replace_content", { new_str: "", allow_deleting_content: true });
      assert.equal(markdown, "");
      assert.equal((await notion.pages.retrieve({ page_id: child.id })).in_trash, true);
    });

    // done polls a task as clients do.
    const done = async ({ id: task_id, poll_after_seconds }) => {
      assert.equal(poll_after_seconds, 2);
      for (;;) {
        const task = await notion.asyncTasks.retrieve({ task_id });
        if (task.status === "succeeded" || task.status === "failed") return task;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };

    test("with allow_async a task does the work", async () => {
      const accepted = await notion.pages.create({ parent: { page_id: server.page }, markdown: "# Later\ntext", allow_async: true });
      assert.equal(accepted.object, "async_task");
      assert.equal(accepted.status_url, `${server.url}/v1/async_tasks/${accepted.id}`);
      const { result: page } = await done(accepted);
      assert.equal(plainText(page.properties.title.title), "Later");
      const command = { type: "replace_content", replace_content: { new_str: "changed" }, allow_async: true };
      const { result } = await done(await notion.pages.updateMarkdown({ page_id: page.id, ...command }));
      assert.equal(result.markdown, "changed");
      const missing = { type: "update_content", update_content: { content_updates: [{ old_str: "x", new_str: "y" }] }, allow_async: true };
      const failed = await done(await notion.pages.updateMarkdown({ page_id: page.id, ...missing }));
      assert.deepEqual([failed.status, failed.error.status, failed.error.code], ["failed", 400, "validation_error"]);
    });

    test("comments are written as text", async () => {
      const comment = await notion.comments.create({ parent: { page_id: server.page }, markdown: "so **bold**" });
      assert.deepEqual(comment.rich_text.map((t) => [t.plain_text, t.annotations.bold]), [["so ", false], ["bold", true]]);
      const changed = await notion.comments.update({ comment_id: comment.id, markdown: "plain" });
      assert.equal(plainText(changed.rich_text), "plain");
      const both = { parent: { page_id: server.page }, markdown: "x", rich_text: [text("x")] };
      await assert.rejects(notion.comments.create(both), { code: "validation_error" });
    });
  });
}
