import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { collectPaginatedAPI, isFullUser } from "@notionhq/client";
import { start, versions } from "./server.js";
import { bare, title } from "./values.js";

let server, ada;
before(async () => {
  server = await start();
  ada = await server.admin("POST", "users", { name: "Ada", email: "ada@example.com", avatar_url: "https://example.com/ada.png" });
});
after(() => server.stop());

for (const version of versions) {
  describe(`users at ${version}`, () => {
    let notion;
    before(() => (notion = server.client({ version })));

    const withCapabilities = async (...capabilities) => server.client({ version, auth: await server.connect({ name: "limited", capabilities }) });

    test("me is the bot of the integration", async () => {
      const me = await notion.users.me({});
      assert.ok(isFullUser(me));
      assert.deepEqual([me.object, me.type], ["user", "bot"]);
      assert.deepEqual(me.bot.owner, { type: "workspace", workspace: true });
      assert.deepEqual(Object.keys(me.bot), ["owner", "workspace_name", "workspace_id", "workspace_limits"]);
      assert.ok(me.bot.workspace_limits.max_file_upload_size_in_bytes > 0);
    });

    test("a personal token is the person", async () => {
      const auth = await server.connect({ name: "Ada's", kind: "personal", owner_id: ada.id });
      const me = await server.client({ version, auth }).users.me({});
      assert.deepEqual([me.type, me.id, me.name], ["person", ada.id, "Ada"]);
    });

    test("a person has a name, an avatar and an e-mail", async () => {
      const user = await notion.users.retrieve({ user_id: ada.id });
      assert.deepEqual([user.type, user.name, user.avatar_url, user.person.email], ["person", "Ada", "https://example.com/ada.png", "ada@example.com"]);
    });

    test("the list holds people and bots, and is paged", async () => {
      const list = await notion.users.list({});
      assert.deepEqual([list.object, list.type, list.user, list.has_more, list.next_cursor], ["list", "user", {}, false, null]);
      const me = await notion.users.me({});
      assert.deepEqual(list.results.find((u) => u.id === me.id), bare(me));
      assert.deepEqual(list.results.find((u) => u.id === ada.id), bare(await notion.users.retrieve({ user_id: ada.id })));
      const one = await notion.users.list({ page_size: 1 });
      assert.deepEqual([one.results.length, one.has_more], [1, true]);
      assert.deepEqual(await collectPaginatedAPI(notion.users.list, { page_size: 1 }), list.results);
    });

    test("e-mail, and users at all, need the capability", async () => {
      const noEmail = await withCapabilities("read_content", "read_user_without_email");
      assert.deepEqual((await noEmail.users.retrieve({ user_id: ada.id })).person, {});
      const none = await withCapabilities("read_content");
      const refused = { code: "restricted_resource", status: 403, message: "Insufficient permissions for this endpoint." };
      await assert.rejects(none.users.list({}), refused);
      await assert.rejects(none.users.retrieve({ user_id: ada.id }), refused);
      assert.equal((await none.users.me({})).object, "user");
    });

    test("an unknown user is not found", async () => {
      await assert.rejects(notion.users.retrieve({ user_id: "5c6a2821-6bb1-8a7e-b6e1-c50111515c3d" }), {
        code: "object_not_found",
        message: /^Could not find user with ID: 5c6a2821-6bb1-8a7e-b6e1-c50111515c3d\. Make sure your integration has capabilities/,
      });
    });

    test("what an integration writes is the work of its bot", async () => {
      const page = await notion.pages.create({ parent: { page_id: server.page }, properties: title("Mine") });
      const { id } = await notion.users.me({});
      assert.deepEqual([page.created_by, page.last_edited_by], [{ object: "user", id }, { object: "user", id }]);
    });
  });
}
