import { describe, expect, it } from "vitest";
import { parseZoneLines } from "./zone-lines.ts";

describe("pasted records", () => {
  it("are read with and without final dot, time to live and class, and gathered into sets", () => {
    const text = `; for alpha.example
alpha.example.  3600 IN MX 10 mail1.fleet.example.
alpha.example MX 20 mail2.fleet.example.

_DMARC.alpha.example IN TXT v=DMARC1; p=none
s1._domainkey.alpha.example. 300 TXT "v=DKIM1; k=rsa; " "p=abc"
`;
    expect(parseZoneLines(text)).toEqual([
      { name: "alpha.example", type: "MX", records: ["10 mail1.fleet.example.", "20 mail2.fleet.example."] },
      { name: "_dmarc.alpha.example", type: "TXT", records: ['"v=DMARC1; p=none"'] },
      { name: "s1._domainkey.alpha.example", type: "TXT", records: ['"v=DKIM1; k=rsa; " "p=abc"'] },
    ]);
  });

  it("are refused with the number of the line that is none", () => {
    expect(() => parseZoneLines("alpha.example MX 10 a.\nnonsense")).toThrow("Line 2 is no record: nonsense");
  });
});
