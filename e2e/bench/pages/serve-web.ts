import { spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { findFreePort } from "@mailstead/infra/postgres";
import { waitFor } from "../../lab/wait-for.ts";
import { passwords } from "./open-fleet.ts";

const serverFile = resolve(import.meta.dirname, "../../../apps/web/.next/standalone/apps/web/server.js");
const startTimeoutMs = 60_000;

/** Why the dashboard cannot be started here; null when it can. */
export function whyNoWeb(): string | null {
  return existsSync(serverFile) ? null : "the dashboard has not been built: npm run build.";
}

/** The dashboard as it is served in production, as the role that its pages ask the database by. */
export interface ServedWeb {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it on a free port of this machine. */
export async function serveWeb(adminUrl: string): Promise<ServedWeb> {
  const folder = await mkdtemp(join(tmpdir(), "mailstead-bench-web-"));
  const publicKeyFile = join(folder, "signing-key.pub.pem");
  const { publicKey } = generateKeyPairSync("ed25519");
  await writeFile(publicKeyFile, publicKey.export({ type: "spki", format: "pem" }));
  const database = new URL(adminUrl);
  database.username = "mailstead_app";
  database.password = passwords.appPassword;
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [serverFile], {
    cwd: dirname(serverFile),
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      PORT: String(port),
      HOSTNAME: "127.0.0.1",
      PUBLIC_URL: url,
      NEXTAUTH_URL: url,
      NEXTAUTH_SECRET: randomBytes(32).toString("base64url"),
      APP_DATABASE_URL: database.href,
      MAILSTEAD_MASTER_KEY: randomBytes(32).toString("base64"),
      MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: publicKeyFile,
    },
  });
  const hasEnded = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await hasEnded;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitFor("the dashboard", () => answers(`${url}/healthz`), { timeoutMs: startTimeoutMs });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** Signs in as the form does; gives the cookies of the session. */
export async function signIn(
  url: string,
  { email, password }: { email: string; password: string },
): Promise<string> {
  const cookies = new Map<string, string>();
  const keep = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  };
  const header = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const first = await fetch(`${url}/api/auth/csrf`);
  keep(first);
  const { csrfToken } = (await first.json()) as { csrfToken: string };
  const answer = await fetch(`${url}/api/auth/callback/credentials`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: header(), origin: url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrfToken, email, password, json: "true" }),
  });
  keep(answer);
  if (![...cookies.keys()].some((name) => name.includes("session-token")))
    throw new Error(`${email} could not sign in: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
  return header();
}
