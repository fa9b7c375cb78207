import { compareVersions } from "./compare-versions.ts";

/** Whether a host can go back to the version that it has, once it has another. */
export type WayBack = { kind: "kept" } | { kind: "none"; reason: string };

interface OneWay {
  packages: RegExp;
  /** Which changes cannot be taken back: those of the series (the first two numbers of the upstream version), or all. */
  changes: "series" | "all";
  /** One sentence for the person who is asked to agree to the update. */
  reason: string;
}

/** What migrates data, or is not started by what is there, when it is updated. Where that is written stands beside it. */
const oneWays: readonly OneWay[] = [
  {
    // github.com/redis/redis/issues/13007: "an RDB version upgrade introduces a point-of-no-return"; point releases keep it.
    packages: /^(?:redis|redis-server|redis-sentinel|valkey-server)$/,
    changes: "series",
    reason: "The newer server writes its data in a format that the older one refuses to load.",
  },
  {
    // doc.dovecot.org, "Upgrading Dovecot CE from 2.3 to 2.4". Within a series index files mend themselves.
    packages: /^dovecot-/,
    changes: "series",
    reason: "Another series of Dovecot reads another configuration and may write storage files anew.",
  },
  {
    // mariadb.com/kb, "Downgrading between Major Versions of MariaDB": point releases keep the storage format.
    packages: /^mariadb-server(?:-|$)/,
    changes: "series",
    reason:
      "The newer server changes its system tables and redo log, which the older one does not start with.",
  },
  {
    // MySQL 8.0 Reference Manual, "Downgrading MySQL": not even to an earlier release of 8.0.
    packages: /^(?:mysql-server|mysql-community-server)(?:-|$)/,
    changes: "all",
    reason: "MySQL changes its data dictionary in any release and does not start with that of a newer one.",
  },
  {
    // README.Debian of slapd: the database is dumped and loaded again by the maintainer scripts.
    packages: /^slapd$/,
    changes: "series",
    reason: "The package loads the directory's database into the newer format.",
  },
  {
    // Their maintainer scripts change the schema by dbconfig-common, which has no way back.
    packages: /^(?:roundcube-core|pdns-backend-(?:mysql|pgsql|sqlite3))$/,
    changes: "series",
    reason: "The package changes the schema of its database.",
  },
  {
    // github.com/rhboot/shim, SBAT.md: what a newer shim has revoked in the firmware stays revoked.
    packages: /^shim-(?:signed|unsigned)(?:-|$)/,
    changes: "all",
    reason: "A newer shim may tell the firmware to refuse older boot loaders, which then start no more.",
  },
  {
    packages: /^libc6$/,
    changes: "series",
    reason: "Programs that were installed since need the newer C library.",
  },
];

/**
 * Says before an update whether its way back is open, as far as the packages are known. Within a Debian release nearly all
 * are: its updates keep formats. Whether the older version is at hand is for the host to say.
 */
export function wayBackOf(change: { name: string; from: string | null; to: string | null }): WayBack {
  const { name, from, to } = change;
  if (from === null || to === null || compareVersions(from, to) === 0) return { kind: "kept" };
  const oneWay = oneWays.find(({ packages }) => packages.test(name));
  if (oneWay === undefined) return { kind: "kept" };
  if (oneWay.changes === "series" && seriesOf(from) === seriesOf(to)) return { kind: "kept" };
  return { kind: "none", reason: oneWay.reason };
}

/** The epoch and the first two numbers of the upstream version. */
function seriesOf(version: string): string {
  const [, epoch = "0", major = "", minor = "0"] = /^(?:(\d+):)?(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return [epoch, major, minor].map(Number).join(".");
}
