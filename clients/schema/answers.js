// What an answer of the API has to look like.
import { endpoints } from "./endpoints.js";
import { validators } from "./schemas.js";

// The versions whose answers the SDK's types describe.
export const typedVersions = ["2025-09-03", "2026-03-11"];
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const answerTypes = new Map(endpoints().map((e) => [`${e.method} ${e.path}`, e.response]));
// Before 2026-03-11 a database can be queried as its only data source is (databases.md §1.4).
answerTypes.set("POST /v1/databases/{database_id}/query", answerTypes.get("POST /v1/data_sources/{data_source_id}/query"));
const checkers = new Map(typedVersions.map((version) => [version, validators(version)]));

// faults lists what is wrong with a recorded answer.
export function faults(record) {
  const { status, body } = record;
  if (body === null || typeof body !== "object" || Array.isArray(body)) return ["/ must be an object"];
  const keys = Object.keys(body);
  const found = [];
  if (keys.at(-1) !== "request_id" || !uuid.test(body.request_id)) found.push("/request_id must be a uuid and the last key");
  if (status >= 400) return found.concat(isOAuth(record) && body.error !== undefined ? oauthFaults(body) : errorFaults(status, body));
  if (status < 200 || status >= 300) return found.concat(`/ status ${status} is neither success nor error`);
  return found.concat(successFaults(record));
}

const isOAuth = (record) => (record.route ?? "").startsWith("/v1/oauth/");

function successFaults({ method, route, version, status, body }) {
  // OAuth needs no version, and its answers have the same shape in all.
  const check = checkers.get(isOAuth({ route }) ? typedVersions.at(-1) : version);
  if (!check) return []; // an older version: the types do not describe its answers
  const type = status === 202 ? "GetAsyncTaskResponse" : answerTypes.get(`${method} ${route}`);
  if (!type) return ["/ answers with success on a route that the SDK does not describe"];
  const { request_id, ...answer } = body;
  return check(type, answer);
}

// contract.md §1.4
function errorFaults(status, body) {
  const found = [];
  const expected = ["object", "status", "code", "message", ...("additional_data" in body ? ["additional_data"] : []), "request_id"];
  if (Object.keys(body).join() !== expected.join()) found.push(`/ keys must be ${expected.join()}, are ${Object.keys(body).join()}`);
  if (body.object !== "error") found.push('/object must be "error"');
  if (body.status !== status) found.push(`/status must be ${status}, is ${body.status}`);
  if (!/^[a-z_]+$/.test(body.code)) found.push("/code must be a name");
  if (typeof body.message !== "string" || body.message === "") found.push("/message must be a text");
  const text = (v) => typeof v === "string" || (Array.isArray(v) && v.every((item) => typeof item === "string"));
  for (const [key, value] of Object.entries(body.additional_data ?? {})) {
    if (!text(value)) found.push(`/additional_data/${key} must be a string or an array of strings`);
  }
  return found;
}

// contract.md §6
function oauthFaults(body) {
  const keys = Object.keys(body).join();
  return ["error,request_id", "error,error_description,request_id"].includes(keys) ? [] : [`/ keys are ${keys}`];
}
