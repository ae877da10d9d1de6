// Checks every recorded answer: 2xx against the SDK's types, all others against the shape of errors.
// Usage: node check.js DIR   (DIR holds *.ndjson files of {"method","route","version","status","body"})
import fs from "node:fs";
import path from "node:path";
import { faults, typedVersions } from "./answers.js";

function read(dir) {
  return fs
    .readdirSync(dir)
    .filter((name) => name.endsWith(".ndjson"))
    .flatMap((name) => fs.readFileSync(path.join(dir, name), "utf8").split("\n").filter(Boolean))
    .map((line) => JSON.parse(line));
}

// Faults that differ only in the place of an array element or in a page property's name are one.
const pattern = (fault) => fault.replace(/\/\d+(?=\/| )/g, "/*").replace(/(\/properties)\/[^/ ]+/, "$1/*");

function report(records) {
  const groups = new Map();
  for (const record of records) {
    for (const fault of faults(record)) {
      const key = `${record.method} ${record.route || "(no route)"} ${record.version || "(no version)"} ${record.status}: ${pattern(fault)}`;
      const group = groups.get(key) ?? { count: 0, body: JSON.stringify(record.body) };
      group.count++;
      groups.set(key, group);
    }
  }
  for (const [key, { count, body }] of [...groups].sort((a, b) => b[1].count - a[1].count)) {
    console.error(`${count} × ${key}\n    ${body.length > 400 ? body.slice(0, 400) + "…" : body}`);
  }
  return groups.size;
}

const dir = process.argv[2];
if (!dir) throw new Error("usage: node check.js DIR");
const records = read(dir);
const typed = records.filter((r) => r.status < 300 && typedVersions.includes(r.version)).length;
const failures = report(records);
console.log(`${records.length} answers checked, ${typed} of them against the SDK's types: ${failures} kinds of fault`);
if (typed === 0) console.error("no answer to check against the types: recording must be broken");
process.exitCode = failures > 0 || typed === 0 ? 1 : 0;
