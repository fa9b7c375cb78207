import type { LabHost } from "../lab/host.ts";

export const scannerPort = 11333;

// Parts of Rspamd that ask others or keep a database, and have no say in DKIM.
const modulesOff = [
  ...["asn", "bayes_expiry", "fuzzy_check", "greylist", "hfilter", "mx_check", "neural"],
  ...["phishing", "ratelimit", "rbl", "replies", "url_redirector"],
];

/**
 * Starts Debian's Rspamd on a host as a receiver's scanner, which verifies what it is given over HTTP, and asks this
 * resolver. Its answers come from the same code that judges mail at a real receiver.
 */
export async function startScanner(host: LabHost, resolver: string): Promise<string> {
  const files: Record<string, string> = {
    "override.d/options.inc": `dns { nameserver = ["${resolver}"]; }\n`,
    "override.d/worker-normal.inc": `bind_socket = "*:${scannerPort}";\nenabled = true;\n`,
    "override.d/worker-proxy.inc": "enabled = false;\n",
    "override.d/classifier-bayes.conf": "enabled = false;\n",
    "override.d/logging.inc": `level = "warning";\n`,
  };
  for (const module of modulesOff) files[`override.d/${module}.conf`] = "enabled = false;\n";
  for (const [name, text] of Object.entries(files)) await host.writeFile(`/etc/rspamd/${name}`, text);
  await host.must(["systemctl", "restart", "rspamd.service"]);
  const url = `http://${host.description.ipv4}:${scannerPort}`;
  const answers = async (): Promise<boolean> =>
    (await host.exec(["curl", "-sf", "--max-time", "2", `${url}/ping`])).code === 0;
  // It compiles its patterns at its first start.
  await host.waitFor("Rspamd to answer", answers, { timeoutMs: 120_000 });
  return url;
}
