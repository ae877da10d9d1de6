// Runs the built server. Needs no packages, so that other folders of tests can use it.
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const adminToken = "admin-token-of-the-client-tests";

// launch runs the server in memory until stop is called.
export async function launch(...flags) {
  const child = spawn(path.join(root, "bin/octavo"), ["serve", "--in-memory", "--listen", "127.0.0.1:0", ...flags], {
    env: { ...process.env, OCTAVO_ADMIN_TOKEN: adminToken },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  const killed = () => child.kill("SIGKILL");
  process.once("exit", killed);
  let log = "";
  child.stderr.on("data", (data) => (log += data));

  const ready = await readyLine(child.stdout, exited).catch((error) => {
    throw new Error(`${error.message}\n${log}`);
  });
  const stop = async () => {
    process.removeListener("exit", killed);
    child.kill("SIGTERM");
    const code = await exited;
    if (code !== 0) throw new Error(`the server ended with ${code}\n${log}`);
  };
  return { ...ready, stop };
}

async function readyLine(stdout, exited) {
  const lines = createInterface({ input: stdout });
  const found = new Promise((resolve) => {
    lines.on("line", (line) => line.startsWith("octavo ready") && resolve(line));
  });
  const line = await Promise.race([found, exited.then((code) => Promise.reject(new Error(`the server ended with ${code}`)))]);
  return Object.fromEntries(line.split(" ").slice(2).map((pair) => pair.split(/=(.*)/s)));
}

// admin calls an endpoint under /_octavo/ of the server at url.
export async function admin(url, method, target, body) {
  const response = await fetch(`${url}/_octavo/${target}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${target}: ${answer.message}`);
  return answer;
}
