import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { APIErrorCode, APIResponseError, ClientErrorCode, UnknownHTTPResponseError, isHTTPResponseError, isNotionClientError } from "@notionhq/client";
import { start, versions } from "./server.js";
import { paragraph, title } from "./values.js";

let server;
before(async () => (server = await start()));
after(() => server.stop());

// The documented status of each code (contract.md §1.6).
const statuses = {
  invalid_json: 400,
  invalid_request_url: 400,
  invalid_request: 400,
  invalid_beta: 400,
  validation_error: 400,
  unauthorized: 401,
  restricted_resource: 403,
  object_not_found: 404,
  conflict_error: 409,
  rate_limited: 429,
  internal_server_error: 500,
  service_unavailable: 503,
  gateway_timeout: 504,
  service_overload: 529,
};
// Codes that the API has and the SDK has no name for.
const unnamed = { missing_version: 400, invalid_grant: 400, unsupported_grant_type: 400, invalid_client: 401, bad_gateway: 502, database_connection_unavailable: 503 };
const nobody = "5c6a2821-6bb1-8a7e-b6e1-c50111515c3d";

// thrown returns the error that a call ends with.
const thrown = (promise) =>
  promise.then(
    () => assert.fail("there was no error"),
    (error) => error,
  );

for (const version of versions) {
  describe(`errors at ${version}`, () => {
    let notion;
    before(() => (notion = server.client({ version })));

    test("every code of the SDK, on demand", async () => {
      assert.deepEqual(Object.keys(statuses).sort(), Object.values(APIErrorCode).sort());
      for (const [code, status] of Object.entries(statuses)) {
        const error = await thrown(server.client({ version, headers: { "Octavo-Fault": code } }).users.me({}));
        assert.ok(isNotionClientError(error) && APIResponseError.isAPIResponseError(error), `${code}: ${error}`);
        assert.deepEqual([error.code, error.status], [code, status]);
        assert.notEqual(error.message, "");
        assert.equal(error.request_id, error.headers.get("x-notion-request-id"));
        const waits = code === "rate_limited" || code === "service_overload";
        assert.equal(error.headers.has("retry-after"), waits, code);
      }
    });

    test("codes that the SDK has no name for", async () => {
      for (const [code, status] of Object.entries(unnamed)) {
        const error = await thrown(server.client({ version, headers: { "Octavo-Fault": code } }).users.me({}));
        assert.ok(UnknownHTTPResponseError.isUnknownHTTPResponseError(error), `${code}: ${error}`);
        assert.deepEqual([error.code, error.status], [ClientErrorCode.ResponseError, status]);
        assert.equal(JSON.parse(error.body).code, code);
      }
    });

    test("a fault header says how long to wait", async () => {
      const error = await thrown(server.client({ version, headers: { "Octavo-Fault": "rate_limited; retry_after=7" } }).users.me({}));
      assert.equal(error.headers.get("retry-after"), "7");
      assert.deepEqual(error.additional_data, { rate_limit_reason: "public_api_request_rate_limit", retry_after: "7" });
    });

    test("401: a wrong token", async () => {
      const error = await thrown(server.client({ version, auth: "ntn_wrong" }).users.me({}));
      assert.ok(isHTTPResponseError(error));
      assert.deepEqual([error.code, error.status, error.message], ["unauthorized", 401, "API token is invalid."]);
    });

    test("401: a revoked token", async () => {
      const auth = await server.connect({ name: "short-lived" });
      const client = server.client({ version, auth });
      await client.users.me({});
      const { results } = await server.admin("GET", "tokens");
      await server.admin("DELETE", `tokens/${results.find((token) => auth.endsWith(token.last4)).id}`);
      assert.equal((await thrown(client.users.me({}))).code, "unauthorized");
    });

    test("403: a missing capability", async () => {
      const reader = server.client({ version, auth: await server.connect({ name: "reader", capabilities: ["read_content"] }) });
      const page = { parent: { page_id: server.page }, properties: title("x") };
      for (const call of [() => reader.pages.create(page), () => reader.pages.update({ page_id: server.page, is_locked: true }), () => reader.blocks.delete({ block_id: server.page })]) {
        const error = await thrown(call());
        assert.deepEqual([error.code, error.status, error.message], ["restricted_resource", 403, "Insufficient permissions for this endpoint."]);
      }
      const writer = server.client({ version, auth: await server.connect({ name: "writer", capabilities: ["insert_content"] }) });
      const made = await writer.pages.create(page);
      assert.deepEqual(Object.keys(made), ["object", "id", "request_id"]);
    });

    test("404: absent and unshared look alike", async () => {
      const stranger = server.client({ version, auth: await server.connect({ name: "stranger", share: null }) });
      for (const [client, id] of [[notion, nobody], [stranger, server.page]]) {
        const error = await thrown(client.pages.retrieve({ page_id: id }));
        assert.deepEqual([error.code, error.status], ["object_not_found", 404]);
        const { name, id: bot } = await client.users.me({});
        assert.equal(
          error.message,
          `Could not find page with ID: ${id}. Make sure the relevant pages and databases are shared with your integration "${name}".`,
        );
        assert.deepEqual(error.additional_data, { integration_id: bot });
      }
    });

    test("400: validation of path, query and body", async () => {
      const wrong = async (call, message) => {
        const error = await thrown(call);
        assert.deepEqual([error.code, error.status, error.message], ["validation_error", 400, message]);
      };
      await wrong(notion.pages.retrieve({ page_id: "AAA" }), 'path failed validation: path.page_id should be a valid uuid, instead was `"AAA"`.');
      await wrong(
        notion.blocks.children.list({ block_id: server.page, start_cursor: "bogus" }),
        'query failed validation: query.start_cursor should be a valid uuid or `undefined`, instead was `"bogus"`.',
      );
      await wrong(
        notion.blocks.children.append({ block_id: server.page, children: "x" }),
        'body failed validation: body.children should be an array, instead was `"x"`.',
      );
      await wrong(
        notion.blocks.children.append({ block_id: server.page, children: [{ paragraph: { rich_text: [{}] } }] }),
        ["text", "mention", "equation"].reduce(
          (lines, key) => `${lines}\nbody.children[0].paragraph.rich_text[0].${key} should be defined, instead was \`undefined\`.`,
          "body failed validation. Fix one:",
        ),
      );
    });

    test("400: an operation that is known and not served", async () => {
      const error = await thrown(notion.agents.query({}));
      assert.equal(error.code, "invalid_request");
      assert.match(error.message, /^Unsupported request: /);
    });

    test("400: a path that is none", async () => {
      const error = await thrown(notion.request({ method: "get", path: "nonsense" }));
      assert.deepEqual([error.code, error.message], ["invalid_request_url", "Invalid request URL."]);
      const local = await thrown(notion.request({ method: "get", path: "pages/../users" }));
      assert.equal(local.code, ClientErrorCode.InvalidPathParameter);
    });

    test("400: a body that is not JSON, before anything else is looked at", async () => {
      for (const body of ["{", "", "{} {}", "\u0000"].filter(Boolean)) {
        const { status, body: answer } = await server.raw("POST", "/v1/pages", { body, headers: { authorization: "", "Notion-Version": version } });
        assert.deepEqual([status, answer.code, answer.message], [400, "invalid_json", "Error parsing JSON body."]);
      }
    });
  });
}

describe("the version header", () => {
  test("missing and unknown", async () => {
    for (const [header, value] of [["", "undefined"], ["2020-01-01", '"2020-01-01"']]) {
      const headers = { authorization: `Bearer ${server.token}`, ...(header && { "Notion-Version": header }) };
      const response = await server.fetch(`${server.url}/v1/users/me`, { method: "GET", headers });
      const body = await response.json();
      assert.deepEqual([response.status, body.code], [400, "missing_version"]);
      assert.ok(body.message.endsWith(`instead was \`${value}\`.`), body.message);
    }
  });

  test("the SDK's own is 2025-09-03", async () => {
    const page = await server.client().pages.retrieve({ page_id: server.page });
    assert.equal(page.archived, false);
  });
});

describe("the rate limit", () => {
  test("429 with the time to wait, and the client's retry goes by it", async () => {
    const limited = await start("--rate-limit", "3");
    try {
      const notion = limited.client();
      for (let i = 0; i < 3; i++) await notion.users.me({});
      const error = await thrown(notion.users.me({}));
      assert.deepEqual([error.code, error.status], ["rate_limited", 429]);
      const wait = Number(error.headers.get("retry-after"));
      assert.ok(wait >= 1 && wait <= 60, `retry-after ${wait}`);
      assert.equal(error.additional_data.retry_after, String(wait));
    } finally {
      await limited.stop();
    }
  });
});

describe("the client's retries", () => {
  // Waits are capped, so that the tests need not sit out the second that a Retry-After asks for.
  const retry = { maxRetries: 2, initialRetryDelayMs: 1, maxRetryDelayMs: 5 };
  let notion, page;
  before(async () => {
    notion = server.client({ retry });
    page = (await notion.pages.create({ parent: { page_id: server.page }, properties: title("Retries") })).id;
  });

  // during runs a call while a fault rule is in force and returns how often the rule was applied.
  const during = async (rule, call) => {
    const { id } = await server.admin("POST", "faults", rule);
    try {
      const result = await call().then(
        (value) => ({ value }),
        (error) => ({ error }),
      );
      const { results } = await server.admin("GET", "faults");
      return { ...result, applied: results.find((fault) => fault.id === id).applied };
    } finally {
      await server.admin("DELETE", `faults/${id}`);
    }
  };
  const read = () => notion.pages.retrieve({ page_id: page });
  const write = () => notion.blocks.children.append({ block_id: page, children: [paragraph("x")] });
  const count = async () => (await notion.blocks.children.list({ block_id: page })).results.length;

  for (const code of ["rate_limited", "service_overload"]) {
    test(`${code} is retried for reads and writes, and one write is made`, async () => {
      const reading = await during({ code, count: 2 }, read);
      assert.deepEqual([reading.value?.id, reading.applied], [page, 2]);
      const before = await count();
      const writing = await during({ code, count: 2, method: "PATCH", path: "/v1/blocks/{block_id}/children" }, write);
      assert.deepEqual([writing.error, writing.applied, await count()], [undefined, 2, before + 1]);
    });
  }

  for (const code of ["internal_server_error", "service_unavailable"]) {
    test(`${code} is retried for reads only, and nothing is written`, async () => {
      const reading = await during({ code, count: 2 }, read);
      assert.deepEqual([reading.value?.id, reading.applied], [page, 2]);
      const before = await count();
      const writing = await during({ code, count: 2 }, write);
      assert.deepEqual([writing.error?.code, writing.applied, await count()], [code, 1, before]);
    });
  }

  test("three failures are one too many", async () => {
    const { error, applied } = await during({ code: "rate_limited", count: 3 }, read);
    assert.deepEqual([error?.code, applied], ["rate_limited", 3]);
  });

  test("a write can be made and still fail", async () => {
    const before = await count();
    const { error } = await during({ code: "service_unavailable", after_commit: true, count: 1 }, write);
    assert.equal(error?.code, "service_unavailable");
    assert.deepEqual(error.additional_data.retry_guidance, ["Read the object again", "Do not repeat the write"]);
    const { results } = await notion.blocks.children.list({ block_id: page });
    assert.equal(results.length, before + 1);
    assert.deepEqual(error.additional_data.committed_child_ids, [results.at(-1).id]);
  });

  test("a rule meets only the paths it names", async () => {
    const { value, applied } = await during({ code: "conflict_error", path: "/v1/users/*" }, read);
    assert.deepEqual([value?.id, applied], [page, 0]);
  });

  test("a slow answer runs into the client's timeout", async () => {
    const hasty = server.client({ timeoutMs: 100 });
    const { error } = await during({ latency: "1s", count: 1 }, () => hasty.users.me({}));
    assert.equal(error?.code, ClientErrorCode.RequestTimeout);
  });

  for (const cut of ["after_headers", "mid_body"]) {
    test(`a connection cut ${cut} is an error of the platform`, async () => {
      const { error, applied } = await during({ cut, count: 1 }, () => server.client().users.me({}));
      assert.ok(error instanceof Error && !isNotionClientError(error), String(error));
      assert.equal(applied, 1);
    });
  }
});
