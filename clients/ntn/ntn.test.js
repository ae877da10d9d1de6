// The official command-line client, with the commands that use the public API, against the built server.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { start, versions } from "../js/server.js";

const MB = 1 << 20;
const cli = path.join(path.dirname(fileURLToPath(import.meta.url)), "node_modules/.bin/ntn");
// The package says that it installs on these, and has no program for them.
const unavailable = process.platform === "linux" && process.arch === "arm64" && "ntn has no program for Linux on arm64";

let server, home, outside;
let callsOutside = 0;

before(async () => {
  server = await start();
  home = mkdtempSync(path.join(os.tmpdir(), "octavo-ntn-"));
  // What is meant for other hosts comes here as to a proxy, and ends.
  outside = createServer((socket) => {
    callsOutside++;
    socket.destroy();
  });
  await new Promise((resolve) => outside.listen(0, "127.0.0.1", resolve));
});

after(async () => {
  outside.close();
  rmSync(home, { recursive: true });
  await server.stop();
});

// ntn runs the program to its end, with input on its standard input, or with a file there, as < gives it.
async function ntn(args, { input = "", file, token = server.token, version = "2026-03-11" } = {}) {
  const stdin = file === undefined ? "pipe" : openSync(file, "r");
  const child = spawn(cli, args, {
    cwd: home,
    stdio: [stdin, "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      NOTION_HOME: path.join(home, "notion"),
      NOTION_KEYRING: "0",
      NOTION_API_BASE_URL: server.url,
      NOTION_API_TOKEN: token,
      NOTION_API_VERSION: version,
      ALL_PROXY: `http://127.0.0.1:${outside.address().port}`,
      NO_PROXY: "127.0.0.1",
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  if (file !== undefined) closeSync(stdin);
  child.stdin?.on("error", () => {}); // a command that refuses need not read
  child.stdin?.end(input);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  return { code, stdout, stderr };
}

// answer is what a command says that must succeed.
async function answer(args, options) {
  const { code, stdout, stderr } = await ntn(args, options);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

// upload sends a file with ntn, which says nothing of it, and returns what the server then lists of it.
async function upload(filename, bytes, version) {
  const { code, stderr } = await ntn(["files", "create", "--filename", filename], { input: bytes, version });
  assert.equal(code, 0, stderr);
  return listed(filename, version);
}

// listed returns the newest upload with a name.
async function listed(filename, version) {
  const { results } = await server.client({ version }).fileUploads.list();
  return results.find((f) => f.filename === filename);
}

for (const version of versions) {
  describe(`ntn at ${version}`, { skip: unavailable }, () => {
    test("calls the API", async () => {
      const me = await answer(["api", "v1/users/me"], { version });
      assert.deepEqual([me.object, me.type], ["user", "bot"]);
      const body = { parent: { page_id: server.page }, properties: { title: [{ text: { content: "From a shell" } }] } };
      const page = await answer(["api", "v1/pages"], { input: JSON.stringify(body), version });
      const read = await server.client({ version }).pages.retrieve({ page_id: page.id });
      assert.equal(read.properties.title.title[0].plain_text, "From a shell");
    });

    test("uploads files of one part and of several, which come out as they went in", async () => {
      const notion = server.client({ version });
      const large = Buffer.alloc(12 * MB + 3);
      for (let i = 0; i < large.length; i++) large[i] = (i * 31 + (i >> 13)) & 255;
      const files = [
        [`small ${version}.txt`, Buffer.from("hello"), 1],
        [`large ${version}.pdf`, large, 3],
      ];
      for (const [filename, bytes, parts] of files) {
        const file = await upload(filename, bytes, version);
        assert.deepEqual([file.status, file.content_length, file.number_of_parts], ["uploaded", bytes.length, { total: parts, sent: parts }]);
        const { results } = await notion.blocks.children.append({
          block_id: server.page,
          children: [{ file: { type: "file_upload", file_upload: { id: file.id } } }],
        });
        const fetched = await fetch(results[0].file.file.url);
        assert.ok(Buffer.from(await fetched.arrayBuffer()).equals(bytes), filename);
      }
    });

    test("names a file after where it comes from", async () => {
      const file = path.join(home, `taken ${version}.txt`);
      writeFileSync(file, "from a file");
      const taken = await ntn(["files", "create"], { file, version });
      assert.equal(taken.code, 0, taken.stderr);
      assert.equal((await listed(path.basename(file), version)).status, "uploaded");
      // Of what comes through a pipe it guesses the extension from the first bytes.
      const image = await ntn(["files", "create"], { input: Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"), version });
      assert.equal(image.code, 0, image.stderr);
      assert.equal((await listed("upload.png", version)).content_type, "image/png");
      // Text becomes upload.asm, of the type text/plain: an extension that the API does not take, whatever the type.
      const text = await ntn(["files", "create"], { input: "some text", version });
      assert.equal(text.code, 5);
      assert.match(text.stderr, /Provided `filename` has an extension that is not supported for the File Upload API\./);
    });

    test("lists and shows files", async () => {
      const { id } = await upload(`listed ${version}.txt`, "listed", version);
      const list = await answer(["files", "list", "--json"], { version });
      assert.ok(list.some((f) => f.id === id), JSON.stringify(list));
      const { code, stdout, stderr } = await ntn(["files", "get", id], { version });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /uploaded/);
    });

    test("says why it was refused", async () => {
      const unknown = await ntn(["api", "v1/users/me"], { token: "ntn_unknown", version });
      assert.equal(unknown.code, 4);
      assert.match(unknown.stderr, /API token is invalid\./);
      const type = await ntn(["files", "create", "--filename", "program.exe"], { input: "MZ", version });
      assert.equal(type.code, 5);
      assert.match(type.stderr, /400 Bad Request validation_error/);
    });
  });
}

test("ntn called no other host", { skip: unavailable }, () => assert.equal(callsOutside, 0));
