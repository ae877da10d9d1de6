// Views of databases, their queries and dashboards, through the official SDK.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { collectPaginatedAPI, isNotionClientError } from "@notionhq/client";
import { start, versions } from "./server.js";

for (const version of versions) {
  describe(`views at ${version}`, () => {
    let server, notion, database, source, rows;
    before(async () => {
      server = await start();
      notion = server.client({ version });
      const made = await notion.databases.create({
        parent: { page_id: server.page },
        initial_data_source: { properties: { Name: { title: {} }, N: { number: {} }, Due: { date: {} } } },
      });
      [database, source] = [made.id, made.data_sources[0].id];
      rows = [];
      for (let n = 0; n < 5; n++) {
        const properties = { Name: { title: [{ text: { content: `row ${n}` } }] }, N: { number: n } };
        rows.push((await notion.pages.create({ parent: { data_source_id: source }, properties })).id);
      }
    });
    after(() => server.stop());

    const ids = (list) => list.map(({ id }) => id);
    const listed = async () => ids(await collectPaginatedAPI(notion.views.list, { database_id: database, page_size: 1 }));
    const add = (body) => notion.views.create({ database_id: database, data_source_id: source, ...body });

    test("one is made, read, changed and deleted", async () => {
      const [first] = await listed();
      const view = await add({ name: "By number", type: "table", filter: { property: "N", number: { greater_than: 1 } } });
      assert.deepEqual(
        [view.object, view.type, view.name, view.parent.database_id, view.data_source_id],
        ["view", "table", "By number", database, source],
      );
      assert.deepEqual(await listed(), [first, view.id]);

      const changed = await notion.views.update({
        view_id: view.id,
        name: "Smallest first",
        sorts: [{ property: "N", direction: "ascending" }],
        configuration: { type: "table", wrap_cells: true },
      });
      assert.deepEqual([changed.name, changed.filter.number, changed.sorts[0].direction], ["Smallest first", { greater_than: 1 }, "ascending"]);
      assert.equal(changed.configuration.wrap_cells, true);
      const { request_id: _, ...read } = await notion.views.retrieve({ view_id: view.id });
      const { request_id: __, ...written } = changed;
      assert.deepEqual(read, written);

      assert.equal((await notion.views.delete({ view_id: view.id })).id, view.id);
      assert.deepEqual(await listed(), [first]);
      await assert.rejects(notion.views.retrieve({ view_id: view.id }), { code: "object_not_found", status: 404 });
    });

    test("the pages that one shows are kept and read in parts", async () => {
      const view = await add({
        name: "Most first",
        type: "list",
        filter: { property: "N", number: { greater_than: 0 } },
        sorts: [{ property: "N", direction: "descending" }],
      });
      const query = await notion.views.queries.create({ view_id: view.id, page_size: 3 });
      assert.deepEqual([query.object, query.view_id, query.total_count, query.has_more], ["view_query", view.id, 4, true]);
      assert.deepEqual(ids(query.results), [rows[4], rows[3], rows[2]]);

      const at = { view_id: view.id, query_id: query.id };
      const rest = await notion.views.queries.results({ ...at, start_cursor: query.next_cursor });
      assert.deepEqual([ids(rest.results), rest.has_more, rest.next_cursor], [[rows[1]], false, null]);

      await notion.pages.update({ page_id: rows[0], properties: { N: { number: 10 } } });
      const again = await collectPaginatedAPI(notion.views.queries.results, { ...at, page_size: 2 });
      assert.deepEqual(ids(again), [rows[4], rows[3], rows[2], rows[1]]);

      assert.deepEqual(await notion.views.queries.delete(at).then(({ id, deleted }) => ({ id, deleted })), { id: query.id, deleted: true });
      await assert.rejects(notion.views.queries.results(at), { code: "object_not_found" });
    });

    test("a dashboard is filled with widgets", async () => {
      const dashboard = await add({ name: "Overview", type: "dashboard" });
      const widget = (name, placement) =>
        notion.views.create({ view_id: dashboard.id, data_source_id: source, name, type: "table", ...(placement && { placement }) });
      const left = await widget("Left");
      const right = await widget("Right", { type: "existing_row", row_index: 0 });
      assert.deepEqual([left.dashboard_view_id, right.dashboard_view_id], [dashboard.id, dashboard.id]);

      const layout = async () => (await notion.views.retrieve({ view_id: dashboard.id })).configuration.rows;
      const shown = (row) => row.widgets.map(({ view_id, width }) => [view_id, width]);
      assert.deepEqual((await layout()).map(shown), [[[left.id, 6], [right.id, 6]]]);
      await notion.views.delete({ view_id: left.id });
      assert.deepEqual((await layout()).map(shown), [[[right.id, 12]]]);
    });

    test("a calendar needs its date", async () => {
      const refused = await add({ name: "When", type: "calendar" }).catch((error) => error);
      assert.ok(isNotionClientError(refused));
      assert.equal(refused.code, "validation_error");
      const view = await add({ name: "When", type: "calendar", configuration: { type: "calendar", date_property_id: "Due" } });
      assert.equal(view.configuration.date_property_name, "Due");
    });
  });
}
