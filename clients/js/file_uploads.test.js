import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { start, versions } from "./server.js";

const MB = 1 << 20;

let server;

before(async () => {
  server = await start();
});

after(() => server.stop());

for (const version of versions) {
  describe(`file uploads at ${version}`, () => {
    let notion;

    before(() => {
      notion = server.client({ version });
    });

    test("a file in one piece", async () => {
      const created = await notion.fileUploads.create({ filename: "notes.txt", content_type: "text/plain" });
      assert.equal(created.status, "pending");
      assert.equal(created.upload_url, `${server.url}/v1/file_uploads/${created.id}/send`);
      const sent = await notion.fileUploads.send({ file_upload_id: created.id, file: { filename: "notes.txt", data: new Blob(["hello"]) } });
      assert.deepEqual([sent.status, sent.filename, sent.content_type, sent.content_length], ["uploaded", "notes.txt", "text/plain", 5]);
      const got = await notion.fileUploads.retrieve({ file_upload_id: created.id });
      assert.deepEqual({ ...got, request_id: "" }, { ...sent, request_id: "" });
      assert.equal(got.archived, version === "2025-09-03" ? false : undefined);
    });

    test("a file that says nothing of itself", async () => {
      const { id } = await notion.fileUploads.create();
      const sent = await notion.fileUploads.send({ file_upload_id: id, file: { filename: "picture.png", data: new Blob(["not really"]) } });
      assert.deepEqual([sent.filename, sent.content_type], ["picture.png", "image/png"]);
      const nameless = await notion.fileUploads.create({ content_type: "text/csv" });
      const csv = await notion.fileUploads.send({ file_upload_id: nameless.id, file: { data: "a,b" } });
      assert.deepEqual([csv.filename, csv.content_type, csv.content_length], ["file.csv", "text/csv", 3]);
    });

    test("a file in parts", async () => {
      const { id, number_of_parts } = await notion.fileUploads.create({ mode: "multi_part", filename: "big.txt", number_of_parts: 3 });
      assert.deepEqual(number_of_parts, { total: 3, sent: 0 });
      const part = (n, size) =>
        notion.fileUploads.send({ file_upload_id: id, file: { filename: "big.txt", data: new Blob(["x".repeat(size)]) }, part_number: String(n) });
      await Promise.all([part(3, 7), part(1, 5 * MB), part(2, 6 * MB)]);
      const pending = await notion.fileUploads.retrieve({ file_upload_id: id });
      assert.deepEqual([pending.status, pending.number_of_parts, pending.content_length], ["pending", { total: 3, sent: 3 }, 11 * MB + 7]);
      assert.equal(pending.complete_url, `${server.url}/v1/file_uploads/${id}/complete`);
      const completed = await notion.fileUploads.complete({ file_upload_id: id });
      assert.deepEqual([completed.status, completed.upload_url, completed.complete_url], ["uploaded", undefined, undefined]);
    });

    test("attaching a file everywhere, and fetching it", async () => {
      const upload = async (filename, ...parts) => {
        const { id } = await notion.fileUploads.create({ filename });
        await notion.fileUploads.send({ file_upload_id: id, file: { filename, data: new Blob(parts) } });
        return { type: "file_upload", file_upload: { id } };
      };
      const picture = await upload("a.png", "not really");
      const page = await notion.pages.create({
        parent: { page_id: server.page },
        icon: picture,
        cover: picture,
        properties: {},
        children: [{ image: picture }, { file: picture }, { callout: { rich_text: [], icon: picture } }],
      });
      assert.deepEqual([page.icon.type, page.cover.type], ["file", "file"]);
      const { results } = await notion.blocks.children.list({ block_id: page.id });
      assert.deepEqual(results.map((b) => b[b.type].type ?? b[b.type].icon.type), ["file", "file", "file"]);
      assert.equal(results[1].file.name, "a.png");
      const { url, expiry_time } = results[0].image.file;
      assert.ok(Date.parse(expiry_time) > Date.now() + 50 * 60_000);
      const response = await fetch(url, { headers: { range: "bytes=4-" } });
      assert.deepEqual([response.status, response.headers.get("content-type"), await response.text()], [206, "image/png", "really"]);
      assert.equal((await notion.fileUploads.retrieve({ file_upload_id: picture.file_upload.id })).expiry_time, null);
    });

    test("listing", async () => {
      const all = await notion.fileUploads.list({ page_size: 2 });
      assert.deepEqual([all.type, all.results.length], ["file_upload", 2]);
      const pending = await notion.fileUploads.create({ filename: "a.txt" });
      const [newest, ...others] = (await notion.fileUploads.list({ status: "pending" })).results;
      assert.equal(newest.id, pending.id);
      assert.ok(others.every(({ status }) => status === "pending"));
    });

    test("refusals", async () => {
      await assert.rejects(notion.fileUploads.create({ filename: "virus.exe" }), {
        code: "validation_error",
        message: "Provided `filename` has an extension that is not supported for the File Upload API.",
      });
      const { id } = await notion.fileUploads.create({ filename: "a.txt" });
      // A file that is too large is answered, although the client is still sending.
      await assert.rejects(notion.fileUploads.send({ file_upload_id: id, file: { data: new Blob([new Uint8Array(20 * MB + 1)]) } }), {
        code: "validation_error",
        message: /^The file size of .* exceeds the limit/,
      });
      await assert.rejects(notion.fileUploads.complete({ file_upload_id: id }), { code: "validation_error" });
      const unknown = "11111111-1111-4111-8111-111111111111";
      await assert.rejects(notion.fileUploads.send({ file_upload_id: unknown, file: { data: new Blob([new Uint8Array(6 * MB)]) } }), {
        code: "object_not_found",
        status: 404,
      });
    });
  });
}
