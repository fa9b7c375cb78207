import { z } from "zod";
import { toldText } from "../text/index.ts";

/** A Debian package's name (Debian Policy §5.6.7), so that it can stand in an argument of apt and nowhere be an option. */
export const packageNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9+.-]{1,99}$/, "This is no package's name.");
/** A Debian version (Debian Policy §5.6.12). */
export const packageVersionSchema = z
  .string()
  .regex(/^(?:\d+:)?\d[A-Za-z0-9.+~-]{0,99}$/, "This is no package's version.");
export const packageArchitectureSchema = z.enum(["all", "amd64", "arm64", "i386", "armhf"]);

/** One package in exactly one version. */
export const exactPackageSchema = z.object({
  name: packageNameSchema,
  architecture: packageArchitectureSchema,
  version: packageVersionSchema,
});
export type ExactPackage = z.infer<typeof exactPackageSchema>;

/** What became of one package; null where there was none before, or is none after. */
export const packageChangeSchema = z.object({
  name: toldText(100),
  architecture: toldText(20),
  from: toldText(120).nullable(),
  to: toldText(120).nullable(),
});
export type PackageChange = z.infer<typeof packageChangeSchema>;
