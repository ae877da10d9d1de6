// A person signs in with an OpenID Connect provider on another site, and goes on to the client that sent them.
import assert from "node:assert/strict";
import { createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { admin, launch } from "../js/process.js";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

let provider, issuer, nonce, server, browser, client;

// answer is the provider: it knows Ada, who is signed in there.
function answer(request, response) {
  const url = new URL(request.url, issuer);
  const json = (body) => response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  switch (url.pathname) {
    case "/.well-known/openid-configuration":
      return json({ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` });
    case "/keys":
      return json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }] });
    case "/authorize": {
      nonce = url.searchParams.get("nonce");
      const back = new URL(url.searchParams.get("redirect_uri"));
      back.search = new URLSearchParams({ code: "code", state: url.searchParams.get("state") });
      return response.writeHead(302, { location: back.href }).end();
    }
    case "/token":
      return json({ access_token: "access", token_type: "Bearer", id_token: idToken() });
  }
  response.writeHead(404).end();
}

function idToken() {
  const now = Math.floor(Date.now() / 1000);
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: issuer, sub: "1", aud: "octavo", nonce, iat: now, exp: now + 60, email: "ada@example.com", email_verified: true };
  const text = `${encode({ alg: "RS256", kid: "one" })}.${encode(claims)}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`;
}

before(async () => {
  provider = createServer(answer);
  await new Promise((resolve) => provider.listen(0, "localhost", resolve));
  // The server is at 127.0.0.1, so that the browser comes back from another site.
  issuer = `http://localhost:${provider.address().port}`;
  server = await launch("--oidc-issuer", issuer, "--oidc-client-id", "octavo", "--oidc-client-secret", "secret", "--oidc-name", "Acme", "--oidc-only");
  client = await admin(server.url, "POST", "oauth/clients", { name: "Calendar", redirect_uris: ["http://127.0.0.1:1/back"] });
  await admin(server.url, "POST", "users", { name: "Ada", email: "ada@example.com" });
  browser = await chromium.launch({ executablePath: process.env.OCTAVO_TEST_CHROMIUM ?? "/usr/bin/chromium", args: flags });
});
after(async () => {
  await browser?.close();
  provider?.close();
  await server?.stop();
});

test("a person signs in with a provider and goes on to the client", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const authorize = `${server.url}/v1/oauth/authorize?client_id=${client.id}&response_type=code&owner=user&state=abc`;
  await page.goto(authorize);
  assert.equal(await page.getByLabel("Password").count(), 0);
  await page.getByRole("link", { name: "Sign in with Acme" }).click();
  await page.getByRole("heading", { name: "Let Calendar in?" }).waitFor();
  assert.equal(page.url(), authorize);
  assert.deepEqual((await context.cookies()).map((c) => c.name), ["octavo_session"]);
  await context.close();
});
