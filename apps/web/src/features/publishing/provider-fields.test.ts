import { type ProviderKind, providerKinds, providerSettingsSchema } from "@mailstead/core/publishing";
import { expect, test } from "vitest";
import { providerFields, settingsFromForm } from "./provider-fields.ts";

const typed: Record<string, string> = {
  server: "ns1.example.com",
  keyName: "mailstead.",
  secret: "c2VjcmV0",
  zones: "example.com,\nexample.org",
  url: "https://dns.example:8081",
};

test.each(providerKinds)(
  "the form of %s holds what its settings need, and nothing else",
  (kind: ProviderKind) => {
    const form = new FormData();
    for (const { name, initial, choices } of providerFields[kind])
      form.set(name, initial ?? choices?.[0] ?? typed[name] ?? "abc123");
    const settings = settingsFromForm(kind, form);
    const parsed = providerSettingsSchema.parse(settings);
    expect(Object.keys(parsed).sort()).toEqual(Object.keys(settings).sort());
    if (parsed.provider === "rfc2136")
      expect(parsed).toMatchObject({ keyName: "mailstead", port: 53, zones: ["example.com", "example.org"] });
  },
);
