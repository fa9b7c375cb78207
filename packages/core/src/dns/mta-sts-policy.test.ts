import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MtaStsPolicy, mtaStsPolicy } from "./mta-sts-policy.ts";

const enforced: MtaStsPolicy = {
  mode: "enforce",
  mxHosts: ["mx2.a.example", "mx1.a.example"],
  maxAgeSeconds: 604_800,
};

describe("the MTA-STS policy", () => {
  it("has the lines of RFC 8461 in its order, each ended by CRLF", () => {
    expect(mtaStsPolicy(enforced).text).toBe(
      "version: STSv1\r\nmode: enforce\r\nmx: mx1.a.example\r\nmx: mx2.a.example\r\nmax_age: 604800\r\n",
    );
  });

  it("names no host when it withdraws what was said before", () => {
    expect(mtaStsPolicy({ ...enforced, mode: "none" }).text).toBe(
      "version: STSv1\r\nmode: none\r\nmax_age: 604800\r\n",
    );
  });

  it("has the same id for the same hosts in another order or spelling", () => {
    const same = { ...enforced, mxHosts: ["MX1.a.example.", "mx2.a.example", "mx1.a.example"] };
    expect(mtaStsPolicy(same)).toEqual(mtaStsPolicy(enforced));
  });

  const policy = fc.record<MtaStsPolicy>({
    mode: fc.constantFrom("testing", "enforce"),
    mxHosts: fc.array(fc.stringMatching(/^[a-z][a-z0-9]{0,8}\.example$/), { minLength: 1, maxLength: 5 }),
    maxAgeSeconds: fc.integer({ min: 0, max: 31_557_600 }),
  });

  it("has an id that changes exactly when its text does, and that a TXT record can hold", () => {
    fc.assert(
      fc.property(policy, policy, (one, other) => {
        const [left, right] = [mtaStsPolicy(one), mtaStsPolicy(other)];
        expect(left.id === right.id).toBe(left.text === right.text);
        expect(left.id).toMatch(/^[a-z0-9]{1,32}$/);
      }),
    );
  });

  it.each<[Partial<MtaStsPolicy>, string]>([
    [{ maxAgeSeconds: -1 }, "max_age"],
    [{ maxAgeSeconds: 31_557_601 }, "max_age"],
    [{ maxAgeSeconds: 1.5 }, "max_age"],
    [{ mxHosts: [] }, "at least one MX host"],
    [{ mxHosts: ["mx.a.example\r\nmode: none"] }, "no host"],
    [{ mxHosts: ["*"] }, "no host"],
    [{ mxHosts: ["mx.*.example"] }, "no host"],
  ])("%j is refused", (changed, problem) => {
    expect(() => mtaStsPolicy({ ...enforced, ...changed })).toThrow(problem);
  });
});
