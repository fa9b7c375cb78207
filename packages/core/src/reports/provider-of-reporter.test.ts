import { expect, test } from "vitest";
import { providerOfReporter } from "./index.ts";

test.each([
  ["google.com", "gmail"],
  ["Outlook.com", "outlook"],
  ["Enterprise Outlook", "microsoft365"],
  ["Yahoo", "yahoo"],
  ["yahoo.com", "yahoo"],
  ["WEB.DE", "gmx"],
  ["mail.example.net", null],
  ["notgoogle.com", null],
])("%s reports for %s", (reporter, provider) => {
  expect(providerOfReporter(reporter)).toBe(provider);
});
