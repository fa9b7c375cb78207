import { parseArgs } from "node:util";
import { adoptIdentity } from "../link/adopt-identity.ts";
import { enrolHost } from "../link/enrol.ts";
import { pathExists } from "../platform/files.ts";
import { realHost } from "../platform/host.ts";
import { checkHost, HostRefusal, requireRoot } from "../platform/host-check.ts";
import { agentPaths } from "../platform/paths.ts";

/** `enrol --token TOKEN --url ADDRESS`: nothing is stored unless the control plane proved to be the token's maker. */
export async function enrol(args: readonly string[]): Promise<number> {
  requireRoot();
  const host = realHost();
  const { machineId } = await checkHost(host);
  const { token, url } = readOptions(args);
  if (await pathExists(host.path(agentPaths.identity)))
    throw new HostRefusal(
      `This host is already enrolled (${agentPaths.identity}). To enrol it anew, run \`mailstead-agent uninstall\` first.`,
    );
  const identity = await enrolHost({ token, controlUrl: url, machineId });
  await adoptIdentity(host, identity);
  console.log(`This host is enrolled as server ${identity.serverId}.`);
  return 0;
}

function readOptions(args: readonly string[]): { token: string; url: string } {
  const { values } = parseArgs({
    args: [...args],
    options: { token: { type: "string" }, url: { type: "string" } },
    strict: false,
  });
  const { token, url } = values;
  if (typeof token !== "string" || typeof url !== "string")
    throw new HostRefusal("usage: mailstead-agent enrol --token TOKEN --url https://mail.example.com");
  return { token, url };
}
