import { expect, test } from "vitest";
import { providerOfDomain } from "./provider-of-domain.ts";

test.each([
  ["gmail.com", "gmail"],
  ["GoogleMail.com.", "gmail"],
  ["hotmail.co.uk", "outlook"],
  ["outlook.com.br", "outlook"],
  ["yahoo.de", "yahoo"],
  ["icloud.com", "apple"],
  ["web.de", "gmx"],
  ["t-online.de", "t-online"],
  ["example.com", null],
  ["yahoo.example.com", null],
  ["mail.gmail.com", null],
  ["yahoo", null],
])("the mailboxes of %s are kept by %s", (domain, provider) => {
  expect(providerOfDomain(domain)).toBe(provider);
});
