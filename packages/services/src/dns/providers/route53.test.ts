import { afterAll, beforeAll, expect, it } from "vitest";
import { awsChange, change, conversations, ProviderApi, zoneName } from "./conversations.fixture.ts";

const provider = new ProviderApi();
const { api } = provider;
const open = () => provider.open("route53");
const { zone } = conversations.route53;
beforeAll(() => provider.start());
afterAll(() => provider.stop());

const path = "GET /2013-04-01/hostedzone/Z1/rrset?name=alpha.example.&maxitems=100";
const set = (type: string, inside: string) =>
  `<ResourceRecordSet><Name>alpha.example.</Name><Type>${type}</Type>${inside}</ResourceRecordSet>`;
const records = (...values: string[]) =>
  `<TTL>3600</TTL><ResourceRecords>${values.map((value) => `<ResourceRecord><Value>${value}</Value></ResourceRecord>`).join("")}</ResourceRecords>`;
const listed = (sets: string, more = "<IsTruncated>false</IsTruncated>") =>
  `<ListResourceRecordSetsResponse><ResourceRecordSets>${sets}</ResourceRecordSets>${more}</ListResourceRecordSetsResponse>`;

it("an alias is a value of somebody else's, and is never changed", async () => {
  const target =
    "<AliasTarget><HostedZoneId>Z9</HostedZoneId><DNSName>lb.aws.example.</DNSName></AliasTarget>";
  api.answerByPath({ [path]: listed(set("A", target)) });
  expect(await open().readSets(zone, [zoneName])).toMatchObject([
    { type: "A", values: ["an alias of lb.aws.example"] },
  ]);
  await expect(
    open().writeSets(zone, [change("A", ["an alias of lb.aws.example"], ["192.0.2.1"])]),
  ).rejects.toMatchObject({ problem: "rejected" });
  expect(api.changes()).toEqual([]);
});

it("the list of zones and the sets of a name are read to their ends, and neighbours are left out", async () => {
  const zones = (name: string, more: string) =>
    `<ListHostedZonesResponse><HostedZones><HostedZone><Id>/hostedzone/${name}</Id><Name>${name}.example.</Name></HostedZone></HostedZones>${more}</ListHostedZonesResponse>`;
  const next = (name: string, type: string) =>
    `<IsTruncated>true</IsTruncated><NextRecordName>${name}.</NextRecordName><NextRecordType>${type}</NextRecordType>`;
  api.answerByPath({
    "GET /2013-04-01/hostedzone?maxitems=100": zones(
      "a",
      "<IsTruncated>true</IsTruncated><NextMarker>b</NextMarker>",
    ),
    "GET /2013-04-01/hostedzone?maxitems=100&marker=b": zones("b", "<IsTruncated>false</IsTruncated>"),
    [path]: listed(set("MX", records("10 a.example.")), next(zoneName, "TXT")),
    [`${path}&type=TXT`]: listed(set("TXT", records("&quot;x&quot;")), next(`z.${zoneName}`, "A")),
  });
  expect((await open().listZones()).map(({ name }) => name)).toEqual(["a.example", "b.example"]);
  expect((await open().readSets(zone, [zoneName])).map(({ type }) => type)).toEqual(["MX", "TXT"]);
});

it("octets beyond plain ASCII are read and written in octal", async () => {
  const foreign = "&quot;\\303\\251&quot; &quot;b&quot;";
  api.answerByPath({
    [path]: listed(set("TXT", records(foreign))),
    "POST /2013-04-01/hostedzone/Z1/rrset": "x",
  });
  expect(await open().readSets(zone, [zoneName])).toMatchObject([{ values: ["éb"] }]);
  await open().writeSets(zone, [change("TXT", ["éb"], ["éb", "è"])]);
  const [, body] = api.changes()[0] ?? [];
  expect(body).toContain(awsChange("DELETE", "TXT", ['"\\303\\251" "b"']));
  expect(body).toContain(awsChange("CREATE", "TXT", ['"\\303\\251" "b"', '"\\303\\250"']));
});

it.each([
  ["SignatureDoesNotMatch", "Signature expired: 20261120T120000Z is now earlier", 403, "clock-skew"],
  ["SignatureDoesNotMatch", "The request signature we calculated does not match", 403, "bad-credentials"],
  ["AccessDenied", "User is not authorized", 403, "not-allowed"],
  ["Throttling", "Rate exceeded", 400, "rate-limited"],
  [
    "InvalidChangeBatch",
    "Tried to delete resource record set but it was not found",
    400,
    "changed-meanwhile",
  ],
  ["InvalidChangeBatch", "Invalid Resource Record", 400, "rejected"],
] as const)("%s (%s) is told as what it is", async (code, message, status, problem) => {
  api.answer(() => ({
    status,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  }));
  await expect(open().listZones()).rejects.toMatchObject({ problem });
});
