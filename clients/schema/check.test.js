// The check itself: an answer as it should be passes, and each way to be wrong is found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { faults } from "./answers.js";

const id = "5c6a2821-6bb1-8a7e-b6e1-c50111515c3d";
const user = { object: "user", id };
const text = (annotations = {}) => ({
  type: "text",
  text: { content: "x", link: null },
  annotations: { bold: false, italic: false, strikethrough: false, underline: false, code: false, color: "default", ...annotations },
  plain_text: "x",
  href: null,
});
const block = (change = {}) => ({
  object: "block", id, parent: { type: "page_id", page_id: id },
  created_time: "2026-03-11T10:00:00.000Z", last_edited_time: "2026-03-11T10:00:00.000Z",
  created_by: user, last_edited_by: user, has_children: false, in_trash: false,
  type: "paragraph", paragraph: { rich_text: [text()], icon: null, color: "default" },
  ...change,
});
const answer = (body, change = {}) => ({
  method: "GET", route: "/v1/blocks/{block_id}", version: "2026-03-11", status: 200,
  body: { ...body, request_id: "7f1c1b38-6a2c-4d0e-9a53-0f2f6a1f0f11" },
  ...change,
});
const error = (body, status = 404) => answer({ object: "error", status, code: "object_not_found", message: "No.", ...body }, { status });

const good = {
  "a block": answer(block()),
  "a partial block": answer({ object: "block", id }),
  "an old block": answer(block({ archived: false }), { version: "2025-09-03" }),
  "an older version than the types": answer({ anything: 1 }, { version: "2022-06-28" }),
  "an error": error({}),
  "an error with data": error({ additional_data: { integration_id: id, list: ["a"] } }),
  "an OAuth error": answer({ error: "invalid_client" }, { route: "/v1/oauth/token", method: "POST", status: 401, version: "" }),
};

const bad = {
  "an unknown key": [answer(block({ colour: 1 })), /additional properties: colour/],
  "archived where it is gone": [answer(block({ archived: false })), /additional properties: archived/],
  "no archived where it is due": [answer(block(), { version: "2025-09-03" }), /required property 'archived'/],
  "a value outside its set": [answer(block({ paragraph: { rich_text: [text({ color: "teal" })], icon: null, color: "default" } })), /rich_text\/0\/annotations\/color .*is "teal"/],
  "an unknown type": [answer(block({ type: "zork" })), /^\/type .*is "zork"/],
  "seconds in a page's time": [answer(block({ created_time: "2026-03-11T10:00:01.000Z" })), /^\/created_time/],
  "a route the SDK does not describe": [answer(block(), { route: "/v1/nonsense" }), /does not describe/],
  "no request id": [{ ...answer({}), body: block() }, /request_id/],
  "error keys out of order": [answer({ status: 404, object: "error", code: "object_not_found", message: "No." }, { status: 404 }), /keys must be/],
  "an error of another status": [error({ status: 400 }), /^\/status/],
  "numbers in additional data": [error({ additional_data: { n: 1 } }), /additional_data\/n/],
};

for (const [name, record] of Object.entries(good)) {
  test(`${name} passes`, () => assert.deepEqual(faults(record), []));
}
for (const [name, [record, expected]] of Object.entries(bad)) {
  test(`${name} is found`, () => {
    const found = faults(record);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0], expected);
  });
}
