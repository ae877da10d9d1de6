// Reads the SDK's declarations as syntax, not through the type checker: the checker reorders union members,
// and the declared order is what the validator's messages and our tables follow.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

// here is the directory of this package.
export const here = path.dirname(fileURLToPath(import.meta.url));
export const sdkDir = path.join(here, "node_modules/@notionhq/client");
export const endpointsDir = path.join(sdkDir, "build/src/api-endpoints");
export const sdkVersion = JSON.parse(fs.readFileSync(path.join(sdkDir, "package.json"), "utf8")).version;

// Type names repeat between files (a private NumberFormulaPropertyResponse, say), so aliases are kept per file.
const files = new Map(
  fs
    .readdirSync(endpointsDir)
    .filter((name) => name.endsWith(".d.ts"))
    .map((name) => [name, aliases(path.join(endpointsDir, name))]),
);

function aliases(file) {
  const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  return new Map(source.statements.filter(ts.isTypeAliasDeclaration).map((s) => [s.name.text, s.type]));
}

// type returns the declaration of a named type; file is the one to prefer when several declare the name.
export function type(name, file) {
  const own = files.get(file)?.get(name);
  if (own) return own;
  for (const known of files.values()) if (known.has(name)) return known.get(name);
  throw new Error(`the SDK no longer declares type ${name}`);
}

const fileOf = (node) => path.basename(node.getSourceFile().fileName);

// members flattens aliases, parentheses, arrays' elements and unions into the alternatives, in declared order.
export function members(node) {
  if (ts.isParenthesizedTypeNode(node)) return members(node.type);
  if (ts.isUnionTypeNode(node)) return node.types.flatMap(members);
  if (ts.isTypeReferenceNode(node)) {
    if (node.typeName.text === "Array") return members(node.typeArguments[0]);
    if (node.typeName.text === "Record") return [node];
    return members(type(node.typeName.text, fileOf(node)));
  }
  return [node];
}

// field returns the type of a key of an object type (of the first union member that has it).
export function field(node, key) {
  for (const member of members(node)) {
    if (!ts.isTypeLiteralNode(member)) continue;
    const found = member.members.find((m) => m.name.text === key);
    if (found) return found.type;
  }
  throw new Error(`no field ${key} in ${node.getText().slice(0, 80)}`);
}

// mapValue returns the value type of Record<string, V>.
export const mapValue = (node) => members(node).find(ts.isTypeReferenceNode).typeArguments[1];

// literals lists the string literals of a union.
export function literals(node) {
  const found = members(node)
    .filter((m) => ts.isLiteralTypeNode(m) && ts.isStringLiteral(m.literal))
    .map((m) => m.literal.text);
  if (found.length === 0) throw new Error(`no literals in ${node.getText().slice(0, 80)}`);
  return found;
}

// variants lists the values of the discriminator `type` over a union of objects; `A & (B | C)` counts as its parts.
export function variants(node) {
  const found = members(node).flatMap(typeLiterals);
  if (found.length === 0) throw new Error(`no variants in ${node.getText().slice(0, 80)}`);
  return [...new Set(found)];
}

function typeLiterals(member) {
  if (ts.isIntersectionTypeNode(member)) return member.types.flatMap(members).flatMap(typeLiterals);
  if (!ts.isTypeLiteralNode(member)) return [];
  const discriminator = member.members.find((m) => m.name.text === "type");
  return discriminator ? literals(discriminator.type) : [];
}
