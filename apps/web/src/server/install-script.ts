import { readFile } from "node:fs/promises";
import { env } from "../env.ts";
import { logProblem } from "./log.ts";

/** The install script with this control plane's address in it; null, and a line in the log, when there is no template. */
export async function readInstallScript(): Promise<string | null> {
  const { INSTALL_SCRIPT_FILE: file, PUBLIC_URL: publicUrl } = env();
  if (file === undefined) {
    logProblem("INSTALL_SCRIPT_FILE is not set, so hosts cannot be enrolled", {});
    return null;
  }
  try {
    return fillInstallScript(await readFile(file, "utf8"), publicUrl);
  } catch (cause) {
    logProblem(`the install script ${file} cannot be read`, { cause });
    return null;
  }
}

/** Puts the address where the template names it, inside single quotes of the shell. */
export function fillInstallScript(template: string, publicUrl: string): string {
  const quoted = publicUrl.replaceAll("'", "'\\''");
  return template.replaceAll("@PUBLIC_URL@", () => quoted);
}
