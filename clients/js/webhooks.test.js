import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { signWebhookPayload, verifyWebhookSignature } from "@notionhq/client";
import { start, versions } from "./server.js";
import { text, title } from "./values.js";

// A receiver of webhooks: next() is the next request that it gets.
class Receiver {
  #waiting = [];
  #got = [];
  #server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    response.writeHead(200).end();
    const delivery = { body, signature: request.headers["x-notion-signature"], headers: request.headers };
    const waiting = this.#waiting.shift();
    if (waiting) waiting(delivery);
    else this.#got.push(delivery);
  });

  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${this.#server.address().port}/hook`;
  }

  next() {
    return this.#got.length > 0 ? Promise.resolve(this.#got.shift()) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

let server, receiver;
before(async () => {
  server = await start("--allow-targets", "loopback", "--webhook-window", "0s");
  receiver = new Receiver();
  await receiver.listen();
});
after(async () => {
  receiver.close();
  await server.stop();
});

for (const version of ["2022-06-28", ...versions]) {
  describe(`webhooks at ${version}`, () => {
    let notion, hook, verificationToken;
    before(() => (notion = server.client({ version })));
    after(() => server.admin("DELETE", `webhooks/${hook.id}`));

    // event returns the next event, whose signature must be right.
    const event = async () => {
      const { body, signature, headers } = await receiver.next();
      assert.equal(await verifyWebhookSignature({ body, signature, verificationToken }), true);
      assert.equal(await verifyWebhookSignature({ body: body + " ", signature, verificationToken }), false);
      assert.equal(await verifyWebhookSignature({ body, signature, verificationToken: "secret_other" }), false);
      assert.equal(signature, await signWebhookPayload({ body, verificationToken }));
      assert.equal(headers["content-type"], "application/json");
      assert.equal(body, JSON.stringify(JSON.parse(body)));
      return JSON.parse(body);
    };

    test("a receiver is verified by the token that it was sent", async () => {
      const [bot] = (await server.admin("GET", "integrations")).results;
      hook = await server.admin("POST", "webhooks", {
        integration_id: bot.id,
        url: receiver.url,
        api_version: version,
        events: ["page.created", "page.properties_updated", "comment.created"],
      });
      const { body, signature } = await receiver.next();
      verificationToken = JSON.parse(body).verification_token;
      assert.equal(await verifyWebhookSignature({ body, signature, verificationToken }), true);
      assert.deepEqual(hook.verification, { delivered: true, status: 200, error: null });
      await server.admin("POST", `webhooks/${hook.id}/verify`, { verification_token: verificationToken });
    });

    test("what happens is told, signed, in the shape of the version", async () => {
      const page = await notion.pages.create({ parent: { page_id: server.page }, properties: title("Told of") });
      const created = await event();
      assert.deepEqual(
        { ...created, id: "", timestamp: "" },
        {
          id: "",
          timestamp: "",
          workspace_id: created.workspace_id,
          workspace_name: "Octavo",
          subscription_id: hook.id,
          integration_id: hook.integration_id,
          type: "page.created",
          authors: [{ id: page.created_by.id, type: "bot" }],
          attempt_number: 1,
          api_version: version,
          entity: { id: page.id, type: "page" },
          data: { parent: { id: server.page, type: "page" } },
        },
      );
      assert.match(created.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

      const comment = await notion.comments.create({ parent: { page_id: page.id }, rich_text: [text("Hello")] });
      const commented = await event();
      assert.deepEqual(commented.entity, { id: comment.id, type: "comment" });
      assert.deepEqual(commented.data, { page_id: page.id, parent: { id: page.id, type: "page" } });
      assert.notEqual(commented.id, created.id);
    });
  });
}
