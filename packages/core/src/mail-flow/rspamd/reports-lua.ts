import { reportAddressOf } from "../../reports/index.ts";
import type { HostSettings } from "../host-settings.ts";

/**
 * Lets a mail for the report address pass, which nobody but the agent reads: an archive in it, or a complaint with the
 * spam that it is about, is what such a mail is there for. Only a mail for that address alone, so that nobody's mail
 * passes because the address stands beside.
 */
export function reportsLua({ hostname }: HostSettings): string {
  return `
rspamd_config:register_symbol({
  name = "MAILSTEAD_REPORT",
  type = "prefilter",
  priority = 9,
  callback = function(task)
    local recipients = task:get_recipients("smtp")
    if task:get_user() or not recipients or #recipients ~= 1 then
      return
    end
    if recipients[1].addr:lower() == "${reportAddressOf(hostname)}" then
      task:set_pre_result("accept", "This mail is for the agent")
    end
  end,
})
`;
}
