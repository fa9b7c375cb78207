import type { RenderedFile } from "../../converge/index.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";

/** Redis for Rspamd alone: no port, one socket that only its group opens. */
export function renderRedis(): RenderedFile {
  return stackFile("redis", "/etc/redis/redis.conf", {
    group: "redis",
    mode: 0o640,
    content: `${fileNotice}port 0
unixsocket ${stackPaths.redisSocket}
unixsocketperm 770
pidfile /run/redis/redis-server.pid
dir /var/lib/redis
dbfilename dump.rdb
logfile ""
loglevel notice
databases 16
save 900 1 300 100 60 10000
appendonly no
maxmemory 256mb
maxmemory-policy volatile-ttl
`,
  });
}
