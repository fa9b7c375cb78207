import { describe, expect, test } from "vitest";
import { type ChangedFinding, lastDigestTime, writeDigest } from "./check-digest.ts";

const home = { homeUrl: "https://control.example" };
const finding = (changed: Partial<ChangedFinding> = {}): ChangedFinding => ({
  subject: "a.example",
  tenantName: "Alpha",
  severity: "warning",
  sentence: "ns2.b.example is lame.",
  ...changed,
});

describe("the mail of what changed", () => {
  test("is not written when nothing did", () => {
    expect(writeDigest({ opened: [], closed: [] }, home)).toBeNull();
  });

  test("says what came, the worst first, and what went", () => {
    const digest = writeDigest(
      {
        opened: [
          finding(),
          finding({ severity: "error", sentence: "MX a.example: This record is not published." }),
        ],
        closed: [finding({ sentence: "a.example has only one name server." })],
      },
      home,
    );
    expect(digest?.subject).toBe("Checks of your domains and servers: 2 new, 1 settled");
    expect(digest?.body).toMatchInlineSnapshot(`
      "New or worse since the last mail:

      - Error: MX a.example: This record is not published. [a.example (Alpha)]
      - Warning: ns2.b.example is lame. [a.example (Alpha)]

      Settled since the last mail:

      - Warning: a.example has only one name server. [a.example (Alpha)]

      What is open now: https://control.example

      You get this mail because you look after these domains and servers. It comes at most once a day, and only when
      something has changed. To get it no more: https://control.example/settings
      "
    `);
  });

  test("tells what many domains share in one line", () => {
    const opened = ["a", "b", "c", "d", "e"].map((letter) => finding({ subject: `${letter}.example` }));
    expect(writeDigest({ opened, closed: [] }, home)?.body).toContain(
      "- Warning: ns2.b.example is lame. [a.example (Alpha), b.example (Alpha), c.example (Alpha) and 2 more]",
    );
  });

  test("ends before it gets too long to read", () => {
    const opened = Array.from({ length: 500 }, (_, number) => finding({ sentence: `Finding ${number}.` }));
    const body = writeDigest({ opened, closed: [] }, home)?.body ?? "";
    expect(body.split("\n").length).toBeLessThan(120);
    expect(body).toContain("- and 400 more");
  });
});

test.each([
  ["2026-11-29T04:59:59Z", "2026-11-28T05:00:00.000Z"],
  ["2026-11-29T05:00:00Z", "2026-11-29T05:00:00.000Z"],
  ["2026-11-29T23:00:00Z", "2026-11-29T05:00:00.000Z"],
])("at %s the last digest was due at %s", (now, due) => {
  expect(lastDigestTime(new Date(now)).toISOString()).toBe(due);
});
