import { expect, it } from "vitest";
import { collapseArgs } from "./collapse.ts";

const converge = (targetRevision: number, revertsDrift: boolean) => ({
  targetRevision,
  targetDigest: "0".repeat(64),
  revertsDrift,
});

it("takes the newer facts and still reverts what was to be reverted", () => {
  expect(collapseArgs("converge", converge(4, true), converge(5, false))).toEqual(converge(5, true));
  expect(collapseArgs("converge", converge(4, false), converge(5, false))).toEqual(converge(5, false));
});

it("takes the newer position of the directory", () => {
  const position = (revision: number) => ({ epoch: 1, revision, chain: "" });
  expect(collapseArgs("sync-directory", position(3), position(9))).toEqual(position(9));
});

it("never collapses a job that means something each time", () => {
  expect(collapseArgs("restart-service", { service: "postfix" }, { service: "postfix" })).toBeNull();
});
