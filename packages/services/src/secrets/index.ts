export { makeSecretOpener, type SecretOpener, sealForWorker, storeSealingKey } from "./seal-for-worker.ts";
