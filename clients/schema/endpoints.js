// The SDK's own description of its endpoints: method, path pattern, parameters and the type of the answer.
import { createRequire } from "node:module";
import path from "node:path";
import { sdkDir, type } from "./types.js";

// endpoints lists every endpoint the SDK describes. A path parameter stands as {name}.
export function endpoints() {
  const described = createRequire(import.meta.url)(path.join(sdkDir, "build/src/api-endpoints.js"));
  return Object.entries(described)
    .filter(([, value]) => typeof value?.path === "function")
    .map(([name, value]) => ({
      name,
      method: value.method.toUpperCase(),
      path: "/v1/" + value.path(Object.fromEntries(value.pathParams.map((p) => [p, `{${p}}`]))),
      response: responseType(name),
      pathParams: value.pathParams,
      queryParams: value.queryParams,
      bodyParams: value.bodyParams.concat(value.formDataParams ?? []),
    }));
}

// The SDK names the answer of endpoint getBlock GetBlockResponse.
function responseType(endpoint) {
  const name = endpoint[0].toUpperCase() + endpoint.slice(1) + "Response";
  type(name);
  return name;
}
