import { expect, test } from "vitest";
import { sampleTarget } from "../sample-target.testing.ts";
import { readDkimKeyMap, renderDkimKeyMap } from "./dkim-key-map.ts";

test("a map is read as it was written, with the name that a delegated key signs under", () => {
  const [domain] = sampleTarget().domains;
  if (domain === undefined) throw new Error("the sample has no domain");
  const key = { algorithm: "ed25519", isSigning: true } as const;
  const dkimKeys = [
    { ...key, selector: "ms202611a" },
    { ...key, selector: "ms202611b", signsAs: "ms1e" },
    { ...key, selector: "ms202611c", isSigning: false },
  ];
  expect(readDkimKeyMap(renderDkimKeyMap([{ ...domain, dkimKeys }]))).toEqual([
    {
      domain: domain.name,
      signsAs: "ms202611a",
      path: `/var/lib/mailstead-dkim/${domain.name}.ms202611a.key`,
    },
    { domain: domain.name, signsAs: "ms1e", path: `/var/lib/mailstead-dkim/${domain.name}.ms202611b.key` },
  ]);
});

test("lines that are none of ours are passed over", () => {
  expect(readDkimKeyMap("# a.example s1\n\na.example\na.example s1 s2\n")).toEqual([]);
});
