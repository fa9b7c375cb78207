import { expect, test } from "vitest";
import { packageHref, readPackageFilters, readUpdateFilters } from "./update-filters.ts";

test("an address that somebody altered falls back to the plain list", () => {
  const params = new URLSearchParams({ q: "x".repeat(201), customer: "nobody", kind: "all" });
  expect(readUpdateFilters(params)).toEqual({ onlySecurity: false });
  expect(readPackageFilters(params)).toEqual({ search: "", tenantId: undefined });
});

test("the address of a package in a version leads to the search for it", () => {
  const { searchParams } = new URL(packageHref("libstdc++6", "12.2.0-14+deb12u1"), "https://a.example");
  expect(readPackageFilters(searchParams).search).toBe("libstdc++6 12.2.0-14+deb12u1");
});
