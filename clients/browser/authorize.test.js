// A person sets a password, signs in, chooses pages and lets a public integration in, or does not. Scripts are off:
// the pages have to do without.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { admin, launch } from "../js/process.js";

const password = "correct horse battery staple";
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let server, browser, client, clientServer, back, ada;
const call = (method, target, body) => admin(server.url, method, target, body);

before(async () => {
  server = await launch();
  // The client's side: where the person is sent back to.
  clientServer = createServer((request, response) => response.end("<!doctype html><title>Client</title>Back at the client"));
  await new Promise((resolve) => clientServer.listen(0, "127.0.0.1", resolve));
  back = `http://127.0.0.1:${clientServer.address().port}/back`;
  client = await call("POST", "oauth/clients", { name: "Calendar", redirect_uris: [back], capabilities: ["read_content"] });
  ada = await call("POST", "users", { name: "Ada", email: "ada@example.com" });
  for (const title of ["Plans", "Diary"]) {
    const { ok } = await api("POST", "pages", server.token, { parent: { page_id: server.page }, properties: { title: [{ text: { content: title } }] } });
    assert.ok(ok);
  }
  browser = await chromium.launch({ executablePath: process.env.OCTAVO_TEST_CHROMIUM ?? "/usr/bin/chromium", args: flags });
});
after(async () => {
  await browser?.close();
  clientServer?.close();
  await server?.stop();
});

async function api(method, target, token, body) {
  const response = await fetch(`${server.url}/v1/${target}`, {
    method,
    headers: { authorization: token.includes(" ") ? token : `Bearer ${token}`, "content-type": "application/json", "Notion-Version": "2026-03-11" },
    body: JSON.stringify(body),
  });
  return { ok: response.ok, body: await response.json() };
}

const authorizeURL = () => `${server.url}/v1/oauth/authorize?client_id=${client.id}&response_type=code&owner=user&state=abc`;

// accessible fails the test when a page has what keeps people out. Axe is a script, so it looks at a copy of the page
// in a browser that runs them.
async function accessible(page) {
  const copy = await browser.newContext({ bypassCSP: true });
  try {
    const there = await copy.newPage();
    await there.setContent(await page.content());
    const { violations } = await new AxeBuilder({ page: there }).analyze();
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), []);
  } finally {
    await copy.close();
  }
}

async function withPage(use) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  try {
    await use(await context.newPage());
  } finally {
    await context.close();
  }
}

async function signIn(page) {
  await page.goto(authorizeURL());
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Let Calendar in?" }).waitFor();
}

test("a person sets a password by a link, once", () =>
  withPage(async (page) => {
    const { url } = await call("POST", `users/${ada.id}/invite`);
    await page.goto(url);
    await accessible(page);
    await page.getByLabel("New password", { exact: true }).fill(password);
    await page.getByLabel("New password again").fill(password);
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByRole("heading", { name: "You are signed in" }).waitFor();
    await accessible(page);
    const again = await page.goto(url);
    assert.equal(again.status(), 404);
    await accessible(page);
  }));

test("a person lets the integration see one page", () =>
  withPage(async (page) => {
    await page.goto(authorizeURL());
    await accessible(page);
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password").fill("not it, not it");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    await accessible(page);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Let Calendar in?" }).waitFor();
    await accessible(page);

    await page.getByRole("button", { name: "Pages in Getting started" }).click();
    await page.getByRole("checkbox", { name: "Diary" }).check();
    // Enter in the search field looks for pages and keeps what is ticked.
    await page.getByLabel("Find a page by its title").fill("plans");
    await page.getByLabel("Find a page by its title").press("Enter");
    await page.getByRole("heading", { name: "Found" }).waitFor();
    assert.ok(await page.getByRole("checkbox", { name: "Diary" }).isChecked());
    await page.getByRole("checkbox", { name: "Diary" }).uncheck();
    await page.getByRole("checkbox", { name: "Plans" }).check();
    await accessible(page);
    await page.getByRole("button", { name: "Allow access" }).click();
    await page.waitForURL(`${back}?**`);

    const answer = new URL(page.url()).searchParams;
    assert.equal(answer.get("state"), "abc");
    const basic = `Basic ${Buffer.from(`${client.id}:${client.client_secret}`).toString("base64")}`;
    const { ok, body } = await api("POST", "oauth/token", basic, { grant_type: "authorization_code", code: answer.get("code") });
    assert.ok(ok, JSON.stringify(body));
    const found = await api("POST", "search", body.access_token, {});
    assert.deepEqual(found.body.results.map((p) => p.properties.title.title[0].plain_text), ["Plans"]);
  }));

test("a person opens the tree of pages level by level, by keyboard", () =>
  withPage(async (page) => {
    const make = async (parent, title) => {
      const { ok, body } = await api("POST", "pages", server.token, { parent: { page_id: parent }, properties: { title: [{ text: { content: title } }] } });
      assert.ok(ok);
      return body.id;
    };
    const archive = await make(server.page, "Archive");
    const years = await make(archive, "Years");
    await make(years, "Last year");
    await signIn(page);
    const fold = (title) => page.getByRole("button", { name: `Pages in ${title}` });
    await fold("Getting started").click();
    await fold("Archive").press("Enter");
    // What was opened has the focus still, so that Tab goes on into it.
    assert.equal(await page.locator(":focus").getAttribute("aria-label"), "Pages in Archive");
    assert.equal(await fold("Archive").getAttribute("aria-expanded"), "true");
    await page.getByRole("checkbox", { name: "Years" }).check();
    await fold("Years").click();
    const below = page.getByRole("checkbox", { name: "Last year" });
    assert.ok(await below.isChecked());
    assert.ok(await below.isDisabled());
    await accessible(page);
    await fold("Archive").click();
    await page.getByRole("heading", { name: "Chosen" }).waitFor();
    assert.ok(await page.getByRole("checkbox", { name: "Years" }).isChecked());
    assert.equal(await below.count(), 0);
  }));

test("a person does not let the integration in", () =>
  withPage(async (page) => {
    await signIn(page);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForURL(`${back}?**`);
    assert.equal(new URL(page.url()).search, "?error=access_denied&state=abc");
  }));

test("somebody else can sign in instead", () =>
  withPage(async (page) => {
    await signIn(page);
    await page.getByRole("button", { name: "Sign in as somebody else" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(page.url(), authorizeURL());
  }));
