import type { DkimAlgorithm } from "../servers/index.ts";
import type { RenderedCertificate, RenderedFile, RenderedFolder, StackService } from "./rendered-stack.ts";

/**
 * One idempotent change of a host, as plain data. The agent has exactly one executor per kind (`Executors` below),
 * so a kind without an executor does not compile.
 */
export type Step = { id: string; title: string; weight: number } & StepBody;

export type StepBody =
  | { kind: "install-packages"; packages: readonly string[] }
  | { kind: "create-system-user"; name: string; uid: number; gid: number; home: string }
  | { kind: "create-folder"; folder: RenderedFolder }
  | { kind: "set-hostname"; hostname: string }
  | { kind: "make-certificate"; hostname: string; certificatePath: string; keyPath: string }
  | { kind: "make-tls-key"; keyId: string; names: readonly string[]; keyPath: string; requestPath: string }
  | {
      /** Puts chains beside their keys, switches the links over, and has the services read them. */
      kind: "install-certificates";
      certificates: readonly RenderedCertificate[];
      services: readonly StackService[];
    }
  | { kind: "make-dkim-key"; domain: string; selector: string; algorithm: DkimAlgorithm; path: string }
  | { kind: "destroy-dkim-key"; domain: string; selector: string; path: string }
  | { kind: "create-directory-database"; path: string; owner: string; group: string; mode: number }
  | {
      /** All changed files of one service: staged aside, checked there, swapped, the service reloaded and verified. */
      kind: "apply-files";
      service: StackService;
      writes: readonly RenderedFile[];
      removes: readonly string[];
      activation: "reload" | "restart" | "none";
    }
  | { kind: "mask-unit"; unit: string }
  | { kind: "start-unit"; unit: string; service: StackService };

export type StepKind = Step["kind"];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

export interface ConvergePlan {
  steps: readonly Step[];
  /** Files edited by hand that the policy leaves alone, for the drift report. */
  keptDrift: readonly string[];
}
