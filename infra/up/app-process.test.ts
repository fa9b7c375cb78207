import { expect, onTestFinished, test, vi } from "vitest";
import { findFreePort } from "../postgres/index.ts";
import { isProcessAlive } from "../processes/process-identity.ts";
import { AppProcess, type AppSpec } from "./app-process.ts";

const serve = `require("node:http").createServer((q, s) => s.end()).listen(process.env.PORT, "127.0.0.1")`;
const running = new AbortController().signal;

test("an app has started once it answers", async () => {
  const { app, pids } = await makeApp(`setTimeout(() => ${serve}, 200)`);
  await app.start({ timeoutMs: 60_000, stopping: running });
  expect((await fetch(app.spec.healthUrl)).ok).toBe(true);
  expect(pids).toHaveLength(1);
});

test("an app that ends while starting is an error that names it", async () => {
  const { app } = await makeApp("process.exit(3)");
  await expect(app.start({ timeoutMs: 60_000, stopping: running })).rejects.toThrow(
    "worker ended with exit code 3 while starting",
  );
});

test("an app that does not answer in time is an error that names it", async () => {
  const { app } = await makeApp("setInterval(() => {}, 1000)");
  await expect(app.start({ timeoutMs: 300, stopping: running })).rejects.toThrow(
    "worker did not answer within 0.3 s",
  );
});

test("an app that dies is started again", async () => {
  const { app, pids, notices } = await makeApp(serve);
  await app.start({ timeoutMs: 60_000, stopping: running });
  process.kill(pids[0] ?? 0, "SIGKILL");
  await vi.waitFor(async () => expect((await fetch(app.spec.healthUrl)).ok).toBe(true));
  expect(pids).toHaveLength(2);
  expect(notices).toEqual(["worker ended with signal SIGKILL; restarting in 0.5 s"]);
});

test("an app that is stopped stays stopped, and may finish what it does", async () => {
  const { app, pids, lines } = await makeApp(
    `${serve}; process.on("SIGTERM", () => { console.log("finished"); process.exit(0); })`,
  );
  await app.start({ timeoutMs: 60_000, stopping: running });
  await app.stop();
  expect(pids.map(isProcessAlive)).toEqual([false]);
  await vi.waitFor(() => expect(lines.join("")).toBe("finished\n"));
});

async function makeApp(source: string) {
  const pids: number[] = [];
  const notices: string[] = [];
  const lines: string[] = [];
  const port = await findFreePort();
  const spec: AppSpec = {
    name: "worker",
    command: process.execPath,
    args: ["--eval", source],
    cwd: "/",
    environment: { PORT: String(port) },
    healthUrl: `http://127.0.0.1:${port}/`,
  };
  const app = new AppProcess(spec, {
    output: { write: (chunk) => void lines.push(chunk), flush: () => undefined },
    notice: (sentence) => void notices.push(sentence),
    started: (pid) => void pids.push(pid),
  });
  onTestFinished(() => app.stop());
  return { app, pids, notices, lines };
}
