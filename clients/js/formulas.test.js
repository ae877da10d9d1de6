import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { iteratePaginatedAPI } from "@notionhq/client";
import { start, versions } from "./server.js";
import { plainText, text } from "./values.js";

let server;
before(async () => (server = await start()));
after(() => server.stop());

const minutes = (time) => Math.floor(Date.parse(time) / 60_000);

for (const version of versions) {
  describe(`formulas and rollups at ${version}`, () => {
    let notion, tasks, projects, task, project;
    const create = async (title, properties) => {
      const database = await notion.databases.create({
        parent: { type: "page_id", page_id: server.page },
        title: [text(title)],
        initial_data_source: { properties },
      });
      return database.data_sources[0].id;
    };
    const row = (source, properties) => notion.pages.create({ parent: { data_source_id: source }, properties });
    const rollup = (relation, property, fn) => ({
      rollup: { relation_property_name: relation, rollup_property_name: property, function: fn },
    });
    const update = (source, properties) => notion.dataSources.update({ data_source_id: source, properties });
    const values = (page) => Object.fromEntries(Object.entries(page.properties).map(([name, p]) => [name, p[p.type]]));

    before(async () => {
      notion = server.client({ version });
      tasks = await create("Tasks", {
        Title: { title: {} },
        Hours: { number: {} },
        Due: { date: {} },
        Done: { checkbox: {} },
        Cost: { formula: { expression: 'prop("Hours")*50' } },
        Label: { formula: { expression: 'prop("Title") + (prop("Done") ? " ✓" : "")' } },
        Next: { formula: { expression: 'dateAdd(prop("Due"), 1, "days")' } },
        Big: { formula: { expression: 'prop("Hours") > 1' } },
        Now: { formula: { expression: "now()" } },
      });
      projects = await create("Projects", {
        Name: { title: {} },
        Tasks: { relation: { data_source_id: tasks, dual_property: {} } },
        Hours: rollup("Tasks", "Hours", "sum"),
        Cost: rollup("Tasks", "Cost", "sum"),
        Titles: rollup("Tasks", "Title", "show_original"),
        Last: rollup("Tasks", "Due", "latest_date"),
        Done: rollup("Tasks", "Done", "percent_checked"),
        Summary: { formula: { expression: 'prop("Tasks").map(current.prop("Label")).join(", ") + ": " + prop("Hours") + " h"' } },
      });
      task = await row(tasks, {
        Title: { title: [text("Dig")] },
        Hours: { number: 3 },
        Due: { date: { start: "2026-03-01" } },
        Done: { checkbox: true },
      });
      const second = await row(tasks, { Title: { title: [text("Fill")] }, Hours: { number: 0.5 } });
      project = await row(projects, { Tasks: { relation: [{ id: task.id }, { id: second.id }] } });
    });

    test("a schema shows formulas with the names of properties", async () => {
      const source = await notion.dataSources.retrieve({ data_source_id: tasks });
      assert.deepEqual(source.properties.Cost.formula, { expression: 'prop("Hours") * 50' });
      const renamed = await update(tasks, { Hours: { name: "Time" } });
      assert.deepEqual(renamed.properties.Cost.formula, { expression: 'prop("Time") * 50' });
      // What was read can be written back whole.
      const { Cost } = renamed.properties;
      assert.deepEqual((await update(tasks, { Cost, Time: { name: "Hours" } })).properties.Cost, {
        ...Cost,
        formula: { expression: 'prop("Hours") * 50' },
      });
    });

    test("pages show what formulas yield", async () => {
      const { Cost, Label, Next, Big, Now } = values(await notion.pages.retrieve({ page_id: task.id }));
      assert.deepEqual(Cost, { type: "number", number: 150 });
      assert.deepEqual(Label, { type: "string", string: "Dig ✓" });
      assert.deepEqual(Next, { type: "date", date: { start: "2026-03-02", end: null, time_zone: null } });
      assert.deepEqual(Big, { type: "boolean", boolean: true });
      assert.ok(Math.abs(minutes(Now.date.start) - minutes(new Date())) <= 1, Now.date.start);
    });

    test("pages show what rollups yield", async () => {
      const { Hours, Cost, Titles, Last, Done, Summary } = values(project);
      assert.deepEqual(Hours, { type: "number", number: 3.5, function: "sum" });
      assert.deepEqual(Cost, { type: "number", number: 175, function: "sum" });
      assert.equal(Titles.type, "array");
      assert.deepEqual(Titles.array.map(({ type, title }) => [type, plainText(title)]), [["title", "Dig"], ["title", "Fill"]]);
      assert.deepEqual(Last.date, { start: "2026-03-01", end: null, time_zone: null });
      assert.deepEqual(Done, { type: "number", number: 0.5, function: "percent_checked" });
      assert.deepEqual(Summary, { type: "string", string: "Dig ✓, Fill: 3.5 h" });
    });

    test("queries show the same as pages, and values follow edits", async () => {
      const changed = await row(tasks, { Title: { title: [text("Rest")] }, Hours: { number: 1 } });
      await notion.pages.update({
        page_id: project.id,
        properties: { Tasks: { relation: [...project.properties.Tasks.relation, { id: changed.id }] } },
      });
      const page = await notion.pages.retrieve({ page_id: project.id });
      assert.equal(values(page).Hours.number, 4.5);
      const { results } = await notion.dataSources.query({ data_source_id: projects });
      assert.deepEqual(results.map(values), [values(page)]);
      await notion.pages.update({ page_id: changed.id, in_trash: true });
      assert.equal(values(await notion.pages.retrieve({ page_id: project.id })).Hours.number, 3.5);
    });

    test("queries filter and sort by formulas and rollups", async () => {
      const names = async (source, filter, sorts) => {
        const found = [];
        const ask = { data_source_id: source, page_size: 1, ...(filter && { filter }), ...(sorts && { sorts }) };
        for await (const page of iteratePaginatedAPI(notion.dataSources.query, ask)) found.push(plainText(values(page).Title ?? values(page).Name));
        return found;
      };
      const formula = (property, condition) => ({ property, formula: condition });
      const byCost = [{ property: "Cost", direction: "ascending" }];
      assert.deepEqual(await names(tasks, undefined, byCost), ["Fill", "Dig"]);
      assert.deepEqual(await names(tasks, formula("Cost", { number: { greater_than: 100 } })), ["Dig"]);
      assert.deepEqual(await names(tasks, formula("Label", { string: { ends_with: "✓" } })), ["Dig"]);
      assert.deepEqual(await names(tasks, formula("Next", { date: { equals: "2026-03-02" } })), ["Dig"]);
      assert.deepEqual(await names(tasks, formula("Big", { checkbox: { equals: false } })), ["Fill"]);
      assert.deepEqual(await names(tasks, formula("Now", { date: { past_week: {} } }), byCost), ["Fill", "Dig"]);
      await assert.rejects(names(tasks, formula("Cost", { string: { equals: "150" } })), {
        code: "validation_error",
        message: /does not match the property type of the filter provided/,
      });

      const empty = await row(projects, { Name: { title: [text("Empty")] } });
      const rolledUp = (property, condition) => ({ property, rollup: condition });
      assert.deepEqual(await names(projects, undefined, [{ property: "Hours", direction: "ascending" }]), ["Empty", ""]);
      assert.deepEqual(await names(projects, rolledUp("Cost", { number: { equals: 0 } })), ["Empty"]);
      assert.deepEqual(await names(projects, rolledUp("Last", { date: { is_empty: true } })), ["Empty"]);
      assert.deepEqual(await names(projects, rolledUp("Titles", { any: { rich_text: { equals: "dig" } } })), [""]);
      assert.deepEqual(await names(projects, rolledUp("Titles", { every: { rich_text: { equals: "dig" } } })), []);
      assert.deepEqual(await names(projects, rolledUp("Titles", { none: { rich_text: { equals: "dig" } } })), ["Empty"]);
      assert.deepEqual(await names(projects, formula("Summary", { string: { contains: "3.5 h" } })), [""]);
      await notion.pages.update({ page_id: empty.id, in_trash: true });
    });

    test("one property is an item or a list", async () => {
      const { id } = task.properties.Cost;
      const item = await notion.pages.properties.retrieve({ page_id: task.id, property_id: id });
      assert.deepEqual([item.object, item.type, item.formula], ["property_item", "formula", { type: "number", number: 150 }]);

      const hours = { page_id: project.id, property_id: project.properties.Hours.id };
      const first = await notion.pages.properties.retrieve({ ...hours, page_size: 1 });
      assert.deepEqual(first.property_item.rollup, { type: "incomplete", incomplete: {}, function: "sum" });
      const last = await notion.pages.properties.retrieve({ ...hours, page_size: 1, start_cursor: first.next_cursor });
      assert.deepEqual(last.property_item.rollup, { type: "number", number: 3.5, function: "sum" });
      const titles = { page_id: project.id, property_id: project.properties.Titles.id, page_size: 1 };
      const parts = [];
      for await (const { type, title } of iteratePaginatedAPI(notion.pages.properties.retrieve, titles)) parts.push([type, title.plain_text]);
      assert.deepEqual(parts, [["title", "Dig"], ["title", "Fill"]]);
    });

    test("what is no formula or rollup is refused", async () => {
      const refused = (properties, message) =>
        assert.rejects(update(tasks, properties), { code: "validation_error", message });
      await refused({ Bad: { formula: { expression: "1 +" } } }, "Parse error with formula");
      await refused({ Bad: { formula: { expression: 'prop("Title") * 2' } } }, "Type error with formula");
      await refused({ Bad: rollup("Hours", "Title", "count") }, /^Invalid rollup schema/);
      const source = await notion.dataSources.retrieve({ data_source_id: tasks });
      assert.ok(!("Bad" in source.properties));
    });

    test("a formula whose property is gone has no value", async () => {
      const { properties } = await update(tasks, { Extra: { number: {} }, Broken: { formula: { expression: 'prop("Hours")' } } });
      assert.ok(properties.Broken);
      await update(tasks, { Broken: { formula: { expression: 'prop("Extra") + 1' } } });
      const after = await update(tasks, { Extra: null });
      assert.match(after.properties.Broken.formula.expression, /^\{\{notion:block_property:.+\}\} \+ 1$/);
      assert.deepEqual(values(await notion.pages.retrieve({ page_id: task.id })).Broken, { type: "string", string: null });
    });
  });
}
