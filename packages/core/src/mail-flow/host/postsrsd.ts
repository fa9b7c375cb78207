import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";

/** Only mail that is forwarded for strangers reaches PostSRSd, so no domain needs to be excluded. */
export function renderPostsrsd(settings: HostSettings): RenderedFile {
  return stackFile("postsrsd", "/etc/default/postsrsd", {
    content: `${fileNotice}SRS_DOMAIN=${settings.hostname}
SRS_EXCLUDE_DOMAINS=
SRS_SEPARATOR==
SRS_SECRET=/etc/postsrsd.secret
SRS_HASHLENGTH=4
SRS_HASHMIN=4
SRS_FORWARD_PORT=10001
SRS_REVERSE_PORT=10002
SRS_LISTEN_ADDR=${settings.loopback.bare}
RUN_AS=postsrsd
CHROOT=/var/lib/postsrsd
`,
  });
}
