// JSON Schemas made from the SDK's declarations, and validators of them per API version.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import Ajv from "ajv";
import { createGenerator } from "ts-json-schema-generator";
import { deviations } from "./deviations.js";
import { here, sdkDir } from "./types.js";

const cacheDir = path.join(here, "../.build");

// definitions returns the schema of every type the SDK declares, by name. Making them takes some seconds, so they are
// kept until the SDK or the generator changes.
function definitions() {
  const key = createHash("sha256")
    .update(fs.readFileSync(path.join(here, "package-lock.json")))
    .update(fs.readFileSync(path.join(here, "schemas.js")))
    .digest("hex")
    .slice(0, 16);
  const file = path.join(cacheDir, `definitions-${key}.json`);
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, "utf8"));

  const generator = createGenerator({
    path: path.join(sdkDir, "build/src/api-endpoints.d.ts"),
    expose: "all",
    additionalProperties: false, // a key the types do not know is a failure
    skipTypeCheck: true,
    encodeRefs: false,
    jsDoc: "none",
  });
  const made = generator.createSchema("*").definitions;
  fs.mkdirSync(cacheDir, { recursive: true });
  fs.writeFileSync(`${file}.${process.pid}`, JSON.stringify(made));
  fs.renameSync(`${file}.${process.pid}`, file);
  return made;
}

// validators returns a function that finds the faults of a value of a named type, as lines of text.
export function validators(version) {
  const schemas = adapt(definitions(), version);
  const ajv = new Ajv({ allErrors: true, strict: false });
  ajv.addSchema({ $id: "sdk", definitions: schemas });
  const compiled = new Map();
  return (type, value) => {
    if (!compiled.has(type)) compiled.set(type, ajv.compile({ $ref: `sdk#/definitions/${type}` }));
    const validate = compiled.get(type);
    return validate(value) ? [] : describe(validate.errors, value);
  };
}

// adapt applies the deviations of a version and gives unions a form that names faults well.
function adapt(schemas, version) {
  const rules = deviations.filter((d) => !d.versions || d.versions.includes(version));
  const used = new Set();
  visit(schemas, (schema) => {
    for (const rule of rules.filter((r) => r.where(schema))) {
      rule.change(schema);
      used.add(rule);
    }
  });
  const idle = rules.find((rule) => !used.has(rule));
  if (idle) throw new Error(`a deviation applies to nothing any more: ${idle.why}`);
  return distinguishUnions(schemas);
}

function visit(schema, edit) {
  if (schema === null || typeof schema !== "object") return;
  Object.values(schema).forEach((value) => visit(value, edit));
  edit(schema);
}

// distinguishUnions rewrites every anyOf so that a value is held against the alternative it means to be. Otherwise one
// wrong key in a block would be reported as forty faults, one for each type of block.
function distinguishUnions(schemas) {
  const named = { ...schemas };
  const definition = (ref) => named[ref.$ref.slice("#/definitions/".length)];
  const name = (schema) => {
    const made = `alternative ${Object.keys(named).length}`;
    named[made] = schema;
    return { $ref: `#/definitions/${made}` };
  };
  visit(schemas, (s) => {
    if (Array.isArray(s.anyOf)) s.anyOf = s.anyOf.map((alternative) => (alternative.$ref ? alternative : name(alternative)));
  });
  const flatten = (ref) => {
    const target = definition(ref);
    if (target.$ref) return flatten(target);
    return target.anyOf ? target.anyOf.flatMap(flatten) : [ref];
  };
  const unions = [];
  visit(named, (s) => Array.isArray(s.anyOf) && unions.push([s, s.anyOf.flatMap(flatten)]));
  for (const [schema, alternatives] of unions) {
    delete schema.anyOf;
    Object.assign(schema, distinguish(alternatives, definition));
  }
  return named;
}

function distinguish(refs, definition) {
  if (refs.length === 1) return refs[0];
  const isNull = (ref) => definition(ref).type === "null";
  if (refs.some(isNull)) {
    return { if: { type: "null" }, then: true, else: distinguish(refs.filter((ref) => !isNull(ref)), definition) };
  }
  for (const key of ["object", "type"]) {
    const groups = groupByTag(refs, key, definition);
    if ([...groups.values()].some((group) => group.length === refs.length)) continue;
    const untagged = groups.get(undefined);
    groups.delete(undefined);
    const tagged = {
      type: "object",
      required: [key],
      properties: { [key]: { enum: [...groups.keys()] } },
      allOf: [...groups].map(([tag, group]) => ({
        if: { properties: { [key]: { const: tag } } },
        then: distinguish(group, definition),
      })),
    };
    return untagged ? { if: { required: [key] }, then: tagged, else: distinguish(untagged, definition) } : tagged;
  }
  return distinguishBySize(refs, definition) ?? { anyOf: refs };
}

function groupByTag(refs, key, definition) {
  const groups = new Map();
  for (const ref of refs) {
    const tag = definition(ref).properties?.[key];
    for (const value of tag?.enum ?? [tag?.const]) groups.set(value, [...(groups.get(value) ?? []), ref]);
  }
  return groups;
}

// distinguishBySize tells a partial object from the full one: it has only some of its keys.
function distinguishBySize(refs, definition) {
  const keys = (ref) => Object.keys(definition(ref).properties ?? {});
  const [few, many, ...more] = [...refs].sort((a, b) => keys(a).length - keys(b).length);
  const objects = refs.every((ref) => definition(ref).type === "object" || definition(ref).$ref);
  if (more.length > 0 || !objects || !keys(few).every((key) => keys(many).includes(key))) return undefined;
  return { if: { maxProperties: keys(few).length }, then: few, else: many };
}

// describe puts ajv's errors into lines. Those of `if` only say that another one occurred.
function describe(errors, value) {
  const real = errors.filter((e) => e.keyword !== "if");
  return [...new Set(real.map((e) => `${e.instancePath || "/"} ${e.message}${detail(e, value)}`))];
}

function detail(error, value) {
  const { params, instancePath } = error;
  if (params.additionalProperty) return `: ${params.additionalProperty}`;
  if (error.keyword === "required") return "";
  const found = instancePath.split("/").slice(1).reduce((v, key) => v?.[unescape(key)], value);
  const allowed = params.allowedValues ?? params.allowedValue;
  return `${allowed === undefined ? "" : ` (${[allowed].flat().join(", ")})`}, is ${JSON.stringify(found).slice(0, 80)}`;
}

const unescape = (pointer) => pointer.replaceAll("~1", "/").replaceAll("~0", "~");
