import { canonicalName, type RecordSet, type SetChange, setKey } from "@mailstead/core/publishing";
import { HttpApi } from "./http-api.ts";
import { allPages } from "./pages.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
import { dataAfter, setOfData } from "./record-lists.ts";
import { signAwsRequest } from "./sigv4.ts";
import { elementsOf, escapeXml, textOf } from "./xml-text.ts";

export interface Route53Options {
  accessKeyId: string;
  secretAccessKey: string;
  now(): Date;
  /** Another address than the provider's own only in tests. */
  baseUrl?: string;
}

/** Sets as Route 53 lists them: what an alias or a routing policy answers is no record and cannot be compared. */
interface AwsSet {
  name: string;
  type: string;
  ttlSeconds: number;
  /** Data as Route 53 writes it, which a deletion must repeat exactly. */
  data: readonly string[];
  /** What stands here instead of plain records; null when they are plain. */
  special: string | null;
}

const xmlNamespace = "https://route53.amazonaws.com/doc/2013-04-01/";

/** Amazon Route 53. One batch of changes is taken whole or not at all, and each set must be as it was before. */
export function openRoute53(options: Route53Options): DnsProvider {
  return new Route53Provider(options);
}

class Route53Provider implements DnsProvider {
  readonly #api: HttpApi;

  constructor({
    accessKeyId,
    secretAccessKey,
    now,
    baseUrl = "https://route53.amazonaws.com",
  }: Route53Options) {
    this.#api = new HttpApi({
      provider: "Amazon Route 53",
      baseUrl: `${baseUrl}/2013-04-01`,
      secrets: [secretAccessKey, accessKeyId],
      // Route 53 is one service for the whole world, and this is the region that it signs in.
      authorize: (request) =>
        signAwsRequest(request, {
          credentials: { accessKeyId, secretAccessKey },
          region: "us-east-1",
          service: "route53",
          now: now(),
        }),
      explain: (_, text) => textOf(text, "Message") ?? textOf(text, "Message", "Messages"),
      problemOf: ({ text }) => problemOfCode(textOf(text, "Code"), textOf(text, "Message") ?? text),
    });
  }

  listZones(): Promise<ProviderZone[]> {
    let marker = "";
    return allPages("Amazon Route 53", async () => {
      const answer = await this.#xml(`/hostedzone?maxitems=100${marker}`, "ListHostedZonesResponse");
      const next = textOf(answer, "NextMarker");
      marker = `&marker=${encodeURIComponent(next ?? "")}`;
      return {
        items: elementsOf(answer, "HostedZone")
          .filter((zone) => textOf(zone, "PrivateZone") !== "true")
          .map((zone) => ({
            id: (textOf(zone, "Id") ?? "").replace(/^\/hostedzone\//, ""),
            name: canonicalName(unescapedName(textOf(zone, "Name") ?? "")),
          })),
        isLast: textOf(answer, "IsTruncated") !== "true" || next === null,
      };
    });
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    const sets = await this.#sets(zone, names);
    return sets.map(({ name, type, ttlSeconds, data, special }) =>
      special === null
        ? setOfData({ name, type, ttlSeconds, data: data.map(zoneFileData) })
        : { name, type, ttlSeconds, values: [special] },
    );
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    const standing = await this.#sets(
      zone,
      changes.map(({ name }) => name),
    );
    const parts = changes.flatMap((change) => {
      const set = standing.find((one) => setKey(one) === setKey(change));
      if (set !== undefined && set.special !== null)
        throw new DnsProviderError(
          "rejected",
          `${change.name} (${change.type}) is ${set.special} at Route 53, which Mailstead does not change; remove it there first.`,
        );
      const { name, type, ttlSeconds } = change;
      const data = dataAfter(change, (set?.data ?? []).map(zoneFileData)).map(awsData);
      return [
        ...(set === undefined ? [] : [changeXml("DELETE", set)]),
        ...(data.length === 0 ? [] : [changeXml("CREATE", { name, type, ttlSeconds, data })]),
      ];
    });
    await this.#api.text("POST", `/hostedzone/${encodeURIComponent(zone.id)}/rrset`, {
      headers: { "content-type": "text/xml" },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<ChangeResourceRecordSetsRequest xmlns="${xmlNamespace}"><ChangeBatch><Changes>${parts.join("")}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`,
    });
  }

  async #sets(zone: ProviderZone, names: readonly string[]): Promise<AwsSet[]> {
    const all: AwsSet[] = [];
    for (const name of new Set(names)) all.push(...(await this.#setsOf(zone, name)));
    return all;
  }

  /** The list begins at the name asked for, and what follows its sets are its neighbours. */
  async #setsOf({ id }: ProviderZone, name: string): Promise<AwsSet[]> {
    const path = `/hostedzone/${encodeURIComponent(id)}/rrset?name=${encodeURIComponent(`${name}.`)}&maxitems=100`;
    let next = "";
    return allPages("Amazon Route 53", async () => {
      const answer = await this.#xml(`${path}${next}`, "ListResourceRecordSetsResponse");
      const [nextName, type, identifier] = ["NextRecordName", "NextRecordType", "NextRecordIdentifier"].map(
        (field) => textOf(answer, field),
      );
      next = `&type=${type ?? ""}${identifier == null ? "" : `&identifier=${encodeURIComponent(identifier)}`}`;
      const isSameName = canonicalName(unescapedName(nextName ?? "")) === name;
      return {
        items: elementsOf(answer, "ResourceRecordSet")
          .map(awsSet)
          .filter((set) => set.name === name),
        isLast: textOf(answer, "IsTruncated") !== "true" || !isSameName || type == null,
      };
    });
  }

  async #xml(path: string, root: string): Promise<string> {
    const text = await this.#api.text("GET", path, { headers: { accept: "text/xml" } });
    const [answer] = elementsOf(text, root);
    if (answer !== undefined) return answer;
    throw new DnsProviderError(
      "unreadable",
      "Amazon Route 53 answered something else than its interface promises.",
    );
  }
}

function awsSet(xml: string): AwsSet {
  const target = textOf(xml, "DNSName", "AliasTarget");
  const policy = textOf(xml, "SetIdentifier");
  return {
    name: canonicalName(unescapedName(textOf(xml, "Name") ?? "")),
    type: textOf(xml, "Type") ?? "",
    ttlSeconds: Number(textOf(xml, "TTL") ?? 0),
    data: elementsOf(xml, "ResourceRecord").map((record) => textOf(record, "Value") ?? ""),
    special:
      target !== null
        ? `an alias of ${canonicalName(target)}`
        : policy !== null
          ? `under the routing policy ${policy}`
          : null,
  };
}

/** Route 53 writes characters beyond letters, digits and hyphens in octal. */
function unescapedName(name: string): string {
  return name.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** Octets beyond plain ASCII: three octal digits at Route 53, three decimal ones in zone files (RFC 1035 §5.1). */
function zoneFileData(data: string): string {
  return data.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    escapedOctet(Number.parseInt(octal, 8), 10),
  );
}

function awsData(data: string): string {
  return data.replace(/\\(\d{3})/g, (_, decimal: string) => escapedOctet(Number(decimal), 8));
}

function escapedOctet(octet: number, base: 8 | 10): string {
  return `\\${octet.toString(base).padStart(3, "0")}`;
}

function changeXml(
  action: "DELETE" | "CREATE",
  { name, type, ttlSeconds, data }: Pick<AwsSet, "name" | "type" | "ttlSeconds" | "data">,
): string {
  const records = data.map((value) => `<ResourceRecord><Value>${escapeXml(value)}</Value></ResourceRecord>`);
  return `<Change><Action>${action}</Action><ResourceRecordSet><Name>${escapeXml(name)}.</Name><Type>${type}</Type><TTL>${ttlSeconds}</TTL><ResourceRecords>${records.join("")}</ResourceRecords></ResourceRecordSet></Change>`;
}

function problemOfCode(code: string | null, message: string): DnsProviderError["problem"] | null {
  if (code === "SignatureDoesNotMatch" && /expired|not yet current/i.test(message)) return "clock-skew";
  switch (code) {
    case "InvalidClientTokenId":
    case "SignatureDoesNotMatch":
    case "UnrecognizedClientException":
      return "bad-credentials";
    case "AccessDenied":
      return "not-allowed";
    case "NoSuchHostedZone":
      return "zone-not-found";
    case "Throttling":
    case "PriorRequestNotComplete":
      return "rate-limited";
    case "InvalidChangeBatch":
      return /already exists|not found|do not match/i.test(message) ? "changed-meanwhile" : "rejected";
    default:
      // A refused batch is told without a code around it.
      return /InvalidChangeBatch/.test(message) && /already exists|not found|do not match/i.test(message)
        ? "changed-meanwhile"
        : null;
  }
}
