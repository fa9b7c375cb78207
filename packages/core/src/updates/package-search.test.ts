import { expect, test } from "vitest";
import { isVersionMeant, parsePackageSearch } from "./index.ts";

const versions = ["1:2.3.19-1", "1:2.3.19-1+deb12u6", "1:2.3.21~bpo12+1", "1:2.3.21-1", "1:2.4.1-6"];

test.each([
  ["dovecot-core", versions],
  ["  Dovecot-Core  * ", versions],
  ["dovecot-core 1:2.3.19-1", ["1:2.3.19-1"]],
  ["dovecot-core =1:2.3.19-1", ["1:2.3.19-1"]],
  ["dovecot-core 1:2.3.19*", ["1:2.3.19-1", "1:2.3.19-1+deb12u6"]],
  ["dovecot-core < 1:2.3.21-1", ["1:2.3.19-1", "1:2.3.19-1+deb12u6", "1:2.3.21~bpo12+1"]],
  ["dovecot-core<=1:2.3.19-1", ["1:2.3.19-1"]],
  ["dovecot-core >=1:2.3.21-1", ["1:2.3.21-1", "1:2.4.1-6"]],
  ["dovecot-core >1:2.3.21-1", ["1:2.4.1-6"]],
])("“%s” means the versions that it says", (text, meant) => {
  const search = parsePackageSearch(text);
  if (search.kind === "unclear") throw new Error(search.sentence);
  expect(search.name).toBe("dovecot-core");
  expect(versions.filter((version) => isVersionMeant(search.constraint, version))).toEqual(meant);
});

test.each(["", "<3", "-o APT::x", "a b; c", "openssl <", "openssl latest", "openssl <<3", "x".repeat(500)])(
  "“%s” is no search, and a sentence says why",
  (text) => {
    expect(parsePackageSearch(text)).toEqual({ kind: "unclear", sentence: expect.stringMatching(/\.$/) });
  },
);
