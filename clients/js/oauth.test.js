import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { UnknownHTTPResponseError } from "@notionhq/client";
import { start } from "./server.js";

let server, ada, client, notion;
before(async () => {
  server = await start();
  ada = await server.admin("POST", "users", { name: "Ada", email: "ada@example.com" });
  const capabilities = ["read_content", "insert_content", "read_user_with_email"];
  const registered = await server.admin("POST", "oauth/clients", { name: "Calendar", redirect_uris: ["https://a.example/", "https://b.example/"], capabilities });
  client = { client_id: registered.id, client_secret: registered.client_secret };
  notion = server.client({ auth: undefined });
});
after(() => server.stop());

const redirect_uri = "https://a.example/";

// authorize returns a code for a page and everything below it.
async function authorize() {
  const { code } = await server.admin("POST", `oauth/clients/${client.client_id}/authorize`, { user_id: ada.id, page_ids: [server.page], redirect_uri });
  return code;
}

const exchange = (code, more) => notion.oauth.token({ ...client, grant_type: "authorization_code", code, redirect_uri, ...more });
const refresh = (refresh_token) => notion.oauth.token({ ...client, grant_type: "refresh_token", refresh_token });
const introspect = (token) => notion.oauth.introspect({ ...client, token });
const me = ({ access_token }) => server.client({ auth: access_token }).users.me({});

async function refused(promise, status, error) {
  const thrown = await promise.then(
    () => assert.fail("there was no error"),
    (e) => e,
  );
  assert.ok(UnknownHTTPResponseError.isUnknownHTTPResponseError(thrown), `${thrown}`);
  assert.equal(thrown.status, status);
  assert.equal(JSON.parse(thrown.body).error, error);
}

test("a code becomes tokens that act for the person", async () => {
  const given = await exchange(await authorize());
  assert.equal(given.token_type, "bearer");
  assert.equal(given.workspace_name, "Octavo");
  assert.deepEqual(given.owner.user.person, { email: "ada@example.com" });
  const self = await me(given);
  assert.equal(self.id, given.bot_id);
  assert.equal(self.bot.owner.user.id, ada.id);
  const theirs = server.client({ auth: given.access_token });
  const made = await theirs.pages.create({ parent: { workspace: true }, properties: { title: [{ text: { content: "Mine" } }] } });
  assert.equal((await theirs.pages.retrieve({ page_id: made.id })).id, made.id);
  assert.equal((await theirs.pages.retrieve({ page_id: server.page })).id, server.page);
  const told = await introspect(given.access_token);
  assert.deepEqual([told.active, told.scope], [true, "read_content insert_content read_user_with_email read_user_without_email"]);
  assert.ok(Math.abs(Date.now() - told.iat) < 60_000, "iat is in milliseconds");
});

test("a refresh ends the tokens before it, and its second use ends them all", async () => {
  const first = await exchange(await authorize());
  const second = await refresh(first.refresh_token);
  assert.equal(second.bot_id, first.bot_id);
  await assert.rejects(me(first), { code: "unauthorized" });
  await me(second);
  await refused(refresh(first.refresh_token), 400, "invalid_grant");
  await assert.rejects(me(second), { code: "unauthorized" });
  await refused(refresh(second.refresh_token), 400, "invalid_grant");
});

test("of many who refresh at once with one token, at most one is given another", async () => {
  const { refresh_token } = await exchange(await authorize());
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => refresh(refresh_token)));
  const given = outcomes.filter((o) => o.status === "fulfilled").map((o) => o.value);
  assert.ok(given.length <= 1, `${given.length} were given tokens`);
  for (const tokens of given) await assert.rejects(me(tokens), { code: "unauthorized" });
});

test("a revoked token does not work, and neither does its refresh token", async () => {
  const given = await exchange(await authorize());
  await notion.oauth.revoke({ ...client, token: given.access_token });
  await assert.rejects(me(given), { code: "unauthorized" });
  await refused(refresh(given.refresh_token), 400, "invalid_grant");
  const { request_id, ...told } = await introspect(given.access_token);
  assert.deepEqual(told, { active: false });
});

test("refusals", async () => {
  await refused(exchange("no code"), 400, "invalid_grant");
  await refused(exchange(await authorize(), { redirect_uri: "https://b.example/" }), 400, "invalid_grant");
  await refused(exchange(await authorize(), { redirect_uri: undefined }), 400, "invalid_request");
  await refused(exchange(await authorize(), { client_secret: "wrong" }), 401, "invalid_client");
  await refused(notion.oauth.token({ ...client, grant_type: "password" }), 400, "unsupported_grant_type");
});
