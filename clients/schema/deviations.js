// Where the wire is known to differ from the SDK's types, and where we know more than they say. Keep it short: every
// entry weakens or sharpens the check for all answers.
//
// An entry is tried on every object schema: when its `where` holds, `change` edits that schema. `versions` limits an
// entry to some API versions. request_id, which every answer ends with and no type has, is checked apart (check.js).

const uuid = { type: "string", pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$" };
const minute = { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:00\\.000Z$" };
const instant = { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\+00:00$" };

const has = (schema, key) => schema.properties?.[key] !== undefined;
const is = (schema, key, value) => schema.properties?.[key]?.const === value;

export const deviations = [
  {
    why: "a write in the second grammar of Markdown may carry warnings (pages-blocks.md §6.1), which the types do not know yet",
    where: (s) => is(s, "object", "page_markdown"),
    change: (s) => {
      const warning = {
        type: "object",
        properties: { line: { type: "integer", minimum: 1 }, message: { type: "string" } },
        required: ["line", "message"],
        additionalProperties: false,
      };
      s.properties.warnings = { type: "array", minItems: 1, items: warning };
    },
  },
  {
    why: "who may write a page and not read it is answered with its id alone (contract.md §5), also in Markdown",
    where: (s) => is(s, "object", "page_markdown"),
    change: (s) => {
      const whole = { required: s.required };
      s.required = ["object", "id"];
      Object.assign(s, { if: { maxProperties: 2 }, else: whole });
    },
  },
  {
    why: "`archived` is gone at 2026-03-11 (contract.md §2.2); the types keep it for older versions",
    versions: ["2026-03-11"],
    where: (s) => has(s, "archived"),
    change: (s) => {
      delete s.properties.archived;
      s.required = s.required?.filter((key) => key !== "archived");
    },
  },
  {
    why: "a relation value says whether it was cut after 25 pages (pages-blocks.md §5.6)",
    where: (s) => is(s, "type", "relation") && s.properties.relation?.type === "array",
    change: (s) => (s.properties.has_more = { type: "boolean" }),
  },
  {
    why: "a person without a visible e-mail is shown without one (services.md §1.4); the type of the OAuth token's owner always has it",
    where: (s) => has(s, "email") && s.required?.includes("email") && Object.keys(s.properties).length === 1,
    change: (s) => delete s.required,
  },
  {
    why: "`email_verified` stands beside a visible e-mail since July 2026 (services.md §1.1)",
    where: (s) => has(s, "email") && Object.keys(s.properties).length === 1,
    change: (s) => (s.properties.email_verified = { type: "boolean" }),
  },
  {
    why: "ids and times of pages, blocks and comments have one form (contract.md §9); the types only say string",
    where: (s) => ["page", "block", "comment"].some((object) => is(s, "object", object)) && has(s, "created_time"),
    change: (s) => Object.assign(s.properties, { id: uuid, created_time: minute, last_edited_time: minute }),
  },
  {
    why: "ids and times of file uploads have the form of those of pages (services.md §0.2); the types only say string",
    where: (s) => is(s, "object", "file_upload") && has(s, "created_time"),
    change: (s) => {
      Object.assign(s.properties, { id: uuid, created_time: minute, last_edited_time: minute, expiry_time: { anyOf: [minute, { type: "null" }] } });
    },
  },
  {
    why: "a data source can have a place property (databases.md §2.3); the types only let requests have one",
    where: (s) => s.anyOf?.some((one) => is(one, "type", "unique_id") && has(one, "description")),
    change: (s) => {
      const { checkbox, ...properties } = s.anyOf.find((one) => is(one, "type", "checkbox")).properties;
      s.anyOf.push({
        type: "object",
        properties: { ...properties, type: { type: "string", const: "place" }, place: checkbox },
        required: [...Object.keys(properties), "place"],
        additionalProperties: false,
      });
    },
  },
  {
    why: "ids and times of data sources have the form of those of pages, and databases tell milliseconds (databases.md §1.2)",
    where: (s) => (is(s, "object", "data_source") || is(s, "object", "database")) && has(s, "created_time"),
    change: (s) => {
      const time = is(s, "object", "database") ? instant : minute;
      Object.assign(s.properties, { id: uuid, created_time: time, last_edited_time: time });
    },
  },
  {
    why: "a quick filter is a condition, or {} (databases.md §6.3); the types say an object without keys",
    where: (s) => has(s, "quick_filters"),
    change: (s) => {
      const condition = { type: "object", maxProperties: 1, additionalProperties: { type: "object" } };
      s.properties.quick_filters = { anyOf: [{ type: "object", additionalProperties: condition }, { type: "null" }] };
    },
  },
  {
    why: "meeting notes are listed as everything is (services.md §5.2); the types leave out what says so",
    where: (s) => has(s, "results") && has(s, "has_more") && Object.keys(s.properties).length === 2,
    change: (s) => {
      const nothing = { type: "object", additionalProperties: false };
      const said = { object: { const: "list" }, next_cursor: { type: "null" }, type: { const: "block" }, block: nothing };
      Object.assign(s.properties, said);
      s.required.push(...Object.keys(said));
    },
  },
];
