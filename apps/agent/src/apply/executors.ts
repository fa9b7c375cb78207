import { applyFiles } from "./apply-files.ts";
import { createDirectoryDatabase } from "./create-directory-database.ts";
import { createFolder } from "./create-folder.ts";
import { createSystemUser } from "./create-system-user.ts";
import { destroyDkimKey } from "./destroy-dkim-key.ts";
import type { Executors } from "./executor.ts";
import { installCertificates } from "./install-certificates.ts";
import { installPackages } from "./install-packages.ts";
import { makeCertificate } from "./make-certificate.ts";
import { makeDkimKey } from "./make-dkim-key.ts";
import { makeTlsKey } from "./make-tls-key.ts";
import { setHostname } from "./set-hostname.ts";
import { maskUnit, startUnit } from "./units.ts";

/** Everything that a plan can ask for. */
export const executors: Executors = {
  "install-packages": installPackages,
  "create-system-user": createSystemUser,
  "create-folder": createFolder,
  "set-hostname": setHostname,
  "make-certificate": makeCertificate,
  "make-tls-key": makeTlsKey,
  "install-certificates": installCertificates,
  "make-dkim-key": makeDkimKey,
  "destroy-dkim-key": destroyDkimKey,
  "create-directory-database": createDirectoryDatabase,
  "apply-files": applyFiles,
  "mask-unit": maskUnit,
  "start-unit": startUnit,
};
