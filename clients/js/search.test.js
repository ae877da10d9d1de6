import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { collectPaginatedAPI, isFullDataSource, isFullPage } from "@notionhq/client";
import { start, versions } from "./server.js";
import { bare, plainText, text, title } from "./values.js";

let server;
before(async () => (server = await start()));
after(() => server.stop());

for (const version of versions) {
  describe(`search at ${version}`, () => {
    // A word of its own keeps what other versions made out of the answers.
    const word = `v${version.replaceAll("-", "")}`;
    let notion, pages, source, row;
    const titleOf = (o) => plainText(o.object === "page" ? Object.values(o.properties).find((p) => p.type === "title").title : o.title);
    const titles = ({ results }) => results.map((o) => titleOf(o).replace(` ${word}`, ""));
    const both = { query: word };

    before(async () => {
      notion = server.client({ version });
      pages = [];
      for (const name of ["Tests", "Testing Environment", "Custom Emoji Page"]) {
        pages.push(await notion.pages.create({ parent: { page_id: server.page }, properties: title(`${name} ${word}`) }));
      }
      const database = await notion.databases.create({
        parent: { type: "page_id", page_id: server.page },
        title: [text(`Wiki DB ${word}`)],
        initial_data_source: { properties: { Name: { title: {} }, Done: { checkbox: {} } } },
      });
      source = database.data_sources[0].id;
      row = await notion.pages.create({ parent: { type: "data_source_id", data_source_id: source }, properties: { Name: { title: [text(`Row ${word}`)] } } });
    });

    test("what has been written is found at once, the newest first", async () => {
      const found = await notion.search(both);
      assert.deepEqual(titles(found), ["Row", "Wiki DB", "Custom Emoji Page", "Testing Environment", "Tests"]);
      assert.deepEqual([found.object, found.type, found.has_more, found.next_cursor], ["list", "page_or_data_source", false, null]);
      assert.ok(found.results.every((o) => isFullPage(o) || isFullDataSource(o)));
    });

    test("any word will do, in any case and form", async () => {
      const filter = { property: "object", value: "page" };
      const found = async (query) => titles(await notion.search({ query, filter })).filter((name) => !name.includes("v20"));
      assert.deepEqual(await found("TESTED"), ["Testing Environment", "Tests"]);
      assert.deepEqual(await found("This Page Does Not Exist At All"), ["Custom Emoji Page"]);
      assert.deepEqual(await found("Test_Page environ Tes"), ["Testing Environment"]);
    });

    test("pages and data sources can be had alone, and in the other order", async () => {
      const only = (value) => notion.search({ ...both, filter: { property: "object", value } });
      assert.deepEqual(titles(await only("data_source")), ["Wiki DB"]);
      assert.equal((await only("page")).results.length, 4);
      const oldest = await notion.search({ ...both, sort: { timestamp: "last_edited_time", direction: "ascending" } });
      assert.equal(titles(oldest).at(0), "Tests");
      const relevant = await notion.search({ query: `${word} wiki`, sort: { property: "relevance" } });
      assert.equal(titles(relevant).at(0), "Wiki DB");
    });

    test("what is found reads as when it is retrieved", async () => {
      const { results } = await notion.search(both);
      const find = (id) => results.find((o) => o.id === id);
      assert.deepEqual(find(pages[0].id), bare(await notion.pages.retrieve({ page_id: pages[0].id })));
      assert.deepEqual(find(row.id), bare(await notion.pages.retrieve({ page_id: row.id })));
      assert.deepEqual(find(source), bare(await notion.dataSources.retrieve({ data_source_id: source })));
    });

    test("all of it is had page by page", async () => {
      const all = await collectPaginatedAPI(notion.search, { ...both, page_size: 2 });
      assert.deepEqual(titles({ results: all }), titles(await notion.search(both)));
      const { next_cursor: start_cursor } = await notion.search({ ...both, page_size: 2 });
      await assert.rejects(notion.search({ query: "another", start_cursor }), { code: "validation_error", message: `The start_cursor provided is invalid: ${start_cursor}` });
    });

    test("what was thrown away is only found in the trash", async () => {
      await notion.pages.update({ page_id: pages[1].id, in_trash: true });
      assert.deepEqual(titles(await notion.search(both)), ["Row", "Wiki DB", "Custom Emoji Page", "Tests"]);
      assert.deepEqual(titles(await notion.search({ ...both, filter: { in_trash: true } })), ["Testing Environment"]);
      await notion.pages.update({ page_id: pages[1].id, in_trash: false });
      assert.equal(titles(await notion.search(both)).at(0), "Testing Environment");
    });

    test("only what is shared is found", async () => {
      const guest = server.client({ version, auth: await server.connect({ name: "Guest", share: { page_id: row.id } }) });
      assert.deepEqual(titles(await guest.search({})), ["Row"]);
      const blind = server.client({ version, auth: await server.connect({ name: "Blind", capabilities: ["update_content"] }) });
      await assert.rejects(blind.search({}), { code: "restricted_resource", status: 403 });
    });
  });
}
