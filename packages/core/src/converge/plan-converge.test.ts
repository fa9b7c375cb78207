import { describe, expect, test } from "vitest";
import { renderStack } from "../mail-flow/index.ts";
import { sampleTarget } from "../mail-flow/sample-target.testing.ts";
import { defaultWebSettings } from "../servers/index.ts";
import { emptyHost, foreignFile, hostAfter } from "./observed-host.testing.ts";
import { planConverge } from "./plan-converge.ts";
import type { Step } from "./step.ts";

const host = { suite: "bookworm", openSecret: () => "secret" } as const;
const ask = { driftPolicy: "ask", revertsDrift: false } as const;

describe("planConverge", () => {
  test("brings an empty host there, and then has nothing more to do", () => {
    const rendered = renderStack(sampleTarget(), host);
    const { steps } = planConverge(rendered, emptyHost, ask);
    expect(steps.length).toBeGreaterThan(20);
    expect(planConverge(rendered, hostAfter(steps, emptyHost), ask)).toEqual({ steps: [], keptDrift: [] });
  });

  test("puts packages before keys, keys before files, and files before units", () => {
    const { steps } = planConverge(renderStack(sampleTarget(), host), emptyHost, ask);
    const last = (kind: Step["kind"]) => steps.findLastIndex((step) => step.kind === kind);
    const first = (kind: Step["kind"]) => steps.findIndex((step) => step.kind === kind);
    expect(last("install-packages")).toBeLessThan(first("create-folder"));
    expect(last("create-folder")).toBeLessThan(first("make-certificate"));
    expect(last("make-dkim-key")).toBeLessThan(first("apply-files"));
    expect(last("create-directory-database")).toBeLessThan(first("apply-files"));
    expect(last("apply-files")).toBeLessThan(
      steps.findIndex((step) => step.kind === "start-unit" && step.service !== "resolver"),
    );
  });

  test("starts the resolver before anything is told to ask it", () => {
    const { steps } = planConverge(renderStack(sampleTarget(), host), emptyHost, ask);
    const served = steps.findIndex((step) => step.kind === "start-unit" && step.service === "resolver");
    const applied = steps.flatMap((step, at) =>
      step.kind === "apply-files" && step.service !== "resolver" ? [at] : [],
    );
    expect(served).toBeGreaterThan(-1);
    expect(Math.min(...applied)).toBeGreaterThan(served);
  });

  test("masks Debian's own Unbound before it comes, and leaves one alone that was there already", () => {
    const rendered = renderStack(sampleTarget(), host);
    const { steps } = planConverge(rendered, emptyHost, ask);
    const masked = steps.findIndex((step) => step.kind === "mask-unit" && step.unit === "unbound.service");
    expect(masked).toBeGreaterThan(-1);
    expect(masked).toBeLessThan(steps.findIndex((step) => step.kind === "install-packages"));
    const owners = {
      ...emptyHost,
      packages: { unbound: "1.17" },
      units: { "unbound.service": { isActive: true, isEnabled: true, isMasked: false } },
    };
    expect(planConverge(rendered, owners, ask).steps.some((step) => step.kind === "mask-unit")).toBe(false);
  });

  test("restarts Postfix when it is first led to its resolver", () => {
    const rendered = renderStack(sampleTarget(), host);
    const converged = hostAfter(planConverge(rendered, emptyHost, ask).steps, emptyHost);
    const path = "/etc/postfix/main.cf";
    const file = converged.files[path];
    if (file === undefined) throw new Error("main.cf was not written");
    const content = file.content.replace("smtp_dns_support_level = dnssec\n", "");
    const before = { ...file, content, digest: content, lastAppliedDigest: content };
    const { steps } = planConverge(
      rendered,
      { ...converged, files: { ...converged.files, [path]: before } },
      ask,
    );
    expect(steps).toMatchObject([{ kind: "apply-files", service: "postfix", activation: "restart" }]);
  });

  test("destroys a private key that is named as ended, after nothing signs with it, and never one that is wanted", () => {
    const [domain] = sampleTarget().domains;
    if (domain === undefined) throw new Error("the sample has no domain");
    const [wanted] = domain.dkimKeys;
    const ended = { ...domain, destroyedSelectors: ["ended", wanted?.selector ?? ""] };
    const rendered = renderStack(sampleTarget({ domains: [ended] }), host);
    const [key] = rendered.destroyedDkimKeys;
    expect(rendered.destroyedDkimKeys.map(({ selector }) => selector)).toEqual(["ended"]);
    const holding = { ...emptyHost, dkimKeyPaths: [key?.path ?? ""] };
    const { steps } = planConverge(rendered, holding, ask);
    const at = steps.findIndex(({ kind }) => kind === "destroy-dkim-key");
    expect(steps[at]).toMatchObject({ kind: "destroy-dkim-key", selector: "ended", path: key?.path });
    expect(at).toBeGreaterThan(steps.findLastIndex(({ kind }) => kind === "apply-files"));
    expect(planConverge(rendered, hostAfter(steps, holding), ask).steps).toEqual([]);
  });

  test("makes no key again that signed on the host and is gone, under a selector whose record says otherwise", () => {
    const rendered = renderStack(sampleTarget(), host);
    const converged = hostAfter(planConverge(rendered, emptyHost, ask).steps, emptyHost);
    const [gone = ""] = converged.dkimKeyPaths;
    const dkimKeyPaths = converged.dkimKeyPaths.filter((path) => path !== gone);
    expect(
      planConverge(rendered, { ...converged, dkimKeyPaths, signingKeyPaths: [gone] }, ask).steps,
    ).toEqual([]);
    expect(planConverge(rendered, { ...converged, dkimKeyPaths }, ask).steps).toMatchObject([
      { kind: "make-dkim-key", path: gone },
    ]);
  });

  test("leaves a file that was edited by hand alone and names it, unless told to revert", () => {
    const rendered = renderStack(sampleTarget(), host);
    const converged = hostAfter(planConverge(rendered, emptyHost, ask).steps, emptyHost);
    const path = "/etc/postfix/main.cf";
    const file = converged.files[path];
    if (file === undefined) throw new Error("main.cf was not written");
    const edited = {
      ...converged,
      files: { ...converged.files, [path]: { ...file, content: "edited", digest: "edited" } },
    };
    expect(planConverge(rendered, edited, ask)).toEqual({ steps: [], keptDrift: [path] });
    for (const options of [
      { driftPolicy: "revert", revertsDrift: false },
      { driftPolicy: "keep", revertsDrift: true },
    ] as const) {
      const { steps, keptDrift } = planConverge(rendered, edited, options);
      expect(keptDrift).toEqual([]);
      expect(steps).toMatchObject([{ kind: "apply-files", service: "postfix", writes: [{ path }] }]);
    }
  });

  test("takes over a file of the distribution that Mailstead never wrote", () => {
    const rendered = renderStack(sampleTarget(), host);
    const path = "/etc/postfix/main.cf";
    const debian = {
      owner: "root",
      group: "root",
      mode: 0o644,
      content: "# Debian",
      digest: "d",
      lastAppliedDigest: null,
    };
    const { steps } = planConverge(rendered, { ...emptyHost, files: { [path]: debian } }, ask);
    const postfix = steps.find((step) => step.kind === "apply-files" && step.service === "postfix");
    expect(postfix).toMatchObject({ activation: "restart" });
    expect(JSON.stringify(postfix)).toContain(path);
  });

  test("removes what it wrote once and renders no more, and nothing else", () => {
    const withSieve = sampleTarget({
      overrides: { postfixMain: [], dovecot: "", rspamd: {}, sieveBefore: "keep;" },
    });
    const converged = hostAfter(planConverge(renderStack(withSieve, host), emptyHost, ask).steps, emptyHost);
    const observed = { ...converged, files: { ...converged.files, "/etc/postfix/mine": foreignFile } };
    const { steps } = planConverge(renderStack(sampleTarget(), host), observed, ask);
    expect(steps).toMatchObject([
      {
        kind: "apply-files",
        service: "dovecot",
        removes: ["/etc/dovecot/sieve/operator.sieve"],
        activation: "reload",
      },
    ]);
  });

  test("retires nginx where Mailstead configured it, before its files go, and leaves the owner's own alone", () => {
    const serving = sampleTarget({ web: defaultWebSettings });
    const running = { "nginx.service": { isActive: true, isEnabled: true, isMasked: false } };
    const converged = hostAfter(planConverge(renderStack(serving, host), emptyHost, ask).steps, emptyHost);
    const idle = renderStack(sampleTarget(), host);
    const { steps } = planConverge(idle, converged, ask);
    expect(steps).toMatchObject([
      { kind: "mask-unit", unit: "nginx.service" },
      { kind: "apply-files", service: "system", writes: [] },
      { kind: "apply-files", service: "nginx", writes: [] },
    ]);
    const plain = hostAfter(planConverge(idle, emptyHost, ask).steps, emptyHost);
    const owners = {
      ...plain,
      units: { ...plain.units, ...running },
      files: { ...plain.files, "/etc/nginx/nginx.conf": foreignFile },
    };
    expect(planConverge(idle, owners, ask).steps).toEqual([]);
  });

  test("reloads what serves with a new certificate of the host", () => {
    const rendered = renderStack(sampleTarget({ web: defaultWebSettings }), host);
    const converged = hostAfter(planConverge(rendered, emptyHost, ask).steps, emptyHost);
    const { steps } = planConverge(rendered, { ...converged, hasCertificate: false }, ask);
    expect(steps).toMatchObject([
      { kind: "make-certificate" },
      { kind: "apply-files", service: "dovecot", activation: "reload" },
      { kind: "apply-files", service: "postfix", activation: "reload" },
      { kind: "apply-files", service: "nginx", activation: "reload" },
    ]);
  });

  test("restarts Postfix and Dovecot when the IP families change, and reloads them otherwise", () => {
    const converged = hostAfter(
      planConverge(renderStack(sampleTarget(), host), emptyHost, ask).steps,
      emptyHost,
    );
    const stack = sampleTarget().stack;
    const activations = (target: ReturnType<typeof sampleTarget>) =>
      planConverge(renderStack(target, host), converged, ask).steps.flatMap((step) =>
        step.kind === "apply-files" && (step.service === "postfix" || step.service === "dovecot")
          ? [`${step.service} ${step.activation}`]
          : [],
      );
    expect(activations(sampleTarget({ stack: { ...stack, ipFamilies: "ipv4-only" } }))).toEqual([
      "dovecot restart",
      "postfix restart",
    ]);
    expect(activations(sampleTarget({ stack: { ...stack, messageSizeMaxBytes: 10_000_000 } }))).toEqual([
      "postfix reload",
    ]);
  });
});
