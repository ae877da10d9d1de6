import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isFullDatabase, isFullDataSource, isFullPage } from "@notionhq/client";
import { start, versions } from "./server.js";
import { bare, emoji, external, plainText, text } from "./values.js";

let server;
before(async () => (server = await start()));
after(() => server.stop());

for (const version of versions) {
  describe(`databases at ${version}`, () => {
    let notion, create;
    before(() => {
      notion = server.client({ version });
      create = (properties, more = {}) =>
        notion.databases.create({
          parent: { type: "page_id", page_id: server.page },
          title: [text("Tasks")],
          initial_data_source: properties && { properties },
          ...more,
        });
    });
    const firstSource = async (database) => notion.dataSources.retrieve({ data_source_id: database.data_sources[0].id });

    test("a new database reads as it was made", async () => {
      const database = await create(undefined, {
        description: [text("What to do")],
        icon: emoji("🥬"),
        cover: external("https://example.com/cover.jpg"),
        is_inline: true,
      });
      assert.ok(isFullDatabase(database));
      assert.deepEqual(database.parent, { type: "page_id", page_id: server.page });
      assert.equal(plainText(database.title), "Tasks");
      assert.equal(plainText(database.description), "What to do");
      assert.deepEqual([database.icon, database.cover], [emoji("🥬"), external("https://example.com/cover.jpg")]);
      assert.deepEqual([database.is_inline, database.in_trash, database.is_locked, database.public_url], [true, false, false, null]);
      assert.equal(database.data_sources.length, 1);
      assert.equal(database.data_sources[0].name, "Tasks");
      assert.equal(Object.keys(bare(database)).at(-1), version === "2025-09-03" ? "archived" : "public_url");
      assert.deepEqual(bare(await notion.databases.retrieve({ database_id: database.id })), bare(database));

      const source = await firstSource(database);
      assert.ok(isFullDataSource(source));
      assert.deepEqual(source.parent, { type: "database_id", database_id: database.id });
      assert.deepEqual(source.database_parent, database.parent);
      assert.deepEqual(source.properties, { Name: { id: "title", name: "Name", description: null, type: "title", title: {} } });
      assert.equal(source.url, database.url);
      const block = await notion.blocks.retrieve({ block_id: database.id });
      assert.deepEqual([block.type, block.child_database, block.has_children], ["child_database", { title: "Tasks" }, false]);
    });

    test("a database without a title has a name, and its data source none", async () => {
      const database = await create(undefined, { title: undefined });
      assert.equal(plainText(database.title), "New database");
      assert.equal(database.data_sources[0].name, "New database");
      assert.deepEqual((await firstSource(database)).title, []);
    });

    test("a database can be changed, moved, trashed and restored", async () => {
      const { id } = await create();
      const changed = await notion.databases.update({ database_id: id, title: [text("Renamed")], is_inline: true, is_locked: true });
      assert.deepEqual([plainText(changed.title), changed.is_inline, changed.is_locked], ["Renamed", true, true]);
      const page = await notion.pages.create({ parent: { page_id: server.page } });
      const moved = await notion.databases.update({ database_id: id, parent: { type: "page_id", page_id: page.id } });
      assert.deepEqual(moved.parent, { type: "page_id", page_id: page.id });
      assert.equal((await notion.databases.update({ database_id: id, in_trash: true })).in_trash, true);
      assert.equal((await firstSource(moved)).in_trash, true);
      assert.equal((await notion.databases.update({ database_id: id, in_trash: false })).in_trash, false);
      assert.equal((await firstSource(moved)).in_trash, false);
    });

    test("a database has several data sources, which move", async () => {
      const database = await create();
      const second = await notion.dataSources.create({
        parent: { type: "database_id", database_id: database.id },
        title: [text("Second")],
        icon: emoji("🥬"),
        properties: { Title: { title: {} }, Count: { number: { format: "percent" } } },
      });
      assert.ok(isFullDataSource(second));
      assert.deepEqual(second.properties.Count.number, { format: "percent" });
      const both = await notion.databases.retrieve({ database_id: database.id });
      assert.deepEqual(both.data_sources.map(({ name }) => name), ["Tasks", "Second"]);
      await assert.rejects(notion.pages.create({ parent: { database_id: database.id } }), {
        code: "validation_error",
        additional_data: {
          error_type: "multiple_data_sources_for_database",
          database_id: database.id,
          child_data_source_ids: both.data_sources.map(({ id }) => id),
          minimum_api_version: "2025-09-03",
        },
      });

      const other = await create();
      const moved = await notion.dataSources.update({ data_source_id: second.id, parent: { type: "database_id", database_id: other.id } });
      assert.equal(moved.parent.database_id, other.id);
      const names = async ({ id }) => (await notion.databases.retrieve({ database_id: id })).data_sources.map(({ name }) => name);
      assert.deepEqual([await names(database), await names(other)], [["Tasks"], ["Tasks", "Second"]]);
      const gone = await notion.dataSources.update({ data_source_id: second.id, in_trash: true });
      assert.equal(gone.in_trash, true);
      assert.deepEqual(await names(other), ["Tasks"]);
    });

    test("a schema is changed by name and by id", async () => {
      const source = await firstSource(
        await create({
          Name: { title: {} },
          Number: { number: {} },
          Choice: { select: { options: [{ name: "A" }, { name: "B", color: "red" }] } },
          State: { status: {} },
        }),
      );
      const { Number: number, Choice: choice, State: state } = source.properties;
      assert.deepEqual(choice.select.options.map(({ name, color }) => [name, color]), [["A", "default"], ["B", "red"]]);
      assert.deepEqual(state.status.groups.map(({ name }) => name), ["To-do", "In progress", "Complete"]);
      const changed = await notion.dataSources.update({
        data_source_id: source.id,
        properties: {
          [number.id]: { name: "Amount", number: { format: "euro" } },
          Choice: { select: { options: [{ id: choice.select.options[1].id }, { name: "C" }] } },
          Name: { name: "Title" },
          State: null,
          Added: { checkbox: {} },
        },
      });
      assert.deepEqual(Object.keys(changed.properties).sort(), ["Added", "Amount", "Choice", "Title"]);
      assert.equal(changed.properties.Amount.id, number.id);
      assert.deepEqual(changed.properties.Choice.select.options.map(({ name }) => name), ["B", "C"]);
      await assert.rejects(notion.dataSources.update({ data_source_id: source.id, properties: { Nothing: null } }), { code: "object_not_found" });
      await assert.rejects(notion.dataSources.update({ data_source_id: source.id, properties: { Title: null } }), { code: "validation_error" });
      assert.deepEqual(bare(await notion.dataSources.retrieve({ data_source_id: source.id })), bare(changed));
    });

    test("every property of a row reads as it was written", async () => {
      const me = await notion.users.me();
      const person = (await server.admin("POST", "users", { name: "Ada", email: `ada@${version}.example` })).id;
      const prefix = `T${version.slice(0, 4)}`; // no other property of the workspace may have it
      const source = await firstSource(
        await create({
          Title: { title: {} },
          Text: { rich_text: {} },
          Number: { number: {} },
          Select: { select: {} },
          Multi: { multi_select: {} },
          Status: { status: {} },
          Date: { date: {} },
          People: { people: {} },
          Files: { files: {} },
          Check: { checkbox: {} },
          Url: { url: {} },
          Email: { email: {} },
          Phone: { phone_number: {} },
          ID: { unique_id: { prefix } },
          Created: { created_time: {} },
          Creator: { created_by: {} },
          Edited: { last_edited_time: {} },
          Editor: { last_edited_by: {} },
        }),
      );
      const row = await notion.pages.create({
        parent: { type: "data_source_id", data_source_id: source.id },
        properties: {
          Title: { title: [text("Row")] },
          Text: { rich_text: [text("words")] },
          Number: { number: 1.5 },
          Select: { select: { name: "a" } },
          Multi: { multi_select: [{ name: "x" }, { name: "y" }] },
          Status: { status: { name: "Done" } },
          Date: { date: { start: "2026-07-01T10:00:30Z", end: "2026-07-02T10:00:00Z" } },
          People: { people: [{ id: person }, { id: me.id }] },
          Files: { files: [{ name: "a.png", external: { url: "https://example.com/a.png" } }] },
          Check: { checkbox: true },
          Url: { url: "https://example.com" },
          Email: { email: "a@example.com" },
          Phone: { phone_number: "+1 2" },
        },
      });
      assert.ok(isFullPage(row));
      assert.deepEqual(row.parent, { type: "data_source_id", data_source_id: source.id, database_id: source.parent.database_id });
      const values = Object.fromEntries(Object.entries(row.properties).map(([name, value]) => [name, value[value.type]]));
      assert.equal(plainText(values.Title), "Row");
      assert.equal(plainText(values.Text), "words");
      assert.deepEqual([values.Number, values.Check, values.Url, values.Email, values.Phone], [1.5, true, "https://example.com", "a@example.com", "+1 2"]);
      assert.deepEqual([values.Select.name, values.Select.color], ["a", "default"]);
      assert.deepEqual(values.Multi.map(({ name }) => name), ["x", "y"]);
      assert.deepEqual([values.Status.name, values.Status.color], ["Done", "green"]);
      assert.deepEqual(values.Date, { start: "2026-07-01T10:00:00.000+00:00", end: "2026-07-02T10:00:00.000+00:00", time_zone: null });
      assert.deepEqual(values.People.map(({ id, name }) => [id, name]), [[person, "Ada"], [me.id, me.name]]);
      assert.deepEqual(values.Files, [{ name: "a.png", type: "external", external: { url: "https://example.com/a.png" } }]);
      assert.deepEqual(values.ID, { prefix, number: 1 });
      assert.deepEqual([values.Created, values.Edited], [row.created_time, row.last_edited_time]);
      assert.deepEqual([values.Creator.id, values.Editor.id], [me.id, me.id]);
      assert.deepEqual(bare(await notion.pages.retrieve({ page_id: row.id })), bare(row));

      const item = (property) => notion.pages.properties.retrieve({ page_id: row.id, property_id: row.properties[property].id });
      assert.deepEqual(bare(await item("Number")), { object: "property_item", type: "number", id: row.properties.Number.id, number: 1.5 });
      const people = await item("People");
      assert.deepEqual(people.results.map((result) => result.people.id), [person, me.id]);
      assert.equal(people.property_item.type, "people");

      const cleared = await notion.pages.update({
        page_id: row.id,
        properties: {
          Title: { title: [] },
          Number: { number: null },
          Select: { select: null },
          Multi: { multi_select: [] },
          Status: { status: null },
          Date: { date: null },
          People: { people: [] },
          Files: { files: [] },
          Check: { checkbox: false },
          Url: { url: null },
        },
      });
      const { Title, Number, Select, Multi, Status, Date, People, Files, Check, Url, Email, ID } = cleared.properties;
      assert.deepEqual([Title.title, Number.number, Select.select, Multi.multi_select, Date.date], [[], null, null, [], null]);
      assert.deepEqual([People.people, Files.files, Check.checkbox, Url.url, Email.email], [[], [], false, null, "a@example.com"]);
      assert.deepEqual([Status.status.name, ID.unique_id.number], ["Not started", 1]);
      const some = await notion.pages.retrieve({ page_id: row.id, filter_properties: [ID.id, "title"] });
      assert.deepEqual(Object.keys(some.properties), ["ID", "Title"]);
    });

    test("both sides of a relation show it", async () => {
      const projects = await firstSource(await create({ Name: { title: {} } }, { title: [text("Projects")] }));
      const tasks = await firstSource(
        await create({ Name: { title: {} }, Project: { relation: { data_source_id: projects.id, type: "dual_property", dual_property: {} } } }),
      );
      assert.deepEqual(
        [tasks.properties.Project.relation.type, tasks.properties.Project.relation.dual_property.synced_property_name],
        ["dual_property", "Related to Tasks (Project)"],
      );
      const add = (source, properties = {}) => notion.pages.create({ parent: { data_source_id: source.id }, properties });
      const project = await add(projects);
      const ids = [];
      for (let i = 0; i < 26; i++) ids.push((await add(tasks, { Project: { relation: [{ id: project.id }] } })).id);
      const { properties } = await notion.pages.retrieve({ page_id: project.id });
      const back = properties["Related to Tasks (Project)"];
      assert.deepEqual([back.relation.map(({ id }) => id), back.has_more], [ids.slice(0, 25), true]);
      const item = await notion.pages.properties.retrieve({ page_id: project.id, property_id: back.id });
      assert.deepEqual(item.results.map(({ relation }) => relation.id), ids);
    });

    test("a page moves into a data source and out again", async () => {
      const source = await firstSource(await create({ Title: { title: {} }, Number: { number: {} } }));
      const page = await notion.pages.create({ parent: { page_id: server.page }, properties: { title: [text("Moves")] } });
      const row = await notion.pages.move({ page_id: page.id, parent: { type: "data_source_id", data_source_id: source.id } });
      assert.deepEqual(Object.keys(row.properties), ["Number", "Title"]);
      assert.equal(plainText(row.properties.Title.title), "Moves");
      await notion.pages.update({ page_id: page.id, properties: { Number: { number: 7 } } });
      const out = await notion.pages.move({ page_id: page.id, parent: { page_id: server.page } });
      assert.deepEqual([Object.keys(out.properties), out.parent], [["title"], { type: "page_id", page_id: server.page }]);
      const again = await notion.pages.move({ page_id: page.id, parent: { data_source_id: source.id } });
      assert.equal(again.properties.Number.number, 7);
    });
  });
}
