import { expect, test } from "vitest";
import { isSameOrigin } from "./same-origin.ts";

test.each<[boolean, Record<string, string>]>([
  [true, { host: "mail.example", origin: "https://mail.example", "sec-fetch-site": "same-origin" }],
  [true, { host: "127.0.0.1:3000", "x-forwarded-host": "mail.example", origin: "https://mail.example" }],
  [true, { host: "mail.example" }],
  [false, { host: "mail.example", origin: "https://evil.example" }],
  [false, { host: "mail.example", origin: "null" }],
  [false, { host: "mail.example", "sec-fetch-site": "cross-site" }],
  [false, { host: "mail.example", "sec-fetch-site": "same-site" }],
])("same origin is %s for %o", (expected, headers) => {
  expect(isSameOrigin(new Headers(headers))).toBe(expected);
});
