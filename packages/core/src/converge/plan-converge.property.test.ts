import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderStack } from "../mail-flow/index.ts";
import { sampleCertificate, sampleTarget } from "../mail-flow/sample-target.testing.ts";
import { defaultStackSettings, driftPolicySchema } from "../servers/index.ts";
import { emptyHost, foreignFile, hostAfter } from "./observed-host.testing.ts";
import type { ObservedFile, ObservedState } from "./observed-state.ts";
import { planConverge } from "./plan-converge.ts";
import type { RenderedStack } from "./rendered-stack.ts";
import type { Step } from "./step.ts";

const rendered = fc
  .record({
    suite: fc.constantFrom("bookworm" as const, "trixie" as const),
    hasVirusScan: fc.boolean(),
    ipFamilies: fc.constantFrom("dual", "prefer-ipv4", "ipv4-only", "ipv6-only"),
    hostname: fc.constantFrom("mail.alpha.example", "alpha.example"),
    sieveBefore: fc.constantFrom("", "keep;"),
    certificates: fc.constantFrom([], ["v1"], ["v2"], ["v1", "v2"]),
  })
  .map(({ suite, hostname, sieveBefore, certificates, ...stack }) =>
    renderStack(
      sampleTarget({
        hostname,
        certificates: certificates.map((version, at) => sampleCertificate(`c${at}`, { version })),
        stack: { ...defaultStackSettings, ...stack },
        overrides: { postfixMain: [], dovecot: "", rspamd: {}, sieveBefore },
      }),
      { suite, openSecret: () => "" },
    ),
  );

const options = fc.record({
  driftPolicy: fc.constantFrom(...driftPolicySchema.options),
  revertsDrift: fc.boolean(),
});

/** A host somewhere between empty and converged, with files edited, foreign or left from an earlier state. */
const hosts = fc
  .record({ former: rendered, isConverged: fc.boolean(), stepCount: fc.nat({ max: 80 }), edits: fc.nat() })
  .map(({ former, isConverged, stepCount, edits }) => {
    const { steps } = planConverge(former, emptyHost, { driftPolicy: "revert", revertsDrift: false });
    const host = hostAfter(isConverged ? steps : steps.slice(0, stepCount), emptyHost);
    return withEdits(host, edits);
  });

function withEdits(host: ObservedState, seed: number): ObservedState {
  const files: Record<string, ObservedFile> = {};
  for (const [index, [path, file]] of Object.entries(host.files).entries()) {
    const kind = (seed + index * 7) % 11;
    if (kind === 0) continue;
    files[path] =
      kind === 1
        ? { ...file, content: "edited", digest: "edited" }
        : kind === 2
          ? { ...file, mode: 0o777 }
          : file;
  }
  return { ...host, files: { ...files, "/etc/postfix/foreign.cf": foreignFile, "/etc/hosts": foreignFile } };
}

const plans = fc
  .record({ stack: rendered, host: hosts, choice: options })
  .map(({ stack, host, choice }) => ({ stack, host, choice, plan: planConverge(stack, host, choice) }));

describe("any plan", () => {
  test("leaves nothing to do once it is applied", () => {
    fc.assert(
      fc.property(plans, ({ stack, host, choice, plan }) => {
        const again = planConverge(stack, hostAfter(plan.steps, host), choice);
        expect(again).toEqual({ steps: [], keptDrift: plan.keptDrift });
      }),
    );
  });

  test("puts what a step needs before it", () => {
    const rank = {
      "install-packages": 0,
      "create-system-user": 1,
      "create-folder": 2,
      "set-hostname": 3,
    } as const;
    const later = {
      "make-certificate": 4,
      "make-tls-key": 4,
      "install-certificates": 4,
      "make-dkim-key": 4,
      "create-directory-database": 4,
      "apply-files": 5,
      "destroy-dkim-key": 6,
      "mask-unit": 6,
      "start-unit": 7,
    } as const;
    const ranks: Record<Step["kind"], number> = { ...rank, ...later };
    fc.assert(
      fc.property(plans, ({ plan }) => {
        const order = plan.steps.filter((step) => !isAhead(step)).map((step) => ranks[step.kind]);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
    );
  });

  test("touches only what is rendered, and removes only what Mailstead wrote", () => {
    fc.assert(
      fc.property(plans, ({ stack, host, plan }) => {
        const known = pathsOf(stack);
        for (const step of plan.steps) {
          for (const path of writtenPaths(step)) expect(known).toContain(path);
          if (step.kind === "apply-files")
            for (const path of step.removes) expect(host.files[path]?.lastAppliedDigest).not.toBeNull();
        }
      }),
    );
  });

  test("reverts hand edits only when it is told to, and names those that it keeps", () => {
    fc.assert(
      fc.property(plans, ({ host, choice, plan }) => {
        const isEdited = (path: string) => host.files[path]?.content === "edited";
        const touched = plan.steps.flatMap((step) =>
          step.kind === "apply-files" ? [...step.writes.map((file) => file.path), ...step.removes] : [],
        );
        const edited = Object.keys(host.files).filter(isEdited).toSorted();
        const reverts = choice.revertsDrift || choice.driftPolicy === "revert";
        if (reverts) expect(plan.keptDrift).toEqual([]);
        else {
          expect(plan.keptDrift).toEqual(edited);
          expect(touched.filter(isEdited)).toEqual([]);
        }
      }),
    );
  });

  test("names each step once", () => {
    fc.assert(
      fc.property(plans, ({ plan }) => {
        expect(new Set(plan.steps.map((step) => step.id)).size).toBe(plan.steps.length);
      }),
    );
  });
});

/** A unit that a package would start, and the resolver, which serves before anybody is led to it. */
function isAhead(step: Step): boolean {
  if (step.kind === "mask-unit") return step.unit === "unbound.service";
  return step.kind === "start-unit" && step.service === "resolver";
}

function pathsOf(stack: RenderedStack): ReadonlySet<string> {
  return new Set([
    ...stack.files.map((file) => file.path),
    ...stack.folders.map((folder) => folder.path),
    ...stack.dkimKeys.map((key) => key.path),
    stack.certificate.certificatePath,
    stack.certificate.keyPath,
    stack.directoryDatabase.path,
  ]);
}

function writtenPaths(step: Step): readonly string[] {
  switch (step.kind) {
    case "create-folder":
      return [step.folder.path];
    case "make-certificate":
      return [step.certificatePath, step.keyPath];
    case "make-dkim-key":
    case "create-directory-database":
      return [step.path];
    case "apply-files":
      return step.writes.map((file) => file.path);
    default:
      return [];
  }
}
