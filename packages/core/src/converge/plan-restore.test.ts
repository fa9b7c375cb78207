import { describe, expect, test } from "vitest";
import { renderStack } from "../mail-flow/index.ts";
import { sampleTarget } from "../mail-flow/sample-target.testing.ts";
import { emptyHost, hostAfter } from "./observed-host.testing.ts";
import { planConverge } from "./plan-converge.ts";
import { planRestore, stepsWithoutWayBack, withFormerFiles } from "./plan-restore.ts";

const rendered = renderStack(sampleTarget(), { suite: "bookworm", openSecret: () => "secret" });
const ask = { driftPolicy: "ask", revertsDrift: false } as const;
const installed = hostAfter(planConverge(rendered, emptyHost, ask).steps, emptyHost);
const mainCf = rendered.files.find(({ path }) => path === "/etc/postfix/main.cf");
const dovecot = rendered.files.find(({ service }) => service === "dovecot");
if (mainCf === undefined || dovecot === undefined) throw new Error("the sample has these files");

describe("the way back to a former configuration", () => {
  const restore = (former: Parameters<typeof planRestore>[2], host = installed) =>
    planRestore(withFormerFiles(rendered, former), host, former).steps;

  test("writes what was otherwise, removes what was not there, and touches no other file", () => {
    const former = [
      { ...mainCf, content: "as it was\n" },
      { path: dovecot.path, service: dovecot.service, content: null },
    ];
    expect(restore(former)).toMatchObject([
      { kind: "apply-files", service: "dovecot", writes: [], removes: [dovecot.path] },
      { kind: "apply-files", service: "postfix", writes: [{ content: "as it was\n" }], removes: [] },
    ]);
  });

  test("has nothing to do where all stands as it did", () => {
    expect(restore([mainCf])).toEqual([]);
  });

  test("goes over what was edited by hand since, and leaves other edits alone", () => {
    const edit = (path: string) => ({
      ...(installed.files[path] ?? { owner: "", group: "", mode: 0, lastAppliedDigest: "" }),
      content: "by hand",
      digest: "by hand",
    });
    const files = {
      ...installed.files,
      [mainCf.path]: edit(mainCf.path),
      [dovecot.path]: edit(dovecot.path),
    };
    const steps = restore([{ ...mainCf, content: "as it was\n" }], { ...installed, files });
    expect(steps).toMatchObject([{ service: "postfix", writes: [{ path: mainCf.path }] }]);
  });

  test("is none from a unit that is switched off, a key that is destroyed, and a host that is named otherwise", () => {
    const titles = stepsWithoutWayBack(planConverge(rendered, emptyHost, ask));
    expect(titles).toContain(`Name the host ${rendered.certificate.hostname}`);
    expect(titles.every((title) => /^(Name|Switch off|Destroy) /.test(title))).toBe(true);
  });
});
