// Writes testdata/sdk_types.json and testdata/sdk_operations.json from the installed SDK.
// Run it again after a new SDK version: npm run lists
import fs from "node:fs";
import path from "node:path";
import { APIErrorCode, Client, ClientErrorCode } from "@notionhq/client";
import { endpoints } from "./endpoints.js";
import { field, here, literals, mapValue, sdkVersion, type, variants } from "./types.js";

const testdata = path.join(here, "../../testdata");
const sdk = `@notionhq/client ${sdkVersion}`;

function types() {
  const mentions = (name) => variants(field(type(name), "mention"));
  const properties = (name) => variants(mapValue(field(type(name), "properties")));
  return {
    sdk,
    block_request_types: variants(type("BlockObjectRequest")),
    block_request_types_single_level: variants(type("BlockObjectWithSingleLevelOfChildrenRequest")),
    block_request_types_without_children: variants(type("BlockObjectRequestWithoutChildren")),
    block_update_types: variants(type("UpdateBlockBodyParameters")),
    block_response_types: variants(type("BlockObjectResponse")),
    numbered_list_formats: literals(type("NumberedListFormat")),
    link_to_page_types: variants(field(type("LinkToPageBlockObjectResponse"), "link_to_page")),
    content_position_types: variants(type("ContentPositionSchema")),
    page_position_types: variants(type("PagePositionSchema")),
    code_languages: literals(type("LanguageRequest")),
    colors: literals(type("ApiColor")),
    select_colors: literals(type("SelectColor")),
    icon_colors: literals(type("NoticonColor")),
    rich_text_request_types: variants(type("RichTextItemRequest")),
    rich_text_response_types: variants(type("RichTextItemResponse")),
    mention_request_types: mentions("MentionRichTextItemRequest"),
    mention_response_types: mentions("MentionRichTextItemResponse"),
    template_mention_types: variants(type("TemplateMentionResponse")),
    icon_request_types: variants(type("PageIconRequest")),
    icon_response_types: variants(type("PageIconResponse")),
    cover_request_types: variants(type("PageCoverRequest")),
    cover_response_types: variants(type("PageCoverResponse")),
    page_parent_request_types: variants(field(type("CreatePageBodyParameters"), "parent")),
    block_parent_response_types: variants(type("ParentForBlockBasedObjectResponse")),
    property_request_types: properties("CreatePageBodyParameters"),
    property_update_types: properties("UpdatePageBodyParameters"),
    property_response_types: variants(type("PagePropertyValueWithIdResponse")),
    property_item_types: variants(type("PropertyItemObjectResponse")),
    property_item_list_types: variants(field(type("PropertyItemPropertyItemListResponse"), "property_item")),
    property_config_request_types: variants(type("PropertyConfigurationRequest")),
    property_config_response_types: variants(type("DatabasePropertyConfigResponse")),
    property_filter_types: variants(type("PropertyFilter")),
    formula_value_types: variants(type("FormulaPropertyValueResponse")),
    rollup_value_types: variants(field(type("RollupPropertyItemObjectResponse"), "rollup")),
    rollup_functions: literals(type("RollupFunction")),
    user_types: variants(type("UserObjectResponse")),
    error_codes: Object.values(APIErrorCode),
    client_error_codes: Object.values(ClientErrorCode),
  };
}

// callAll finds out which request each method of the client makes: every function is called with arguments that
// stand for themselves ("{block_id}") and a fetch that only notes what it is given. The result maps "METHOD path" to
// the names of the methods that send it.
async function callAll() {
  const calls = new Map();
  let seen;
  const client = new Client({
    auth: "none",
    logger: () => {},
    retry: false,
    fetch: (url, init) => {
      seen = `${init.method.toUpperCase()} ${decodeURIComponent(new URL(url).pathname)}`;
      throw new Error("noted");
    },
  });
  const walk = async (value, name) => {
    if (typeof value === "function") {
      await call(value).catch(() => {});
      if (!seen) throw new Error(`client method ${name} sent no request`);
      calls.set(seen, [...(calls.get(seen) ?? []), name]);
      seen = undefined;
    } else if (value && typeof value === "object") {
      for (const key of Object.keys(value)) await walk(value[key], name ? `${name}.${key}` : key);
    }
  };
  await walk(client, "");
  return calls;
}

async function call(method) {
  const placeholders = new Proxy({}, { get: (_, key) => (String(key).endsWith("_id") ? `{${String(key)}}` : undefined) });
  const result = method(placeholders);
  if (result?.[Symbol.asyncIterator]) await result[Symbol.asyncIterator]().next();
  else await result;
}

async function operations() {
  const calls = await callAll();
  const rows = new Map();
  for (const e of endpoints()) {
    const request = `${e.method} ${e.path}`;
    const row = rows.get(request) ?? {
      method: e.method,
      path: e.path,
      // Empty when the SDK describes an endpoint that its client has no method for.
      sdk_methods: calls.get(request) ?? [],
      response_types: [],
      path_params: e.pathParams,
      query_params: e.queryParams,
      body_params: e.bodyParams,
    };
    row.response_types.push(e.response);
    rows.set(request, row);
  }
  for (const [request, names] of calls) {
    if (!rows.has(request)) throw new Error(`client.${names[0]} sends ${request}, which no endpoint describes`);
  }
  const list = [...rows.values()].sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
  return { sdk, operations: list };
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const write = (name, value) => fs.writeFileSync(path.join(testdata, name), JSON.stringify(value, null, 2) + "\n");

write("sdk_types.json", types());
write("sdk_operations.json", await operations());
