import type { RenderedFile } from "../../converge/index.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { tlsPolicy } from "../tls-policy.ts";

const allProtocols = ["TLSv1.2", "TLSv1.3"] as const;

/** Files that nginx reads after nginx.conf, in the folder of ours. */
export const sitesConf = `${stackPaths.nginxSites}/sites.conf`;

const journal = "syslog:server=unix:/dev/log,facility=daemon,tag=nginx,nohostname";

/**
 * The whole nginx.conf, the same for nginx 1.22 and 1.26. Requests are small and answers are too, so that one process
 * with little memory is enough and a slow or greedy client is let go soon.
 */
export function renderNginxConf(nameCount: number): RenderedFile {
  // A name takes its length and two pointers; the longest takes 253 bytes.
  const hash = `max_size ${Math.max(1024, 4 * nameCount)}`;
  return stackFile("nginx", `${stackPaths.nginx}/nginx.conf`, {
    content: `${fileNotice}user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log ${journal} warn;

events {
  worker_connections 512;
}

http {
  server_tokens off;
  autoindex off;
  default_type application/octet-stream;
  types {
    text/html html;
  }

  # A mail program may put a person's address into the query, so the log leaves that out.
  log_format mailstead '$remote_addr "$request_method $host$uri" $status $body_bytes_sent "$http_user_agent"';
  access_log ${journal} mailstead;

  client_max_body_size 16k;
  client_body_buffer_size 16k;
  client_header_buffer_size 1k;
  large_client_header_buffers 4 8k;
  client_header_timeout 10s;
  client_body_timeout 10s;
  send_timeout 10s;
  keepalive_timeout 15s;
  keepalive_requests 20;
  reset_timedout_connection on;
  limit_conn_zone $binary_remote_addr zone=mailstead_clients:1m;
  limit_conn mailstead_clients 32;

  ssl_protocols ${allProtocols.slice(allProtocols.indexOf(tlsPolicy.minProtocol)).join(" ")};
  ssl_ciphers ${tlsPolicy.cipherList};
  ssl_prefer_server_ciphers off;
  ssl_session_cache shared:mailstead:1m;
  ssl_session_timeout 1d;
  ssl_session_tickets off;

  server_names_hash_bucket_size 512;
  server_names_hash_${hash};
  map_hash_bucket_size 512;
  map_hash_${hash};

  include ${sitesConf};
}
`,
  });
}
