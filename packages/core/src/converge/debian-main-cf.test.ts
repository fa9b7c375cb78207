import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { foreignMainCfSettings } from "./debian-main-cf.ts";

const foreign = (content: string) => foreignMainCfSettings(content, { mailName: "vps.example.net" });
const golden = (suite: string) =>
  readFileSync(join(import.meta.dirname, `golden/debian-${suite}-main.cf`), "utf8");

describe.each(["bookworm", "trixie"])("a main.cf of Debian's own, on %s", (suite) => {
  it("is nobody's work", () => {
    expect(foreign(golden(suite))).toEqual([]);
  });

  it.each([
    [
      "a domain that is delivered here",
      "mydestination = $myhostname, customer.example, localhost",
      "mydestination",
    ],
    ["a relay host", "relayhost = [smtp.example.net]:587", "relayhost"],
    ["a network that may relay", "mynetworks = 127.0.0.0/8 10.0.0.0/8", "mynetworks"],
    ["a certificate", "smtpd_tls_cert_file = /etc/letsencrypt/live/x/fullchain.pem", "smtpd_tls_cert_file"],
    [
      "a setting that Debian leaves alone",
      "virtual_alias_maps =\n  # why\n  hash:/etc/postfix/virtual",
      "virtual_alias_maps",
    ],
  ])("is somebody's work with %s", (_what, line, name) => {
    expect(foreign(`${golden(suite)}\n${line}\n`)).toEqual([name]);
  });
});

it("a main.cf that Mailstead wrote is no other's work, whatever is in it", () => {
  expect(foreign("# Written by Mailstead. Changes made here are drift.\n\nrelayhost = [a]\n")).toEqual([]);
});

it("comments and an empty file are no work", () => {
  expect(foreign("# relayhost = [a]\n\n")).toEqual([]);
});
