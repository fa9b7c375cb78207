import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { autoconfigXml } from "./autoconfig.ts";
import { autodiscoverXml } from "./autodiscover.ts";
import { hostPageHtml } from "./host-page.ts";
import { mobileconfigPlist } from "./mobileconfig.ts";
import { profileIdTail } from "./profile-id.ts";

const settingsOf = { domain: "alpha.example", hostname: "mail.alpha.example" };

function parsed(document: string): Record<string, unknown> {
  expect(XMLValidator.validate(document)).toBe(true);
  return new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(document) as Record<
    string,
    unknown
  >;
}

describe("the settings that mail programs read", () => {
  test("tell Thunderbird IMAP and submission, TLS from the first byte before STARTTLS", () => {
    const server = (type: string, port: string, socketType: string) => ({
      "@_type": type,
      hostname: "mail.alpha.example",
      port,
      socketType,
      authentication: "password-cleartext",
      username: "%EMAILADDRESS%",
    });
    expect(parsed(autoconfigXml(settingsOf))["clientConfig"]).toEqual({
      "@_version": "1.1",
      emailProvider: {
        "@_id": "alpha.example",
        domain: "alpha.example",
        displayName: "alpha.example",
        displayShortName: "alpha.example",
        incomingServer: server("imap", "993", "SSL"),
        outgoingServer: [server("smtp", "465", "SSL"), server("smtp", "587", "STARTTLS")],
      },
    });
  });

  test("tell Outlook to sign in with the whole address, without naming one", () => {
    const document = autodiscoverXml("mail.alpha.example");
    const protocol = (type: string, port: string) => ({
      Type: type,
      Server: "mail.alpha.example",
      Port: port,
      DomainRequired: "on",
      SPA: "off",
      SSL: "on",
      Encryption: "SSL",
      AuthRequired: "on",
    });
    expect(parsed(document)["Autodiscover"]).toEqual({
      "@_xmlns": "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006",
      Response: {
        "@_xmlns": "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a",
        Account: {
          AccountType: "email",
          Action: "settings",
          Protocol: [protocol("IMAP", "993"), protocol("SMTP", "465")],
        },
      },
    });
    expect(document).not.toMatch(/LoginName/);
  });

  test("ask an Apple device's owner for the address, and replace an older profile of the same domain only", () => {
    const profileOf = (domain: string) => {
      const document = mobileconfigPlist({ ...settingsOf, domain }, profileIdTail(domain));
      return dictionaryOf(plistOf(document));
    };
    const profile = profileOf("alpha.example");
    const account = (profile["PayloadContent"] as Record<string, unknown>[])[0];
    expect(account).toMatchObject({
      EmailAccountType: "EmailTypeIMAP",
      IncomingMailServerHostName: "mail.alpha.example",
      IncomingMailServerPortNumber: "993",
      IncomingMailServerUseSSL: true,
      OutgoingMailServerPortNumber: "465",
      PayloadIdentifier: "alpha.example.mail.account",
    });
    for (const asked of ["EmailAddress", "IncomingMailServerUsername", "IncomingPassword"])
      expect(account).not.toHaveProperty(asked);
    const ids = [profile, account, profileOf("beta.example")].map((payload) => payload?.["PayloadUUID"]);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(profileOf("alpha.example")).toEqual(profile);
  });
});

describe("the page of a host", () => {
  test("shows the imprint line by line as text, whatever it holds", () => {
    const page = hostPageHtml({ hostname: "mail.alpha.example", imprint: '<script>\n\n "a" & $b' });
    expect(page).toContain("<p>&lt;script&gt;<br>&quot;a&quot; &amp; $b</p>");
    expect(page).not.toContain("<script>");
  });
});

interface Tag {
  name: string;
  children: Tag[];
  text: string;
}

/** The one dictionary of a property list, as the parser gives it: tags in their order. */
function plistOf(document: string): Tag {
  expect(XMLValidator.validate(document)).toBe(true);
  const parser = new XMLParser({ preserveOrder: true, parseTagValue: false });
  const tags = (parser.parse(document) as Record<string, unknown>[]).flatMap(tagsOf);
  const dictionary = tags.find(({ name }) => name === "plist")?.children[0];
  if (dictionary?.name !== "dict") throw new Error("the property list holds no dictionary");
  return dictionary;
}

function tagsOf(node: Record<string, unknown>): Tag[] {
  return Object.entries(node).flatMap(([name, value]) => {
    if (!Array.isArray(value)) return [];
    const nodes = value as Record<string, unknown>[];
    const text = nodes.map((child) => child["#text"] ?? "").join("");
    return [{ name, children: nodes.flatMap(tagsOf), text }];
  });
}

function dictionaryOf({ children }: Tag): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (let index = 0; index + 1 < children.length; index += 2) {
    const [key, value] = [children[index], children[index + 1]];
    if (key?.name !== "key" || value === undefined) throw new Error("a dictionary holds pairs");
    entries.push([key.text, contentOf(value)]);
  }
  return Object.fromEntries(entries);
}

function contentOf(tag: Tag): unknown {
  if (tag.name === "dict") return dictionaryOf(tag);
  if (tag.name === "array") return tag.children.map(contentOf);
  return tag.name === "true" ? true : tag.text;
}
