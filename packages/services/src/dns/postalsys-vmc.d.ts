/** What is used of the library; it brings no types of its own. */
declare module "@postalsys/vmc" {
  import type { X509Certificate } from "node:crypto";

  export class RootStore {
    static create(): RootStore;
    readonly rootCerts: readonly X509Certificate[];
  }
}
