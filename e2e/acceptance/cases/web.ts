import assert from "node:assert/strict";
import { servedMtaStsPolicy } from "@mailstead/core/mail-flow";
import type { AcceptanceCase } from "../acceptance-case.ts";
import type { MailHost } from "../mail-host.ts";

// The examples of RFC 7638 §3.1 and RFC 8555 §8.3.
const thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
const token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";
const acmePath = `/.well-known/acme-challenge/${token}`;

/** Group G: what mail programs, sending servers and a CA find at the host over HTTP and HTTPS. */
export const webCases: readonly AcceptanceCase[] = [
  {
    id: "AT-G07",
    promise: "Thunderbird finds the settings of a domain at both of its places, as a document that parses",
    async run(server) {
      const { domain, target } = server;
      for (const path of ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"]) {
        const url = `https://autoconfig.${domain}${path}?emailaddress=ann%40${domain}`;
        const { status, headers, body } = await ask(server, url);
        assert.equal(status, 200);
        assert.match(headers, /^content-type: text\/xml/im);
        const told = await parse(server, autoconfigReader, body);
        assert.deepEqual(told, {
          domain,
          incoming: [["imap", target.hostname, "993", "SSL", "password-cleartext", "%EMAILADDRESS%"]],
          outgoing: [
            ["smtp", target.hostname, "465", "SSL", "password-cleartext", "%EMAILADDRESS%"],
            ["smtp", target.hostname, "587", "STARTTLS", "password-cleartext", "%EMAILADDRESS%"],
          ],
        });
      }
      // The address of the person who asked stays out of the log.
      const log = await server.waitFor("the request in the journal", async () => {
        const text = await server.shell("journalctl --no-pager -o cat -u nginx");
        return text.includes("/mail/config-v1.1.xml") ? text : undefined;
      });
      assert.doesNotMatch(log, /emailaddress/);
    },
  },
  {
    id: "AT-G07",
    promise:
      "Outlook's request is answered whatever it holds: an address, none, an entity that would read a file, no XML",
    async run(server) {
      const url = `https://autodiscover.${server.domain}/autodiscover/autodiscover.xml`;
      const plain = await ask(server, url);
      assert.equal(plain.status, 200);
      assert.match(plain.headers, /^content-type: text\/xml/im);
      assert.deepEqual(await parse(server, autodiscoverReader, plain.body), [
        ["IMAP", server.target.hostname, "993", "on", "SSL", "on"],
        ["SMTP", server.target.hostname, "465", "on", "SSL", "on"],
      ]);
      const entity = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>';
      const bodies = [
        outlookRequest(`ann@${server.domain}`),
        outlookRequest(""),
        outlookRequest("&x;").replace("?>", `?>${entity}`),
        "no xml at all",
        "",
      ];
      for (const body of bodies) {
        const answered = await ask(server, url, ["-H", "Content-Type: text/xml", "--data-binary", body]);
        assert.equal(answered.status, 200, body);
        assert.equal(answered.body, plain.body, body);
      }
      const capitals = `https://autodiscover.${server.otherDomain}/Autodiscover/Autodiscover.xml`;
      assert.equal((await ask(server, capitals, ["--data-binary", bodies[0] ?? ""])).body, plain.body);
      const large = await ask(server, url, ["--data-binary", "x".repeat(20_000)]);
      assert.equal(large.status, 413);
    },
  },
  {
    id: "AT-G07",
    promise: "an Apple device gets a profile without an address, so that it asks the person",
    async run(server) {
      const profileOf = async (domain: string) => {
        const { status, headers, body } = await ask(
          server,
          `https://autoconfig.${domain}/email.mobileconfig`,
        );
        assert.equal(status, 200);
        assert.match(headers, /^content-type: application\/x-apple-aspen-config\r?$/im);
        return (await parse(server, profileReader, body)) as Record<string, unknown>;
      };
      const profile = await profileOf(server.domain);
      const { hostname } = server.target;
      assert.deepEqual(
        { ...profile, PayloadUUID: "" },
        {
          EmailAccountType: "EmailTypeIMAP",
          EmailAccountDescription: server.domain,
          IncomingMailServerAuthentication: "EmailAuthPassword",
          IncomingMailServerHostName: hostname,
          IncomingMailServerPortNumber: 993,
          IncomingMailServerUseSSL: true,
          OutgoingMailServerAuthentication: "EmailAuthPassword",
          OutgoingMailServerHostName: hostname,
          OutgoingMailServerPortNumber: 465,
          OutgoingMailServerUseSSL: true,
          OutgoingPasswordSameAsIncomingPassword: true,
          PayloadDisplayName: server.domain,
          PayloadIdentifier: `${server.domain}.mail.account`,
          PayloadType: "com.apple.mail.managed",
          PayloadUUID: "",
          PayloadVersion: 1,
        },
      );
      const other = await profileOf(server.otherDomain);
      assert.notEqual(other["PayloadUUID"], profile["PayloadUUID"]);
    },
  },
  {
    id: "AT-G07",
    promise:
      "the MTA-STS policy is served as it is planned and changes without one request lost; HTTP-01 is answered for the account's key alone",
    async run(server) {
      const { domain, target } = server;
      const policyUrl = `https://mta-sts.${domain}/.well-known/mta-sts.txt`;
      const first = await ask(server, policyUrl);
      assert.equal(first.body, "version: STSv1\r\nmode: none\r\nmax_age: 604800\r\n");
      assert.match(first.headers, /^content-type: text\/plain\r?$/im);
      assert.equal((await ask(server, `http://${target.hostname}${acmePath}`)).status, 404);

      const domains = target.domains.map((each) => ({
        ...each,
        mtaSts: { ...each.mtaSts, mode: "enforce" },
      }));
      const web = { ...target.web, acmeThumbprint: thumbprint, imprint: "Alpha & Sons <$5>\nMail Street 1" };
      const asking = askAllAlong(server, policyUrl);
      await server.withTarget({ domains, web }, async () => {
        const { asked, failed } = await asking.stop();
        assert.equal(failed, "");
        assert.ok(asked > 0, "somebody asked during the reload");
        const wanted = { mode: "enforce" as const, maxAgeSeconds: 604_800, mxHosts: [] };
        const { text } = servedMtaStsPolicy(target.hostname, wanted);
        // For a moment after a reload nginx's former workers still take connections.
        await server.waitFor("the new policy", async () =>
          (await ask(server, policyUrl)).body === text ? true : undefined,
        );
        for (const name of [target.hostname, `mta-sts.${domain}`, "a-name-to-come.example"])
          assert.equal((await ask(server, `http://${name}${acmePath}`)).body, `${token}.${thumbprint}`);
        for (const bad of ["short", `${token}%0d%0aX-Header:1`, `${token}/more`]) {
          const url = `http://${target.hostname}/.well-known/acme-challenge/${bad}`;
          assert.equal((await ask(server, url)).status, 404, bad);
        }
        const page = await ask(server, `https://${target.hostname}/`);
        assert.equal(page.status, 200);
        assert.match(page.headers, /^strict-transport-security: max-age=\d+/im);
        assert.match(page.body, /Alpha &amp; Sons &lt;\$5&gt;<br>Mail Street 1/);
      });
    },
  },
  {
    id: "AT-G07",
    promise: "names that are not of this host, old TLS, folders and files of the host are refused",
    async run(server) {
      const { domain, target } = server;
      const statusOf = async (url: string, ...options: string[]) =>
        (await ask(server, url, ["--path-as-is", ...options])).status;
      assert.equal(await statusOf("https://other.example/"), 421);
      assert.equal(await statusOf("http://other.example/"), 421);
      assert.equal(await statusOf(`https://autoconfig.other.example/mail/config-v1.1.xml`), 421);
      const redirect = await ask(server, `http://mta-sts.${domain}/.well-known/mta-sts.txt`);
      assert.match(
        redirect.headers,
        new RegExp(`^location: https://mta-sts\\.${domain}/\\.well-known`, "im"),
      );
      assert.doesNotMatch(redirect.headers, /^server: nginx\/\d/im);
      assert.equal(await statusOf(`https://mta-sts.${domain}/`), 404);
      assert.equal(await statusOf(`https://${target.hostname}/.well-known/`), 404);
      assert.equal(await statusOf(`https://${target.hostname}/../../../../etc/passwd`), 400);
      assert.equal(await statusOf(`https://${target.hostname}/`, "-X", "POST"), 405);
      assert.equal(await statusOf(`https://autoconfig.${domain}/email.mobileconfig`, "-X", "PUT"), 405);
      const { ipv4 } = server.host.description;
      for (const [version, isSpoken] of [
        ["-tls1_1", false],
        ["-tls1_2", true],
        ["-tls1_3", true],
      ] as const) {
        const spoken = await server.lab.runTool(
          ["openssl", "s_client", "-connect", `${ipv4}:443`, "-cipher", "ALL:@SECLEVEL=0", version],
          { input: "" },
        );
        assert.equal(/Cipher is (?!\(NONE\))/.test(spoken.stdout), isSpoken, version);
      }
    },
  },
  {
    id: "AT-G07",
    promise: "the web service is switched off whole, and on again, while mail goes on",
    async run(server) {
      const page = `https://${server.target.hostname}/`;
      await server.withTarget({ web: { ...server.target.web, isEnabled: false } }, async () => {
        for (const url of [page, `http://${server.target.hostname}/`]) assert.equal(await statusAt(url), 0);
        assert.equal((await server.shell("systemctl is-enabled nginx || true")).trim(), "masked");
        const session = await server.openPort25();
        session.close();
      });
      assert.equal(await statusAt(page), 200);

      async function statusAt(url: string): Promise<number> {
        return (await ask(server, url)).status;
      }
    },
  },
];

interface Answered {
  /** 0 when nobody answered. */
  status: number;
  headers: string;
  body: string;
}

/** Asks the host from outside, whatever name the address says. */
async function ask(server: MailHost, url: string, options: readonly string[] = []): Promise<Answered> {
  const { ipv4 } = server.host.description;
  const { code, stdout } = await server.lab.runTool([
    ...["curl", "--silent", "--insecure", "--include", "--max-time", "10"],
    ...["--connect-to", `::${ipv4}:`, ...options, url],
  ]);
  if (code !== 0) return { status: 0, headers: "", body: "" };
  const end = stdout.indexOf("\r\n\r\n");
  const headers = stdout.slice(0, end);
  return { status: Number(headers.split(" ")[1]), headers, body: stdout.slice(end + 4) };
}

/** Asks one after the other until it is stopped; `failed` names the first answer that was none. */
function askAllAlong(server: MailHost, url: string) {
  let isStopped = false;
  const work = (async () => {
    let asked = 0;
    let failed = "";
    while (!isStopped) {
      const { status } = await ask(server, url);
      asked += 1;
      if (status !== 200 && failed === "") failed = `request ${asked} was answered with ${status}`;
    }
    return { asked, failed };
  })();
  return {
    stop: () => {
      isStopped = true;
      return work;
    },
  };
}

function outlookRequest(address: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`;
}

/** Has Python's own parsers read a document; a program finds it in `text` and prints JSON. */
async function parse(server: MailHost, program: string, document: string): Promise<unknown> {
  const script = `import json, plistlib, sys, xml.etree.ElementTree as ElementTree
text = sys.stdin.buffer.read()
${program}`;
  return JSON.parse(await server.host.must(["python3", "-c", script], { input: document })) as unknown;
}

const autoconfigReader = `provider = ElementTree.fromstring(text).find("emailProvider")
def servers(kind):
  return [[s.get("type")] + [s.findtext(name) for name in ("hostname", "port", "socketType", "authentication", "username")] for s in provider.findall(kind)]
print(json.dumps({"domain": provider.findtext("domain"), "incoming": servers("incomingServer"), "outgoing": servers("outgoingServer")}))`;

const autodiscoverReader = `space = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"
protocols = ElementTree.fromstring(text).iter(space + "Protocol")
print(json.dumps([[p.findtext(space + name) for name in ("Type", "Server", "Port", "SSL", "Encryption", "DomainRequired")] for p in protocols]))`;

const profileReader = `print(json.dumps(plistlib.loads(text)["PayloadContent"][0]))`;
